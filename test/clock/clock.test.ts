import test from 'ava';
import {Clock} from '../../core/clock/clock.ts';

const truth = 1_800_000_000_000;

/** A machine whose three sources of time are set by hand, and the true time beside them. */
function byHand({ahead = 0} = {}) {
	const sources = {monotonic: 50_000, wall: truth + ahead, uptime: 90_000};
	let time = truth;
	const clock = new Clock({
		sources: {
			monotonic: () => sources.monotonic,
			wall: () => sources.wall,
			uptime: () => sources.uptime,
		},
	});
	const pass = (ms: number) => {
		time += ms;
		for (const source of ['monotonic', 'wall', 'uptime'] as const) sources[source] += ms;
	};
	return {
		clock,
		sources,
		time: () => time,
		pass,
		sleep: (ms: number) => {
			time += ms;
			sources.wall += ms;
			sources.uptime += ms;
		},
		/** PostgreSQL is asked; it answers after `there` ms, which is heard after `back` ms. */
		ask: (there = 0, back = 0) => {
			const sent = clock.instant();
			pass(there);
			const said = time;
			pass(back);
			clock.learn(sent, said);
		},
	};
}

const hour = 3_600_000;

test('before PostgreSQL was heard the time is that of the machine, and it is known to be that', (t) => {
	const {clock, pass} = byHand({ahead: hour});
	t.is(clock.now(), truth + hour);
	pass(5);
	t.is(clock.now(), truth + hour + 5);
	t.is(clock.offset(), undefined);
});

for (const ahead of [hour, -hour, 0]) {
	test(`a machine that is ${ahead} ms ahead goes by PostgreSQL`, (t) => {
		const {clock, ask, pass, time} = byHand({ahead});
		ask();
		t.is(clock.now(), time());
		pass(700);
		t.is(clock.now(), time());
		t.deepEqual(clock.offset(), {ms: ahead, isNoticeable: ahead !== 0});
	});
}

test('a clock that is set changes nothing, at once and later', (t) => {
	const {clock, ask, pass, sources, time} = byHand();
	ask();
	for (const step of [hour, -3 * hour, 2 * hour]) {
		sources.wall += step;
		t.is(clock.now(), time());
		pass(1000);
		t.is(clock.now(), time());
	}
	t.is(clock.offset()?.ms, 0);
});

test('a machine that was suspended wakes with the right time, also after it was asleep twice', (t) => {
	const {clock, ask, pass, sleep, time} = byHand({ahead: -hour});
	ask();
	for (const ms of [8 * hour, 20_000]) {
		sleep(ms);
		t.is(clock.now(), time());
		pass(300);
		t.is(clock.now(), time());
	}
});

test('asleep between question and answer: what is learnt is right', (t) => {
	const {clock, ask, sleep, time} = byHand();
	ask();
	const sent = clock.instant();
	const said = time();
	sleep(60_000);
	clock.learn(sent, said);
	t.is(clock.now(), time());
});

test('a slow answer moves a clock that is right by nothing, a quick one mends a first guess', (t) => {
	const {clock, ask, time} = byHand();
	ask(0, 400);
	t.is(clock.now() - time(), -200, 'only the middle is known');
	ask(0, 2000);
	t.is(clock.now() - time(), -200);
	ask(1, 1);
	t.true(Math.abs(clock.now() - time()) <= 1);
	ask(900, 900);
	t.true(Math.abs(clock.now() - time()) <= 1);
});

test('a PostgreSQL whose clock is set is followed', (t) => {
	const {clock, time} = byHand();
	clock.learn(clock.instant(), time());
	clock.learn(clock.instant(), time() - hour);
	t.is(clock.now(), time() - hour);
	t.is(clock.offset()?.ms, hour);
});
