import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {isCrowded} from '../../core/db/crowd.ts';
import {createAppliance, type Appliance} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';

let appliance: Appliance;

test.before(async () => {
	appliance = await createAppliance();
});

test.after.always(async () => appliance.stop());

const poolMax = 1;

test('a queue that is as long all the time, but moves, is no crowd', async (t) => {
	const db = connectDatabase({...appliance.database, poolMax}, 'test');
	t.teardown(() => db.destroy());
	let ended = false;
	let longest = 0;
	const callers = Array.from({length: 4}, async () => {
		while (!ended) await db.raw('select 1');
	});
	// Longer than a queue may stand; looked at as often as requests would.
	for (let looks = 0; looks < 100; looks++) {
		await sleep(5);
		longest = Math.max(longest, db.client.pool.numPendingAcquires());
		t.false(isCrowded(db, poolMax));
	}
	ended = true;
	await Promise.all(callers);
	t.true(longest >= 2, String(longest));
});

test('a queue that stands is one after a while, and is forgotten once it moves', async (t) => {
	const db = connectDatabase({...appliance.database, poolMax}, 'test');
	t.teardown(() => db.destroy());
	const holder = await db.transaction();
	const waiting = [db.raw('select 1'), db.raw('select 1')].map(async (answer) => answer);
	t.false(isCrowded(db, poolMax));
	await eventually(() => isCrowded(db, poolMax), {what: 'the queue to be seen as standing'});
	await holder.rollback();
	await Promise.all(waiting);
	t.false(isCrowded(db, poolMax));
});

test('a queue of ten for each connection is one at once', async (t) => {
	const db = connectDatabase({...appliance.database, poolMax}, 'test');
	t.teardown(() => db.destroy());
	const holder = await db.transaction();
	const waiting = Array.from({length: 10}, async () => db.raw('select 1'));
	await eventually(() => db.client.pool.numPendingAcquires() === 10);
	t.true(isCrowded(db, poolMax));
	await holder.rollback();
	await Promise.all(waiting);
	t.false(isCrowded(db, poolMax));
});
