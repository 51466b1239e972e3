import test from 'ava';
import {Lease, leaseMs} from '../../core/verification/lease.ts';

const durationMs = 1000;

/** A lease of one second whose two clocks are set by hand. */
function leaseByHand() {
	const now = {monotonic: 50_000, wall: 1_700_000_000_000};
	const lease = new Lease({
		durationMs,
		clocks: {monotonic: () => now.monotonic, wall: () => now.wall},
	});
	const pass = (ms: number) => {
		now.monotonic += ms;
		now.wall += ms;
	};
	return {lease, now, pass};
}

test('it is not held before it is granted', (t) => {
	t.false(leaseByHand().lease.isHeld());
});

test('it counts from the moment the renewal was sent, not from its answer', (t) => {
	const {lease, pass} = leaseByHand();
	const sent = lease.instant();
	pass(600);
	lease.grant(sent);
	t.true(lease.isHeld());
	pass(399);
	t.true(lease.isHeld());
	pass(1);
	t.false(lease.isHeld());
});

test('an answer that comes after its end grants nothing', (t) => {
	const {lease, pass} = leaseByHand();
	const sent = lease.instant();
	pass(durationMs);
	lease.grant(sent);
	t.false(lease.isHeld());
});

test('a renewal carries it on', (t) => {
	const {lease, pass} = leaseByHand();
	for (let i = 0; i < 10; i++) {
		lease.grant(lease.instant());
		pass(900);
		t.true(lease.isHeld());
	}
});

test('a process that was frozen wakes without it', (t) => {
	const {lease, pass} = leaseByHand();
	lease.grant(lease.instant());
	pass(8000);
	t.false(lease.isHeld());
});

test('a machine that was suspended wakes without it: its monotonic clock stood still', (t) => {
	const {lease, now} = leaseByHand();
	lease.grant(lease.instant());
	now.wall += 8000;
	t.false(lease.isHeld());
});

for (const step of [3_600_000, -3_600_000]) {
	test(`a clock that is set by ${step} ms ends it until it is renewed`, (t) => {
		const {lease, now} = leaseByHand();
		lease.grant(lease.instant());
		now.wall += step;
		t.false(lease.isHeld());
		lease.grant(lease.instant());
		t.true(lease.isHeld());
	});
}

test('it does not outlast its length because the clock was set back a little', (t) => {
	const {lease, now, pass} = leaseByHand();
	lease.grant(lease.instant());
	now.wall -= 500;
	pass(durationMs);
	t.false(lease.isHeld());
});

test('given back, it is gone', (t) => {
	const {lease} = leaseByHand();
	lease.grant(lease.instant());
	lease.end();
	t.false(lease.isHeld());
});

test('by default the process lets go before PostgreSQL does', (t) => {
	let now = 0;
	const lease = new Lease({clocks: {monotonic: () => now, wall: () => now}});
	lease.grant(lease.instant());
	now = leaseMs * 0.98;
	t.true(lease.isHeld());
	now = leaseMs * 0.99;
	t.false(lease.isHeld());
});
