import {clean} from '../../text/clean.ts';
import {ago} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const usersSpec: ListSpec<'users', 'users'> = {
	title: () => 'users',
	nouns: ['user', 'users'],
	context: 'users',
	columns: ({now}) => [
		{title: 'EMAIL', cell: ({email}) => [clean(email)]},
		{title: 'OPERATOR', width: 8, cell: ({operator}) => [operator ? 'yes' : 'no']},
		{
			title: 'STATUS',
			width: 10,
			cell: ({disabled}) => (disabled ? ['x disabled', 'bad'] : ['active', 'good']),
		},
		{title: 'CREATED', width: 11, cell: ({created_at}) => [ago(created_at, now), 'dim']},
	],
	empty: () => ['No users.'],
	run: (model, item, _command, now) => (item === undefined ? [model] : copyId(model, item.id, now)),
};
