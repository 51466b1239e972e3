import test from 'ava';
import {connectDatabase, isUnavailable} from '../../core/db/connect.ts';
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
	['28P01', false],
	['40001', false],
] as const) {
	test(`${code} of PostgreSQL ${isAway ? 'is an outage' : 'is no outage'}`, (t) => {
		t.is(isUnavailable(Object.assign(new Error('failed'), {code})), isAway);
	});
}
