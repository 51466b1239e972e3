import type {Knex} from 'knex';
import {countedOutcomes} from '../../contract/outcomes.ts';
import type {Grouping} from '../../contract/usage.ts';
import {inTurn} from '../db/in-turn.ts';
import {
	bindingsOf,
	pointsStatement,
	rankStatement,
	readRows,
	tableOf,
	wholeStatement,
	type Bindings,
	type UsageQuestion,
	type UsageTable,
} from './counted.ts';
import {startsOf} from './period.ts';

/** Of a statement, in milliseconds: a busy machine answers late rather than not at all. */
const longestMs = 5000;

type Sums = {count: number; refused: number};
type Point = [start: number, count: number];
/** Counts of a group, or of what is left of several. */
export type Counted = {total: number; refused: number; points: Point[]};
export type UsageSeriesRow = Counted & {group: string | null; name: string | null};

/**
 * The groups counted most, one series for each, and what they leave over. All of it is from one moment, so
 * that a part is never more than the whole. What is asked about all keys of an organisation reads much: it
 * may take some seconds, and a process does so for each organisation once at a time.
 *
 * @param top most series
 * @throws {ConnectError} when too many ask already
 */
export async function readSeries(
	db: Knex,
	question: UsageQuestion,
	top: number,
): Promise<{series: UsageSeriesRow[]; other: Counted | null}> {
	const read = () =>
		db.transaction(
			async (snapshot) => {
				await snapshot.raw("select set_config('statement_timeout', ?, true)", [String(longestMs)]);
				return readFrom(snapshot, question, top);
			},
			{isolationLevel: 'repeatable read', readOnly: true},
		);
	const {keys, owner, organisationId} = question.scope;
	return keys === null && owner === null ? inTurn(`usage ${organisationId}`, read) : read();
}

async function readFrom(snapshot: Knex, question: UsageQuestion, top: number) {
	const {scope, period, grouping, result} = question;
	const counting = {step: period.step, result: result ?? 'all'} as const;
	const table = tableOf(scope, period.step, grouping);
	const ask = <Row>(statement: string, from: UsageTable, more: Bindings = {}) =>
		readRows<Row>(snapshot, statement, {...bindingsOf(question, from), ...more}, longestMs + 500);

	const ranked = await ask<{group: string}>(
		rankStatement(table, grouping, counting.result),
		table,
		{top},
	);
	const groups = inOrder(ranked, grouping).map(({group}) => group);
	const points = await ask<Sums & {group: string; start: number}>(
		pointsStatement(table, grouping, counting),
		table,
		{groups},
	);
	const names = grouping === 'key' ? await readNames(snapshot, groups) : new Map<string, string>();
	const starts = startsOf(period);
	const byGroup = Map.groupBy(points, ({group}) => group);
	const series = groups.map((group) => {
		const rows = byGroup.get(group) ?? [];
		return {
			group: group === '' ? null : group,
			name: names.get(group) ?? null,
			total: rows.reduce((sum, {count}) => sum + count, 0),
			refused: rows.reduce((sum, {refused}) => sum + refused, 0),
			points: pointsAt(starts, rows),
		};
	});
	// Of addresses some are not told apart at all; of everything else nothing is left by so few.
	if (grouping !== 'address' && ranked.length < top) return {series, other: null};
	const wholeTable = grouping === 'tag' ? table : tableOf(scope, period.step, 'outcome');
	const whole = await ask<Sums & {start: number}>(wholeStatement(wholeTable, counting), wholeTable);
	return {series, other: leftOf(starts, whole, series)};
}

/** Those counted most first; outcomes in the order in which counts are always told. */
function inOrder<Row extends {group: string}>(ranked: readonly Row[], grouping: Grouping): Row[] {
	if (grouping !== 'outcome') return [...ranked];
	const places = new Map<string, number>(countedOutcomes.map((outcome, place) => [outcome, place]));
	// One of a newer server is not known here.
	const placeOf = ({group}: Row) => places.get(group) ?? countedOutcomes.length;
	return ranked.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function pointsAt(
	starts: readonly number[],
	rows: readonly {start: number; count: number}[],
): Point[] {
	const counts = new Map(rows.map(({start, count}) => [start, count]));
	return starts.map((start) => [start, counts.get(start) ?? 0]);
}

/** What the series do not tell of the whole; null: they tell all of it. */
function leftOf(
	starts: readonly number[],
	whole: readonly (Sums & {start: number})[],
	series: readonly Counted[],
): Counted | null {
	const left = pointsAt(starts, whole).map(([start, count], at): Point => {
		const told = series.reduce((sum, {points}) => sum + (points[at]?.[1] ?? 0), 0);
		return [start, Math.max(0, count - told)];
	});
	const total = left.reduce((sum, [, count]) => sum + count, 0);
	if (total === 0) return null;
	const sumOfRefused = (rows: readonly {refused: number}[]) =>
		rows.reduce((sum, {refused}) => sum + refused, 0);
	return {total, refused: Math.max(0, sumOfRefused(whole) - sumOfRefused(series)), points: left};
}

async function readNames(db: Knex, keyIds: readonly string[]): Promise<Map<string, string>> {
	const rows = await db('api_keys').whereIn('id', keyIds).select('id', 'name');
	return new Map(rows.map(({id, name}) => [id, name]));
}
