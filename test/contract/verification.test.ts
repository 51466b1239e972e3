import test from 'ava';
import fc from 'fast-check';
import {
	readVerifyRequest,
	readVerifyRequests,
	verifyBatchRequest,
	verifyRequest,
} from '../../contract/verification.ts';

const scopes = fc.constantFrom(
	'orders.read',
	'orders.write AND (eu OR us)',
	'a AND',
	'',
	'orders.*',
	'a'.repeat(1001),
);
const values = {
	key: fc.oneof(fc.string(), fc.constantFrom('a'.repeat(4096), 'a'.repeat(4097), '\u{10FFFF}')),
	ip: fc.oneof(
		fc.ipV4(),
		fc.ipV6(),
		fc.constantFrom('', '010.0.0.1', '::FFFF:1.2.3.4', '::1%eth0'),
	),
	scopes: fc.oneof(
		scopes,
		fc.array(fc.oneof(scopes, fc.constant(null)), {maxLength: 3}),
		fc.array(fc.constantFrom('orders.read', 'eu'), {minLength: 49, maxLength: 51}),
	),
	method: fc.constantFrom('GET', 'no method'),
	limits: fc.constantFrom([], [{name: 'writes'}]),
	dry_run: fc.boolean(),
	odd: fc.constant(1),
};
const wrong = fc.constantFrom(null, 0, '', {}, []);
type Member = keyof typeof values;
const memberOf = (name: Member) =>
	fc.oneof({weight: 8, arbitrary: values[name] as fc.Arbitrary<unknown>}, wrong);

/** Requests of which each member may be there or not, right or wrong, in any order. */
const request = fc
	.shuffledSubarray(['key', 'ip', 'scopes', 'method', 'limits', 'dry_run', 'odd'] as Member[])
	.chain((names) =>
		fc.tuple(...names.map((name) => memberOf(name).map((value) => [name, value] as const))),
	)
	.map((members) => Object.fromEntries(members));
const usual = fc.record(
	{key: memberOf('key'), ip: memberOf('ip'), scopes: memberOf('scopes')},
	{requiredKeys: ['key']},
);

test('a request is read as the schema reads it, with the same members, or refused with the same words', (t) => {
	let accepted = 0;
	fc.assert(
		fc.property(fc.oneof(request, usual, wrong), (item) => {
			const read = readVerifyRequest(item);
			const {data, error} = verifyRequest.safeParse(item);
			if (read instanceof Error) return t.deepEqual(read.issues, error?.issues);
			accepted++;
			t.deepEqual(Object.keys(read).toSorted(), Object.keys(data ?? {}).toSorted());
			t.deepEqual(read, data);
		}),
		{numRuns: 5000},
	);
	t.true(accepted > 50);
});

test('a batch is read as the schema reads it, or refused by both', (t) => {
	const items = fc.oneof(
		fc.array(fc.oneof({weight: 9, arbitrary: usual}, request), {maxLength: 4}),
		fc.array(fc.constant({key: 'a'}), {minLength: 99, maxLength: 101}),
		wrong,
	);
	const body = fc.oneof(
		fc.record({keys: items}),
		fc.record({keys: items, odd: wrong}, {requiredKeys: ['keys']}),
		wrong,
	);
	let accepted = 0;
	fc.assert(
		fc.property(body, (given) => {
			const read = readVerifyRequests(given);
			if (read !== undefined) accepted++;
			t.deepEqual(read, verifyBatchRequest.safeParse(given).data?.keys);
		}),
		{numRuns: 2000},
	);
	t.true(accepted > 50);
});
