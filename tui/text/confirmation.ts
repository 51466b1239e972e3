import {clean} from './clean.ts';
import {width} from './width.ts';

/**
 * What must be typed before something that is in use ends: its name, or the end of its id where
 * the name is too long or too unusual to type.
 */
export function confirmation({name, id}: {name: string; id: string}): string {
	const typeable = /^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/.test(name) && width(name) <= 40;
	return typeable && clean(name) === name ? name : endOfId(id);
}

/** What tells one thing from those beside it, and is short to type. */
export function endOfId(id: string): string {
	return id.slice(-4);
}
