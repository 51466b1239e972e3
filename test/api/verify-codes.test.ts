import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {checkNames, outcomes, verificationCodes} from '../../contract/outcomes.ts';
import {verifications, type FullVerification} from '../../contract/verification.ts';
import {createKeyFormat} from '../../core/keys/token.ts';
import {makeKey, makeOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {connectPlainly} from '../helpers/services.ts';

/* Every code at every door, and which is told of several; what a refused use leaves as it was. */

const {appliance, server, jwt, db} = await openAppliance();
const redis = connectPlainly(appliance.redis);

/** What a key can be refused for once it is known, in the order of the contract; and what a door says. */
const causes = {
	REVOKED: [401, 'unauthorized'],
	SUSPENDED: [401, 'unauthorized'],
	NOT_YET_VALID: [401, 'unauthorized'],
	EXPIRED: [401, 'unauthorized'],
	ROTATED: [401, 'unauthorized'],
	PLAN_INACTIVE: [403, 'plan_required'],
	IP_DENIED: [403, 'ip_denied'],
	INSUFFICIENT_SCOPE: [403, 'insufficient_scope'],
	RATE_LIMITED: [429, 'rate_limited'],
	QUOTA_EXCEEDED: [429, 'quota_exceeded'],
} as const;
type Cause = keyof typeof causes;
const allCauses = Object.keys(causes) as Cause[];

const never = {name: 'never', limit: 3, window_seconds: 3600, burst: 1, cost: 2};
const plenty = {name: 'plenty', limit: 100, window_seconds: 3600};

function termsOf(of: readonly Cause[]): object {
	const has = (cause: Cause) => of.includes(cause);
	return {
		rate_limits: has('RATE_LIMITED') ? [plenty, never] : [plenty],
		quota: {limit: has('QUOTA_EXCEEDED') ? 0 : 100, period: 'total'},
		...(has('IP_DENIED') && {ip_allow: ['192.0.2.0/24']}),
		...(has('INSUFFICIENT_SCOPE') && {scopes: ['orders.write']}),
	};
}

/** What is set by hand: some of it would take its time. */
function columnsOf(of: readonly Cause[]): object {
	const has = (cause: Cause) => of.includes(cause);
	const past = new Date(Date.now() - 60_000);
	return {
		revoked_at: has('REVOKED') ? past : null,
		suspended_at: has('SUSPENDED') ? past : null,
		not_before: has('NOT_YET_VALID') ? new Date(Date.now() + 3_600_000) : null,
		expires_at: has('EXPIRED') ? past : null,
		grace_until: has('ROTATED') ? past : null,
	};
}

type Known = {id: string; key: string; causes: readonly Cause[]; organisation: string};

const paying = await makeOrganisation(server, jwt, 'team');
const lapsed = await makeOrganisation(server, jwt, 'team');

async function make(of: readonly Cause[]): Promise<Known> {
	const {id: organisation} = of.includes('PLAN_INACTIVE') ? lapsed : paying;
	const path = `/api/v1/organizations/${organisation}/api-keys`;
	const body = {name: of.join() || 'good', ...termsOf(of)};
	const answer = await patiently(() => server.call(path, {bearer: jwt, body}));
	if (answer.status !== 201) throw new Error(answer.text);
	const made = answer.json() as {id: string; key: string};
	await db('api_keys').where({id: made.id}).update(columnsOf(of));
	return {...made, causes: of, organisation};
}

/** Each cause alone, each two that follow one another, and some more of them at random. */
const sets: (readonly Cause[])[] = [
	[],
	...allCauses.map((cause) => [cause]),
	...allCauses.slice(1).map((cause, i) => [allCauses[i] ?? cause, cause]),
	...fc.sample(fc.subarray(allCauses, {minLength: 3}), 12),
];
const keys = await Promise.all(sets.map(make));
const caller = await makeKey(server, jwt, paying.id, 'caller');
const foreign = await makeKey(server, jwt, (await makeOrganisation(server, jwt, 'team')).id);
await server.call(`/api/v1/organizations/${lapsed.id}`, {
	method: 'PATCH',
	bearer: jwt,
	body: {plan: 'free'},
});
const strangers = {
	MALFORMED: 'hklst_short',
	NOT_FOUND: createKeyFormat('hklst_').generate(),
	/** Of another organisation. */
	foreign: foreign.key,
};

test.after.always(async () => {
	redis.disconnect();
	await appliance.stop();
});

/** What each use asks for. */
const use = {ip: '127.0.0.1', scopes: 'orders.read'};

function codeOf({causes: of}: Known): string {
	return of[0] ?? 'VALID';
}

/** All of a batch. */
async function verifyAll(
	t: ExecutionContext,
	organisation: string,
	requests: readonly object[],
): Promise<FullVerification[]> {
	const answer = await server.call('/api/v1/keys/verify/batch', {
		bearer: jwt,
		headers: {'Latchkey-Organization': organisation},
		body: {keys: requests},
	});
	t.is(answer.status, 200, answer.text);
	return verifications.parse(answer.json()) as FullVerification[];
}

/** Everything that limits and quotas keep in Redis. */
async function limitsInRedis(): Promise<string[]> {
	const names = (await redis.keys('*')).filter((name) => /\}:(limit|quota)/.test(name)).sort();
	return Promise.all(names.map(async (name) => `${name} ${await redis.get(name)}`));
}

test.serial('every code is told at every door, and of several causes the first', async (t) => {
	const refused = keys.filter((each) => each.causes.length > 0);
	const codes = new Set(['MALFORMED', 'NOT_FOUND', ...keys.map(codeOf)]);
	t.deepEqual([...codes].sort(), [...verificationCodes].sort());
	const before = await limitsInRedis();
	for (const {id: organisation} of [paying, lapsed]) {
		const own = refused.filter((each) => each.organisation === organisation);
		const batch = await verifyAll(
			t,
			organisation,
			own.map(({key}) => ({key, ...use})),
		);
		t.deepEqual(
			batch.map(({code, key_id}) => [code, key_id]),
			own.map((each) => [codeOf(each), each.id]),
		);
	}
	await Promise.all(
		refused.map(async (each) => {
			const {key, id, organisation} = each;
			const [cause = 'REVOKED'] = each.causes;
			const [status, error] = causes[cause];
			const what = each.causes.join();
			const ways = [
				{bearer: jwt, headers: {'Latchkey-Organization': organisation}},
				...(organisation === paying.id ? [{bearer: caller.key}] : []),
			];
			for (const way of ways) {
				const answer = await server.call('/api/v1/keys/verify', {...way, body: {key, ...use}});
				t.is(answer.status, 200, answer.text);
				const shown = answer.json() as FullVerification;
				t.like(shown, {valid: false, code: cause, key_id: id, source: 'memory'}, what);
				t.deepEqual(shown.missing_scopes, cause === 'INSUFFICIENT_SCOPE' ? ['orders.read'] : null);
			}
			for (const path of ['/api/v1/forward-auth?scopes=orders.read', '/api/v1/sources']) {
				for (const headers of [{}, {Accept: 'text/problem'}]) {
					const answer = await server.call(path, {bearer: key, headers});
					t.is(answer.status, status, `${path} ${what}: ${answer.text}`);
					t.is(answer.headers['latchkey-error-code'], error, what);
				}
			}
		}),
	);
	t.deepEqual(await limitsInRedis(), before, 'nothing was charged');

	for (const [code, key] of Object.entries(strangers)) {
		const told = code === 'foreign' ? 'NOT_FOUND' : code;
		const [inBatch] = await verifyAll(t, paying.id, [{key}]);
		t.like(inBatch, {valid: false, code: told, key_id: null});
		const answer = await server.call('/api/v1/keys/verify', {bearer: caller.key, body: {key}});
		t.like(answer.json() as object, {valid: false, code: told, key_id: null});
	}
	// At a door of its own the key of another organisation is a good one.
	for (const key of [strangers.MALFORMED, strangers.NOT_FOUND]) {
		for (const path of ['/api/v1/forward-auth', '/api/v1/sources']) {
			const answer = await server.call(path, {bearer: key});
			t.deepEqual(
				[answer.status, answer.headers['latchkey-error-code']],
				[401, 'unauthorized'],
				path,
			);
		}
	}
});

test.serial('a dry run tells every step that fails, and takes nothing', async (t) => {
	const before = await limitsInRedis();
	for (const {id: organisation} of [paying, lapsed]) {
		const own = keys.filter((each) => each.organisation === organisation);
		const requests = own.map(({key}) => ({key, ...use, dry_run: true}));
		for (const [i, shown] of (await verifyAll(t, organisation, requests)).entries()) {
			const {causes: of = []} = own[i] ?? {};
			t.like(shown, {code: of[0] ?? 'VALID', valid: of.length === 0}, of.join());
			const {checks = []} = shown;
			t.deepEqual(
				checks.map(({check}) => check),
				[...checkNames],
			);
			const failed = checks.filter(({outcome}) => outcome === 'fail').map(({check}) => check);
			const wanted = Object.values(outcomes).filter(({code}) => of.includes(code as Cause));
			t.deepEqual(
				failed,
				wanted.map(({check}) => check),
				JSON.stringify(checks),
			);
			t.true(checks.every(({outcome}) => outcome !== 'skipped'));
		}
	}
	for (const [code, key] of Object.entries(strangers)) {
		const [shown] = await verifyAll(t, paying.id, [{key, ...use, dry_run: true}]);
		t.like(shown, {code: code === 'foreign' ? 'NOT_FOUND' : code});
		t.deepEqual(
			shown?.checks?.map(({outcome}) => outcome),
			[
				...(code === 'MALFORMED' ? ['fail', 'skipped'] : ['pass', 'fail']),
				...checkNames.slice(2).map(() => 'skipped'),
			],
		);
	}
	t.deepEqual(await limitsInRedis(), before);
});

test.serial('a refused use is counted as one that was refused, and is no last use', async (t) => {
	await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '200'});
	const refused = keys.filter((each) => each.causes.length > 0);
	const wanted = refused.map((each) => {
		// A batch, verify by one caller or two, and both ways at two doors; none of the dry runs.
		const checks = each.organisation === paying.id ? 7 : 6;
		return `${each.id} ${codeOf(each).toLowerCase()} ${checks}`;
	});
	const counted = async () => {
		const {rows} = await db.raw<{rows: {counted: string}[]}>(
			`select key_id || ' ' || outcome || ' ' || sum(count) as counted from usage_hourly
			where key_id = any (?) group by key_id, outcome`,
			[keys.map(({id}) => id)],
		);
		return rows.map((row) => row.counted).sort();
	};
	const total = (lines: string[]) =>
		lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
	await eventually(async () => total(await counted()) >= total(wanted));
	t.deepEqual(await counted(), wanted.sort());
	const ids = keys.map(({id}) => id);
	t.deepEqual(await db('api_keys').whereIn('id', ids).whereNotNull('last_used_at').pluck('id'), []);
});

test.serial('what a dry run says is what the use comes to then', async (t) => {
	const limits = [
		{name: 'few', limit: 3, window_seconds: 3600},
		{name: 'asked', limit: 4, window_seconds: 3600, auto: false},
	];
	const path = `/api/v1/organizations/${paying.id}/api-keys`;
	const made = await Promise.all(
		[
			{rate_limits: limits},
			{rate_limits: limits, quota: {limit: 5, period: 'month'}, scopes: ['orders.*', 'eu']},
			{quota: {limit: 6, period: 'total', cost: 2}, ip_allow: ['192.0.2.0/24']},
			{ip_deny: ['192.0.2.7'], scopes: ['us']},
		].map(async (terms) => {
			const answer = await server.call(path, {bearer: jwt, body: {name: 'one', ...terms}});
			return (answer.json() as {key: string}).key;
		}),
	);
	const own = {name: 'own', limit: 3, window_seconds: 3600};
	const cost = fc.integer({min: 0, max: 3});
	const request = fc.record(
		{
			key: fc.constantFrom(...made, ...made, ...Object.values(strangers)),
			ip: fc.constantFrom('192.0.2.1', '192.0.2.7', '::ffff:192.0.2.9', '203.0.113.1'),
			scopes: fc.constantFrom('orders.read', 'eu', 'us', 'eu OR us', 'orders.x AND us'),
			limits: fc.constantFrom(
				[],
				[{name: 'asked'}],
				[
					{name: 'asked', cost: 3},
					{name: 'few', cost: 0},
				],
				[own],
				[{...own, burst: 1, cost: 2}, {name: 'nobody-has-it'}],
			),
			quota_cost: cost,
		},
		{requiredKeys: ['key']},
	);
	const told = new Set<string>();
	await fc.assert(
		fc.asyncProperty(request, async (asked) => {
			const before = await limitsInRedis();
			const [dry] = await verifyAll(t, paying.id, [{...asked, dry_run: true}]);
			const [again] = await verifyAll(t, paying.id, [{...asked, dry_run: true}]);
			t.deepEqual(await limitsInRedis(), before);
			const [real] = await verifyAll(t, paying.id, [asked]);
			const what = JSON.stringify([asked, dry]);
			t.is(dry?.code, real?.code, what);
			t.is(again?.code, real?.code, what);
			t.is(dry?.valid, !dry?.checks?.some(({outcome}) => outcome === 'fail'), what);
			t.deepEqual(dry?.missing_scopes, real?.missing_scopes ?? null);
			told.add(real?.code ?? '');
		}),
		{numRuns: 60},
	);
	t.true(told.size >= 4, [...told].join());
});
