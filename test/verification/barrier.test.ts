import test from 'ava';
import {Barriers} from '../../core/verification/barrier.ts';

/** Longer than any test runs: only what is waited for ends the wait. */
const forEver = 3_600_000;

test('it waits for everybody', async (t) => {
	const barriers = new Barriers(Date.now);
	const change = barriers.open();
	let isOver = false;
	const wait = barriers
		.wait(
			change,
			[
				{id: 'a', remainingMs: forEver},
				{id: 'b', remainingMs: forEver},
			],
			forEver,
		)
		.finally(() => {
			isOver = true;
		});
	barriers.acknowledge(change, 'a');
	barriers.acknowledge(change, 'a');
	barriers.acknowledge(change, 'stranger');
	await new Promise(setImmediate);
	t.false(isOver);
	barriers.acknowledge(change, 'b');
	const {verifiers, unconfirmed} = await wait;
	t.is(verifiers, 2);
	t.deepEqual(unconfirmed, []);
});

test('an acknowledgement may come before it is waited for', async (t) => {
	const barriers = new Barriers(Date.now);
	const change = barriers.open();
	barriers.acknowledge(change, 'a');
	const {unconfirmed} = await barriers.wait(change, [{id: 'a', remainingMs: forEver}], forEver);
	t.deepEqual(unconfirmed, []);
});

test('nobody there: nothing to wait for', async (t) => {
	const barriers = new Barriers(Date.now);
	const {verifiers} = await barriers.wait(barriers.open(), [], forEver);
	t.is(verifiers, 0);
});

test('an acknowledgement of one change is none of another', async (t) => {
	const barriers = new Barriers(Date.now);
	const [one, another] = [barriers.open(), barriers.open()];
	barriers.acknowledge(another, 'a');
	const {unconfirmed} = await barriers.wait(one, [{id: 'a', remainingMs: forEver}], 1);
	t.deepEqual(
		unconfirmed.map(({id}) => id),
		['a'],
	);
});

test('a lease that runs out is not waited for any longer', async (t) => {
	const barriers = new Barriers(Date.now);
	const startedAt = performance.now();
	const {unconfirmed, lapsed} = await barriers.wait(
		barriers.open(),
		[
			{id: 'soon', remainingMs: 20},
			{id: 'later', remainingMs: 60},
		],
		forEver,
	);
	t.deepEqual(unconfirmed, []);
	t.deepEqual(lapsed, ['soon', 'later']);
	// Never before: the last lease is over.
	t.true(performance.now() - startedAt >= 60);
});

test('past the bound it says who is missing, and until when by the clock it is given', async (t) => {
	const ahead = 7_200_000;
	const barriers = new Barriers(() => Date.now() + ahead);
	const change = barriers.open();
	barriers.acknowledge(change, 'here');
	const startedAt = Date.now() + ahead;
	const {verifiers, unconfirmed} = await barriers.wait(
		change,
		[
			{id: 'here', remainingMs: forEver},
			{id: 'away', remainingMs: forEver},
		],
		10,
	);
	t.is(verifiers, 2);
	const [away, ...more] = unconfirmed;
	t.deepEqual(more, []);
	t.is(away?.id, 'away');
	const until = away?.until.getTime() ?? 0;
	// Not before the lease ends; the clock here counts whole milliseconds.
	t.true(until >= startedAt + forEver - 1 && until <= Date.now() + ahead + forEver);
});

test('what was given up or is over is not waited for, and may be acknowledged', async (t) => {
	const barriers = new Barriers(Date.now);
	const change = barriers.open();
	barriers.abandon(change);
	barriers.acknowledge(change, 'a');
	await t.throwsAsync(barriers.wait(change, [], forEver));
	const over = barriers.open();
	await barriers.wait(over, [], forEver);
	barriers.acknowledge(over, 'a');
	await t.throwsAsync(barriers.wait(over, [], forEver));
});
