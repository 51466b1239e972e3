import type {Endpoint} from '../../../../contract/webhooks.ts';
import {clean} from '../../../text/clean.ts';
import {truncate} from '../../../text/width.ts';

/** The host of an endpoint. */
export function hostOf({url}: {readonly url: string}): string {
	return clean(URL.canParse(url) ? new URL(url).host : url);
}

/** An endpoint as it is called: its URL, in which https goes without saying. */
export function nameOf({url}: {readonly url: string}): string {
	return truncate(clean(url.replace(/^https:\/\//i, '').replace(/\/$/, '')), longest);
}

/** URLs may be long, and stand in the middle of sentences. */
const longest = 64;

/** What it gets, in a few words. */
export function typesOf({event_types: types}: Pick<Endpoint, 'event_types'>): string {
	if (types === null) return 'all';
	const [only] = types;
	return types.length === 1 && only !== undefined ? clean(only) : `${types.length} types`;
}
