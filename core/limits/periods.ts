import {createRecent} from '../../contract/recent.ts';
import type {Quota} from '../../contract/rate-limits.ts';

/** When a quota began, and when it begins anew, in ms since the epoch; `end` undefined: never. */
export type Period = {start: number; end: number | undefined};

type Calendar = Pick<Quota, 'period' | 'reset_day' | 'timezone'>;

type Step = Exclude<Quota['period'], 'hour' | 'total'>;

/**
 * The period of a quota that an instant is in. Periods begin where the calendar of its time zone says:
 * at midnight, or where there is none because clocks are put forward, at the first moment of the day.
 *
 * @param now in ms since the epoch
 */
export function periodAt(calendar: Calendar, now: number): Period {
	const {period} = calendar;
	if (period === 'total') return total;
	const kept = keptFor(`${period} ${calendar.reset_day} ${calendar.timezone}`);
	const {last} = kept;
	// Most uses are in the period of the one before.
	if (last !== undefined && last.start <= now && now < (last.end ?? Infinity)) return last;
	return (kept.last = compute({...calendar, period}, now));
}

const total: Period = {start: 0, end: undefined};

const keptFor = createRecent(1000, (): {last: Period | undefined} => ({last: undefined}));

function compute(
	{period, reset_day, timezone}: Calendar & {period: Step | 'hour'},
	now: number,
): Period {
	const at = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timezone);
	if (period === 'hour') return hourAt(at);
	const first = firstDay(at.toPlainDate(), period, reset_day ?? 1);
	const next = first.add(steps[period]);
	return {start: startOf(first, timezone), end: startOf(next, timezone)};
}

const steps = {
	day: {days: 1},
	week: {weeks: 1},
	month: {months: 1},
} as const satisfies Record<Step, object>;

function firstDay(today: Temporal.PlainDate, period: Step, day: number): Temporal.PlainDate {
	if (period === 'day') return today;
	if (period === 'week') return today.subtract({days: (today.dayOfWeek - day + 7) % 7});
	const first = today.with({day});
	return today.day >= day ? first : first.subtract({months: 1});
}

function startOf(date: Temporal.PlainDate, timezone: string): number {
	return date.toZonedDateTime(timezone).epochMilliseconds;
}

/** An hour of the clock on the wall; one that comes twice, as clocks are put back, is two. */
function hourAt(at: Temporal.ZonedDateTime): Period {
	const start = at.round({smallestUnit: 'hour', roundingMode: 'floor'});
	return {start: start.epochMilliseconds, end: start.add({hours: 1}).epochMilliseconds};
}
