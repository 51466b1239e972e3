import {randomUUID} from 'node:crypto';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	counterId,
	pruneCounts,
	reachedOf,
	readCounts,
	writeCounts,
	type QuotaCount,
	type ReachedPercent,
} from '../../core/limits/quota-store.ts';
import {createDatabase} from '../helpers/services.ts';

const database = await createDatabase();
const db = connectDatabase(database.config, 'test');

test.after.always(async () => {
	await db.destroy();
	await database.drop();
});

const hourMs = 3_600_000;
const start = Date.UTC(2030, 0, 1);

async function makeOrganisation(): Promise<string> {
	const [row] = await db('organisations').insert({name: 'test'}).returning('id');
	return row?.id ?? '';
}

/** What one server knows of one quota. */
function count(organisationId: string, given: Partial<QuotaCount> = {}): QuotaCount {
	return {
		organisationId,
		subject: `k:${randomUUID()}`,
		periodStart: start,
		periodEnd: start + hourMs,
		counted: 1,
		limit: 100,
		reached: 0,
		...given,
	};
}

async function stored(organisationId: string) {
	return await db('quota_usage')
		.where({organisation_id: organisationId})
		.orderBy('subject')
		.orderBy('period_start')
		.select('*');
}

test('what is written is read again, for many at once, each by its own name', async (t) => {
	const [one, other] = [await makeOrganisation(), await makeOrganisation()];
	const rows = [
		count(one, {subject: 'o:', counted: 10 ** 12, limit: 10 ** 12, reached: 100}),
		count(other, {subject: 'o:', counted: 7}),
		count(one, {subject: 'w:team/Ärger & "so" on', counted: 3}),
		count(one, {subject: 'k:a', counted: 4}),
		count(one, {subject: 'k:a', periodStart: start + hourMs, counted: 5}),
		// A quota that never begins anew.
		count(one, {subject: 'k:a', periodStart: 0, periodEnd: undefined, counted: 6}),
	];
	await writeCounts(db, rows);
	const unknown = count(one, {subject: 'k:unknown'});
	const found = await readCounts(db, [...rows, unknown]);
	t.deepEqual(found, new Map(rows.map((row) => [counterId(row), row.counted])));
	t.is(new Set(rows.map(counterId)).size, rows.length);
	t.deepEqual(await readCounts(db, []), new Map());
	const [total, , organisation] = [...(await stored(one))];
	t.is(total.period_end, null);
	t.like(organisation, {period_start: new Date(start + hourMs), quota_limit: '100'});
});

test('a count only grows, and so does what it has come to; the limit is that of the last writer', async (t) => {
	const organisation = await makeOrganisation();
	const row = count(organisation, {counted: 60, reached: 50});
	await writeCounts(db, [row]);
	await writeCounts(db, [{...row, counted: 40, reached: 0, limit: 200}]);
	t.like((await stored(organisation))[0], {counted: '60', reached: 50, quota_limit: '200'});
	await writeCounts(db, [{...row, counted: 85, reached: 80}]);
	await writeCounts(db, [{...row, counted: 85, reached: 50}]);
	t.like((await stored(organisation))[0], {counted: '85', reached: 80, quota_limit: '100'});
	t.is((await stored(organisation)).length, 1);
});

test('servers that write the same rows at once, in any order, neither deadlock nor lose a count', async (t) => {
	const organisation = await makeOrganisation();
	const rows = Array.from({length: 2500}, () => count(organisation));
	await Promise.all(
		Array.from({length: 4}, (_, server) => {
			const seen = rows.map((row, i) => ({...row, counted: 1 + ((i + server) % 4)}));
			return writeCounts(db, server % 2 === 0 ? seen : seen.toReversed());
		}),
	);
	t.deepEqual(await readCounts(db, rows), new Map(rows.map((row) => [counterId(row), 4])));
});

test('an organisation that has gone does not keep others from being written', async (t) => {
	const organisation = await makeOrganisation();
	const row = count(organisation, {counted: 9});
	await writeCounts(db, [count(randomUUID()), row]);
	t.deepEqual(await readCounts(db, [row]), new Map([[counterId(row), 9]]));
});

test('what cannot be written leaves nothing of its statement behind', async (t) => {
	const organisation = await makeOrganisation();
	const row = count(organisation);
	await t.throwsAsync(writeCounts(db, [row, count(organisation, {counted: 1.5})]));
	t.deepEqual(await stored(organisation), []);
});

test('periods that ended more than 400 days ago are forgotten, those that never end are not', async (t) => {
	const organisation = await makeOrganisation();
	const daysAgo = (days: number) => Date.now() - days * 24 * hourMs;
	const ended = (days: number) =>
		count(organisation, {periodStart: daysAgo(days) - hourMs, periodEnd: daysAgo(days)});
	const [old, recent] = [ended(401), ended(399)];
	const endless = count(organisation, {periodStart: 0, periodEnd: undefined});
	await writeCounts(db, [old, recent, endless]);
	t.is(await pruneCounts(db), 1);
	t.deepEqual(
		new Set((await readCounts(db, [old, recent, endless])).keys()),
		new Set([recent, endless].map(counterId)),
	);
});

test('what a quota has come to is told in three steps', (t) => {
	const steps: [used: number, limit: number, reached: ReachedPercent][] = [
		[0, 100, 0],
		[49, 100, 0],
		[50, 100, 50],
		[79, 100, 50],
		[80, 100, 80],
		[99, 100, 80],
		[100, 100, 100],
		[101, 100, 100],
		[1, 3, 0],
		[2, 3, 50],
		[0, 0, 100],
		[10 ** 12 - 1, 10 ** 12, 80],
		[10 ** 12, 10 ** 12, 100],
	];
	for (const [used, limit, reached] of steps) t.is(reachedOf(used, limit), reached);
});
