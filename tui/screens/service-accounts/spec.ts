import {clean} from '../../text/clean.ts';
import {ago} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const serviceAccountsSpec: ListSpec<'serviceAccounts', 'serviceAccounts'> = {
	title: () => 'service accounts',
	nouns: ['service account', 'service accounts'],
	context: 'serviceAccounts',
	columns: ({now}) => [
		{title: 'NAME', cell: ({name}) => [clean(name)]},
		{title: 'ROLE', width: 10, cell: ({role}) => [clean(role)]},
		{
			title: 'STATUS',
			width: 10,
			cell: ({disabled}) => (disabled ? ['x disabled', 'bad'] : ['active', 'good']),
		},
		{title: 'CREATED', width: 11, cell: ({created_at}) => [ago(created_at, now), 'dim']},
	],
	empty: () => ['No service accounts yet.'],
	run: (model, item, _command, now) => (item === undefined ? [model] : copyId(model, item.id, now)),
};
