import test from 'ava';
import fc from 'fast-check';
import {prepareFacts, type KeyState} from '../../core/keys/policy.ts';
import {endedEarly} from '../../core/keys/status.ts';
import {rulesOf} from '../../core/keys/terms.ts';
import {hashKeyToText, type KeyHashText, type PlainKey} from '../../core/keys/token.ts';
import {toTimestamp} from '../../contract/text.ts';
import {FactsMemory} from '../../core/verification/facts.ts';

const hash = (name: string): KeyHashText => hashKeyToText(name as PlainKey);
const past = new Date('2020-01-01T00:00:00Z');
const rules = rulesOf('key', '{"scopes": ["orders.read"]}');

/** What a key may have beside what every key has. */
const carried: fc.Arbitrary<Partial<KeyState>>[] = [
	fc.constant({}),
	fc.constant({expiresAt: past}),
	fc.constant({revokedAt: past}),
	fc.constant({isSuspended: true}),
	fc.constant({notBefore: past}),
	fc.constant({graceUntil: endedEarly}),
	fc.constant({rules}),
	fc.constant({limits: {} as NonNullable<KeyState['limits']>}),
	fc.constant({quotaAdjustments: []}),
	fc.uuid().map((lineageId) => ({lineageId})),
	fc.constant({keyId: 'no UUID'}),
	fc.constant({createdAt: '+010000-01-01T00:00:00Z'}),
];

const state: fc.Arbitrary<KeyState> = fc
	.record({
		keyId: fc.uuid(),
		name: fc.string({unit: 'binary', maxLength: 40}),
		organisationId: fc.constantFrom('first', 'second'),
		plan: fc.constantFrom('team' as const, 'free' as const),
		created: fc.date({
			min: new Date('1970-01-01T00:00:00Z'),
			max: new Date('9999-12-31T23:59:59Z'),
			noInvalidDate: true,
		}),
		more: fc.oneof({weight: 10, arbitrary: fc.constant({})}, ...carried),
	})
	.map(({created, more, ...rest}): KeyState => ({
		...rest,
		createdAt: toTimestamp(created),
		expiresAt: null,
		revokedAt: null,
		isSuspended: false,
		notBefore: null,
		graceUntil: null,
		rules: undefined,
		labels: undefined,
		lineageId: rest.keyId,
		limits: undefined,
		quotaAdjustments: undefined,
		checks: undefined,
		...more,
	}));

test('facts come out of memory as they were read, whatever a key carries', async (t) => {
	await fc.assert(
		fc.asyncProperty(fc.array(state, {minLength: 1, maxLength: 40}), async (states) => {
			const all = new Map(states.map((each, i) => [hash(String(i)), prepareFacts(each)]));
			const memory = new FactsMemory({
				maxKeys: 20,
				read: (hashes) =>
					Promise.resolve(
						new Map(
							hashes.flatMap((each) => {
								const facts = all.get(each);
								return facts === undefined ? [] : [[each, facts] as const];
							}),
						),
					),
			});
			for (const [each, facts] of all) {
				await memory.fill(each, true);
				t.deepEqual(memory.get(each), facts);
				t.is(memory.get(each)?.checks, facts.checks, 'one list for all that have the same');
			}
			// Some slots were taken over by others by now, some are of an organisation that changed.
			for (const [each, facts] of all) {
				const known = memory.get(each);
				if (known !== undefined) t.deepEqual(known, facts);
			}
		}),
		{numRuns: 300},
	);
});

test('a key that comes to carry something, or nothing any more, is known as it was read last', async (t) => {
	const plain: KeyState = {
		keyId: '0189f7e2-1c3a-7b42-9d55-0a1b2c3d4e5f',
		name: 'a',
		organisationId: 'first',
		plan: 'team',
		createdAt: '2024-01-15T10:30:00Z',
		expiresAt: null,
		revokedAt: null,
		isSuspended: false,
		notBefore: null,
		graceUntil: null,
		lineageId: '0189f7e2-1c3a-7b42-9d55-0a1b2c3d4e5f',
	};
	let now = plain;
	const memory = new FactsMemory({
		maxKeys: 2,
		read: ([asked = hash('')]) => Promise.resolve(new Map([[asked, prepareFacts(now)]])),
	});
	for (const changes of [{}, {isSuspended: true}, {name: 'b'}, {rules}, {}] as const) {
		now = {...plain, ...changes};
		memory.evictKey(hash('a'));
		t.is(memory.get(hash('a')), undefined);
		await memory.fill(hash('a'), true);
		const {name, isSuspended, rules: held} = memory.get(hash('a')) ?? {};
		t.deepEqual(
			{name, isSuspended, rules: held},
			{
				name: now.name,
				isSuspended: now.isSuspended,
				rules: now.rules,
			},
		);
	}
});
