import {randomUUID} from 'node:crypto';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {migrate} from '../../core/db/migrate.ts';
import {createLog} from '../../core/log.ts';
import {hourMs} from '../../core/usage/batch.ts';
import {periodOf} from '../../core/usage/period.ts';
import {readSeries} from '../../core/usage/series.ts';
import {writeUsage} from '../../core/usage/write.ts';
import {migrateDatabase, migrationsUntil} from '../helpers/migrate.ts';
import {createDatabase} from '../helpers/services.ts';

/** The last version that counted by the hour alone. */
const lastMigration = '0042';

test('what was counted before there were sums is in them, once, and goes on', async (t) => {
	const database = await createDatabase({isMigrated: false});
	await migrate({
		database: database.ownerConfig,
		application: {name: database.config.user, password: undefined},
		directory: await migrationsUntil(lastMigration),
		log: createLog({program: 'test', logLevel: 'warn', keyPrefix: 'hklst_'}),
	});
	const db = connectDatabase(database.config, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	const now = Date.now();
	const hour = Math.floor(now / hourMs) * hourMs;
	const processId = randomUUID();
	const {rows} = await db.raw<{rows: {id: string; organisation: string}[]}>(
		`with home as (insert into organisations (name, plan) values ('a', 'team'), ('b', 'team') returning id)
		insert into api_keys (organisation_id, name, hash, hint)
		select id, 'k', sha256(gen_random_uuid()::text::bytea), 'hklst_abcdef' from home
		returning id, organisation_id as organisation`,
	);
	const [first, second] = rows;
	if (first === undefined || second === undefined) throw new Error('no keys');
	await db.raw(
		`insert into usage_hourly (hour, key_id, process_id, outcome, count) values
			(to_timestamp(:hour / 1000.0), :first, :processId, 'valid', 5),
			(to_timestamp(:hour / 1000.0), :first, :other, 'valid', 2),
			(to_timestamp(:hour / 1000.0) - interval '70 days', :first, :other, 'expired', 3),
			(to_timestamp(:hour / 1000.0), :second, :other, 'valid', 100)`,
		{hour, processId, first: first.id, second: second.id, other: randomUUID()},
	);

	const told = async (step: 'hour' | 'day' | 'month', keys: string[] | null) => {
		const period = periodOf(
			{step, from: new Date(now - 80 * 24 * hourMs * (step === 'hour' ? 0.01 : 1))},
			'outcome',
			now,
		);
		if ('message' in period) throw new Error(period.message);
		const scope = {organisationId: first.organisation, keys, owner: null};
		const {series} = await readSeries(
			db,
			{scope, period, grouping: 'outcome', result: undefined},
			50,
		);
		return series.map(({group, total}) => [group, total]);
	};
	const same = async (hours: unknown, days: unknown) => {
		for (const keys of [null, [first.id]]) {
			t.deepEqual(await told('hour', keys), hours);
			t.deepEqual(await told('day', keys), days);
			t.deepEqual(await told('month', keys), days);
		}
	};
	await migrateDatabase(database.ownerConfig, database.config.user);
	await same(
		[['valid', 7]],
		[
			['valid', 7],
			['expired', 3],
		],
	);

	// A server from before goes on with its batch, which the new worker settles.
	const write = (count: number) =>
		writeUsage(db, {
			rows: [{hour, keyId: first.id, processId, outcome: 'valid', count}],
			lastUses: [],
			details: [],
		});
	await write(9);
	await write(9);
	await same(
		[['valid', 11]],
		[
			['valid', 11],
			['expired', 3],
		],
	);
});
