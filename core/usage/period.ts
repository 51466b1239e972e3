import {detailDays, mostPoints, type Grouping, type UsageStep} from '../../contract/usage.ts';
import {hourMs} from './batch.ts';

const dayMs = 24 * hourMs;

/** From the beginning of a step to the end of another one, in milliseconds since the epoch. */
export type UsagePeriod = {from: number; to: number; step: UsageStep};

export type AskedPeriod = {
	from?: Date | undefined;
	to?: Date | undefined;
	step?: UsageStep | undefined;
};

/** Why there is no such period: what is at fault, and what would be right. */
export type UsagePeriodFault = {field: string; message: string};

/** How many steps are told where nobody says from when on. */
const usual = {hour: 24, day: 30, month: 12} as const;
/** The longest that is told by the hour where nobody says how. */
const mostHours = 7 * 24;

/**
 * The period that is asked for, in whole steps. It ends with the step that is running at the latest: there
 * is nothing to tell beyond it.
 *
 * @param now in milliseconds since the epoch
 */
export function periodOf(
	asked: AskedPeriod,
	grouping: Grouping,
	now: number,
): UsagePeriod | UsagePeriodFault {
	const isDetailed = grouping === 'tag' || grouping === 'address';
	const oldestHour = startOf('hour', now - detailDays * dayMs);
	const step = asked.step ?? stepFor(asked, now, isDetailed ? oldestHour : -Infinity);
	const to = Math.min(endOf(step, asked.to?.getTime() ?? now), endOf(step, now));
	const from =
		asked.from === undefined ? moved(step, to, -usual[step]) : startOf(step, asked.from.getTime());
	if (from >= to) {
		const limit = asked.to !== undefined && asked.to.getTime() <= now ? 'to' : 'now';
		return {field: 'from', message: `from must be before ${limit}`};
	}
	if (step === 'hour' && isDetailed && from < oldestHour) {
		return {
			field: 'from',
			message: `from must be within the last ${detailDays} days, for which counts of hours by ${grouping} are kept; ask for step=day, or for a later from`,
		};
	}
	if (stepsBetween(step, from, to) > mostPoints) {
		const coarser = {hour: 'step=day, or for ', day: 'step=month, or for ', month: ''}[step];
		return {
			field: 'from',
			message: `from must be at most ${mostPoints.toLocaleString('en')} ${step}s before to; ask for ${coarser}a later from`,
		};
	}
	return {from, to, step};
}

/** As fine as a period of that length is usually read. */
function stepFor({from, to}: AskedPeriod, now: number, oldestHour: number): UsageStep {
	if (from === undefined) {
		return to === undefined || moved('hour', to.getTime(), -usual.hour) >= oldestHour
			? 'hour'
			: 'day';
	}
	const end = Math.min(to?.getTime() ?? now, now);
	const start = from.getTime();
	if (end - start <= mostHours * hourMs && start >= oldestHour) return 'hour';
	return stepsBetween('day', startOf('day', start), endOf('day', end)) <= mostPoints
		? 'day'
		: 'month';
}

/** When each step of a period begins, oldest first. */
export function startsOf({from, to, step}: UsagePeriod): number[] {
	const starts: number[] = [];
	for (let start = from; start < to; start = moved(step, start, 1)) starts.push(start);
	return starts;
}

/** One step of a period. */
export function stepOf({step}: UsagePeriod, start: number): UsagePeriod {
	return {from: start, to: moved(step, start, 1), step};
}

/** When the step that an instant is in begins. */
function startOf(step: UsageStep, at: number): number {
	if (step !== 'month') return at - modulo(at, step === 'hour' ? hourMs : dayMs);
	const date = new Date(startOf('day', at));
	return date.setUTCDate(1);
}

/** When the step ends in which the last moment before an instant is. */
function endOf(step: UsageStep, at: number): number {
	const start = startOf(step, at);
	return start === at ? at : moved(step, start, 1);
}

function moved(step: UsageStep, start: number, by: number): number {
	if (step !== 'month') return start + by * (step === 'hour' ? hourMs : dayMs);
	const date = new Date(start);
	return date.setUTCMonth(date.getUTCMonth() + by);
}

function stepsBetween(step: UsageStep, from: number, to: number): number {
	if (step !== 'month') return (to - from) / (step === 'hour' ? hourMs : dayMs);
	const [first, last] = [new Date(from), new Date(to)];
	const years = last.getUTCFullYear() - first.getUTCFullYear();
	return years * 12 + last.getUTCMonth() - first.getUTCMonth();
}

/** Never negative: some instants are before 1970. */
function modulo(value: number, by: number): number {
	return ((value % by) + by) % by;
}
