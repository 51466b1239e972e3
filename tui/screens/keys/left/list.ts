import {type KeyLeft, readKeysLeft} from '../../../api-keys/left.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {makerIn} from './maker.ts';

/** The live keys that somebody made. */
export const keysLeftList: ListSource<KeyLeft> = {
	of: 'user',
	readers: 'keys:read',
	read: ({client, query}) => readKeysLeft(client, makerIn(query)),
};
