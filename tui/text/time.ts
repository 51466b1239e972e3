const second = 1000;
const aMinute = 60 * second;
const hour = 60 * aMinute;
export const day = 24 * hour;

/** How long before `now` (ms) an instant was, in the largest whole unit: `12s ago`, `3d ago`. */
export function ago(timestamp: string | null, now: number): string {
	if (timestamp === null) return 'never';
	const elapsed = Math.max(0, now - Date.parse(timestamp));
	if (elapsed < 5 * second) return 'just now';
	if (elapsed < aMinute) return `${Math.floor(elapsed / second)}s ago`;
	if (elapsed < hour) return `${Math.floor(elapsed / aMinute)}m ago`;
	if (elapsed < 2 * day) return `${Math.floor(elapsed / hour)}h ago`;
	if (elapsed < 100 * day) return `${Math.floor(elapsed / day)}d ago`;
	return date(timestamp);
}

/** How long something takes or has taken, in the largest whole unit: `12s`, `3d`. */
export function span(seconds: number): string {
	const ms = seconds * second;
	if (ms < aMinute) return `${Math.floor(seconds)}s`;
	if (ms < hour) return `${Math.floor(ms / aMinute)}m`;
	if (ms < 2 * day) return `${Math.floor(ms / hour)}h`;
	return `${Math.floor(ms / day)}d`;
}

/** How long after `now` (ms) an instant is: `in 4m`, `in 3d`; `now` once it has come. */
export function until(timestamp: string, now: number): string {
	const left = Date.parse(timestamp) - now;
	return left < second ? 'now' : `in ${span(left / second)}`;
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
