import {instant, toTimestamp} from '../contract/text.ts';
import {duration, moment, until} from './text/time.ts';

/** When something shall end; both missing: never. */
type Expiry = {readonly expires_at?: string; readonly problem?: string};

const latest = Date.parse('9999-12-31T23:59:59Z');

/** The form field of that name. */
export const expiryField = {name: 'expires_at', label: 'Expires'} as const;

/** Reads `90d`, `12h`, `2027-01-31` (until its end, UTC), a time such as the API takes, or nothing. */
export function parseExpiry(text: string, now: number): Expiry {
	const wanted = text.trim();
	if (wanted === '') return {};
	const at = instantOf(wanted, now);
	if (at === undefined) return {problem: 'takes 90d, 12h, 2027-01-31, or nothing for never'};
	if (at <= now) return {problem: 'that is in the past'};
	if (at > latest) return {problem: 'that is too far away: leave it empty for never'};
	return {expires_at: toTimestamp(new Date(at))};
}

/** What is wrong with it, for the form it is in. */
export function expiryProblems(text: string, now: number): Record<string, string> {
	const {problem} = parseExpiry(text, now);
	return problem === undefined ? {} : {[expiryField.name]: problem};
}

/** What was typed, as the instant it stands for. */
export function expiryNotes(text: string, now: number): Record<string, string> {
	const {expires_at} = parseExpiry(text, now);
	const note =
		expires_at === undefined
			? 'never; or 90d, 12h, 2027-01-31'
			: `${moment(expires_at)}, ${until(expires_at, now)}`;
	return {[expiryField.name]: note};
}

function instantOf(text: string, now: number): number | undefined {
	const span = duration(text);
	if (span !== undefined) return now + span;
	if (/^\d{4}-\d\d-\d\d$/.test(text)) return endOfDay(text);
	return instant('expires_at').safeParse(text).data?.getTime();
}

/** The last second of a day; undefined for one that no month has, which `Date` would carry over. */
function endOfDay(text: string): number | undefined {
	const at = Date.parse(`${text}T23:59:59Z`);
	return !Number.isNaN(at) && toTimestamp(new Date(at)).startsWith(text) ? at : undefined;
}
