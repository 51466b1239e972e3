import {randomUUID} from 'node:crypto';
import test from 'ava';
import type {Knex} from 'knex';
import {clientDays, mostClients} from '../../contract/usage.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {pruneSeen} from '../../core/usage/prune.ts';
import {keepUsagePartitions} from '../../core/usage/store.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';
import {countUses} from './counts.ts';

let database: TestDatabase;
/** As the worker. */
let db: Knex;
let owner: Knex;
let organisationId: string;

test.before(async () => {
	database = await createDatabase();
	const bounds = {statementTimeoutMs: 30_000, queryTimeoutMs: 31_000};
	db = connectDatabase(database.config, 'test', bounds);
	owner = connectDatabase(database.ownerConfig, 'test', bounds);
	const [made] = await db('organisations').insert({name: 'a', plan: 'team'}).returning('id');
	organisationId = made?.id ?? '';
});

test.after.always(async () => {
	await Promise.all([db.destroy(), owner.destroy()]);
	await database.drop();
});

async function makeKeys(count: number): Promise<string[]> {
	const {rows} = await db.raw<{rows: {id: string}[]}>(
		`insert into api_keys (organisation_id, name, hash, hint)
		select ?, 'k' || i, sha256(gen_random_uuid()::text::bytea), 'hklst_abcdef' from generate_series(1, ?::integer) as i
		returning id`,
		[organisationId, count],
	);
	return rows.map(({id}) => id);
}

const dayMs = 86_400_000;
const today = Math.floor(Date.now() / dayMs) * dayMs;
/** The first day of the month so long before this one. */
const month = (before: number) => {
	const now = new Date(today);
	return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - before, 1);
};
const nameOf = (parent: string, at: number, length: 7 | 10) =>
	`${parent}_${new Date(at).toISOString().slice(0, length).replaceAll('-', '_')}`;

const monthly = ['usage_hourly', 'usage_daily', 'usage_details_daily'] as const;

async function partitions(): Promise<string[]> {
	const {rows} = await db.raw<{rows: {name: string}[]}>(
		`select inhrelid::regclass::text as name from pg_inherits where inhparent::regclass::text like 'usage%'`,
	);
	return rows.map(({name}) => name);
}

async function makePartition(parent: string, begins: number, ends: number, length: 7 | 10) {
	const [from, to] = [begins, ends].map((at) => new Date(at).toISOString().slice(0, 10));
	const zone = parent.endsWith('hourly') ? ' 00:00:00+00' : '';
	await owner.raw(
		`create table ${nameOf(parent, begins, length)} partition of ${parent} for values from ('${from}${zone}') to ('${to}${zone}')`,
	);
}

/** How many rows each table has of a key. */
async function counted(keyId: string): Promise<Record<string, number>> {
	const {rows} = await db.raw<{rows: [Record<string, number>]}>(
		`select (select count(*) from usage_hourly where key_id = :keyId)::int as hourly,
			(select count(*) from usage_daily where key_id = :keyId)::int as daily,
			(select count(*) from usage_details_hourly where key_id = :keyId)::int as "detailsHourly",
			(select count(*) from usage_details_daily where key_id = :keyId)::int as "detailsDaily",
			(select count(*) from usage_totals_hourly)::int as totals`,
		{keyId},
	);
	return rows[0];
}

test.serial(
	'counts go by whole months, once the last day of one is as old as they are kept',
	async (t) => {
		const [keyId = ''] = await makeKeys(1);
		for (const parent of monthly) {
			for (const before of [3, 2]) await makePartition(parent, month(before), month(before - 1), 7);
		}
		await makePartition('usage_details_hourly', today - 12 * dayMs, today - 11 * dayMs, 10);
		await makePartition('usage_details_hourly', today - 3 * dayMs, today - 2 * dayMs, 10);
		const use = {organisationId, keyId, count: 1, address: '203.0.113.1', tags: ['a']};
		for (const at of [
			month(3),
			month(2) - 1,
			month(2),
			month(1) - 1,
			today - 12 * dayMs,
			today - 3 * dayMs,
			today,
		]) {
			await countUses(db, [{...use, at}]);
		}
		// Before there was a partition for it.
		await countUses(db, [{...use, at: month(20)}]);
		const before = await counted(keyId);
		t.deepEqual(before, {hourly: 8, daily: 8, detailsHourly: 16, detailsDaily: 16, totals: 8});

		// As old as the third month before is, to the day.
		const days = (today - month(2)) / dayMs;
		t.is((await keepUsagePartitions(db, days + 1)).dropped, 1);
		t.true((await partitions()).includes(nameOf('usage_hourly', month(3), 7)));
		t.deepEqual(await counted(keyId), {
			hourly: 7,
			daily: 7,
			detailsHourly: 4,
			detailsDaily: 14,
			totals: 6,
		});

		t.is((await keepUsagePartitions(db, days)).dropped, 3);
		const left = await partitions();
		for (const parent of monthly) {
			t.false(left.includes(nameOf(parent, month(3), 7)));
			t.true(left.includes(nameOf(parent, month(2), 7)));
		}
		t.deepEqual(await counted(keyId), {
			hourly: 5,
			daily: 5,
			detailsHourly: 4,
			detailsDaily: 10,
			totals: 5,
		});
		t.is((await keepUsagePartitions(db, days)).dropped, 0);
	},
);

test.serial(
	'whoever holds counts is not waited for long; the next pass drops what is old',
	async (t) => {
		await makePartition('usage_hourly', month(30), month(29), 7);
		const reader = await db.transaction();
		await reader.raw('select * from usage_hourly');
		const error = await t.throwsAsync(keepUsagePartitions(db, 400));
		t.like(error, {code: '55P03'});
		t.true((await partitions()).includes(nameOf('usage_hourly', month(30), 7)));
		await reader.rollback();
		t.is((await keepUsagePartitions(db, 400)).dropped, 1);
	},
);

test.serial('what nobody may ask for is refused, and drops nothing', async (t) => {
	for (const days of [30, 3651]) {
		const before = await partitions();
		t.like(await t.throwsAsync(keepUsagePartitions(db, days)), {code: '22023'});
		t.deepEqual(await partitions(), before);
	}
});

test.serial(
	'of the clients of a key those are kept that were seen last, and not for ever',
	async (t) => {
		const [many = '', old = '', held = ''] = await makeKeys(3);
		const insert = (keyId: string, count: number, age: string) =>
			db.raw(
				`insert into key_clients (key_id, address, user_agent, first_seen_at, last_seen_at, count, refused)
			select ?, '203.0.113.' || i, ?, now() - interval '90 days', now() - ?::interval - i * interval '1 second', 1, 0
			from generate_series(1, ?::integer) as i`,
				[keyId, randomUUID(), age, count],
			);
		await insert(many, 130, '1 day');
		await insert(many, 5, '2 hours');
		await insert(old, 3, `${clientDays} days`);
		await insert(old, 2, `${clientDays - 1} days`);
		await insert(held, 1, `${clientDays} days`);
		const ages = async (keyId: string) => {
			const {rows} = await db.raw<{rows: {days: number}[]}>(
				`select extract(day from now() - last_seen_at)::int as days from key_clients where key_id = ? order by last_seen_at desc`,
				[keyId],
			);
			return rows.map(({days}) => days);
		};
		// It is being counted at this moment.
		const counting = await db.transaction();
		await counting.raw(
			'update key_clients set count = count + 1, last_seen_at = now() where key_id = ?',
			[held],
		);
		t.deepEqual(await pruneSeen(db), {clients: 35 + 3, scopes: 0});
		const kept = await ages(many);
		t.is(kept.length, mostClients);
		t.deepEqual([kept[4], kept[5]], [0, 1]);
		t.deepEqual(await ages(old), [clientDays - 1, clientDays - 1]);
		await counting.commit();
		t.deepEqual(await pruneSeen(db), {clients: 0, scopes: 0});
		t.deepEqual(await ages(held), [0]);
	},
);

test.serial('however many keys there are, each is looked at', async (t) => {
	const keys = await makeKeys(1200);
	await db.raw(
		`insert into key_clients (key_id, address, user_agent, first_seen_at, last_seen_at, count, refused)
		select id, address, '', now() - interval '60 days', case address when 'old' then now() - interval '31 days' else now() end, 1, 0
		from unnest(?::uuid[]) as id, unnest(array['old', 'new']) as address`,
		[keys],
	);
	await db.raw(
		`insert into key_needed_scopes (key_id, scope, first_needed_at, last_needed_at, count)
		select ?::uuid, 'orders.' || i, now(), now() - i * interval '1 minute', 1 from generate_series(1, 1010) as i
		union all select ?, 'orders.read', now(), now() - interval '401 days', 1
		union all select ?, 'orders.write', now(), now() - interval '399 days', 1`,
		[keys[0] ?? '', keys[1] ?? '', keys[1] ?? ''],
	);
	t.deepEqual(await pruneSeen(db), {clients: 1200, scopes: 11});
	const {rows} = await db.raw<{rows: {scope: string}[]}>(
		'select scope from key_needed_scopes where key_id = ?',
		[keys[1] ?? ''],
	);
	t.deepEqual(rows, [{scope: 'orders.write'}]);
});
