import {once} from 'node:events';
import {connect, createServer, type AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {isUnavailable} from '../../core/db/faults.ts';
import {Gate} from '../../core/db/gate.ts';
import {createDatabase} from '../helpers/services.ts';

const {signal} = new AbortController();

/** An attempt that ends when it is told to. */
function attempt() {
	const {promise, resolve, reject} = Promise.withResolvers<string>();
	// It may never be begun.
	promise.catch(() => {});
	let began = 0;
	return {
		run: () => {
			began++;
			return promise;
		},
		began: () => began,
		succeed: () => resolve('made'),
		fail: () => reject(new Error('no')),
	};
}

test('open, a few are made at once; closed, one at a time, LISTEN first, and others not at all', async (t) => {
	const gate = new Gate();
	const [first, ...others] = Array.from({length: 5}, attempt);
	if (first === undefined) throw new Error('none');
	const made = gate.tryThrough(first.run);
	const rest = others.map(({run}) => gate.tryThrough(run));
	t.deepEqual(
		rest.map((each) => each !== undefined),
		[true, true, true, false],
	);
	first.fail();
	await t.throwsAsync(async () => made);
	t.true(gate.isClosed);
	for (const other of others) other.fail();
	await Promise.allSettled(rest.filter((each) => each !== undefined));

	const keep = attempt();
	const hear = attempt();
	const ordinary = attempt();
	const kept = gate.through('keep', keep.run, signal);
	const heard = gate.through('listen', hear.run, signal);
	t.is(gate.tryThrough(ordinary.run), undefined);
	while (hear.began() === 0) await sleep(5);
	t.is(keep.began(), 0);
	t.is(gate.tryThrough(ordinary.run), undefined);
	hear.succeed();
	t.is(await heard, 'made');
	t.false(gate.isClosed);
	keep.succeed();
	t.is(await kept, 'made');
	ordinary.succeed();
	t.is(await gate.tryThrough(ordinary.run), 'made');
});

test('a caller who waits at the gate may leave', async (t) => {
	const gate = new Gate();
	const first = attempt();
	const made = gate.tryThrough(first.run);
	first.fail();
	await t.throwsAsync(async () => made);
	const leaving = new AbortController();
	const waiting = gate.through('listen', attempt().run, leaving.signal);
	leaving.abort(new Error('left'));
	await t.throwsAsync(waiting, {message: 'left'});
});

test('a PostgreSQL that takes longer to log in than a request waits is used once it has let in', async (t) => {
	const database = await createDatabase();
	t.teardown(() => database.drop());
	const {host, port} = database.config;
	const slow = createServer((near) => {
		near.on('error', () => {});
		void sleep(1500).then(() => {
			const far = connect(`${host}/.s.PGSQL.${port}`);
			far.on('error', () => {});
			near.on('close', () => far.destroy());
			near.pipe(far).pipe(near);
		});
	}).listen(0, '127.0.0.1');
	await once(slow, 'listening');
	t.teardown(() => slow.close());
	const address = {host: '127.0.0.1', port: (slow.address() as AddressInfo).port};
	const config = {...database.config, ...address, connectTimeoutMs: 60_000};
	const db = connectDatabase(config, 'test', {waitMs: 500, queryTimeoutMs: 60_000});
	t.teardown(() => db.destroy());
	const error = await t.throwsAsync(db.raw('select 1'));
	t.true(isUnavailable(error));
	for (;;) {
		const isAnswered = await db.raw('select 1').then(
			() => true,
			() => false,
		);
		if (isAnswered) break;
	}
	const hasty = connectDatabase({...config, connectTimeoutMs: 300}, 'test', {waitMs: 60_000});
	t.teardown(() => hasty.destroy());
	t.true(isUnavailable(await t.throwsAsync(hasty.raw('select 1'))));
});
