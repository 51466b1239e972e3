import type {User} from '../../../../contract/users.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** Everybody who can log in. */
export const usersList: ListSource<User> = {
	of: 'user',
	readers: 'users:manage',
	read: ({client}) => all(client, 'listUsers', {}),
};
