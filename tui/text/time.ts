import {plural} from './plural.ts';

const second = 1000;
const aMinute = 60 * second;
const hour = 60 * aMinute;
export const day = 24 * hour;

/** How long before `now` (ms) an instant was, in the largest whole unit: `12s ago`, `3d ago`. */
export function ago(timestamp: string | null, now: number): string {
	if (timestamp === null) return 'never';
	const elapsed = Math.max(0, now - Date.parse(timestamp));
	if (elapsed < 5 * second) return 'just now';
	if (elapsed < countedUntil) return `${inUnits(elapsed, Math.floor)} ago`;
	return date(timestamp);
}

/** How long something takes or has taken, in the largest whole unit: `12s`, `3d`. */
export function span(seconds: number): string {
	return inUnits(seconds * second, Math.floor);
}

/** How long something takes at most: whole units, rounded up. */
export function atMost(seconds: number): string {
	return inUnits(seconds * second, Math.ceil);
}

/** When something is due that is done as soon as it can be: `in 4m`, `now`. */
export function due(timestamp: string, now: number): string {
	return Date.parse(timestamp) - now < second ? 'now' : until(timestamp, now);
}

/** How long after `now` an instant is: `in 21h`, `in 39d`; what is over says how long. */
export function until(timestamp: string | null, now: number): string {
	if (timestamp === null) return 'never';
	const left = Date.parse(timestamp) - now;
	if (left <= 0) return ago(timestamp, now);
	return left < countedUntil ? `in ${inUnits(left, Math.round)}` : date(timestamp);
}

/** What is left until an instant, in words: `3 days`, `21 hours`, `5 min`. */
export function timeLeft(timestamp: string, now: number): string {
	const left = Math.max(0, Date.parse(timestamp) - now);
	const hours = Math.round(left / hour);
	if (hours < 1) return `${Math.ceil(left / aMinute)} min`;
	return hours < 48 ? plural(hours, ['hour', 'hours']) : `${Math.round(left / day)} days`;
}

/** From here on a date says more than a number of days. */
const countedUntil = 100 * day;

function inUnits(span: number, round: (count: number) => number): string {
	const count = (unit: number) => round(span / unit);
	if (count(second) < 60) return `${count(second)}s`;
	if (count(aMinute) < 60) return `${count(aMinute)}m`;
	return count(hour) < 48 ? `${count(hour)}h` : `${count(day)}d`;
}

/** `2026-03-12` of a contract timestamp, UTC. */
export function date(timestamp: string): string {
	return timestamp.slice(0, 10);
}

/** `2026-03-12 14:02` of a contract timestamp, UTC. */
export function minute(timestamp: string): string {
	return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 16)}`;
}

/** `2026-03-12 14:02:11 UTC` of a contract timestamp. */
export function moment(timestamp: string): string {
	return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)} UTC`;
}

/** `14:02:11` on the wall clock of whoever is watching. */
export function clock(instant: number): string {
	const at = new Date(instant);
	return [at.getHours(), at.getMinutes(), at.getSeconds()]
		.map((part) => String(part).padStart(2, '0'))
		.join(':');
}

const units: Record<string, number> = {s: second, m: aMinute, h: hour, d: day, w: 7 * day};

/** Milliseconds of `90s`, `15m`, `12h`, `30d`, `2w`; undefined if it is none of them. */
export function duration(text: string): number | undefined {
	const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
	const size = units[unit ?? ''];
	return count === undefined || size === undefined ? undefined : Number(count) * size;
}
