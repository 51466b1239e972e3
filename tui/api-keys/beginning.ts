import {toTimestamp} from '../../contract/text.ts';
import {moment, until} from '../text/time.ts';
import type {Reading, Typed} from '../text/typed.ts';
import {instantOf} from './instant-of.ts';

/** When something shall begin: `12h`, `2027-01-31` (from its first second, UTC), or as the API takes it. */
export const beginning: Typed<string> = {
	label: 'Not before',
	takes: 'at once; or 12h, 2027-01-31',
	read,
};

function read(text: string, now: number): Reading<string> {
	const at = instantOf(text, now, '00:00:00');
	if (at === undefined) return {problem: 'takes 12h, 2027-01-31, or nothing for at once'};
	const value = toTimestamp(new Date(at));
	return {value, means: `${moment(value)}, ${until(value, now)}`};
}
