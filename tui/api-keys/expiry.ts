import {toTimestamp} from '../../contract/text.ts';
import {moment, until} from '../text/time.ts';
import type {Reading, Typed} from '../text/typed.ts';
import {instantOf} from './instant-of.ts';

const latest = Date.parse('9999-12-31T23:59:59Z');

/** When something shall end: `90d`, `12h`, `2027-01-31` (until its end, UTC), or as the API takes it. */
export const expiry: Typed<string> = {
	label: 'Expires',
	takes: 'never; or 90d, 12h, 2027-01-31',
	read,
};

function read(text: string, now: number): Reading<string> {
	const at = instantOf(text, now, '23:59:59');
	if (at === undefined) return {problem: 'takes 90d, 12h, 2027-01-31, or nothing for never'};
	if (at <= now) return {problem: 'that is in the past'};
	if (at > latest) return {problem: 'that is too far in the future: leave it empty for never'};
	const value = toTimestamp(new Date(at));
	return {value, means: `${moment(value)}, ${until(value, now)}`};
}
