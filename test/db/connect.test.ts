import type {Socket} from 'node:net';
import test from 'ava';
import {connectDatabase, connectVerification} from '../../core/db/connect.ts';
import {isUnavailable} from '../../core/db/faults.ts';
import type {DatabaseSession} from '../../core/db/session.ts';
import {createLog} from '../../core/log.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';

let database: TestDatabase;

test.before(async () => {
	database = await createDatabase();
});

test.after.always(() => database.drop());

test('a connection that ran into the bound is not handed to the next caller', async (t) => {
	// One connection, and a PostgreSQL that does not end the statement by itself.
	const db = connectDatabase({...database.config, poolMax: 1}, 'test', {
		statementTimeoutMs: 60_000,
		queryTimeoutMs: 500,
	});
	const backend = async () => {
		const answer = await db.raw<{rows: {pid: number}[]}>('select pg_backend_pid() as pid');
		return answer.rows[0]?.pid;
	};
	const first = await backend();
	await t.throwsAsync(db.raw('select pg_sleep(60)'), {message: /Query read timeout/});
	const [second, ...others] = await Promise.all([backend(), backend(), backend()]);
	t.not(second, first);
	t.deepEqual(others, [second, second]);
	// A transaction does not wait for its rollback on such a connection either.
	const error = await t.throwsAsync(
		db.transaction(async (transaction) => {
			await transaction.raw('select pg_sleep(60)');
		}),
	);
	t.true(isUnavailable(error));
	t.not(await backend(), second);
	await db.destroy();
});

test('a connection that PostgreSQL ends is not handed to the next caller', async (t) => {
	const db = connectDatabase({...database.config, poolMax: 1}, 'test');
	t.teardown(() => db.destroy());
	const ended = db.raw('select pg_terminate_backend(pg_backend_pid())');
	const next = db.raw<{rows: {one: number}[]}>('select 1 as one');
	t.true(isUnavailable(await t.throwsAsync(ended)));
	t.is((await next).rows[0]?.one, 1);
});

test('a transaction in which a failure was caught is not taken for committed', async (t) => {
	const db = connectDatabase({...database.config, poolMax: 1}, 'test');
	t.teardown(() => db.destroy());
	const made = db.transaction(async (transaction) => {
		await t.throwsAsync(transaction.raw('select 1 / 0'));
		return 'made';
	});
	await t.throwsAsync(made, {message: /rolled back instead of committing$/});
	t.is(await db.transaction(async () => 'made'), 'made');
});

test('a connection that was given up is not told of as one that was lost', async (t) => {
	let lines = '';
	const log = createLog(
		{program: 'test', logLevel: 'debug', keyPrefix: 'hklst_'},
		{
			write(line: string) {
				lines += line;
			},
		},
	);
	const pool = connectVerification(database.config, 'test', log);
	t.teardown(() => pool.destroy());
	const isOver = (session: DatabaseSession) =>
		new Promise<void>((resolve) => {
			session.once('end', resolve);
		});
	const given = await pool.acquire().promise;
	const isGiven = isOver(given);
	pool.discard((given as unknown as {__knexUid: string}).__knexUid);
	await isGiven;
	t.is(lines, '');
	const lost = await pool.acquire().promise;
	const isLost = isOver(lost);
	pool.release(lost);
	(lost as unknown as {connection: {stream: Socket}}).connection.stream.destroy();
	await isLost;
	t.regex(lines, /an idle connection to PostgreSQL was lost/);
});

for (const [code, isAway] of [
	['57P01', true],
	['57P03', true],
	['53300', true],
	['53100', true],
	['25006', true],
	['57014', true],
	['08006', true],
	['3D000', true],
	['ECONNREFUSED', true],
	['ECONNRESET', true],
	['EAGAIN', true],
	['ENOENT', true],
	['23505', false],
	['22P02', false],
	['42P01', false],
	['28P01', true],
	['28000', true],
	['40001', false],
] as const) {
	test(`${code} of PostgreSQL ${isAway ? 'is an outage' : 'is not an outage'}`, (t) => {
		t.is(isUnavailable(Object.assign(new Error('failed'), {code})), isAway);
	});
}
