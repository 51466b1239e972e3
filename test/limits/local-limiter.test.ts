import test from 'ava';
import fc from 'fast-check';
import type {RateLimit} from '../../contract/rate-limits.ts';
import {chargesOf, plainUse} from '../../core/limits/charges.ts';
import {limitsOf} from '../../core/limits/definitions.ts';
import {LocalLimiter, shareOf} from '../../core/limits/local-limiter.ts';
import {mostInWindow} from '../proof/limits-reference.ts';

/* Limits while Redis is away: each server keeps a share, and all shares together are no more than the limit. */

const limits: fc.Arbitrary<RateLimit> = fc
	.record({
		limit: fc.integer({min: 1, max: 60}),
		window_seconds: fc.integer({min: 1, max: 30}),
		burst: fc.integer({min: 1, max: 60}),
		cost: fc.integer({min: 1, max: 3}),
	})
	.map(({limit, window_seconds, burst, cost}) => ({
		name: 'a',
		limit,
		window_seconds,
		burst: Math.min(burst, limit),
		cost: Math.min(cost, limit),
		auto: true,
	}));

function chargesFor(limit: RateLimit) {
	const definitions = {rate_limits: [limit], quota: null, shared: []};
	const all = limitsOf({...definitions, whenRedisIsAway: 'local'});
	const charges = all && chargesOf(all, plainUse);
	if (!charges) throw new Error('nothing to charge');
	return charges;
}

test('whatever comes to which server, no window has more than burst and limit of all of them', (t) => {
	let accepted = 0;
	fc.assert(
		fc.property(
			limits,
			fc.integer({min: 1, max: 7}),
			fc.array(fc.tuple(fc.nat(6), fc.nat(2_000_000)), {minLength: 50, maxLength: 300}),
			(limit, servers, arrivals) => {
				let now = 1_000_000_000;
				const charges = chargesFor(limit);
				const fleet = Array.from({length: servers}, () => new LocalLimiter(10, () => now));
				const times: number[] = [];
				for (const [to, after] of arrivals) {
					now += after;
					const place = to % servers;
					const share = {servers, place};
					if (fleet[place]?.charge(charges, ['a'], share, true).isCharged) times.push(now);
				}
				accepted += times.length;
				t.true(mostInWindow(times, limit) <= limit.burst + limit.limit);
			},
		),
		{numRuns: 500},
	);
	t.true(accepted > 500);
});

test('each server lets something in, if there are not more of them than uses', (t) => {
	fc.assert(
		fc.property(limits, fc.integer({min: 1, max: 50}), (limit, servers) => {
			const places = Array.from({length: servers}, (_each, place) => place);
			const compiled = {...limit, windowSeconds: limit.window_seconds};
			const some = places.filter((place) => shareOf(compiled, {servers, place}) !== undefined);
			t.is(some.length, Math.min(servers, limit.burst + limit.limit));
		}),
	);
});

test('alone, a server keeps the limit as Redis does', (t) => {
	let now = 5_000_000;
	const limit = {name: 'a', limit: 4, window_seconds: 2, burst: 2, cost: 1, auto: true};
	const charges = chargesFor(limit);
	const alone = new LocalLimiter(10, () => now);
	const use = () => alone.charge(charges, ['a'], {servers: 1, place: 0}, true).isCharged;
	t.deepEqual([use(), use(), use()], [true, true, false]);
	now += 499_999;
	t.false(use());
	now += 1;
	t.deepEqual([use(), use()], [true, false]);
	now += 10_000_000;
	t.deepEqual([use(), use(), use()], [true, true, false], 'never more than a burst at once');
});

test('what else a use needs and lacks has nothing charged; a use that costs more than a share is refused', (t) => {
	const charges = chargesFor({
		name: 'a',
		limit: 2,
		window_seconds: 9,
		burst: 2,
		cost: 2,
		auto: true,
	});
	const alone = new LocalLimiter(10, () => 0);
	const share = {servers: 1, place: 0};
	t.like(alone.charge(charges, ['a'], share, false), {isCharged: false, exceeded: [false]});
	t.like(alone.charge(charges, ['a'], share, true), {isCharged: true});
	const two = new LocalLimiter(10, () => 0);
	t.like(two.charge(charges, ['a'], {servers: 3, place: 2}, true), {
		isCharged: false,
		exceeded: [true],
	});
});

test('of more limits than it has room for it forgets those that were not used for longest', (t) => {
	const charges = chargesFor({
		name: 'a',
		limit: 1,
		window_seconds: 9,
		burst: 1,
		cost: 1,
		auto: true,
	});
	const small = new LocalLimiter(2, () => 0);
	const use = (name: string) =>
		small.charge(charges, [name], {servers: 1, place: 0}, true).isCharged;
	t.deepEqual(['a', 'b', 'a', 'c', 'b'].map(use), [true, true, false, true, false]);
	t.true(use('a'), 'forgotten for c');
});
