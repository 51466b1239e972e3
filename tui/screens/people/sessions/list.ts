import type {Session} from '../../../../contract/sessions.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** One's own open sessions. */
export const sessionsList: ListSource<Session> = {
	of: 'user',
	readers: 'everybody',
	read: ({client}) => all(client, 'listSessions', {}),
};
