import {once} from 'node:events';
import {connect} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {
	forwardAuth,
	fullKeySelf,
	fullVerification,
	keySelf,
	verification,
	verifications,
} from '../../contract/verification.ts';
import {makeKey, makeMember, makeOrganisation, patiently} from '../helpers/appliance.ts';
import {bodyOf, type Answer, type CallOptions} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

/** Status, headers in their order and body, without what differs from request to request, or second to second. */
function bytes(answer: Answer): string {
	const lines: string[] = [];
	// Where it was known from depends on a lease, which a busy machine may lose.
	const body = bodyOf(answer).replace(/"source":"(memory|database)"/, '"source":""');
	const varies = [
		'Date',
		'Request-Id',
		...(body.includes('"source":""') ? ['Content-Length'] : []),
	];
	for (let i = 0; i < answer.rawHeaders.length; i += 2) {
		const name = answer.rawHeaders[i] ?? '';
		if (!varies.includes(name)) lines.push(`${name}: ${answer.rawHeaders[i + 1]}`);
	}
	return [answer.status, ...lines, body].join('\n');
}

/** The same request twice: once past the decisions (by a header they leave alone), once through them. */
async function bothWays(path: string, options: CallOptions): Promise<[Answer, Answer]> {
	const application = await server.call(path, {
		...options,
		headers: {...options.headers, Accept: 'text/problem'},
	});
	return [application, await server.call(path, options)];
}

test('a key describes itself', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, organisation.id, 'Payments "eu" 日本');
	const [slow, fast] = await bothWays('/api/v1/keys/self', {bearer: key.key});
	t.is(fast.status, 200);
	keySelf.parse(fast.json());
	t.is(
		fast.text,
		`{"id":"${key.id}","name":"Payments \\"eu\\" 日本","organization_id":"${organisation.id}","plan":"team","created_at":"${key.created_at}","expires_at":null}`,
	);
	t.is(bytes(fast), bytes(slow));
	t.is((await server.call('/api/v1/keys/self', {headers: {'X-API-Key': key.key}})).text, fast.text);

	const user = await server.call('/api/v1/keys/self', {bearer: jwt});
	t.is(user.status, 403);
	t.is(user.text, '{"error":"This operation requires an API key"}');
	t.is((await server.call('/api/v1/keys/self')).status, 401);
});

test('a key is told all that it carries where it asks for that, and it takes nothing', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const at = `/api/v1/organizations/${organisation.id}`;
	const full = '/api/v1/keys/self?view=full';
	const plain = await makeKey(server, jwt, organisation.id);
	const brief = (await server.call('/api/v1/keys/self', {bearer: plain.key})).json();
	t.deepEqual((await server.call(full, {bearer: plain.key})).json(), {
		...(brief as object),
		status: 'active',
		scopes: null,
		roles: [],
		rate_limits: [],
		quotas: [],
		limits_source: null,
		rotation: null,
		lineage_id: plain.id,
		owner: null,
		tags: [],
		not_before: null,
	});

	const role = {name: 'billing', scopes: ['invoices.*']};
	t.is((await server.call(`${at}/key-roles`, {bearer: jwt, body: role})).status, 201);
	const made = await server.call(`${at}/api-keys`, {
		bearer: jwt,
		body: {
			name: 'a rich key',
			scopes: ['latchkey:sources:read'],
			roles: ['billing'],
			owner: {type: 'team', id: 'payments'},
			tags: ['env:prod'],
			not_before: '2020-01-01T00:00:00Z',
			metadata: {note: 'for administrators'},
			rate_limits: [{name: 'burst', limit: 5, window_seconds: 3600}],
			quota: {limit: 10, period: 'month', timezone: 'UTC'},
		},
	});
	const {id, key} = made.json() as {id: string; key: string};
	const rotated = await server.call(`${at}/api-keys/${id}/rotate`, {
		bearer: jwt,
		body: {grace_seconds: 600},
	});
	const {previous} = rotated.json() as {previous: {grace_until: string}};
	t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
	for (let i = 0; i < 2; i++) {
		const answer = await server.call(full, {bearer: key});
		const self = fullKeySelf.parse(answer.json());
		t.like(self, {
			id,
			status: 'rotating',
			lineage_id: id,
			owner: {type: 'team', id: 'payments'},
			not_before: '2020-01-01T00:00:00Z',
			limits_source: 'redis',
			rotation: {role: 'previous', grace_until: previous.grace_until},
		});
		t.deepEqual(
			[self.scopes, self.roles, self.tags],
			[['latchkey:sources:read', 'invoices.*'], ['billing'], ['env:prod']],
		);
		t.deepEqual(
			[...self.rate_limits, ...self.quotas].map(({name, remaining}) => `${name} ${remaining}`),
			['burst 4', 'quota 9'],
		);
	}
	const wrong = await server.call('/api/v1/keys/self?view=all', {bearer: key});
	t.deepEqual([wrong.status, wrong.text], [400, '{"error":"view must be full"}']);
});

test('forward-auth tells a proxy who called, in headers', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, organisation.id);
	const spoofed = {'X-Auth-Key-Id': 'spoofed', 'X-Auth-User-Id': 'spoofed'};
	const [slow, fast] = await bothWays('/api/v1/forward-auth', {bearer: key.key, headers: spoofed});
	t.is(fast.status, 200);
	t.deepEqual(forwardAuth.parse(fast.json()), {
		auth_method: 'api_key',
		key_id: key.id,
		user_id: null,
		organization_id: organisation.id,
	});
	t.like(fast.headers, {
		'x-auth-method': 'api_key',
		'x-auth-key-id': key.id,
		'x-auth-organization': organisation.id,
		'x-auth-lineage': key.id,
	});
	t.is(fast.headers['x-auth-user-id'], undefined);
	t.is(bytes(fast), bytes(slow));

	const head = await server.call('/api/v1/forward-auth', {method: 'HEAD', bearer: key.key});
	t.is(head.status, 200);
	t.is(head.text, '');
	t.is(head.headers['x-auth-key-id'], key.id);

	const user = await server.call('/api/v1/forward-auth', {bearer: jwt});
	t.is(user.status, 200);
	t.is(user.headers['x-auth-method'], 'jwt');
	t.is(user.headers['x-auth-key-id'], undefined);
	t.is(user.headers['x-auth-lineage'], undefined);

	const rotated = await server.call(
		`/api/v1/organizations/${organisation.id}/api-keys/${key.id}/rotate`,
		{bearer: jwt, body: {}},
	);
	const {key: next, id} = rotated.json() as {key: string; id: string};
	const after = await server.call('/api/v1/forward-auth', {bearer: next});
	t.like(after.headers, {'x-auth-key-id': id, 'x-auth-lineage': key.id});
	t.is(after.headers['x-auth-owner'], undefined);

	for (const [owner, told] of [
		[{type: 'team', id: 'payments'}, 'team/payments'],
		[
			{type: 'org_unit', id: 'a/b, "c" %2F\u{1F511}é'},
			'org_unit/a%2Fb%2C%20%22c%22%20%252F%F0%9F%94%91%C3%A9',
		],
		[null, undefined],
	] as const) {
		const changed = await server.call(`/api/v1/organizations/${organisation.id}/api-keys/${id}`, {
			method: 'PATCH',
			bearer: jwt,
			body: {owner},
		});
		t.is(changed.status, 200);
		const [byApplication, owned] = await bothWays('/api/v1/forward-auth', {bearer: next});
		t.is(owned.headers['x-auth-owner'], told);
		t.is(bytes(owned), bytes(byApplication));
	}
});

test('refusals are the same bytes through the decisions and the application', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const [good, revoked, suspended] = await Promise.all(
		['good', 'revoked', 'suspended'].map((name) => makeKey(server, jwt, organisation.id, name)),
	);
	if (good === undefined || revoked === undefined || suspended === undefined)
		throw new Error('no keys');
	const path = `/api/v1/organizations/${organisation.id}`;
	await server.call(`${path}/api-keys/${revoked.id}`, {method: 'DELETE', bearer: jwt});
	await server.call(`${path}/api-keys/${suspended.id}/suspend`, {bearer: jwt, body: {}});
	const wrongChecksum = `${good.key.slice(0, -1)}${good.key.endsWith('a') ? 'b' : 'a'}`;
	const refused: CallOptions[] = [
		{bearer: wrongChecksum},
		{bearer: revoked.key},
		{bearer: suspended.key},
		{bearer: 'hklst_short'},
		{headers: {'X-API-Key': 'hklst_short'}},
		{headers: {Authorization: [`Bearer ${good.key}`, `Bearer ${good.key}`]}},
		{headers: {'X-API-Key': [good.key, good.key]}},
		{bearer: wrongChecksum, headers: {'X-API-Key': good.key}},
	];
	const seen = new Set<string>();
	for (const endpoint of ['/api/v1/keys/self', '/api/v1/forward-auth']) {
		for (const options of refused) {
			for (const answer of await bothWays(endpoint, options)) {
				t.is(answer.status, 401);
				seen.add(bytes(answer));
			}
		}
	}
	t.is(seen.size, 1);
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'free'}});
	const [slow, fast] = await bothWays('/api/v1/keys/self', {bearer: good.key});
	t.is(fast.status, 403);
	t.is(bytes(fast), bytes(slow));
});

test('a key that is bound to networks is judged alike, and so is an address in the body of verify', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const make = async (ip_allow: string[]) => {
		const answer = await server.call(`/api/v1/organizations/${organisation.id}/api-keys`, {
			bearer: jwt,
			body: {name: 'bound', ip_allow},
		});
		return (answer.json() as {key: string}).key;
	};
	const [near, far] = [await make(['127.0.0.0/8', '::1/128']), await make(['192.0.2.0/24'])];
	for (const endpoint of ['/api/v1/keys/self', '/api/v1/forward-auth']) {
		for (const [key, status] of [
			[near, 200],
			[far, 403],
		] as const) {
			const [slow, fast] = await bothWays(endpoint, {bearer: key});
			t.is(fast.status, status);
			t.is(bytes(fast), bytes(slow));
		}
	}
	for (const [ip, code] of [
		[undefined, 'IP_DENIED'],
		['192.0.2.9', 'VALID'],
		['::ffff:192.0.2.9', 'VALID'],
		['192.0.3.0', 'IP_DENIED'],
		['192.0.2', undefined],
		['', undefined],
		[7, undefined],
		[null, undefined],
	] as const) {
		for (const bearer of [near, far]) {
			const [slow, fast] = await bothWays('/api/v1/keys/verify', {bearer, body: {key: far, ip}});
			t.is(bytes(fast), bytes(slow), String(ip));
			t.is(fast.status, bearer === far ? 403 : code === undefined ? 400 : 200, String(ip));
			if (fast.status === 200) t.is(verification.parse(fast.json()).code, code ?? 'MALFORMED');
		}
	}
});

/** A key for each list of scopes. */
async function keysOfScopes<Name extends string>(lists: Record<Name, string[] | null>) {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const made = await Promise.all(
		Object.entries<string[] | null>(lists).map(async ([name, scopes]) => {
			const body = {name, scopes};
			const options = {bearer: jwt, body};
			const answer = await patiently(() =>
				server.call(`/api/v1/organizations/${id}/api-keys`, options),
			);
			return [name, (answer.json() as {key: string}).key] as const;
		}),
	);
	return Object.fromEntries(made) as Record<Name, string>;
}

const lists = {
	any: null,
	none: [],
	orders: ['orders.*'],
	all: ['*'],
	own: ['latchkey:keys:verify', 'orders.read'],
	long: Array.from({length: 100}, (_, i) => `${'a'.repeat(60)}.${i}`),
	most: Array.from({length: 33}, (_, i) => `${'a'.repeat(58)}.${String(i).padStart(2, '0')}`),
};

test('forward-auth asks for scopes in its query, by what the request does', async (t) => {
	const keys = await keysOfScopes(lists);
	const needing = (scope?: string) =>
		`Bearer realm="latchkey", error="insufficient_scope"${scope === undefined ? '' : `, scope="${scope}"`}`;
	type Case = [string, Record<string, string | string[]>, keyof typeof lists, number, string?];
	const by = '?scopes_read=orders.read&scopes_write=orders%3Awrite';
	const cases: Case[] = [
		['', {}, 'none', 200],
		['?', {}, 'none', 200],
		['?scopes=orders.read', {}, 'any', 200],
		['?scopes=orders.read', {}, 'orders', 200],
		['?scopes=orders.read', {}, 'all', 200],
		['?scopes=orders.read', {}, 'none', 403, needing('orders.read')],
		['?scopes=orders:read', {}, 'orders', 403, needing('orders:read')],
		['?scopes=orders', {}, 'orders', 403, needing('orders')],
		['?scopes=orders.a+AND+%28eu%20OR+us%29', {}, 'orders', 403, needing('orders.a eu us')],
		['?scopes=orders.a+OR+eu', {}, 'orders', 200],
		['?scopes=latchkey:keys:verify', {}, 'all', 403, needing('latchkey:keys:verify')],
		[by, {'X-Forwarded-Method': 'GET'}, 'orders', 200],
		[by, {'X-Forwarded-Method': 'HEAD'}, 'orders', 200],
		[by, {'X-Original-Method': 'OPTIONS'}, 'orders', 200],
		[by, {'X-Forwarded-Method': 'DELETE'}, 'orders', 403, needing('orders:write')],
		[by, {'X-Forwarded-Method': 'get'}, 'orders', 403, needing('orders:write')],
		[by, {'X-Original-Method': 'PROPFIND'}, 'orders', 403, needing('orders:write')],
		[by, {'X-Forwarded-Method': 'POST'}, 'all', 200],
		[by, {'X-Forwarded-Method': 'GET', 'X-Original-Method': 'GET'}, 'orders', 200],
		[by, {'X-Forwarded-Method': 'GET', 'X-Original-Method': 'PUT'}, 'orders', 403, needing()],
		[by, {'X-Forwarded-Method': ['GET', 'PUT']}, 'all', 403, needing()],
		[by, {'X-Forwarded-Method': ''}, 'all', 403, needing()],
		[by, {}, 'all', 403, needing()],
		[by, {}, 'any', 403, needing()],
		[`${by}&scopes=eu`, {'X-Forwarded-Method': 'GET'}, 'orders', 403, needing('eu orders.read')],
		['?scopes_write=x', {'X-Forwarded-Method': 'GET'}, 'none', 200],
	];
	for (const [query, headers, name, status, asking] of cases) {
		const options = {bearer: keys[name], headers};
		const [slow, fast] = await bothWays(`/api/v1/forward-auth${query}`, options);
		const what = `${name}, ${query}, ${JSON.stringify(headers)}`;
		t.is(fast.status, status, what);
		t.is(bytes(fast), bytes(slow), what);
		t.is(fast.headers['www-authenticate'], asking, what);
		if (status === 403) t.is(fast.headers['latchkey-error-code'], 'insufficient_scope');
	}
	const user = (query: string, headers = {}) =>
		server.call(`/api/v1/forward-auth${query}`, {bearer: jwt, headers});
	t.is((await user('?scopes=orders.read')).status, 200, 'scopes are of keys');
	t.is((await user(by, {'X-Forwarded-Method': 'PUT'})).status, 200);
	t.is((await user(by)).status, 403);
});

test('a query of forward-auth that cannot be read lets nobody in', async (t) => {
	const keys = await keysOfScopes({any: null});
	for (const [query, error] of [
		['?scopes=orders.*', 'scopes must name scopes, without *'],
		['?scopes_read=*', 'scopes_read must name scopes, without *'],
		['?scopes=', 'scopes must have a scope or ( at column 1'],
		['?scopes', 'scopes must have a scope or ( at column 1'],
		['?scopes=a+b', 'scopes must have AND, OR or the end at column 3'],
		['?scopes_write=a%20OR', 'scopes_write must have a scope or ( at column 5'],
		['?scopes=a&scopes=b', 'scopes must be given once'],
		['?scopes=a&scopes=a', 'scopes must be given once'],
		['?scope=a', 'Unknown query parameter: scope'],
		['?scopes[]=a', 'Unknown query parameter: scopes[]'],
		['?Scopes=a', 'Unknown query parameter: Scopes'],
		['?scopes=a&x', 'Unknown query parameter: x'],
		['?__proto__=a', 'Unknown query parameter: __proto__'],
		['?credentials=jwt', 'credentials must be any or api_key'],
		['?credentials=', 'credentials must be any or api_key'],
		['?credentials=any&credentials=api_key', 'credentials must be given once'],
		['?deny=401', 'deny must be status or 403'],
		['?deny=403&deny=403', 'deny must be given once'],
		['?deny=403&x', 'Unknown query parameter: x'],
	] as const) {
		for (const bearer of [keys.any, jwt]) {
			const [slow, fast] = await bothWays(`/api/v1/forward-auth${query}`, {bearer});
			t.deepEqual([fast.status, fast.json()], [400, {error}]);
			t.is(bytes(fast), bytes(slow));
		}
		const stranger = await server.call(`/api/v1/forward-auth${query}`, {bearer: 'hklst_x'});
		t.is(stranger.status, 401);
	}
});

test('a proxy may let keys through only, and may know no status but 403', async (t) => {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}/api-keys`;
	const make = async (terms: object) => {
		const body = {name: 'one', ...terms};
		const answer = await patiently(() => server.call(path, {bearer: jwt, body}));
		return answer.json() as {id: string; key: string};
	};
	const [good, scoped, far, spent, spentQuota, ended] = await Promise.all([
		make({}),
		make({scopes: ['orders.read']}),
		make({ip_allow: ['192.0.2.0/24']}),
		// A use never fits in: what is left is the same each time.
		make({rate_limits: [{name: 'never', limit: 3, window_seconds: 3600, burst: 1, cost: 2}]}),
		make({quota: {limit: 0, period: 'total'}}),
		make({}),
	]);
	await server.call(`${path}/${ended.id}`, {method: 'DELETE', bearer: jwt});
	const cases: [CallOptions, number, string][] = [
		[{}, 401, 'unauthorized'],
		[{bearer: 'hklst_short'}, 401, 'unauthorized'],
		[{bearer: ended.key}, 401, 'unauthorized'],
		[{headers: {'X-API-Key': [good.key, good.key]}}, 401, 'unauthorized'],
		[{bearer: `${jwt}x`}, 401, 'unauthorized'],
		[{bearer: scoped.key}, 403, 'insufficient_scope'],
		[{bearer: far.key}, 403, 'ip_denied'],
		[{bearer: jwt}, 403, 'api_key_required'],
		[{bearer: spent.key}, 429, 'rate_limited'],
		[{bearer: spentQuota.key}, 429, 'quota_exceeded'],
	];
	const query = '?scopes=eu&credentials=api_key';
	for (const [options, status, code] of cases) {
		for (const method of ['GET', 'HEAD']) {
			const [own, fastOwn] = await bothWays(`/api/v1/forward-auth${query}&deny=status`, {
				...options,
				method,
			});
			const [slow, fast] = await bothWays(`/api/v1/forward-auth${query}&deny=403`, {
				...options,
				method,
			});
			t.is(fastOwn.status, status, code);
			t.is(bytes(fastOwn), bytes(own));
			t.is(fast.status, 403);
			t.is(bytes(fast), bytes(slow));
			t.is(fast.headers['latchkey-denied-status'], String(status));
			t.is(fast.headers['latchkey-error-code'], code);
			// All else is as ever.
			const told = bytes(fast)
				.replace('403', String(status))
				.replace(/\nLatchkey-Denied-Status: .*/, '');
			t.is(told, bytes(fastOwn));
		}
	}
	for (const [slow, fast] of [
		await bothWays('/api/v1/forward-auth?credentials=api_key&deny=403', {bearer: good.key}),
		await bothWays('/api/v1/forward-auth?credentials=any&deny=403', {bearer: jwt}),
	]) {
		t.is(fast.status, 200);
		t.is(bytes(fast), bytes(slow));
		t.false('latchkey-denied-status' in fast.headers);
	}
	const problem = await server.call('/api/v1/forward-auth?deny=403', {
		bearer: far.key,
		headers: {Accept: 'application/problem+json'},
	});
	t.like(problem.json(), {status: 403, code: 'ip_denied'});
	const stranger = await server.call('/api/v1/forward-auth?deny=403', {
		bearer: await server.logIn(await makeMember(appliance.database, organisationId, 'viewer')),
		headers: {'Latchkey-Organization': (await makeOrganisation(server, jwt, 'team')).id},
	});
	t.is(stranger.status, 403);
	t.like(stranger.headers, {
		'latchkey-denied-status': '404',
		'latchkey-error-code': 'organization_not_found',
	});
});

test('a proxied service is told the scopes of a restricted key, and of no other', async (t) => {
	const keys = await keysOfScopes(lists);
	const told: Record<keyof typeof lists, [string | undefined, string | undefined]> = {
		any: [undefined, undefined],
		none: ['', '1'],
		orders: ['orders.*', undefined],
		all: ['*', undefined],
		own: ['latchkey:keys:verify orders.read', undefined],
		long: [undefined, '1'],
		most: [lists.most.join(' '), undefined],
	};
	t.is(told.most[0]?.length, 2045);
	for (const [name, [scopes, omitted]] of Object.entries(told)) {
		const bearer = keys[name as keyof typeof lists];
		const [slow, fast] = await bothWays('/api/v1/forward-auth', {bearer});
		t.is(bytes(fast), bytes(slow));
		t.is(fast.status, 200);
		t.is(fast.headers['x-auth-scopes'], scopes, name);
		t.is(fast.headers['x-auth-scopes-omitted'], omitted, name);
	}
});

test('verify asks for scopes, and tells which are missing', async (t) => {
	const keys = await keysOfScopes(lists);
	type Case = [keyof typeof lists, unknown, string, string[] | null];
	const cases: Case[] = [
		['any', 'orders.read', 'VALID', null],
		['orders', 'orders.read', 'VALID', null],
		['orders', ['orders.read', 'orders.write'], 'VALID', null],
		['orders', 'orders.read AND (eu OR us)', 'INSUFFICIENT_SCOPE', ['eu', 'us']],
		['orders', ['eu', 'orders.read', 'us', 'eu'], 'INSUFFICIENT_SCOPE', ['eu', 'us']],
		['none', 'a', 'INSUFFICIENT_SCOPE', ['a']],
		[
			'all',
			'latchkey:sources:read OR latchkey:keys:verify',
			'INSUFFICIENT_SCOPE',
			['latchkey:sources:read', 'latchkey:keys:verify'],
		],
	];
	for (const bearer of [keys.any, keys.own]) {
		for (const [name, scopes, code, missing_scopes] of cases) {
			const body = {key: keys[name], scopes};
			// From then on it is known, and both say so.
			await server.call('/api/v1/keys/verify', {bearer, body});
			const [slow, fast] = await bothWays('/api/v1/keys/verify', {bearer, body});
			t.is(bytes(fast), bytes(slow));
			const shown = fullVerification.parse(fast.json());
			t.like(shown, {code, valid: code === 'VALID'}, JSON.stringify(body));
			t.deepEqual([shown.scopes, shown.missing_scopes], [lists[name], missing_scopes]);
		}
		const plain = await server.call('/api/v1/keys/verify', {bearer, body: {key: keys.none}});
		t.deepEqual(Object.keys(plain.json() as object).length, 6, 'as ever, where nobody asked');
		t.like(plain.json() as object, {valid: true, code: 'VALID'});
		const unknown = {key: 'hklst_x', scopes: 'a'};
		const none = await server.call('/api/v1/keys/verify', {bearer, body: unknown});
		t.like(none.json() as object, {code: 'MALFORMED', scopes: null, missing_scopes: null});
	}
	for (const [scopes, error] of [
		['orders.*', 'scopes must name scopes, without *'],
		[['orders.*'], 'scopes must name scopes, without *'],
		['a AND', 'scopes must have a scope or ( at column 6'],
		[[], 'scopes must name a scope'],
		[null, 'scopes must be a text such as orders.read AND eu, or a list of scopes'],
	] as const) {
		const body = {key: keys.any, scopes};
		const [slow, fast] = await bothWays('/api/v1/keys/verify', {bearer: keys.any, body});
		t.deepEqual([fast.status, fast.json()], [400, {error}]);
		t.is(bytes(fast), bytes(slow));
	}
	for (const bearer of [keys.none, keys.all, keys.orders]) {
		const body = {key: keys.any};
		const [slow, fast] = await bothWays('/api/v1/keys/verify', {bearer, body});
		t.is(fast.status, 403);
		t.is(bytes(fast), bytes(slow));
		t.regex(String(fast.headers['www-authenticate']), /scope="latchkey:keys:verify"$/);
	}
});

test('what is not the plain case goes through the application', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {key} = await makeKey(server, jwt, organisation.id);
	await server.call('/api/v1/keys/self', {bearer: key});
	const problem = await server.call('/api/v1/keys/self', {
		bearer: 'hklst_x',
		headers: {Accept: 'application/problem+json'},
	});
	t.is(problem.headers['content-type'], 'application/problem+json; charset=utf-8');
	t.is((await server.call('/api/v1/keys/self', {method: 'DELETE', bearer: key})).status, 405);
	t.is((await server.call('/api/v1/keys/self/', {bearer: key})).status, 404);
	const asked = await server.call('/api/v1/keys/self?x=1', {bearer: key});
	t.is(asked.text, '{"error":"Unknown query parameter: x"}');
	t.is((await server.call('/api/v1/keys/self?', {bearer: key})).status, 200);
});

test('verify answers 200 with a code, for keys of the caller’s organisation only', async (t) => {
	const [mine, theirs] = await Promise.all([
		makeOrganisation(server, jwt, 'team'),
		makeOrganisation(server, jwt, 'team'),
	]);
	const caller = await makeKey(server, jwt, mine.id, 'caller');
	const good = await makeKey(server, jwt, mine.id, 'good');
	const revoked = await makeKey(server, jwt, mine.id, 'revoked');
	await server.call(`/api/v1/organizations/${mine.id}/api-keys/${revoked.id}`, {
		method: 'DELETE',
		bearer: jwt,
	});
	const foreign = await makeKey(server, jwt, theirs.id, 'foreign');
	const nothing = {key_id: null, name: null, organization_id: null, expires_at: null};
	const ofMine = (key: {id: string; name: string}) => ({
		key_id: key.id,
		name: key.name,
		organization_id: mine.id,
		expires_at: null,
	});
	for (const [key, expected] of [
		[good.key, {valid: true, code: 'VALID', ...ofMine(good)}],
		[revoked.key, {valid: false, code: 'REVOKED', ...ofMine(revoked)}],
		['hklst_nonsense', {valid: false, code: 'MALFORMED', ...nothing}],
		[foreign.key, {valid: false, code: 'NOT_FOUND', ...nothing}],
	] as const) {
		for (let twice = 0; twice < 2; twice++) {
			const answer = await server.call('/api/v1/keys/verify', {bearer: caller.key, body: {key}});
			t.is(answer.status, 200);
			verification.parse(answer.json());
			t.is(answer.text, JSON.stringify(expected));
		}
	}
	t.is((await server.call('/api/v1/keys/verify', {body: {key: good.key}})).status, 401);
	const missing = await server.call('/api/v1/keys/verify', {bearer: caller.key, body: {}});
	t.is(missing.status, 400);
	t.is(missing.text, '{"error":"key is required"}');
	const viewer = await server.logIn(await makeMember(appliance.database, mine.id, 'viewer'));
	t.is(
		(await server.call('/api/v1/keys/verify', {bearer: viewer, body: {key: good.key}})).status,
		403,
	);
	const developer = await server.logIn(await makeMember(appliance.database, mine.id, 'developer'));
	const byUser = await server.call('/api/v1/keys/verify', {
		bearer: developer,
		body: {key: good.key},
	});
	t.like(verification.parse(byUser.json()), {valid: true});
});

test('bodies of verify are the same bytes through the decisions and the application', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const caller = await makeKey(server, jwt, organisation.id, 'caller');
	const {key} = await makeKey(server, jwt, organisation.id, 'in the body');
	await server.call('/api/v1/keys/verify', {bearer: caller.key, body: {key}});
	const plain = `{"key":"${key}"}`;
	const latin = Buffer.from(plain.replace(key, `${key}é`), 'latin1');
	const good = [
		plain,
		`{"key": "${key}"}`,
		`\uFEFF${plain}`,
		` {\r\n\t"key" :  "${key}" } `,
		`{"key":"${key.replace('_', '\\u005f')}"}`,
		`{"\\u006bey":"${key}"}`,
		`{"key":"  ${key} "}`,
		`{"key":"\\t${key}\\n"}`,
	];
	const unknown = [
		`{"key":""}`,
		`{"key":" "}`,
		`{"key":"${key}\x7f"}`,
		`{"key":"\x7f"}`,
		`{"key":"日本"}`,
		`{"key":"${key}\\u0000"}`,
		`{"key":"\\"}"}`,
		`{"key":"\\\\"}`,
		`{"key":"__proto__"}`,
		`{"key":"\\ud800"}`,
		`{"key":"${'x'.repeat(4086)}"}`,
		`{"key":"${'x'.repeat(4096)}"}`,
	];
	const bad = [
		'',
		'{}',
		'[]',
		'null',
		'"key"',
		`[${plain}]`,
		`${plain}\n${plain}`,
		`${plain}x`,
		`${plain}\0`,
		plain.slice(0, -1),
		plain.slice(0, -2),
		`{'key':'${key}'}`,
		`{"key":"${key}",}`,
		`{"key":"${key}","key":"${key}"}`,
		`{"key":"${key}","\\u006bey":"x"}`,
		`{"key":"${key}","more":1}`,
		`{"key":"${key}","__proto__":{}}`,
		`{"__proto__":{"key":"${key}"}}`,
		`{"constructor":{"prototype":{}},"key":"${key}"}`,
		`{"KEY":"${key}"}`,
		'{"key":1}',
		'{"key":null}',
		`{"key":["${key}"]}`,
		`{"key":"${key}\n"}`,
		`{"key":"${key}\t"}`,
		'{"key":"\\x"}',
		`{"key":"${'x'.repeat(4097)}"}`,
		`{"key":"${'x'.repeat(5000)}"}`,
		latin,
		Buffer.from(plain, 'utf16le'),
		Buffer.concat([Buffer.from('{"key":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
		Buffer.concat([Buffer.from(plain), Buffer.from([0xff])]),
		'{"key":'.repeat(40),
	];
	const bodies = [
		...good.map((body) => [body, 200, 'VALID'] as const),
		...unknown.map((body) => [body, 200, 'MALFORMED'] as const),
		...bad.map((body) => [body, 400, undefined] as const),
	];
	for (const [body, status, code] of bodies) {
		const [slow, fast] = await bothWays('/api/v1/keys/verify', {bearer: caller.key, body});
		const what = body.toString('latin1').slice(0, 100);
		t.is(fast.status, status, what);
		t.is(bytes(fast), bytes(slow), what);
		if (code !== undefined) t.is(verification.parse(fast.json()).code, code, what);
	}
});

test('full answers of verify are the same bytes through the decisions and the application', async (t) => {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	const root = `/api/v1/organizations/${organisation}`;
	const send = async (path: string, body: object) => {
		const answer = await patiently(() => server.call(path, {bearer: jwt, body}));
		t.is(answer.status, 201, answer.text);
		return answer.json() as {id: string; key: string};
	};
	await send(`${root}/key-roles`, {name: 'billing', scopes: ['invoices.*']});
	const make = (terms: object) => send(`${root}/api-keys`, terms);
	const caller = await make({name: 'caller'});
	const limitedCaller = await make({
		name: 'caller',
		rate_limits: [{name: 'free', limit: 5, window_seconds: 3600, cost: 0}],
	});
	const plain = await make({name: 'plain'});
	const laden = await make({
		name: 'Zahlungen 日本 "eu"',
		expires_at: '2099-01-01T00:00:00Z',
		not_before: '2020-01-01T00:00:00Z',
		owner: {type: 'team', id: 'Zahlungen'},
		tags: ['env:prod'],
		metadata: {z: {a: [1, 'é', null]}},
		roles: ['billing'],
		scopes: ['orders.read'],
		ip_allow: ['192.0.2.0/24'],
		// What a use takes of them is nothing, so that they stay as they are.
		rate_limits: [
			{name: 'all', limit: 5, window_seconds: 3600, cost: 0},
			{name: 'some', limit: 5, window_seconds: 3600, auto: false},
		],
		quota: {limit: 5, period: 'month', cost: 0},
	});
	const spent = await make({
		name: 'spent',
		rate_limits: [{name: 'never', limit: 3, window_seconds: 3600, burst: 1, cost: 2}],
		quota: {limit: 0, period: 'total'},
	});
	const ended = await make({name: 'ended', tags: ['a']});
	await server.call(`${root}/api-keys/${ended.id}`, {method: 'DELETE', bearer: jwt});
	const keys = [plain.key, laden.key, spent.key, ended.key, 'hklst_x'];
	const own = {name: 'own', limit: 3, window_seconds: 3600, cost: 0};
	const asked: object[] = [
		{},
		{ip: '192.0.2.1'},
		{ip: '192.0.2.1', scopes: ['orders.read', 'invoices.a', 'eu']},
		{ip: '::ffff:192.0.2.1', scopes: 'orders.read', limits: [{name: 'some', cost: 0}]},
		{ip: '192.0.2.1', limits: [{name: 'some', cost: 6}], quota_cost: 0},
		{quota_cost: 6},
		{limits: [own]},
		{limits: [{...own, cost: 4}], dry_run: true},
		{limits: [{...own, name: 'all'}]},
		{user_agent: 'curl/8 é', method: 'GET', tags: ['a']},
		{dry_run: true, ip: '192.0.2.1', scopes: 'eu'},
		{dry_run: false},
		{limits: [{name: 'org:x'}]},
		{limits: [{name: 'X'}]},
	];
	let full = 0;
	for (const key of keys) {
		await server.call('/api/v1/keys/verify', {bearer: caller.key, body: {key}});
		for (const more of asked) {
			for (const query of ['', '?view=full']) {
				const bearer = more === asked[0] ? limitedCaller.key : caller.key;
				const options = {bearer, body: {key, ...more}};
				const [slow, fast] = await bothWays(`/api/v1/keys/verify${query}`, options);
				t.is(bytes(fast), bytes(slow), JSON.stringify(options.body));
				if (fast.status === 200) verification.parse(fast.json());
				if (fast.text.includes('"decided_at"')) full++;
			}
		}
	}
	t.true(full > 100);
	const ofEach = (some: readonly string[]) =>
		some.flatMap((key) => asked.slice(0, -1).map((more) => ({key, ...more})));
	const unlimited = ofEach([plain.key, ended.key, 'hklst_x']);
	const batches: object[][] = [
		unlimited.filter((each) => !('limits' in each) && !('dry_run' in each)),
		unlimited,
		ofEach([laden.key]).filter((each) => !JSON.stringify(each).includes('"name":"all"')),
		[{key: plain.key}, {key: plain.key}, {key: limitedCaller.key}, {key: 'hklst_x', ip: '::1'}],
		[{key: plain.key}, {key: plain.key, ip: '::1::'}],
		[],
	];
	for (const [index, batch] of batches.entries()) {
		for (const query of ['', '?view=full', '?view=']) {
			for (const bearer of [caller.key, limitedCaller.key, ended.key]) {
				const options = {bearer, body: {keys: batch}};
				const [slow, fast] = await bothWays(`/api/v1/keys/verify/batch${query}`, options);
				t.is(bytes(fast), bytes(slow), `${index} ${query}`);
				if (fast.status === 200) verifications.parse(fast.json());
			}
		}
	}
	const body = {key: laden.key, ip: '192.0.2.1'};
	for (const [query, headers] of [
		['?view=full', {'Cache-Control': 'no-cache'}],
		['', {'Cache-Control': 'no-cache'}],
		['?view=brief', {}],
		['?view=full&view=full', {}],
		['?view=full&x=1', {}],
		['?', {}],
	] as const) {
		const [slow, fast] = await bothWays(`/api/v1/keys/verify${query}`, {
			bearer: caller.key,
			headers,
			body,
		});
		t.is(bytes(fast), bytes(slow), query);
	}
	const refused = {bearer: 'hklst_x', body};
	const [slow, fast] = await bothWays('/api/v1/keys/verify?view=full', refused);
	t.is(bytes(fast), bytes(slow));
});

test('a body of verify that comes in pieces is read like one that comes at once', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {key} = await makeKey(server, jwt, organisation.id);
	const whole = await server.call('/api/v1/keys/verify', {bearer: key, body: {key}});
	const body = JSON.stringify({key});
	const head = `POST /api/v1/keys/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
	for (const cuts of [[0], [1], [20], [0, 1, 20, 21], [body.length - 1]]) {
		const socket = connect({port: server.port, host: '127.0.0.1', noDelay: true});
		await once(socket, 'connect');
		let received = '';
		socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
		socket.write(`${head}\r\n`);
		for (const [i, cut] of cuts.entries()) {
			await sleep(20);
			socket.write(body.slice(i === 0 ? 0 : cuts[i - 1], cut));
		}
		await sleep(20);
		// Another request right behind it, in the same piece.
		socket.write(`${body.slice(cuts.at(-1))}${head}Connection: close\r\n\r\n${body}`);
		await once(socket, 'close');
		t.is(received.split('HTTP/1.1 200 OK').length, 3, String(cuts));
		t.is(received.split(whole.text).length, 3, String(cuts));
	}
});

test('what was answered before the application is in the log and the metrics like the rest', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {key, id} = await makeKey(server, jwt, organisation.id);
	await server.call('/api/v1/keys/self', {bearer: key});
	const member = /,"(?:time|request_id|ms)":(?:"[^"]*"|[\d.]+)/g;
	const lineOf = async ({headers}: Answer) => {
		const needle = `"request_id":"${String(headers['request-id'])}"`;
		const line = await eventually(() =>
			server
				.output()
				.split('\n')
				.find((text) => text.includes(needle)),
		);
		return line.replaceAll(member, '');
	};
	const calls: [string, CallOptions][] = [
		['/api/v1/keys/self', {bearer: key}],
		['/api/v1/keys/self', {bearer: key, method: 'HEAD'}],
		['/api/v1/keys/self', {bearer: 'hklst_short'}],
		['/api/v1/forward-auth', {bearer: key}],
		['/api/v1/forward-auth?deny=403', {bearer: 'hklst_short'}],
		['/api/v1/keys/verify', {bearer: key, body: {key}}],
	];
	for (const [path, options] of calls) {
		const [slow, fast] = await bothWays(path, options);
		const line = await lineOf(fast);
		t.is(line, await lineOf(slow));
		if (fast.status === 200) t.regex(line, new RegExp(`"auth_method":"api_key","key_id":"${id}"`));
		const {method = options.body === undefined ? 'GET' : 'POST'} = options;
		const series = `method="${method}",route="${path.split('?')[0]}",status="${fast.status}"`;
		const {text} = await server.call('/metrics');
		const [, count] =
			new RegExp(`^latchkey_http_request_duration_seconds_count\\{${series}\\} (\\d+)$`, 'm').exec(
				text,
			) ?? [];
		t.true(Number(count) >= 2, series);
	}
});

test('a caller of verify that goes away in the middle of its body leaves no fault behind', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {key} = await makeKey(server, jwt, organisation.id);
	await server.call('/api/v1/keys/self', {bearer: key});
	const gone = connect(server.port, '127.0.0.1');
	await once(gone, 'connect');
	gone.write(
		`POST /api/v1/keys/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"key":`,
	);
	gone.destroy();
	await once(gone, 'close');
	const answer = await server.call('/api/v1/keys/verify', {bearer: key, body: {key}});
	t.like(verification.parse(answer.json()), {valid: true});
	// What was logged before this answer's line is there when it is.
	await eventually(() => server.output().includes(String(answer.headers['request-id'])));
	const faults = /"level":"(error|fatal)"|"route":"\/api\/v1\/keys\/verify","status":5\d\d/;
	t.notRegex(server.output(), faults);
});

test('metrics tell what is known from memory, and that it may be used', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {key} = await makeKey(server, jwt, organisation.id);
	t.is((await server.call('/api/v1/keys/self', {bearer: key})).status, 200);
	const {text} = await server.call('/metrics');
	const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
	t.true(value('latchkey_known_keys') >= 1);
	t.is(value('latchkey_lease_held'), 1);
	t.true(value('latchkey_lease_gains') >= 1);
});
