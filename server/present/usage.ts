import type {FullUsageBucket} from '../../contract/keys.ts';
import type {CountedOutcome} from '../../contract/outcomes.ts';
import {toTimestamp} from '../../contract/text.ts';
import {exportedMembers, type UsageSeries} from '../../contract/usage.ts';
import type {UsageQuestion} from '../../core/usage/counted.ts';
import type {ExportedRow} from '../../core/usage/export.ts';
import type {Counted, readSeries} from '../../core/usage/series.ts';

/** @param names of the counts that are told */
export function presentCounts(
	{start, counts}: {start: Date; counts: Record<CountedOutcome, number>},
	names: readonly CountedOutcome[],
): FullUsageBucket {
	const shown = Object.fromEntries(names.map((name) => [name, counts[name]]));
	return {start: toTimestamp(start), ...shown} as FullUsageBucket;
}

export function presentSeries(
	{period, grouping}: UsageQuestion,
	{series, other}: Awaited<ReturnType<typeof readSeries>>,
): UsageSeries {
	// The same times in every series.
	const times = new Map<number, string>();
	const timeOf = (at: number) => {
		const known = times.get(at) ?? toTimestamp(new Date(at));
		times.set(at, known);
		return known;
	};
	const shown = ({total, refused, points}: Counted) => ({
		total,
		refused,
		points: points.map(([start, count]): [string, number] => [timeOf(start), count]),
	});
	return {
		from: timeOf(period.from),
		to: timeOf(period.to),
		step: period.step,
		group_by: grouping,
		series: series.map((one) => ({group: one.group, name: one.name, ...shown(one)})),
		other: other && shown(other),
	};
}

/** Rows of an export as lines of JSON. */
export async function* toLines(
	parts: AsyncIterable<readonly ExportedRow[]>,
): AsyncGenerator<string, void> {
	for await (const rows of parts) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Rows of an export as CSV (RFC 4180), with a header. */
export async function* toCsv(
	parts: AsyncIterable<readonly ExportedRow[]>,
): AsyncGenerator<string, void> {
	yield record(exportedMembers);
	for await (const rows of parts) {
		yield rows.map((row) => record(exportedMembers.map((name) => row[name]))).join('');
	}
}

function record(cells: readonly (string | number | null)[]): string {
	return `${cells.map(cell).join(',')}\r\n`;
}

/** A name may be anything: one that a spreadsheet would run as a formula gets an apostrophe before it. */
function cell(value: string | number | null): string {
	if (typeof value !== 'string') return String(value ?? '');
	const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
