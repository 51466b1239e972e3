import {clean} from '../../text/clean.ts';
import {ago} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const invitationsSpec: ListSpec<'invitations', 'invitations'> = {
	title: () => 'invitations',
	nouns: ['invitation', 'invitations'],
	context: 'invitations',
	columns: ({now}) => [
		{title: 'EMAIL', cell: ({email}) => [clean(email)]},
		{title: 'ROLE', width: 10, cell: ({role}) => [clean(role)]},
		{title: 'INVITED', width: 11, cell: ({created_at}) => [ago(created_at, now), 'dim']},
	],
	empty: () => ['No invitation is open.'],
	run: (model, item, _command, now) => (item === undefined ? [model] : copyId(model, item.id, now)),
};
