import type {Endpoint} from '../../../contract/webhooks.ts';
import {clean} from '../../text/clean.ts';

/** The host of an endpoint, which is what people call it. */
export function hostOf({url}: {readonly url: string}): string {
	return clean(URL.canParse(url) ? new URL(url).host : url);
}

/** Its URL as a table has room for it: https goes without saying. */
export function shortUrl({url}: {readonly url: string}): string {
	return clean(url.replace(/^https:\/\//i, '').replace(/\/$/, ''));
}

/** What it gets, in a few words. */
export function typesOf({event_types: types}: Pick<Endpoint, 'event_types'>): string {
	if (types === null) return 'all';
	const [only] = types;
	return types.length === 1 && only !== undefined ? clean(only) : `${types.length} types`;
}
