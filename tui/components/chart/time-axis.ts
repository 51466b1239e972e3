import type {UsageStep} from '../../../contract/usage.ts';

/* The axis of times below a chart. All of it is UTC. */

type Tick = {readonly at: number; readonly label: string};

/**
 * Where a chart says which time it is, as cells from its left edge: as often as there is room for.
 *
 * @param starts when each column begins, as contract timestamps
 */
export function ticksOf(
	starts: readonly string[],
	step: UsageStep,
	cells: number,
	width: number,
): Tick[] {
	const span = spanOf(starts);
	// As often as labels fit beside each other, and always at the same distance.
	const hours = [3, 6, 12].find((each) => each * cells >= '00:00 '.length) ?? 24;
	const ticks: Tick[] = [];
	let free = 0;
	for (const [column, start] of starts.entries()) {
		const label = labelOf(start, step, span, hours);
		const at = column * cells;
		if (label === undefined || at < free || at + label.length > width) continue;
		ticks.push({at, label});
		free = at + label.length + 1;
	}
	return ticks;
}

const hour = 3_600_000;

function spanOf(starts: readonly string[]): number {
	return Date.parse(starts.at(-1) ?? '') - Date.parse(starts[0] ?? '');
}

/** What a column that begins then is called; undefined: one does not say. */
function labelOf(start: string, step: UsageStep, span: number, hours: number): string | undefined {
	const at = new Date(start);
	switch (step) {
		case 'hour':
			if (at.getUTCHours() === 0) return dayText(at);
			return span < 48 * hour && at.getUTCHours() % hours === 0 ? start.slice(11, 16) : undefined;
		case 'day':
			return at.getUTCDay() === 1 || span < 14 * 24 * hour ? dateText(at) : undefined;
		case 'month':
			return monthText(at);
	}
}

// Not by Intl: making its formats takes longer than all the rest of a frame.
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `Mon 23`. */
function dayText(at: Date): string {
	return `${weekdayText(at)} ${at.getUTCDate()}`;
}

/** `23 Nov`. */
function dateText(at: Date): string {
	return `${at.getUTCDate()} ${monthText(at)}`;
}

function monthText(at: Date): string {
	return months[at.getUTCMonth()] ?? '';
}

function weekdayText(at: Date): string {
	return weekdays[at.getUTCDay()] ?? '';
}

/** The time of one column in words: `Fri 27 Nov 14:00`, `Fri 27 Nov`, `Nov 2026`. */
export function columnText(start: string, step: UsageStep): string {
	const at = new Date(start);
	if (step === 'month') return `${monthText(at)} ${at.getUTCFullYear()}`;
	const text = `${weekdayText(at)} ${dateText(at)}`;
	return step === 'hour' ? `${text} ${start.slice(11, 16)}` : text;
}
