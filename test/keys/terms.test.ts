import {setImmediate as turn} from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import {createKeyRequest} from '../../contract/keys.ts';
import {keyTerms, termNames, type StoredTerms} from '../../contract/key-terms.ts';
import {canonicalAddress} from '../../contract/network.ts';
import type {CountedOutcome} from '../../contract/outcomes.ts';
import {queryFor} from '../../contract/scope-query.ts';
import {decide, prepareFacts, type KeyState} from '../../core/keys/policy.ts';
import {rulesOf, storedTerms, TermsUnknown, versionOf} from '../../core/keys/terms.ts';
import type {KeyHashText} from '../../core/keys/token.ts';
import {FactsMemory} from '../../core/verification/facts.ts';
import {termsVersion, versionsOfState} from '../../core/verification/terms-version.ts';

const plain: KeyState = {
	keyId: '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b',
	name: 'Payments',
	organisationId: '5f0c0a0e-1c51-4c0e-9d5c-0a4b1d2e3f40',
	plan: 'team',
	createdAt: '2026-01-02T03:04:05Z',
	expiresAt: null,
	revokedAt: null,
	isSuspended: false,
	notBefore: null,
	graceUntil: null,
	lineageId: '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b',
};

const needed = queryFor('orders.read');

function outcomeOf(terms: object, origin: string | undefined, more: Partial<KeyState> = {}) {
	const rules = rulesOf(plain.keyId, JSON.stringify(terms));
	const facts = prepareFacts({...plain, ...more, rules});
	return decide(facts, {ip: origin, origin, scopes: needed}, 0);
}

type Case = [terms: object, origin: string | undefined, outcome: CountedOutcome];

const cases: Case[] = [
	[{}, undefined, 'valid'],
	[{ip_allow: ['10.20.0.0/16']}, '10.20.255.255', 'valid'],
	[{ip_allow: ['10.20.0.0/16']}, '10.21.0.0', 'ip_denied'],
	[{ip_allow: ['10.20.0.0/16']}, undefined, 'ip_denied'],
	[{ip_allow: ['10.20.0.0/16', '192.0.2.7/32']}, '192.0.2.7', 'valid'],
	[{ip_allow: ['10.20.0.0/16', '192.0.2.7/32']}, '192.0.2.8', 'ip_denied'],
	[{ip_allow: ['::/0']}, '2001:db8::1', 'valid'],
	[{ip_allow: ['::/0']}, '192.0.2.7', 'ip_denied'],
	[{ip_allow: ['0.0.0.0/0']}, '192.0.2.7', 'valid'],
	[{ip_allow: ['0.0.0.0/0']}, '::ffff:192.0.2.7', 'valid'],
	[{ip_allow: ['0.0.0.0/0']}, '2001:db8::1', 'ip_denied'],
	[{ip_allow: ['0.0.0.0/0', '::/0']}, undefined, 'ip_denied'],
	[{scopes: []}, undefined, 'insufficient_scope'],
	[{scopes: ['orders.write']}, undefined, 'insufficient_scope'],
	[{scopes: ['orders:*']}, undefined, 'insufficient_scope'],
	[{scopes: ['orders.write', 'orders.read']}, undefined, 'valid'],
	[{scopes: ['orders.*']}, undefined, 'valid'],
	[{scopes: ['*']}, undefined, 'valid'],
	[{ip_deny: ['10.20.99.0/24']}, '10.20.99.7', 'ip_denied'],
	[{ip_deny: ['10.20.99.0/24']}, '::ffff:10.20.99.7', 'ip_denied'],
	[{ip_deny: ['10.20.99.0/24']}, '10.20.98.7', 'valid'],
	[{ip_deny: ['10.20.99.0/24']}, '2001:db8::1', 'valid'],
	[{ip_deny: ['10.20.99.0/24']}, undefined, 'ip_denied'],
	[{ip_allow: ['10.20.0.0/16'], ip_deny: ['10.20.99.0/24']}, '10.20.99.7', 'ip_denied'],
	[{ip_allow: ['10.20.0.0/16'], ip_deny: ['10.20.99.0/24']}, '10.20.98.7', 'valid'],
	[{ip_allow: ['10.20.0.0/16'], ip_deny: ['10.20.99.0/24']}, '10.21.0.1', 'ip_denied'],
];

for (const [terms, origin, outcome] of cases) {
	test(`${JSON.stringify(terms)}: used from ${origin ?? 'nowhere'} it is ${outcome}`, (t) => {
		t.is<CountedOutcome, CountedOutcome>(outcomeOf(terms, origin), outcome);
	});
}

/** What is held against a key later, by Redis: see core/limits. */
const limiting = new Set<string>(['rate_limits', 'quota']);

test('each term is held against what it refuses, after the state of the key', (t) => {
	const refusing: Record<string, StoredTerms> = {
		ip_allow: {ip_allow: ['192.0.2.0/24']},
		ip_deny: {ip_deny: ['10.0.0.0/8']},
		scopes: {scopes: []},
	};
	const restricting = termNames.filter(
		(name) => keyTerms[name].kind === 'terms' && !limiting.has(name),
	);
	t.deepEqual(Object.keys(refusing).toSorted(), restricting.toSorted());
	// Each use of a term first asks for the version that brought it; no server knows more than the last.
	const ofTerms = Object.values(refusing).map(versionOf);
	t.is(Math.max(...ofTerms, ...Object.values(versionsOfState)), termsVersion);
	t.true(Object.values(refusing).every((terms) => versionOf(terms) > versionOf({})));
	for (const [name, terms] of Object.entries(refusing)) {
		t.is(outcomeOf(terms, '10.0.0.1'), name === 'scopes' ? 'insufficient_scope' : 'ip_denied');
		t.is(outcomeOf({...terms, ip_deny: ['10.0.0.0/8']}, '10.0.0.1'), 'ip_denied');
		t.is(outcomeOf(terms, '10.0.0.1', {plan: 'free'}), 'plan_inactive');
		t.is(outcomeOf(terms, '10.0.0.1', {expiresAt: new Date(0)}), 'expired');
		t.is(outcomeOf(terms, '10.0.0.1', {revokedAt: new Date(0)}), 'revoked');
	}
});

test('networks are matched as by their leading bits', (t) => {
	const bitsOf = (text: string) => {
		const parts = text.includes(':') ? text.split(':') : text.split('.');
		return parts
			.map((part) => (text.includes(':') ? parseInt(part, 16) : Number(part)))
			.map((part) => part.toString(2).padStart(text.includes(':') ? 16 : 8, '0'))
			.join('');
	};
	const written = (bits: string) =>
		bits.length === 32
			? [...bits.matchAll(/.{8}/g)].map(([octet]) => parseInt(octet, 2)).join('.')
			: [...bits.matchAll(/.{16}/g)].map(([group]) => parseInt(group, 2).toString(16)).join(':');
	const arbitrary = fc.oneof(fc.ipV4(), fc.array(fc.nat(0xffff), {minLength: 8, maxLength: 8}));
	const textOf = (value: string | number[]) =>
		typeof value === 'string' ? value : value.map((group) => group.toString(16)).join(':');
	const isMapped = (text: string) => canonicalAddress(text)?.includes('.') && text.includes(':');
	fc.assert(
		fc.property(arbitrary, arbitrary, fc.nat(128), fc.nat(128), (a, b, length, flipped) => {
			const base = textOf(a);
			const bits = bitsOf(base);
			const prefix = length % (bits.length + 1);
			const network = `${written(bits.slice(0, prefix).padEnd(bits.length, '0'))}/${prefix}`;
			const place = flipped % bits.length;
			// A neighbour that differs in one bit: about half of them are inside.
			const near = written(
				bits.slice(0, place) + (bits[place] === '0' ? '1' : '0') + bits.slice(place + 1),
			);
			for (const address of [base, near, textOf(b)]) {
				if (isMapped(address) || isMapped(network.split('/')[0] ?? '')) continue;
				const other = bitsOf(address);
				const isInside = other.length === bits.length && other.startsWith(bits.slice(0, prefix));
				t.is(outcomeOf({ip_allow: [network]}, address), isInside ? 'valid' : 'ip_denied');
			}
		}),
		{numRuns: 5000},
	);
});

test('equal terms are compiled once, others by themselves', (t) => {
	const [one, two] = ['{"ip_allow": ["10.0.0.0/8"]}', '{"ip_allow": ["10.0.0.0/9"]}'];
	t.is(rulesOf('a', one), rulesOf('b', one));
	t.not(rulesOf('a', one), rulesOf('a', two));
});

test('what is not understood is never decided about', async (t) => {
	for (const text of [
		'{"only_on_mondays": true}',
		'{"ip_allow": ["10.0.0.0/8"], "only_on_mondays": true}',
		'{"ip_allow": "10.0.0.0/8"}',
		'{"ip_allow": ["10.0.0.1/8"]}',
		'{"ip_allow": [7]}',
		'{"ip_allow": null}',
		'{"toString": null}',
		'{"scopes": null}',
		'{"scopes": "orders.read"}',
		'{"scopes": ["orders.read", "orders.*.x"]}',
		'{"scopes": ["latchkey:rights:of:a:later:version"]}',
		'[]x',
	]) {
		t.throws(() => rulesOf(plain.keyId, text), {instanceOf: TermsUnknown}, text);
	}
	const [good, strange] = ['good', 'strange'].map((name) => name.padEnd(32) as KeyHashText);
	if (good === undefined || strange === undefined) throw new Error('no hashes');
	let readings = 0;
	const memory = new FactsMemory({
		maxKeys: 10,
		async read(hashes) {
			readings++;
			const found = (hash: KeyHashText) =>
				hash === strange ? new TermsUnknown(plain.keyId) : prepareFacts(plain);
			return new Map(hashes.map((hash) => [hash, found(hash)]));
		},
	});
	const fills = [memory.fill(good, true), memory.fill(strange, true)] as const;
	t.is((await fills[0])?.keyId, plain.keyId, 'it harms no other of the same statement');
	await t.throwsAsync(fills[1], {instanceOf: TermsUnknown});
	await turn();
	t.is(memory.get(strange), undefined, 'nothing is remembered of it');
	t.is(readings, 1);
});

test('what restricts nothing is not stored', (t) => {
	t.deepEqual(storedTerms({}), {});
	t.deepEqual(storedTerms({expires_at: new Date(0), ip_allow: null, scopes: null}), {});
	t.deepEqual(storedTerms({scopes: []}), {scopes: []}, 'no scope is a restriction');
	t.deepEqual(storedTerms({ip_allow: ['10.0.0.0/8']}), {ip_allow: ['10.0.0.0/8']});
});

test('networks have one spelling, and what is none is told how to be written', (t) => {
	const read = (value: unknown) => createKeyRequest.safeParse({name: 'a', ip_allow: value});
	t.deepEqual(read(['10.20.3.4', '2001:DB8:0::/32', '0.0.0.0/0']).data?.ip_allow, [
		'10.20.3.4/32',
		'2001:db8::/32',
		'0.0.0.0/0',
	]);
	t.is(read(null).data?.ip_allow, null);
	t.is(read(undefined).data?.ip_allow, undefined);
	const form = 'must be a network such as 10.0.0.0/8 or 2001:db8::/32';
	const many = (count: number) => Array.from({length: count}, () => '10.0.0.0/8');
	t.true(read(many(100)).success);
	for (const [value, message] of [
		['10.0.0.0/8', 'ip_allow must be a list of networks, or null'],
		[{}, 'ip_allow must be a list of networks, or null'],
		[[], 'ip_allow must not be empty: use null for no restriction'],
		[many(101), 'ip_allow must have at most 100 networks'],
		[['10.20.3.4/16'], 'ip_allow[0] has host bits set: write 10.20.0.0/16'],
		[['10.0.0.0/8', 7], `ip_allow[1] ${form}`],
		[[null], `ip_allow[0] ${form}`],
		[['10.0.0.0/33'], 'ip_allow[0] must have a prefix length from 0 to 32, such as /24'],
		[['10.0.0.0/024'], 'ip_allow[0] must have a prefix length from 0 to 32, such as /24'],
		[['010.0.0.1'], `ip_allow[0] ${form}`],
		[['10.1'], `ip_allow[0] ${form}`],
		[['0x0a.0.0.1'], `ip_allow[0] ${form}`],
		[['fe80::1%eth0'], `ip_allow[0] ${form}`],
		[['10.0.0.1:80'], `ip_allow[0] ${form}`],
		[['10.0.0.1-10.0.0.9'], `ip_allow[0] ${form}`],
		[['*'], `ip_allow[0] ${form}`],
		[
			['::ffff:10.0.0.0/104'],
			'ip_allow[0] is an IPv4 network inside IPv6: write it as IPv4, 10.0.0.0/8',
		],
	] as const) {
		t.is(read(value).error?.issues[0]?.message, message, JSON.stringify(value));
	}
});
