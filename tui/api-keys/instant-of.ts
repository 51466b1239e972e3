import {instant, toTimestamp} from '../../contract/text.ts';
import {duration} from '../text/time.ts';

/**
 * The instant (ms) that a text stands for: a span from now on, a time as the API takes it, or a day
 * (UTC), of which `ofDay` is meant. Undefined for what is none.
 */
export function instantOf(text: string, now: number, ofDay: string): number | undefined {
	const span = duration(text);
	if (span !== undefined) return now + span;
	if (/^\d{4}-\d\d-\d\d$/.test(text)) return onDay(text, ofDay);
	return instant('time').safeParse(text).data?.getTime();
}

/** Undefined for a day that no month has, which `Date` would carry over. */
function onDay(text: string, time: string): number | undefined {
	const at = Date.parse(`${text}T${time}Z`);
	return !Number.isNaN(at) && toTimestamp(new Date(at)).startsWith(text) ? at : undefined;
}
