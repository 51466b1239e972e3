import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import test from 'ava';
import type {Knex} from 'knex';
import {mostClients} from '../../contract/usage.ts';
import {hourMs} from '../../core/usage/batch.ts';
import {readClients} from '../../core/usage/clients.ts';
import {installation, makeKeys, openWorld, type UsageWorld} from './world.ts';

/* A thousand keys, each used from a thousand addresses. */

const keyCount = 1000;
const rounds = 10;
const addressesOfRound = 100;

let world: UsageWorld;
let db: Knex;

test.before(async () => {
	world = await openWorld({answerMs: 60_000});
	({db} = world);
});

test.after.always(() => world.close());

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is held, in bytes: by objects, and by typed arrays. */
function held(): number {
	collectGarbage();
	const {heapUsed, arrayBuffers} = process.memoryUsage();
	return heapUsed + arrayBuffers;
}

test('of a million addresses memory holds as many as of a tenth of them, and every check is counted', async (t) => {
	const {keys} = await makeKeys(db, keyCount);
	const at = Math.floor(Date.now() / hourMs) * hourMs - hourMs;
	const {recorder: start, clock, settle} = installation(world, {at});
	const recorder = start();
	const sizes: {details: number; bytes: number}[] = [];
	for (let round = 0; round < rounds; round++) {
		for (const [i, key] of keys.entries()) {
			for (let each = 0; each < addressesOfRound; each++) {
				const address = `10.${i % 250}.${round}.${each}`;
				recorder.record(key, each % 10 === 0 ? 'ip_denied' : 'valid', {
					ip: address,
					agent: 'load/1',
				});
			}
		}
		clock.now += 1000;
		await recorder.push();
		await settle();
		sizes.push({details: recorder.details, bytes: held()});
	}
	const [first, second] = sizes;
	const last = sizes.at(-1);
	t.is(recorder.dropped, 0);
	t.is(recorder.size, keyCount);
	t.is(first?.details, keyCount * mostClients);
	t.is(last?.details, first?.details, 'no address beyond the bound is held');
	const grown = ((last?.bytes ?? Infinity) - (second?.bytes ?? 0)) / 1e6;
	t.log(sizes.map(({bytes}) => `${Math.round(bytes / 1e6)} MB`).join(', '));
	t.true(grown < 8, `${grown} MB more after ten times as many addresses`);

	t.true(await recorder.drain());
	await settle();
	const {rows} = await db.raw<{rows: {key_id: string; valid: number; denied: number}[]}>(
		`select key_id, (sum(count) filter (where outcome = 'valid'))::int as valid,
			(sum(count) filter (where outcome = 'ip_denied'))::int as denied
		from usage_hourly group by key_id`,
	);
	const expected = {
		valid: 0.9 * rounds * addressesOfRound,
		denied: 0.1 * rounds * addressesOfRound,
	};
	t.deepEqual(
		rows.map(({valid, denied}) => ({valid, denied})),
		keys.map(() => expected),
	);
	const [most] = (
		await db.raw<{rows: {most: number}[]}>(
			'select max(n)::int as most from (select count(*) as n from key_clients group by key_id) as of_keys',
		)
	).rows;
	t.is(most?.most, mostClients);
	const clients = await readClients(db, keys[0] ?? '');
	t.is(clients.length, mostClients);
	t.true(clients.every(({count}) => count === 1));

	// Another hour begins with room for others, and what was sent of the one before is let go.
	clock.now += hourMs;
	for (const key of keys) recorder.record(key, 'valid', {ip: '192.0.2.1'});
	await recorder.push();
	t.is(recorder.details, keyCount * (mostClients + 1));
	clock.now += hourMs / 4;
	await recorder.push();
	t.is(recorder.details, keyCount);
	t.is((await readClients(db, keys[0] ?? '')).length, mostClients);
	await settle();
	t.is((await readClients(db, keys[0] ?? ''))[0]?.address, '192.0.2.1');
});
