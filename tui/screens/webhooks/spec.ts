import {clean} from '../../text/clean.ts';
import {ago} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const webhooksSpec: ListSpec<'webhooks', 'webhooks'> = {
	title: () => 'webhooks',
	nouns: ['endpoint', 'endpoints'],
	context: 'webhooks',
	columns: ({now}) => [
		{title: 'URL', cell: ({url}) => [clean(url)]},
		{
			title: 'STATUS',
			width: 10,
			cell: ({status}) => (status === 'active' ? ['active', 'good'] : ['x disabled', 'bad']),
		},
		{title: 'LAST OK', width: 11, cell: ({last_success_at}) => [ago(last_success_at, now), 'dim']},
	],
	empty: () => ['No endpoint receives events yet.'],
	run: (model, item, _command, now) => (item === undefined ? [model] : copyId(model, item.id, now)),
};
