import type {FullKey, Key} from '../contract/keys.ts';
import {width} from './text/width.ts';
import {clean} from './text/clean.ts';
import {day} from './text/time.ts';

const recent = 30 * day;

/** Whether somebody probably still relies on a key, so that revoking it asks for more than a `y`. */
export function inUse({last_used_at}: Pick<Key, 'last_used_at'>, now: number): boolean {
	return last_used_at !== null && now - Date.parse(last_used_at) < recent;
}

/** This long before its end a key is said to be expiring. */
const soon = 7 * day;

export type KeyState = 'active' | 'expiring' | 'expired' | 'revoked';

export function stateOf({revoked_at, expires_at}: FullKey, now: number): KeyState {
	if (revoked_at !== null) return 'revoked';
	if (expires_at === null) return 'active';
	const left = Date.parse(expires_at) - now;
	if (left <= 0) return 'expired';
	return left < soon ? 'expiring' : 'active';
}

/**
 * What must be typed before something that is in use ends: its name, or the end of its id where
 * the name is too long or too unusual to type.
 */
export function confirmation({name, id}: Pick<Key, 'name' | 'id'>): string {
	const typeable = /^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/.test(name) && width(name) <= 40;
	return typeable && clean(name) === name ? name : id.slice(-4);
}

/** The end of an id: its beginning is a time and much alike between neighbours. */
export function idHint(id: string): string {
	return id.slice(-8);
}
