import {clean} from '../../text/clean.ts';
import {ago} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const sessionsSpec: ListSpec<'sessions', 'sessions'> = {
	title: () => 'sessions',
	nouns: ['session', 'sessions'],
	context: 'sessions',
	columns: ({now}) => [
		{
			title: 'FROM',
			cell: ({address, user_agent}) => [
				`${clean(address ?? 'unknown')} ${clean(user_agent ?? '')}`,
			],
		},
		{title: 'LAST USED', width: 11, cell: ({last_used_at}) => [ago(last_used_at, now)]},
		{title: 'BEGAN', width: 11, cell: ({created_at}) => [ago(created_at, now), 'dim']},
	],
	empty: () => ['No open session.'],
	run: (model, item, _command, now) => (item === undefined ? [model] : copyId(model, item.id, now)),
};
