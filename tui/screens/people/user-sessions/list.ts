import type {Session} from '../../../../contract/sessions.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The open sessions of one user. */
export const userSessionsList: ListSource<Session> = {
	of: 'user',
	readers: 'users:manage',
	read: ({client, query}) => all(client, 'listUserSessions', {user_id: query?.['user_id'] ?? ''}),
};
