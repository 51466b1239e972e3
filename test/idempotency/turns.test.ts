import {randomBytes} from 'node:crypto';
import test from 'ava';
import {StillRunning} from '../../core/idempotency/store.ts';
import {afterFirst} from '../../core/idempotency/turns.ts';

test('those that ask for the same begin when the first has ended, however it did', async (t) => {
	const lookup = randomBytes(32);
	const first = Promise.withResolvers<string>();
	const begun: number[] = [];
	const fault = t.throwsAsync(
		afterFirst(lookup, () => first.promise),
		{message: 'lost'},
	);
	const others = [1, 2, 3].map((n) =>
		afterFirst(lookup, async () => {
			begun.push(n);
			return n;
		}),
	);
	t.is(await afterFirst(randomBytes(32), async () => 'another'), 'another');
	t.deepEqual(begun, []);
	first.reject(new Error('lost'));
	await fault;
	t.deepEqual(await Promise.all(others), [1, 2, 3]);
	t.is(await afterFirst(lookup, async () => 'a new first'), 'a new first');
});

test('a first that takes long is not waited for to its end', async (t) => {
	const lookup = randomBytes(32);
	const first = Promise.withResolvers<string>();
	const running = afterFirst(lookup, () => first.promise);
	await t.throwsAsync(
		afterFirst(lookup, async () => t.fail('it has begun')),
		{instanceOf: StillRunning},
	);
	first.resolve('answered');
	t.is(await running, 'answered');
});

test('where the first waits in vain for another process, nobody begins to wait anew', async (t) => {
	const lookup = randomBytes(32);
	const first = Promise.withResolvers<string>();
	const expected = {instanceOf: StillRunning};
	const all = [
		t.throwsAsync(
			afterFirst(lookup, () => first.promise),
			expected,
		),
		t.throwsAsync(
			afterFirst(lookup, async () => t.fail('it has begun')),
			expected,
		),
	];
	first.reject(new StillRunning());
	await Promise.all(all);
});
