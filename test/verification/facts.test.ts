import {setImmediate as turn} from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import {ConnectError} from '../../core/db/faults.ts';
import {prepareFacts, type KeyFacts, type KeyState} from '../../core/keys/policy.ts';
import {rulesOf} from '../../core/keys/terms.ts';
import type {KeyHashText} from '../../core/keys/token.ts';
import {FactsMemory} from '../../core/verification/facts.ts';

const hash = (name: string) => name.padEnd(32) as KeyHashText;

function facts(name: string, more: Partial<KeyState> = {}): KeyFacts {
	return prepareFacts({
		keyId: name,
		name,
		organisationId: 'organisation',
		plan: 'team',
		createdAt: '1970-01-01T00:00:00Z',
		expiresAt: null,
		revokedAt: null,
		isSuspended: false,
		notBefore: null,
		graceUntil: null,
		lineageId: name,
		...more,
	});
}

type Reading = {
	hashes: readonly KeyHashText[];
	/** Answers with what is known of the hashes. */
	answer: (...found: KeyFacts[]) => void;
	fail: (error: Error) => void;
};

/** A memory whose readings are answered by hand. */
function memoryByHand(maxKeys = 100) {
	const readings: Reading[] = [];
	const memory = new FactsMemory({
		maxKeys,
		read: (hashes) =>
			new Promise((resolve, reject) => {
				readings.push({
					hashes,
					answer: (...found) => resolve(new Map(found.map((each) => [hash(each.keyId), each]))),
					fail: reject,
				});
			}),
	});
	const next = async (): Promise<Reading> => {
		for (;;) {
			const reading = readings.shift();
			if (reading !== undefined) return reading;
			await turn();
		}
	};
	/** Whether nothing is being read that was not taken by `next`. */
	const isQuiet = async () => {
		await turn();
		await turn();
		return readings.length === 0;
	};
	return {memory, next, isQuiet};
}

test('readings of one key are one, and all misses of a turn share a statement', async (t) => {
	const {memory, next, isQuiet} = memoryByHand();
	const asked = [memory.fill(hash('a'), true), memory.fill(hash('b'), true)];
	asked.push(memory.fill(hash('a'), true));
	const reading = await next();
	t.deepEqual([...reading.hashes], [hash('a'), hash('b')]);
	asked.push(memory.fill(hash('b'), true));
	reading.answer(facts('a'), facts('b'));
	t.deepEqual(
		(await Promise.all(asked)).map((found) => found?.keyId),
		['a', 'b', 'a', 'b'],
	);
	t.true(await isQuiet());
	t.is(memory.get(hash('a'))?.keyId, 'a');
	t.is(memory.size, 2);
});

test('many misses become a few statements, a few at a time', async (t) => {
	const {memory, next, isQuiet} = memoryByHand(10_000);
	const names = Array.from({length: 5000}, (_, i) => `key ${i}`);
	const asked = Promise.all(names.map((name) => memory.fill(hash(name), true)));
	const first = await Promise.all([next(), next(), next(), next()]);
	t.true(await isQuiet());
	let statements = 0;
	const answer = ({hashes, answer: give}: Reading) => {
		statements++;
		give(...hashes.map((name) => facts(name.trim())));
	};
	for (const reading of first) answer(reading);
	while (statements < 10) answer(await next());
	t.deepEqual(
		(await asked).map((found) => found?.keyId),
		names,
	);
	t.true(await isQuiet());
});

test('the few that come while a statement is on its way are the next one, however long that takes', async (t) => {
	const {memory, next} = memoryByHand();
	const ask = (name: string) => memory.fill(hash(name), true);
	const stuck = ask('stuck');
	const first = await next();
	const few = [ask('a')];
	await turn();
	few.push(ask('b'));
	const second = await next();
	t.deepEqual(
		second.hashes.map((name) => name.trim()),
		['a', 'b'],
	);
	second.answer(facts('a'), facts('b'));
	t.deepEqual(
		(await Promise.all(few)).map((found) => found?.keyId),
		['a', 'b'],
	);
	first.answer(facts('stuck'));
	t.is((await stuck)?.keyId, 'stuck');
	const gathered = [ask('c')];
	const third = await next();
	gathered.push(ask('d'), ask('e'));
	third.answer(facts('c'));
	await gathered[0];
	(await next()).answer(facts('d'), facts('e'));
	t.is((await Promise.all(gathered)).length, 3);
});

test('a flood of unknown keys has a few of them read at a time, until known ones are asked about', async (t) => {
	const {memory, next, isQuiet} = memoryByHand(10_000);
	const ask = (name: string, count: number) =>
		Promise.all(Array.from({length: count}, (_, i) => memory.fill(hash(`${name} ${i}`), true)));
	const first = ask('unknown', 1000);
	for (const reading of await Promise.all([next(), next()])) reading.answer();
	await first;
	const flood = ask('other', 200);
	for (let asked = 0; asked < 200;) {
		const {hashes, answer} = await next();
		t.true(hashes.length <= 16);
		t.true(await isQuiet(), 'one statement at a time');
		asked += hashes.length;
		answer();
	}
	t.deepEqual(
		await flood,
		Array.from({length: 200}, () => undefined),
	);

	const known = ask('known', 600);
	let statements = 0;
	for (let asked = 0; asked < 600; statements++) {
		const {hashes, answer} = await next();
		asked += hashes.length;
		answer(...hashes.map((name) => facts(name.trim())));
	}
	t.is((await known).filter((each) => each !== undefined).length, 600);
	t.is(statements, 3, 'after the first few all are read as ever');
});

test('no more keys wait than memory has room for', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = Array.from({length: 50_000}, (_, i) => memory.fill(hash(`key ${i}`), true));
	await t.throwsAsync(memory.fill(hash('one more'), true), {instanceOf: ConnectError});
	const twice = memory.fill(hash('key 7'), true);
	const stalled = await Promise.all([next(), next(), next(), next()]);
	for (const {fail} of stalled) fail(new ConnectError('away'));
	const settled = await Promise.allSettled([...asked, twice]);
	t.true(settled.every(({status}) => status === 'rejected'));
	const again = memory.fill(hash('one more'), true);
	(await next()).answer(facts('one more'));
	t.is((await again)?.keyId, 'one more');
});

/** Those of as many networks as a key can have, all of them its own. */
function manyNetworks(name: string): Partial<KeyState> {
	const group = Buffer.from(name.padStart(2)).readUInt16BE().toString(16);
	const list = Array.from({length: 100}, (_, i) => `2001:db8:${group}:${i.toString(16)}::/64`);
	return {rules: rulesOf(name, JSON.stringify({ip_allow: list, ip_deny: list}))};
}

async function know(
	{memory, next}: Pick<ReturnType<typeof memoryByHand>, 'memory' | 'next'>,
	...known: KeyFacts[]
): Promise<void> {
	for (const each of known) {
		const asked = memory.fill(hash(each.keyId), true);
		(await next()).answer(each);
		await asked;
	}
}

test('keys with many networks make room for each other, and take none from the others', async (t) => {
	const byHand = memoryByHand(1000);
	const {memory} = byHand;
	const plain = Array.from({length: 100}, (_, i) => facts(`plain ${i}`));
	const one = rulesOf('', '{"ip_allow": ["192.0.2.1/32"]}');
	await know(byHand, facts('light', {rules: one}), ...plain);
	const heavy = Array.from({length: 90}, (_, i) => facts(`${i}`, manyNetworks(`${i}`)));
	await know(byHand, ...heavy);
	const kept = heavy.filter(({keyId}) => memory.get(hash(keyId)) !== undefined);
	t.true(kept.length > 10 && kept.length < 60, `${kept.length} are kept`);
	t.deepEqual(kept, heavy.slice(-kept.length), 'those that were read last');
	t.is(memory.size, plain.length + kept.length);
	for (const {keyId} of plain) t.is(memory.get(hash(keyId))?.keyId, keyId);
	t.is(memory.get(hash('light')), undefined);

	await know(byHand, facts('light', {rules: one}));
	t.is(memory.get(hash('light'))?.rules, one);
	for (const {keyId} of kept) memory.evictKey(hash(keyId));
	await know(byHand, ...heavy.slice(0, kept.length - 1));
	t.is(memory.get(hash('light'))?.rules, one, 'what is forgotten takes no room');
});

test('networks that keys share take room once', async (t) => {
	const byHand = memoryByHand(1000);
	const shared = manyNetworks('all');
	const keys = Array.from({length: 200}, (_, i) => facts(`key ${i}`, shared));
	await know(byHand, ...keys);
	t.is(byHand.memory.size, 200);
	for (const {keyId} of keys.slice(1)) byHand.memory.evictKey(hash(keyId));
	await know(byHand, ...keys);
	t.is(byHand.memory.size, 200);
	byHand.memory.evictAll();
	await know(byHand, ...keys);
	t.is(byHand.memory.size, 200);
});

test('a reading that an eviction overtakes is done again, and what it brought is not kept', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	const before = await next();
	memory.evictKey(hash('a'));
	before.answer(facts('a', {name: 'before'}));
	const after = await next();
	t.is(memory.get(hash('a')), undefined);
	after.answer(facts('a', {name: 'after'}));
	t.is((await asked)?.name, 'after');
	t.is(memory.get(hash('a'))?.name, 'after');
});

test('also when the eviction overtakes the second reading, or everything is evicted', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	const first = await next();
	memory.evictKey(hash('a'));
	first.answer(facts('a', {name: 'first'}));
	const second = await next();
	memory.evictAll();
	second.answer(facts('a', {name: 'second'}));
	(await next()).answer(facts('a', {name: 'third'}));
	t.is((await asked)?.name, 'third');
});

test('an eviction of another key leaves a reading alone', async (t) => {
	const {memory, next, isQuiet} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	const reading = await next();
	memory.evictKey(hash('b'));
	reading.answer(facts('a'));
	t.is((await asked)?.keyId, 'a');
	t.true(await isQuiet());
});

test('an eviction before the statement is sent costs no second reading', async (t) => {
	const {memory, next, isQuiet} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	memory.evictKey(hash('a'));
	(await next()).answer(facts('a'));
	t.is((await asked)?.keyId, 'a');
	t.true(await isQuiet());
});

test('what is unknown is remembered, until it is created', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	(await next()).answer();
	t.is(await asked, undefined);
	t.is(memory.get(hash('a')), null);
	memory.evictKey(hash('a'));
	t.is(memory.get(hash('a')), undefined);
});

test('a key whose creation overtakes the reading that does not find it is found', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	const before = await next();
	memory.evictKey(hash('a'));
	before.answer();
	(await next()).answer(facts('a'));
	t.is((await asked)?.keyId, 'a');
});

test('a failed reading fails all who wait for it, and nothing is kept', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = [memory.fill(hash('a'), true), memory.fill(hash('a'), true)];
	(await next()).fail(new Error('away'));
	for (const each of asked) await t.throwsAsync(each, {message: 'away'});
	t.is(memory.get(hash('a')), undefined);
	const again = memory.fill(hash('a'), true);
	(await next()).answer(facts('a'));
	t.is((await again)?.keyId, 'a');
});

test('a change of an organisation is a change of all its keys, and of no others', async (t) => {
	const {memory, next} = memoryByHand();
	const other = facts('b', {organisationId: 'another'});
	const asked = [memory.fill(hash('a'), true), memory.fill(hash('b'), true)];
	(await next()).answer(facts('a'), other);
	await Promise.all(asked);
	memory.evictOrganisation('organisation');
	t.is(memory.get(hash('a')), undefined);
	t.deepEqual(memory.get(hash('b')), other);
	const again = memory.fill(hash('a'), true);
	(await next()).answer(facts('a', {plan: 'free'}));
	t.is((await again)?.plan, 'free');
	t.is(memory.get(hash('a'))?.plan, 'free');
});

test('a change of the organisation that overtakes a reading makes it read again', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	const before = await next();
	memory.evictOrganisation('organisation');
	before.answer(facts('a'));
	const after = await next();
	t.is(memory.get(hash('a')), undefined);
	after.answer(facts('a', {plan: 'free'}));
	t.is((await asked)?.plan, 'free');
});

test('what a role gave before its change is not put back by a reading that the change overtook', async (t) => {
	const {memory, next} = memoryByHand();
	const withRole = (...scopes: string[]) => ({
		rules: rulesOf('a', '{}', JSON.stringify([['role', scopes]])),
	});
	const asked = memory.fill(hash('a'), true);
	const before = await next();
	// As a role announces that its scopes are others: by its organisation.
	memory.evictOrganisation('organisation');
	before.answer(facts('a', withRole('invoices.*')));
	const after = await next();
	t.is(memory.get(hash('a')), undefined);
	after.answer(facts('a', withRole('invoices.read')));
	t.deepEqual((await asked)?.rules, withRole('invoices.read').rules);
	t.is(memory.get(hash('a'))?.rules, withRole('invoices.read').rules);
});

test('roles that keys share take room once, whatever else each of them carries', async (t) => {
	const byHand = memoryByHand(1000);
	const many = Array.from({length: 100}, (_, i) => `${'scope'.repeat(12)}.${i}`);
	const roles = JSON.stringify([
		['one', many],
		['other', many.map((scope) => `${scope}.b`)],
	]);
	const keys = Array.from({length: 200}, (_, i) =>
		facts(`key ${i}`, {rules: rulesOf('', `{"ip_allow": ["10.0.0.${i}/32"]}`, roles)}),
	);
	t.true(keys.every(({rules}) => rules?.roles === keys[0]?.rules?.roles));
	await know(byHand, ...keys);
	t.is(byHand.memory.size, 200);
	for (const {keyId} of keys.slice(1)) byHand.memory.evictKey(hash(keyId));
	await know(byHand, ...keys);
	t.is(byHand.memory.size, 200);

	const others = Array.from({length: 200}, (_, i) => {
		const own = JSON.stringify([['own', many.map((scope) => `${scope}.${i}`)]]);
		return facts(`other ${i}`, {rules: rulesOf('', '{}', own)});
	});
	await know(byHand, ...others);
	t.true(byHand.memory.size < 200, 'roles of their own make room for each other');
});

test('changes of other organisations cost a key nothing, however many they are', async (t) => {
	const {memory, next, isQuiet} = memoryByHand();
	const asked = memory.fill(hash('a'), true);
	const reading = await next();
	for (let i = 0; i < 10_000; i++) memory.evictOrganisation(`other ${i}`);
	reading.answer(facts('a'));
	await asked;
	for (let i = 0; i < 10_000; i++) memory.evictOrganisation(`another ${i}`);
	t.is(memory.get(hash('a'))?.keyId, 'a');
	t.true(await isQuiet());
});

test('an organisation whose keys were forgotten and read again is still one whose change counts', async (t) => {
	const {memory, next} = memoryByHand(2);
	const learn = async (...names: string[]) => {
		const asked = names.map((name) => memory.fill(hash(name), true));
		(await next()).answer(...names.map((name) => facts(name)));
		await Promise.all(asked);
	};
	await learn('a', 'b');
	await learn('c', 'd');
	memory.evictKey(hash('c'));
	memory.evictKey(hash('c'));
	memory.evictKey(hash('d'));
	await learn('a');
	t.is(memory.get(hash('a'))?.keyId, 'a');
	memory.evictOrganisation('organisation');
	t.is(memory.get(hash('a')), undefined);
});

test('a plan that is new to one key of an organisation outdates what is known of the others', async (t) => {
	const {memory, next} = memoryByHand();
	const first = memory.fill(hash('a'), true);
	(await next()).answer(facts('a'));
	await first;
	// Read after the change, which is still to be announced.
	const second = memory.fill(hash('b'), true);
	(await next()).answer(facts('b', {plan: 'free'}));
	await second;
	t.is(memory.get(hash('b'))?.plan, 'free');
	t.is(memory.get(hash('a')), undefined);
});

test('exactly as many keys as the bound, in any order: each is read once', async (t) => {
	const bound = 500;
	let asked = 0;
	const memory = new FactsMemory({
		maxKeys: bound,
		async read(hashes) {
			asked += hashes.length;
			return new Map(hashes.map((each) => [each, facts(each)]));
		},
	});
	const use = async (each: KeyHashText) =>
		memory.get(each) ?? (await memory.fill(each, true)) ?? null;
	const hashes = Array.from({length: bound}, (_, i) => hash(`key ${i}`));
	await Promise.all(hashes.map(use));
	t.is(asked, bound);
	for (let i = 0; i < 40 * bound; i++) {
		const each = hashes[Math.floor(Math.random() * bound)] ?? hash('');
		t.is((await use(each))?.keyId, each);
	}
	t.is(asked, bound);
	// One more, and exactly one is forgotten for it.
	await use(hash('one more'));
	t.is(memory.size, bound);
	const lost = hashes.filter((each) => memory.get(each) === undefined);
	t.is(lost.length, 1);
});

test('everything is evicted: what is known, what is unknown, and what is being read', async (t) => {
	const {memory, next} = memoryByHand();
	const asked = [memory.fill(hash('a'), true), memory.fill(hash('b'), true)];
	(await next()).answer(facts('a'));
	await Promise.all(asked);
	const reading = memory.fill(hash('c'), true);
	const before = await next();
	memory.evictAll();
	t.is(memory.size, 0);
	t.is(memory.get(hash('a')), undefined);
	t.is(memory.get(hash('b')), undefined);
	before.answer(facts('c', {name: 'before'}));
	(await next()).answer(facts('c', {name: 'after'}));
	t.is((await reading)?.name, 'after');
});

test('without the lease a statement that is on the way is not shared', async (t) => {
	const {memory, next} = memoryByHand();
	const before = memory.fill(hash('a'), true);
	const sent = await next();
	const after = memory.fill(hash('a'), false);
	const fresh = await next();
	fresh.answer(facts('a', {name: 'after'}));
	t.is((await after)?.name, 'after');
	sent.answer(facts('a', {name: 'before'}));
	t.is((await before)?.name, 'before');
});

test('without the lease a statement that is still to be sent is shared', async (t) => {
	const {memory, next, isQuiet} = memoryByHand();
	const asked = [memory.fill(hash('a'), false), memory.fill(hash('a'), false)];
	(await next()).answer(facts('a'));
	t.deepEqual(
		(await Promise.all(asked)).map((found) => found?.keyId),
		['a', 'a'],
	);
	t.true(await isQuiet());
});

/**
 * Against a store that changes: each change is heard some time later, and settled once heard. What is
 * read by somebody who asks after that must not be older.
 */
test('nothing that was settled before a question is missing in its answer', async (t) => {
	await fc.assert(
		fc.asyncProperty(
			fc.scheduler(),
			fc.array(fc.nat({max: 5}), {maxLength: 40}),
			async (s, steps) => {
				let stored = 0;
				let settled = 0;
				const memory = new FactsMemory({
					maxKeys: 2,
					async read() {
						const seen = facts('a', {name: String(stored)});
						await s.schedule(Promise.resolve(), 'an answer on its way');
						return new Map([[hash('a'), seen]]);
					},
				});
				const stale: string[] = [];
				const work: Promise<unknown>[] = [];
				for (const step of steps) {
					if (step === 0) {
						const version = ++stored;
						work.push(
							s.schedule(Promise.resolve(), 'an announcement on its way').then(() => {
								memory.evictKey(hash('a'));
								settled = Math.max(settled, version);
							}),
						);
					} else if (step === 1) {
						await turn();
					} else if (step === 2 && s.count() > 0) {
						await s.waitOne();
					} else {
						const least = settled;
						const judge = (found: KeyFacts | null | undefined) => {
							if (Number(found?.name) < least) stale.push(`${found?.name} < ${least}`);
						};
						const known = memory.get(hash('a'));
						if (known) judge(known);
						else work.push(memory.fill(hash('a'), true).then(judge));
					}
				}
				let isOver = false;
				const all = Promise.all(work).then(() => {
					isOver = true;
				});
				while (!isOver) {
					if (s.count() > 0) await s.waitOne();
					await turn();
				}
				await all;
				return stale.length === 0;
			},
		),
		{numRuns: 300},
	);
	t.pass();
});

test('whoever waits behind readings that PostgreSQL does not answer is refused with the first of them', async (t) => {
	const {memory, next, isQuiet} = memoryByHand();
	const away = new ConnectError('PostgreSQL is away');
	const readings: Reading[] = [];
	const asked: Promise<unknown>[] = [];
	for (const name of ['a', 'b', 'c', 'd']) {
		asked.push(memory.fill(hash(name), true));
		readings.push(await next());
	}
	const waiting = memory.fill(hash('e'), true);
	t.true(await isQuiet());
	readings[0]?.fail(away);
	await t.throwsAsync(waiting, {is: away});
	await t.throwsAsync(asked[0] ?? waiting, {is: away});
	for (const [i, name] of ['b', 'c', 'd'].entries()) readings[i + 1]?.answer(facts(name));
	await Promise.all(asked.slice(1));
	// The next is read as ever.
	const again = memory.fill(hash('e'), true);
	(await next()).answer(facts('e'));
	t.is((await again)?.keyId, 'e');
});
