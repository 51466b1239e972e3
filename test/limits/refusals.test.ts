import {randomUUID} from 'node:crypto';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {LimitRefusals} from '../../core/limits/refusals.ts';
import {createLog} from '../../core/log.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase} from '../helpers/services.ts';

const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});
const database = await createDatabase();
// A statement that takes too long may have counted all the same, and is written again.
const db = connectDatabase(database.config, 'test', {statementTimeoutMs: 0, queryTimeoutMs: 0});

test.after.always(async () => {
	await db.destroy();
	await database.drop();
});

async function makeKeys(count: number): Promise<string[]> {
	const answer = await db.raw<{rows: {id: string}[]}>(
		`with organisation as (insert into organisations (name) values ('test') returning id)
		insert into api_keys (organisation_id, name, hash, hint)
		select organisation.id, 'key', sha256(gen_random_uuid()::text::bytea), 'hint'
		from organisation, generate_series(1, ?::int) returning id`,
		[count],
	);
	return answer.rows.map(({id}) => id);
}

type Row = {name: string; refused: number; untold: number; last_at: Date};

async function stored(...keys: string[]): Promise<Row[]> {
	const answer = await db.raw<{rows: Row[]}>(
		`select name, refused::float8, untold::float8, last_at from key_limit_refusals
		where key_id = any (?) order by name`,
		[keys],
	);
	return answer.rows;
}

const now = Date.now() - 60_000;

test('refusals of several servers are added up, by key and limit', async (t) => {
	const [one = '', other = ''] = await makeKeys(2);
	const servers = [new LimitRefusals({db, log}), new LimitRefusals({db, log})];
	for (let i = 0; i < 30; i++) {
		const server = servers[i % 2];
		server?.note(one, 'burst', now + i);
		if (i % 3 === 0) server?.note(one, 'org:all', now);
		if (i % 10 === 0) server?.note(other, 'quota', now - i);
		if (i % 7 === 0) await Promise.all(servers.map((each) => each.write()));
	}
	for (const server of servers) t.true(await server.drain());
	const last_at = new Date(now);
	t.deepEqual(await stored(one), [
		{name: 'burst', refused: 30, untold: 30, last_at: new Date(now + 29)},
		{name: 'org:all', refused: 10, untold: 10, last_at},
	]);
	t.deepEqual(await stored(other), [{name: 'quota', refused: 3, untold: 3, last_at}]);
});

test('what is noted while the last is being written is counted once', async (t) => {
	const [key = ''] = await makeKeys(1);
	const refusals = new LimitRefusals({db, log});
	for (let i = 0; i < 50; i++) {
		refusals.note(key, 'burst', now);
		const writing = refusals.write();
		refusals.note(key, 'burst', now);
		await writing;
	}
	t.true(await refusals.drain());
	t.like((await stored(key))[0], {refused: 100});
	t.is(refusals.size, 0);
});

test('it writes by itself', async (t) => {
	const [key = ''] = await makeKeys(1);
	const refusals = new LimitRefusals({db, log});
	refusals.start();
	refusals.note(key, 'burst', now);
	t.like(await eventually(async () => (await stored(key))[0]), {refused: 1});
	t.true(await refusals.drain());
});

test('what PostgreSQL does not take is kept, and a flood of it leaves memory flat', async (t) => {
	const [key = '', other = ''] = await makeKeys(2);
	const away = connectDatabase({...database.config, database: 'nowhere'}, 'test');
	let current = away;
	const changing = new Proxy(db, {get: (_, member) => Reflect.get(current, member) as unknown});
	const refusals = new LimitRefusals({db: changing, log, maxEntries: 100});
	refusals.note(key, 'burst', now);
	await refusals.write();
	for (let i = 0; i < 100_000; i++) refusals.note(randomUUID(), 'burst', now);
	t.is(refusals.size, 100);
	t.is(refusals.dropped, 100_000 - 99);
	refusals.note(key, 'burst', now + 1);
	refusals.note(other, 'burst', now);
	t.false(await refusals.drain());
	t.is(refusals.size, 100);

	current = db;
	t.true(await refusals.drain(), 'keys that do not exist hold nothing up');
	await away.destroy();
	t.like((await stored(key))[0], {refused: 2, last_at: new Date(now + 1)});
	t.deepEqual(await stored(other), [], 'there was no room');
	refusals.note(other, 'burst', now);
	t.true(await refusals.drain());
	t.like((await stored(other))[0], {refused: 1});
});

test('a clock that is ahead does not have it refused in the future', async (t) => {
	const [key = ''] = await makeKeys(1);
	const refusals = new LimitRefusals({db, log});
	refusals.note(key, 'burst', Date.now() + 3_600_000);
	t.true(await refusals.drain());
	const answer = await db.raw<{rows: {is_past: boolean}[]}>(
		'select last_at <= now() as is_past from key_limit_refusals where key_id = ?',
		[key],
	);
	t.deepEqual(answer.rows, [{is_past: true}]);
});
