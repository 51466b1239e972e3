import type {Key} from '../../contract/keys.ts';
import {day} from '../text/time.ts';

const recent = 30 * day;

/** Whether somebody probably still relies on a key, so that revoking it asks for more than a `y`. */
export function inUse({last_used_at}: Pick<Key, 'last_used_at'>, now: number): boolean {
	return last_used_at !== null && now - Date.parse(last_used_at) < recent;
}
