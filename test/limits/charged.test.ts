import test, {type ExecutionContext} from 'ava';
import type {FullUsageBucket} from '../../contract/keys.ts';
import type {FullVerification} from '../../contract/verification.ts';
import {makeOrganisation, patiently} from '../helpers/appliance.ts';
import {bodyOf, type Answer, type CallOptions} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/* What uses of a key with limits are answered, at each door. */

const {appliance, server, jwt} = await openAppliance();
await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '200'});

test.after.always(() => appliance.stop());

type Made = {id: string; key: string; path: string; organisation: string};

async function make(t: ExecutionContext, terms: object): Promise<Made> {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation}/api-keys`;
	const ask = () => server.call(path, {bearer: jwt, body: {name: 'limited', ...terms}});
	const answer = await patiently(ask);
	t.is(answer.status, 201, answer.text);
	return {...(answer.json() as {id: string; key: string}), path, organisation};
}

/** Three uses at once, then none for an hour each. */
const three = {name: 'three', limit: 3, window_seconds: 10_800};

const doors: Record<string, (key: string) => Promise<Answer>> = {
	'the own API': (key) => server.call('/api/v1/sources', {bearer: key}),
	'forward-auth': (key) => server.call('/api/v1/forward-auth', {bearer: key}),
	'forward-auth by the application': (key) =>
		server.call('/api/v1/forward-auth', {bearer: key, headers: {Accept: 'text/problem'}}),
};

for (const [name, use] of Object.entries(doors)) {
	test(`${name}: a burst is let in, then 429 with what is left and when there is more`, async (t) => {
		const {key} = await make(t, {rate_limits: [three]});
		for (const left of [2, 1, 0]) {
			const answer = await use(key);
			t.is(answer.status, 200, answer.text);
			t.is(answer.headers['ratelimit-policy'], '"three";q=3;w=10800');
			t.regex(String(answer.headers['ratelimit']), new RegExp(`^"three";r=${left};t=\\d+$`));
		}
		const refused = await use(key);
		t.is(refused.status, 429);
		t.is(refused.text, '{"error":"Rate limit exceeded"}');
		t.is(refused.headers['latchkey-error-code'], 'rate_limited');
		const wait = Number(refused.headers['retry-after']);
		t.true(wait > 3500 && wait <= 3600, String(wait));
		t.is(refused.headers['ratelimit'], `"three";r=0;t=${wait}`);
	});
}

test('a key tells of itself how much is left, and takes nothing of it', async (t) => {
	const {key} = await make(t, {rate_limits: [three], quota: {limit: 5, period: 'total'}});
	const read = () => server.call('/api/v1/keys/self', {bearer: key});
	const full = await read();
	t.is(full.status, 200);
	t.is(full.headers['ratelimit'], '"three";r=3;t=0, "quota";r=5');
	for (let i = 0; i < 3; i++) await server.call('/api/v1/sources', {bearer: key});
	for (let i = 0; i < 3; i++) {
		const answer = await read();
		t.is(answer.status, 200, 'who has nothing left may still ask');
		t.regex(String(answer.headers['ratelimit']), /^"three";r=0;t=\d+, "quota";r=2$/);
	}
	const slow = await server.call('/api/v1/keys/self', {
		bearer: key,
		headers: {Accept: 'text/problem'},
	});
	t.regex(String(slow.headers['ratelimit']), /^"three";r=0;t=\d+, "quota";r=2$/);
	t.is((await server.call('/api/v1/keys/self/revoke', {bearer: key, body: {}})).status, 200);
});

test('verify charges the key in the body, and tells of its limits by its code', async (t) => {
	const {key, organisation, path} = await make(t, {rate_limits: [three]});
	const caller = await server.call(path, {bearer: jwt, body: {name: 'service'}});
	const ask = async (options: CallOptions = {}) => {
		const answer = await server.call('/api/v1/keys/verify', {
			bearer: (caller.json() as {key: string}).key,
			body: {key},
			...options,
		});
		t.is(answer.headers['ratelimit'], undefined, 'the one who asks has no limits');
		return answer.json() as FullVerification;
	};
	for (let i = 0; i < 3; i++) t.is((await ask()).code, 'VALID');
	const refused = await ask();
	t.is(refused.code, 'RATE_LIMITED');
	t.deepEqual(Object.keys(refused), [
		'valid',
		'code',
		'key_id',
		'name',
		'organization_id',
		'expires_at',
	]);
	t.is(refused.organization_id, organisation);
	t.is((await ask({headers: {Accept: 'text/problem'}})).code, 'RATE_LIMITED');
});

test('a quota is used up, whatever else the key is used for', async (t) => {
	const {key, path, id} = await make(t, {quota: {limit: 2, period: 'total'}});
	const statuses = [];
	for (let i = 0; i < 4; i++) {
		statuses.push((await server.call('/api/v1/sources', {bearer: key})).status);
	}
	t.deepEqual(statuses, [200, 200, 429, 429]);
	const refused = await server.call('/api/v1/forward-auth', {bearer: key});
	t.is(refused.text, '{"error":"Quota exceeded"}');
	t.is(refused.headers['latchkey-error-code'], 'quota_exceeded');
	t.is(refused.headers['retry-after'], '86400', 'it never resets by itself');
	const problem = await server.call('/api/v1/forward-auth', {
		bearer: key,
		headers: {Accept: 'application/problem+json'},
	});
	t.like(problem.json() as object, {
		type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
		status: 429,
		code: 'quota_exceeded',
		'violated-policies': ['quota'],
	});
	const counted = await eventually(async () => {
		const answer = await server.call(`${path}/${id}/usage?by=day&view=full`, {bearer: jwt});
		const today = (answer.json() as FullUsageBucket[]).at(-1);
		return today?.quota_exceeded === 4 && today;
	});
	t.is(counted.valid, 2, 'and nothing that was refused counts as a use');
});

test('all or nothing: what one limit refuses is not taken from another one', async (t) => {
	const {key} = await make(t, {
		rate_limits: [three, {name: 'one', limit: 1, window_seconds: 3600}],
		quota: {limit: 10, period: 'month'},
	});
	t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
	for (let i = 0; i < 5; i++) {
		const refused = await server.call('/api/v1/sources', {bearer: key});
		t.is(refused.status, 429);
		t.regex(
			String(refused.headers['ratelimit']),
			/^"three";r=2;t=\d+, "one";r=0;t=\d+, "quota";r=9;t=\d+$/,
		);
	}
});

test('what is refused for another reason takes nothing', async (t) => {
	const {key} = await make(t, {rate_limits: [three], scopes: ['orders.read']});
	const ask = (query: string) => server.call(`/api/v1/forward-auth${query}`, {bearer: key});
	for (let i = 0; i < 5; i++) {
		const refused = await ask('?scopes=orders.write');
		t.is(refused.status, 403);
		t.is(refused.headers['ratelimit'], undefined);
	}
	t.regex(String((await ask('?scopes=orders.read')).headers['ratelimit']), /r=2/);
});

test('a rotation gives nothing back', async (t) => {
	const {key, path, id} = await make(t, {
		rate_limits: [three],
		quota: {limit: 3, period: 'month'},
	});
	for (let i = 0; i < 3; i++) await server.call('/api/v1/sources', {bearer: key});
	const rotated = await server.call(`${path}/${id}/rotate`, {bearer: jwt, body: {}});
	t.is(rotated.status, 201, rotated.text);
	const next = (rotated.json() as {key: string}).key;
	for (const each of [key, next]) {
		const refused = await server.call('/api/v1/sources', {bearer: each});
		t.is(refused.status, 429);
		t.regex(String(refused.headers['ratelimit']), /^"three";r=0;t=\d+, "quota";r=0;t=\d+$/);
	}
});

test('a limit that is changed gives nothing back, and another name is another limit', async (t) => {
	const {key, path, id} = await make(t, {rate_limits: [three]});
	for (let i = 0; i < 3; i++) await server.call('/api/v1/sources', {bearer: key});
	const change = (rate_limits: object[]) =>
		server.call(`${path}/${id}`, {method: 'PATCH', bearer: jwt, body: {rate_limits}});
	t.is((await change([{...three, limit: 4}])).status, 200);
	t.is((await server.call('/api/v1/sources', {bearer: key})).status, 429);
	t.is((await change([{...three, name: 'other'}])).status, 200);
	t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
	t.is((await change([])).status, 200);
	const free = await server.call('/api/v1/sources', {bearer: key});
	t.is(free.headers['ratelimit'], undefined);
});

test('a use names limits that are not for each use, and says what it takes', async (t) => {
	const writes = {name: 'writes', limit: 6, window_seconds: 36_000, auto: false};
	const {key} = await make(t, {rate_limits: [three, writes], quota: {limit: 100, period: 'month'}});
	const ask = (query: string) => server.call(`/api/v1/forward-auth${query}`, {bearer: key});
	t.regex(String((await ask('')).headers['ratelimit']), /^"three";r=2;t=\d+, "quota";r=99;t=\d+$/);
	t.regex(
		String((await ask('?limit=writes,nobody-has-it')).headers['ratelimit']),
		/^"three";r=1;t=\d+, "writes";r=5;t=\d+, "quota";r=98;t=\d+$/,
	);
	t.regex(
		String((await ask('?cost=0&limit=writes')).headers['ratelimit']),
		/^"three";r=1;t=\d+, "writes";r=5;t=\d+, "quota";r=97;t=\d+$/,
		'a cost is of limits: the quota has its own',
	);
	const costly = await ask('?cost=2');
	t.is(costly.status, 429);
	for (const query of [
		'?limit=Writes',
		'?cost=-1',
		'?cost=1&cost=1',
		'?limit=quota',
		'?cost=1.5',
	]) {
		t.is((await ask(query)).status, 400, query);
	}
	const caller = {bearer: jwt, headers: {} as Record<string, string>};
	const verify = async (more: object) =>
		(await server.call('/api/v1/keys/verify', {...caller, body: {key, ...more}})).json();
	const answer = (await verify({limits: [{name: 'writes', cost: 4}], quota_cost: 10})) as object;
	t.like(answer, {valid: false, code: 'NOT_FOUND'}, 'of which organisation is to be said');
	const organisation = (await server.call('/api/v1/keys/self', {bearer: key})).json();
	caller.headers['Latchkey-Organization'] = (
		organisation as {organization_id: string}
	).organization_id;
	const {quotas, rate_limits, ...others} = (await verify({
		limits: [{name: 'writes', cost: 4}],
		quota_cost: 10,
	})) as FullVerification;
	t.like(others, {valid: true, code: 'VALID', limits_source: 'redis'});
	t.like(quotas?.[0], {name: 'quota', limit: 100, used: 13, remaining: 87, exceeded: false});
	t.like(rate_limits?.[1], {name: 'writes', limit: 6, remaining: 1, exceeded: false});
	const refused = (await verify({limits: [{name: 'writes', cost: 7}]})) as FullVerification;
	t.is(refused.code, 'RATE_LIMITED');
	t.like(refused.rate_limits?.[1], {exceeded: true, reset_seconds: null}, 'it never fits');
	const wrong = await server.call('/api/v1/keys/verify', {
		...caller,
		body: {key, limits: [{name: 'x y'}]},
	});
	t.is(wrong.status, 400);
	t.regex(wrong.text, /limits\[0\]\.name must be up to 32 lower-case letters/);
});

test('what is answered before the application is the same, byte for byte', async (t) => {
	/** The same state for both: nothing is taken. */
	const free = {name: 'free', limit: 3, window_seconds: 3600, cost: 0};
	const never = {name: 'never', limit: 3, window_seconds: 3600, burst: 1, cost: 2};
	const bytes = (answer: Answer) =>
		answer.rawHeaders.filter((_each, i) => {
			const name = answer.rawHeaders[i - (i % 2)] ?? '';
			return !['Date', 'Request-Id'].includes(name);
		});
	for (const limit of [free, never]) {
		const {key} = await make(t, {rate_limits: [limit]});
		for (const path of [
			'/api/v1/keys/self',
			'/api/v1/forward-auth',
			'/api/v1/forward-auth?cost=0',
		]) {
			const fast = await server.call(path, {bearer: key});
			const slow = await server.call(path, {bearer: key, headers: {Accept: 'text/problem'}});
			t.deepEqual(
				[fast.status, bytes(fast), fast.text],
				[slow.status, bytes(slow), slow.text],
				path,
			);
			t.truthy(fast.headers['ratelimit']);
		}
		// The one who asks is limited, too.
		const verify = (headers: Record<string, string>) =>
			server.call('/api/v1/keys/verify', {bearer: key, body: {key, quota_cost: 1}, headers});
		const [fast, slow] = [await verify({}), await verify({Accept: 'text/problem'})];
		t.deepEqual([fast.status, bytes(fast), bodyOf(fast)], [slow.status, bytes(slow), bodyOf(slow)]);
	}
});
