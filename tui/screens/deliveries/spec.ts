import {clean} from '../../text/clean.ts';
import {ago} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const deliveriesSpec: ListSpec<'deliveries', 'deliveries'> = {
	title: () => 'deliveries',
	nouns: ['delivery', 'deliveries'],
	context: 'deliveries',
	columns: ({now}) => [
		{title: 'TIME', width: 11, cell: ({created_at}) => [ago(created_at, now), 'dim']},
		{title: 'EVENT', cell: ({event_type}) => [clean(event_type)]},
		{title: 'TRY', width: 3, cell: ({attempts}) => [String(attempts)]},
		{title: 'HTTP', width: 4, cell: ({last_status_code}) => [String(last_status_code ?? '-')]},
		{
			title: 'STATUS',
			width: 9,
			cell: ({status}) => [clean(status), status === 'dead' ? 'bad' : 'plain'],
		},
	],
	empty: () => ['Nothing was sent yet.'],
	run: (model, item, _command, now) => (item === undefined ? [model] : copyId(model, item.id, now)),
};
