import {unkey as createUnkeyMiddleware, type UnkeyContext} from '@unkey/hono';
import {Unkey} from '@unkey/api';
import * as errors from '@unkey/api/models/errors';
import test, {type ExecutionContext} from 'ava';
import {Hono} from 'hono';
import type {CreatedKey} from '../../contract/keys.ts';
import {unkeyCodes, unkeyVerification} from '../../contract/unkey.ts';
import type {StoredTerms} from '../../contract/key-terms.ts';
import {defaultOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance, withEveryRoute} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

// `POST /v2/keys.verifyKey`, mostly as the clients that Unkey publishes ask, unmodified.

const {appliance, server, jwt, db} = await openAppliance(withEveryRoute);
const {id: organisationId} = await defaultOrganisation(server, jwt);
const keysPath = `/api/v1/organizations/${organisationId}/api-keys`;
const path = '/v2/keys.verifyKey';
const month = 30 * 24 * 3600;

test.after.always(() => appliance.stop());

async function make(t: ExecutionContext, terms: object = {}): Promise<CreatedKey> {
	const body = {name: t.title.slice(0, 60), ...terms};
	const answer = await patiently(() => server.call(keysPath, {bearer: jwt, body}));
	t.is(answer.status, 201, answer.text);
	return answer.json() as CreatedKey;
}

async function change(t: ExecutionContext, key: CreatedKey, verb: string): Promise<void> {
	const change = verb === 'revoke' ? {method: 'DELETE', path: ''} : {method: 'POST', path: verb};
	const at = [keysPath, key.id, change.path].filter((part) => part !== '').join('/');
	const body = verb === 'rotate' ? {grace_seconds: 0} : verb === 'suspend' ? {} : undefined;
	const answer = await server.call(at, {bearer: jwt, method: change.method, body});
	t.true(answer.status < 300, answer.text);
}

/** The vendor's client, with another address and nothing else. */
async function client(t: ExecutionContext, terms: object = {scopes: ['latchkey:keys:verify']}) {
	const {key} = await make(t, terms);
	return new Unkey({rootKey: key, serverURL: server.url, retryConfig: {strategy: 'none'}});
}

test('@unkey/api is told each of its codes', async (t) => {
	const {keys} = await client(t);
	const code = async (key: string, asked: object = {}) => {
		const {data} = await keys.verifyKey({key, ...asked});
		t.is(data.valid, data.code === 'VALID');
		if (data.code === 'NOT_FOUND') t.deepEqual(data, {valid: false, code: 'NOT_FOUND'});
		else t.is(data.enabled, data.code !== 'DISABLED');
		return data.code;
	};
	const plain = await make(t);
	t.is(await code(plain.key), 'VALID');
	t.is(await code(` ${plain.key} `), 'VALID');

	const [revoked, rotated, suspended] = [await make(t), await make(t), await make(t)];
	await change(t, revoked, 'revoke');
	await change(t, rotated, 'rotate');
	await change(t, suspended, 'suspend');
	const unknown = `${plain.key.slice(0, -1)}${plain.key.endsWith('a') ? 'b' : 'a'}`;
	for (const key of ['unkey_3Z', unknown, revoked.key, rotated.key]) {
		t.is(await code(key), 'NOT_FOUND');
	}
	t.is(await code(suspended.key), 'DISABLED');
	const early = await make(t, {not_before: new Date(Date.now() + month * 1000).toISOString()});
	t.is(await code(early.key), 'DISABLED');
	const brief = await make(t, {expires_at: new Date(Date.now() + 2000).toISOString()});
	await eventually(async () => (await code(brief.key)) === 'EXPIRED');
	t.is(await code((await make(t, {ip_allow: ['0.0.0.0/0', '::/0']})).key), 'FORBIDDEN');

	const limit = {name: 'burst', limit: 2, window_seconds: month};
	const {key} = await make(t, {scopes: ['orders.read'], rate_limits: [limit]});
	const lacking = {permissions: 'orders.write'};
	for (let use = 0; use < 3; use++) t.is(await code(key, lacking), 'INSUFFICIENT_PERMISSIONS');
	t.is(await code(key), 'VALID', 'what was refused took nothing');
	t.is(await code(key), 'VALID');
	t.is(await code(key), 'RATE_LIMITED');
	const quota = await make(t, {quota: {limit: 5, period: 'total'}});
	t.is(await code(quota.key, {credits: {cost: 5}}), 'VALID');
	t.is(await code(quota.key, {credits: {cost: 0}}), 'VALID');
	t.is(await code(quota.key), 'USAGE_EXCEEDED');
	t.is(new Set(Object.values(unkeyCodes)).size, 8);
});

test('@unkey/api asks for permissions with AND, OR and parentheses', async (t) => {
	const {keys} = await client(t);
	const {key} = await make(t, {scopes: ['orders.*', 'eu']});
	const isEnough = async (permissions: string) =>
		(await keys.verifyKey({key, permissions})).data.valid;
	const deep = `${'('.repeat(8)}eu${')'.repeat(8)}`;
	for (const enough of [
		'orders.read',
		'orders.read AND (eu OR us)',
		'(us and orders.read) or (eu AND\n\torders.write)',
		'us OR orders.read AND eu',
		'orders.and Or us',
		deep,
	]) {
		t.true(await isEnough(enough), enough);
	}
	for (const tooLittle of ['us', 'orders', 'orders.read AND us', '(eu OR us) and ca']) {
		t.false(await isEnough(tooLittle), tooLittle);
	}
	const {data} = await keys.verifyKey({key, permissions: 'us'});
	t.deepEqual(data.permissions, ['orders.*', 'eu']);

	const refusals = {
		[`(${deep})`]: 'permissions must be at most 8 parentheses deep',
		'orders.*': 'permissions must name scopes, without *',
		'eu AND /orders': 'permissions must have a scope or ( at column 8',
		'eu us': 'permissions must have AND, OR or the end at column 4',
		'': 'permissions must have a scope or ( at column 1',
	};
	for (const [permissions, message] of Object.entries(refusals)) {
		const error = await t.throwsAsync(keys.verifyKey({key, permissions}), {
			instanceOf: errors.BadRequestErrorResponse,
		});
		t.is(error?.error.detail, message);
		t.deepEqual(error?.error.errors, [{location: 'permissions', message}]);
	}
});

test('@unkey/api names limits of the key, and keeps limits of its own for it', async (t) => {
	const {keys} = await client(t);
	const limits = [
		{name: 'burst', limit: 10, window_seconds: month},
		{name: 'writes', limit: 3, window_seconds: month, auto: false},
	];
	const {key} = await make(t, {rate_limits: limits});
	const ask = async (...ratelimits: {name: string; [member: string]: unknown}[]) => {
		const {data} = await keys.verifyKey({key, ratelimits});
		const told = data.ratelimits?.map(({name, remaining}) => `${name} ${remaining}`);
		return [data.code, ...(told ?? [])].join(', ');
	};
	t.is(await ask(), 'VALID, burst 9');
	t.is(await ask({name: 'writes', cost: 2}), 'VALID, burst 8, writes 1');
	t.is(await ask({name: 'writes', cost: 2}), 'RATE_LIMITED, burst 8, writes 1');
	// Names that no limit of a key can have.
	const own = {name: 'Requests per day / EU', limit: 2, duration: month * 1000};
	t.is(
		await ask(own, {name: 'Other', limit: 1, duration: 86_400_000}),
		`VALID, burst 7, ${own.name} 1, Other 0`,
	);
	t.is(await ask({...own, limit: 1}), `RATE_LIMITED, burst 7, ${own.name} 0`);
	t.is(await ask(own), `VALID, burst 6, ${own.name} 0`);
	// One that the key has holds, whatever else is asked under its name.
	const wider = {name: 'writes', limit: 1000, duration: 86_400_000};
	t.is(await ask(wider), 'VALID, burst 5, writes 0');
	t.is(await ask(wider), 'RATE_LIMITED, burst 5, writes 0');
	t.is(await ask({name: 'burst', limit: 1, duration: month * 1000}), 'VALID, burst 0');
	t.is(await ask({name: 'burst', limit: 1, duration: month * 1000}), 'RATE_LIMITED, burst 0');

	const begun = Date.now();
	const {data} = await keys.verifyKey({
		key: (await make(t)).key,
		ratelimits: [{name: 'brief', limit: 3, duration: 90_500, cost: 2}],
	});
	const [brief] = data.ratelimits ?? [];
	t.regex(brief?.id ?? '', /^rl_[\da-f]{24}$/);
	const {id: _, reset = 0, ...rest} = brief ?? {};
	t.deepEqual(rest, {
		name: 'brief',
		limit: 3,
		duration: 90_500,
		remaining: 1,
		exceeded: false,
		autoApply: false,
	});
	t.true(reset > begun && reset < Date.now() + 90_500);

	const refusals = [
		[{name: 'reads'}, 'name is not that of a limit of the key: give limit and duration beside it'],
		[{name: ''}, 'name must be 1 to 255 characters'],
		[{name: 'x', limit: 1}, 'duration is required beside limit'],
		[{name: 'x', duration: 1000}, 'limit is required beside duration'],
		[
			{name: 'x', limit: 1, duration: 999},
			'duration must be a whole number from 1000 to 2592000000',
		],
		[{name: 'x', limit: 0, duration: 1000}, 'limit must be a whole number from 1 to 1000000000'],
	] as const;
	for (const [ratelimit, fault] of refusals) {
		const error = await t.throwsAsync(keys.verifyKey({key, ratelimits: [ratelimit]}), {
			instanceOf: errors.BadRequestErrorResponse,
		});
		t.is(error?.error.detail, `ratelimits[0].${fault}`);
	}
	const {key: gone} = await make(t, {ip_allow: ['192.0.2.1']});
	const refused = await keys.verifyKey({key: gone, ratelimits: [{name: 'reads'}]});
	t.is(refused.data.code, 'FORBIDDEN', 'why the key is refused comes first');
});

test('@unkey/api is told what is known of a key', async (t) => {
	const {keys} = await client(t);
	const expires_at = '2040-01-02T03:04:05Z';
	const labels = {
		owner: {type: 'team', id: 'payments'},
		metadata: {plan: 'gold', seats: 3},
		tags: ['env:prod'],
		quota: {limit: 100, period: 'month'},
		expires_at,
	};
	const {key, id} = await make(t, labels);
	const {meta, data} = await keys.verifyKey({
		key,
		tags: ['path=/v1'],
		credits: {cost: 3},
		migrationId: 'x',
	});
	t.truthy(meta.requestId);
	t.deepEqual(data, {
		valid: true,
		code: 'VALID',
		keyId: id,
		name: t.title,
		meta: labels.metadata,
		expires: Date.parse(expires_at),
		credits: 97,
		enabled: true,
		roles: [],
		identity: {id: 'team/payments', externalId: 'payments'},
	});
});

test('@unkey/api is told what is wrong with its own credential, in its own form', async (t) => {
	const {key} = await make(t);
	const refused = async <E extends Error>(
		rootKey: string,
		type: abstract new (...given: never[]) => E,
	) => {
		const {keys} = new Unkey({rootKey, serverURL: server.url, retryConfig: {strategy: 'none'}});
		const error = await t.throwsAsync(keys.verifyKey({key}), {
			instanceOf: type as unknown as new () => E,
		});
		return error as E;
	};
	const {error, meta} = await refused(`${key}x`, errors.UnauthorizedErrorResponse);
	t.truthy(meta.requestId);
	t.deepEqual(error, {
		detail: 'Invalid or missing API key',
		status: 401,
		title: 'Invalid or missing API key',
		type: 'about:blank',
	});
	const {key: restricted} = await make(t, {scopes: ['*']});
	const denied = await refused(restricted, errors.ForbiddenErrorResponse);
	t.is(denied.error.detail, 'This key does not have the scope that is needed');
	const limits = [{name: 'burst', limit: 1, window_seconds: month}];
	const {key: limited} = await make(t, {rate_limits: limits});
	await new Unkey({rootKey: limited, serverURL: server.url}).keys.verifyKey({key});
	const late = await refused(limited, errors.TooManyRequestsErrorResponse);
	t.is(late.error.status, 429);
	t.truthy(late.headers.get('retry-after'));
	t.is(late.headers.get('latchkey-error-code'), 'rate_limited');

	const {id, key: strange} = await make(t);
	const terms = {only_on_mondays: true} as unknown as StoredTerms;
	await db('api_keys').where({id}).update({terms});
	const {keys} = new Unkey({rootKey: key, serverURL: server.url, retryConfig: {strategy: 'none'}});
	const fault = await eventually(() =>
		keys.verifyKey({key: strange}).then(
			() => undefined,
			(cause: errors.APIError) => cause,
		),
	);
	t.is(fault.statusCode, 503);
	t.is((JSON.parse(fault.body) as {error: {status: number}}).error.status, 503);
});

test.serial('@unkey/hono lets in whom Latchkey lets in', async (t) => {
	// It has no setting for the address of its server.
	const {fetch} = globalThis;
	t.teardown(() => (globalThis.fetch = fetch));
	const asked: string[] = [];
	globalThis.fetch = async (input, init) => {
		const request = new Request(input, init);
		const {origin, pathname} = new URL(request.url);
		asked.push(origin);
		const {method, headers} = request;
		return fetch(server.url + pathname, {method, headers, body: await request.text()});
	};
	const {key: rootKey} = await make(t, {scopes: ['latchkey:keys:verify']});
	const app = new Hono<{Variables: {unkey: UnkeyContext}}>();
	app.use(
		createUnkeyMiddleware({
			rootKey,
			permissions: 'orders.read AND (eu OR us)',
			handleInvalidKey: (c, {data}) => c.json({error: data.code}, 401),
		}),
	);
	app.get('/', (c) => c.json({keyId: c.get('unkey').data.keyId}));
	const answerTo = async (key?: string) => {
		const headers = key === undefined ? undefined : {Authorization: `Bearer ${key}`};
		const answer = await app.request('/', {headers: headers ?? {}});
		return [answer.status, await answer.json()];
	};
	const {id, key} = await make(t, {scopes: ['orders.*', 'us']});
	t.deepEqual(await answerTo(key), [200, {keyId: id}]);
	t.deepEqual(await answerTo(), [401, {error: 'unauthorized'}]);
	const {key: other} = await make(t, {scopes: ['us']});
	t.deepEqual(await answerTo(other), [401, {error: 'INSUFFICIENT_PERMISSIONS'}]);
	t.deepEqual(await answerTo('unkey_3Z'), [401, {error: 'NOT_FOUND'}]);
	t.deepEqual(new Set(asked), new Set(['https://api.unkey.com']));
});

test('members that are not known are ignored, and change nothing', async (t) => {
	const {key} = await make(t);
	const ask = (body: object) => server.call(path, {bearer: jwt, body});
	const more = {
		apiId: 'api_1',
		dry_run: true,
		scopes: 'orders.read',
		ip: '192.0.2.1',
		view: 'full',
	};
	const [plain, odd] = [
		await ask({key}),
		await ask({key, ...more, ratelimits: [], credits: {cost: 1, refill: 9}}),
	];
	for (const answer of [plain, odd]) {
		t.is(answer.status, 200, answer.text);
		unkeyVerification.parse(answer.json());
		t.is(answer.headers['content-type'], 'application/json; charset=utf-8');
	}
	const faults: [object | string, number, string][] = [
		[{}, 400, 'key is required'],
		[{key, tags: 'a'}, 400, 'tags must be a list of texts'],
		[{key, credits: 1}, 400, 'credits must be such as {"cost":1}'],
		[
			{key, credits: {cost: -1}},
			400,
			'credits.cost must be a whole number from 0 to 1000000000000',
		],
		[
			{key, ratelimits: [1]},
			400,
			'ratelimits[0] must be such as {"name":"writes","limit":10,"duration":60000}',
		],
		[
			{key, ratelimits: ['a', 'a'].map((name) => ({name, limit: 1, duration: 1000}))},
			400,
			'ratelimits[1].name is there twice',
		],
		['{', 400, 'Request body is not valid JSON'],
		[JSON.stringify({key: 'x'.repeat(70_000)}), 413, 'Request body is larger than 64 KiB'],
	];
	for (const [body, status, detail] of faults) {
		const answer = await server.call(path, {bearer: jwt, body});
		t.is(answer.status, status);
		const {error} = answer.json() as {error: {detail: string; status: number}};
		t.is(error.detail, detail);
		t.is(error.status, status);
		t.false(answer.text.includes(key), 'no key is told back');
	}
});

test('it is not there unless it is switched on', async (t) => {
	const other = await appliance.startServer();
	const {key} = await make(t);
	for (const method of ['POST', 'GET', 'DELETE']) {
		const [answer, unknown] = await Promise.all(
			[path, '/v2/keys.verifyKeys'].map((at) =>
				other.call(at, {bearer: jwt, method, ...(method === 'POST' && {body: {key}})}),
			),
		);
		t.is(answer?.status, 404, method);
		t.is(answer?.text, unknown?.text);
		t.is(answer?.headers['latchkey-error-code'], 'not_found');
	}
	await other.stop();
});
