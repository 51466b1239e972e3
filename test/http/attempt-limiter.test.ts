import {setImmediate as nextTurn} from 'node:timers/promises';
import test from 'ava';
import type {ErrorCode} from '../../contract/errors.ts';
import {createAttemptLimiter} from '../../server/http/attempt-limiter.ts';
import {Guesses} from '../../server/http/guesses.ts';
import {Problem} from '../../server/http/problem.ts';

const minute = 60_000;

test('attempts: so many in a window, each caller for itself', (t) => {
	let clock = 0;
	const limit = createAttemptLimiter({most: 3, windowMs: minute, now: () => clock});
	t.deepEqual(
		[1, 2, 3, 4].map(() => limit.take('a')),
		[true, true, true, false],
	);
	t.true(limit.take('b'));
	clock = minute - 1;
	t.false(limit.take('a'));
	clock = minute;
	t.true(limit.take('a'));
});

test('guesses: a window of failures begins with the first and ends with all of them', async (t) => {
	let clock = 0;
	const guesses = new Guesses(() => clock);
	const guess = async (code: ErrorCode | undefined) => {
		const answer = await guesses.count('a', async () =>
			code === undefined ? 1 : new Problem(code),
		);
		return answer instanceof Problem ? answer.code : 'let in';
	};
	for (let i = 0; i < 100; i++) t.is(await guess(undefined), 'let in');
	for (let i = 0; i < 100; i++)
		t.is(await guess('organization_not_found'), 'organization_not_found');
	for (let i = 0; i < 20; i++) t.is(await guess('invalid_login'), 'invalid_login');
	for (let i = 0; i < 100; i++) t.is(await guess(undefined), 'too_many_attempts');
	clock = minute - 1;
	t.is(await guess(undefined), 'too_many_attempts');
	clock = minute;
	t.is(await guess('invalid_login'), 'invalid_login', 'what was refused did not count');
	t.is(await guess(undefined), 'let in');
	const outage = guesses.count('a', () => Promise.reject(new Error('away')));
	await t.throwsAsync(outage, {message: 'away'});
});

test('guesses: of many at once no more are looked at than may fail; the line has an end', async (t) => {
	const guesses = new Guesses();
	const ends: ((answer: 1 | Problem) => void)[] = [];
	const answers = Array.from({length: 130}, () =>
		guesses.count('a', () => new Promise<1 | Problem>((resolve) => ends.push(resolve))),
	);
	const codes = async () =>
		(await Promise.all(answers)).map((answer) => (answer === 1 ? 'let in' : answer.code));
	await nextTurn();
	t.is(ends.length, 20);
	for (let i = 0; i < 50; i++) {
		ends.shift()?.(1);
		await nextTurn();
		t.is(ends.length, 20);
	}
	for (const end of ends.splice(0)) end(new Problem('invalid_login'));
	await nextTurn();
	t.is(ends.length, 0);
	const counts = Object.groupBy(await codes(), (code) => code);
	t.is(counts['let in']?.length, 50);
	t.is(counts.invalid_login?.length, 20);
	t.is(counts.too_many_attempts?.length, 50);
	t.is(counts.overloaded?.length, 10);
});

test('attempts: that none are left can be asked without taking one', (t) => {
	let clock = 0;
	const limit = createAttemptLimiter({most: 2, windowMs: minute, now: () => clock});
	for (let i = 0; i < 5; i++) t.false(limit.isSpent('a'));
	limit.take('a');
	t.false(limit.isSpent('a'));
	limit.take('a');
	t.true(limit.isSpent('a'));
	t.false(limit.isSpent('b'));
	clock = minute;
	t.false(limit.isSpent('a'));
});

test('attempts: a caller without any left is told when there will be some, in whole seconds', (t) => {
	let clock = 0;
	const limit = createAttemptLimiter({most: 1, windowMs: minute, now: () => clock});
	const wait = () => limit.refuse('a').headers['Retry-After'];
	limit.take('a');
	t.is(limit.refuse('a').code, 'too_many_attempts');
	t.is(wait(), '60');
	clock = minute - 1500;
	t.is(wait(), '2');
	clock = minute - 1;
	t.is(wait(), '1');
	clock = minute + 1;
	t.is(wait(), '1', 'at once, as good as');
});

test('attempts: callers beyond what is remembered push the oldest out, and nothing grows', (t) => {
	const limit = createAttemptLimiter({most: 1, windowMs: minute, now: () => 0});
	t.true(limit.take('first'));
	t.false(limit.take('first'));
	for (let i = 0; i < 9999; i++) limit.take(`caller ${i}`);
	t.false(limit.take('first'), 'still remembered');
	limit.take('one more');
	t.true(limit.take('first'), 'forgotten');
});
