import {describeEventTypes} from '../../core/events/types.ts';

/**
 * The JSON Schemas of the payloads of one API version, as they were published: types are added, but
 * what is there stays, whatever the code says. A test compares both.
 *
 * @param published the page as it is, empty when there is none
 */
export function eventSchemas(published: string): string {
	const before = published === '' ? {} : (JSON.parse(published) as Record<string, object>);
	const now = Object.fromEntries(describeEventTypes().map(({type, schema}) => [type, schema]));
	return `${JSON.stringify({...now, ...before}, null, '\t')}\n`;
}
