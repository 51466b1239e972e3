import type {Key} from '../contract/keys.ts';
import {width} from './text/width.ts';
import {clean} from './text/clean.ts';
import {day} from './text/time.ts';

const recent = 30 * day;

/** Whether somebody probably still relies on a key, so that revoking it asks for more than a `y`. */
export function inUse(key: Key, now: number): boolean {
	return key.last_used_at !== null && now - Date.parse(key.last_used_at) < recent;
}

/**
 * What must be typed to revoke a key in use: its name, or the end of its id where the name is too
 * long or too unusual to type.
 */
export function confirmation(key: Key): string {
	const typeable =
		/^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/.test(key.name) && width(key.name) <= 40;
	return typeable && clean(key.name) === key.name ? key.name : key.id.slice(-4);
}

/** The end of an id: its beginning is a time and much alike between neighbours. */
export function idHint(id: string): string {
	return id.slice(-8);
}
