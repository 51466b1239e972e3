import test, {type ExecutionContext} from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import {
	fullVerification,
	verifications,
	type BriefVerification,
	type FullVerification,
} from '../../contract/verification.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeKey, makeOrganisation, patiently} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';

/* What verify tells in full, what it takes, what it refuses to read, and many keys at once. */

const {appliance, server, jwt} = await openAppliance();
const second = await appliance.startServer();

test.after.always(() => appliance.stop());

type Place = {organisation: string; keys: string};

async function makePlace(): Promise<Place> {
	const {id} = await makeOrganisation(server, jwt, 'team');
	return {organisation: id, keys: `/api/v1/organizations/${id}/api-keys`};
}

async function make(t: ExecutionContext, {keys}: Place, terms: object = {}): Promise<CreatedKey> {
	const ask = () => server.call(keys, {bearer: jwt, body: {name: 'one', ...terms}});
	const answer = await patiently(ask);
	t.is(answer.status, 201, answer.text);
	return answer.json() as CreatedKey;
}

const path = '/api/v1/keys/verify';

function post(place: Place, body: object, {at = server, query = '', headers = {}} = {}) {
	const own = {'Latchkey-Organization': place.organisation, ...headers};
	const route = `${path}${'keys' in body ? '/batch' : ''}${query}`;
	return at.call(route, {bearer: jwt, headers: own, body});
}

async function ask(t: ExecutionContext, ...asked: Parameters<typeof post>) {
	const answer = await post(...asked);
	t.is(answer.status, 200, answer.text);
	return fullVerification.parse(answer.json());
}

/** Of a key that carries nothing, and of one that is not known. */
const nothing = {
	owner: null,
	scopes: null,
	not_before: null,
	rotation: null,
	rate_limits: [],
	quotas: [],
	missing_scopes: null,
	limits_source: null,
};
const unknown = {
	...nothing,
	valid: false,
	key_id: null,
	name: null,
	organization_id: null,
	expires_at: null,
	status: null,
	lineage_id: null,
	roles: null,
	tags: null,
	metadata: null,
};

/** Without what is another each time. */
function steady({request_id: id, decided_at: at, ...rest}: FullVerification, t: ExecutionContext) {
	t.truthy(id);
	t.true(Math.abs(Date.parse(at) - Date.now()) < 600_000);
	return rest;
}

test('everything that a key carries is told, as it is now and by every server', async (t) => {
	const place = await makePlace();
	const root = `/api/v1/organizations/${place.organisation}`;
	const change = async (at: string, body: object, method = 'PATCH') => {
		const answer = await server.call(at, {method, bearer: jwt, body});
		t.true(answer.status < 300, answer.text);
		return answer.json() as {id: string; key: string};
	};
	const role = await change(
		`${root}/key-roles`,
		{name: 'billing', scopes: ['invoices.*', 'eu']},
		'POST',
	);
	const created = await make(t, place, {
		name: 'Zahlungen',
		expires_at: '2099-01-01T00:00:00Z',
		not_before: '2020-01-01T00:00:00Z',
		owner: {type: 'team', id: 'payments'},
		tags: ['env:prod', 'region=eu'],
		metadata: {z: 'first', a: {plan: 'gold'}},
		roles: ['billing'],
		scopes: ['orders.read'],
		rate_limits: [{name: 'burst', limit: 100, window_seconds: 3600}],
		quota: {limit: 50, period: 'total'},
	});
	const {id, key} = created;
	const both = async (wanted: object, presented = key) => {
		for (const at of [server, second]) {
			const shown = await ask(t, place, {key: presented, dry_run: true}, {at});
			t.like(shown, wanted);
		}
	};
	const first = await ask(t, place, {key}, {query: '?view=full'});
	t.deepEqual(steady(first, t), {
		valid: true,
		code: 'VALID',
		key_id: id,
		name: 'Zahlungen',
		organization_id: place.organisation,
		expires_at: '2099-01-01T00:00:00Z',
		status: 'active',
		lineage_id: id,
		owner: {type: 'team', id: 'payments'},
		scopes: ['orders.read', 'invoices.*', 'eu'],
		roles: ['billing'],
		tags: ['env:prod', 'region=eu'],
		metadata: {z: 'first', a: {plan: 'gold'}},
		not_before: '2020-01-01T00:00:00Z',
		rotation: null,
		rate_limits: [
			{
				name: 'burst',
				limit: 100,
				window_seconds: 3600,
				burst: 100,
				remaining: 99,
				reset_seconds: 36,
				exceeded: false,
			},
		],
		quotas: [
			{
				name: 'quota',
				used: 1,
				limit: 50,
				resets_at: null,
				period: 'total',
				remaining: 49,
				exceeded: false,
			},
		],
		missing_scopes: null,
		source: 'database',
		limits_source: 'redis',
	});
	t.is(JSON.stringify(first.metadata), '{"z":"first","a":{"plan":"gold"}}', 'in their order');
	await both({name: 'Zahlungen', tags: ['env:prod', 'region=eu']});
	await both({name: 'Zahlungen', source: 'memory'});

	const at = `${place.keys}/${id}`;
	const changes = {
		name: 'Payments',
		owner: {type: 'user', id: 'ada'},
		tags: ['env:test'],
		metadata: {plan: 'silver'},
		not_before: '2098-01-01T00:00:00Z',
	};
	for (const [member, value] of Object.entries(changes)) {
		// A member that is taken away is one that was there.
		const sent = member === 'metadata' ? {z: null, a: null, plan: 'silver'} : value;
		await change(at, {[member]: sent});
		await both({[member]: value});
	}
	await both({code: 'NOT_YET_VALID', status: 'scheduled'});
	await change(at, {not_before: null, owner: null, tags: null, metadata: null});
	await both({not_before: null, owner: null, tags: [], metadata: {}, status: 'active'});
	await change(`${root}/key-roles/${role.id}`, {name: 'finance'});
	await both({roles: ['finance'], scopes: ['orders.read', 'invoices.*', 'eu']});
	await change(`${root}/key-roles/${role.id}`, {scopes: ['us']});
	await both({roles: ['finance'], scopes: ['orders.read', 'us']});
	await change(at, {roles: null, scopes: null});
	await both({roles: [], scopes: null});
	await change(`${at}/suspend`, {}, 'POST');
	await both({code: 'SUSPENDED', status: 'suspended'});
	await change(`${at}/resume`, {}, 'POST');
	await both({code: 'VALID', status: 'active'});

	const next = (await change(`${at}/rotate`, {grace_seconds: 3600}, 'POST')) as CreatedKey & {
		previous: {grace_until: string};
	};
	const rotation = {role: 'previous' as const, grace_until: next.previous.grace_until};
	await both({code: 'VALID', status: 'rotating', lineage_id: id, rotation});
	await both({key_id: next.id, lineage_id: id, rotation: null, status: 'active'}, next.key);
	await change(`${place.keys}/${next.id}/rotation/finish`, {}, 'POST');
	const ended = {role: 'previous', grace_until: null};
	await both({code: 'ROTATED', status: 'rotated', rotation: ended});
	await server.call(`${place.keys}/${next.id}`, {method: 'DELETE', bearer: jwt});
	await both({code: 'REVOKED', status: 'revoked', lineage_id: id, rotation: null}, next.key);
});

test('a key that carries nothing, and what is none, have every member all the same', async (t) => {
	const place = await makePlace();
	const {id, key} = await make(t, place);
	const foreign = await make(t, await makePlace(), {owner: {type: 'team', id: 'secret'}});
	const known = {
		...nothing,
		valid: true,
		code: 'VALID',
		key_id: id,
		name: 'one',
		organization_id: place.organisation,
		expires_at: null,
		status: 'active',
		lineage_id: id,
		roles: [],
		tags: [],
		metadata: {},
		source: 'database',
	};
	t.deepEqual(steady(await ask(t, place, {key, tags: ['a']}), t) as object, known);
	const cases = [
		['hklst_x', 'MALFORMED', 'memory'],
		[foreign.key, 'NOT_FOUND', 'database'],
		[foreign.key, 'NOT_FOUND', 'memory'],
	];
	for (const [presented, code, source] of cases) {
		const shown = steady(await ask(t, place, {key: presented, method: 'GET'}), t) as object;
		t.deepEqual(shown, {...unknown, code, source});
	}
	const brief = await post(place, {key});
	t.is(
		brief.text,
		`{"valid":true,"code":"VALID","key_id":"${id}","name":"one","organization_id":"${place.organisation}","expires_at":null}`,
	);
	for (const more of [
		{ip: '192.0.2.1'},
		{scopes: 'a'},
		{limits: []},
		{quota_cost: 1},
		{method: 'PROPFIND'},
		{user_agent: ''},
		{tags: []},
		{dry_run: false},
	]) {
		t.is(Object.keys(await ask(t, place, {key, ...more})).length, 22, JSON.stringify(more));
	}
});

test('no-cache asks PostgreSQL whatever memory has', async (t) => {
	const place = await makePlace();
	const {id, key} = await make(t, place);
	const read = (headers = {}) => ask(t, place, {key}, {headers, query: '?view=full'});
	t.is((await read()).source, 'database');
	t.is((await read()).source, 'memory');
	// A change that nobody is told of: only a reading can know it.
	const owner = connectDatabase(appliance.ownerDatabase, 'test');
	const rename = (name: string) =>
		owner.transaction(async (transaction) => {
			await transaction.raw('alter table api_keys disable trigger api_keys_announce');
			await transaction('api_keys').where({id}).update({name});
			await transaction.raw('alter table api_keys enable trigger api_keys_announce');
		});
	t.teardown(() => owner.destroy());
	for (const [before, name, value] of [
		['one', 'two', 'no-cache'],
		['two', 'three', 'max-age=0, No-Cache'],
	] as const) {
		await rename(name);
		t.like(await read(), {source: 'memory', name: before});
		t.like(await read({'Cache-Control': value}), {source: 'database', name});
		t.like(await read(), {source: 'memory', name});
	}
	t.is((await read({'Cache-Control': 'max-age=0'})).source, 'memory');
	const malformed = {key: 'hklst_x', dry_run: true};
	const headers = {'Cache-Control': 'no-cache'};
	t.is((await ask(t, place, malformed, {headers})).source, 'memory', 'it is no key at all');
	const batch = await post(place, {keys: [{key, dry_run: true}, {key}]}, {headers});
	const [full, brief] = verifications.parse(batch.json());
	t.like(full, {source: 'database'});
	t.deepEqual(Object.keys(brief ?? {}).length, 6);
});

test('a caller keeps limits of its own for a key', async (t) => {
	const place = await makePlace();
	const {id, key} = await make(t, place);
	const own = {name: 'reports', limit: 2, window_seconds: 7200};
	const use = (limit: object, presented = key, more = {}) =>
		ask(t, place, {key: presented, limits: [limit], ...more});
	const states = [];
	for (let i = 0; i < 3; i++) {
		const {code, rate_limits: told, limits_source: source} = await use(own);
		states.push([code, source, ...told.map(({remaining, exceeded}) => [remaining, exceeded])]);
	}
	t.deepEqual(states, [
		['VALID', 'redis', [1, false]],
		['VALID', 'redis', [0, false]],
		['RATE_LIMITED', 'redis', [0, true]],
	]);
	t.is((await use({...own, name: 'other'})).code, 'VALID', 'another name is another limit');
	const costly = await use({...own, name: 'costly', burst: 1, cost: 2});
	t.like(costly, {code: 'RATE_LIMITED'});
	t.like(costly.rate_limits[0], {exceeded: true, reset_seconds: null, remaining: 1});
	t.like(await use({...own, name: 'free', cost: 0}), {code: 'VALID'});

	// It is of all keys that rotations make of one another.
	const rotate = await server.call(`${place.keys}/${id}/rotate`, {bearer: jwt, body: {}});
	const next = rotate.json() as CreatedKey;
	t.is((await use(own, next.key)).code, 'RATE_LIMITED');
	t.is((await use(own, (await make(t, place)).key)).code, 'VALID', 'and of no other');

	// A limit of the key that gets the same name later is another one; the name is taken then.
	const limits = {rate_limits: [{...own, limit: 5}]};
	const change = (body: object) =>
		server.call(`${place.keys}/${next.id}`, {method: 'PATCH', bearer: jwt, body});
	t.is((await change(limits)).status, 200);
	const plain = await ask(t, place, {key: next.key}, {query: '?view=full'});
	t.like(plain.rate_limits[0], {name: 'reports', remaining: 4});
	const refused = await post(place, {key: next.key, limits: [{name: 'a'}, own]});
	t.is(refused.status, 400);
	t.is(
		refused.text,
		'{"error":"limits[1].name is that of a limit of the key: leave limit out, or choose another name"}',
	);
	const inBatch = await post(place, {
		keys: [{key}, {key: next.key, limits: [own], dry_run: true}],
	});
	t.is(
		inBatch.text,
		'{"error":"keys[1].limits[0].name is that of a limit of the key: leave limit out, or choose another name"}',
	);
	t.like((await ask(t, place, {key: next.key, dry_run: true})).rate_limits[0], {remaining: 4});
	// Who may not know the key does not learn what it has.
	const stranger = await post(await makePlace(), {key: next.key, limits: [own]});
	t.like(stranger.json() as object, {code: 'NOT_FOUND', rate_limits: []});
	t.is((await change({rate_limits: null})).status, 200);
	t.is((await use(own, next.key)).code, 'RATE_LIMITED', 'as it was before');
});

test('what cannot be read is named, alone and in a batch', async (t) => {
	const place = await makePlace();
	const {key} = await make(t, place);
	const limit = {name: 'a', limit: 1, window_seconds: 1};
	const cases: [object, string][] = [
		[{}, 'key is required'],
		[{key: 1}, 'key is required'],
		[{key: 'x'.repeat(4097)}, 'key is too long'],
		[{key, ip: '1.2.3'}, 'ip must be an address such as 203.0.113.7 or 2001:db8::1'],
		[{key, ip: null}, 'ip must be an address such as 203.0.113.7 or 2001:db8::1'],
		[{key, scopes: 'a AND'}, 'scopes must have a scope or ( at column 6'],
		[{key, user_agent: 7}, 'user_agent must be text'],
		[{key, user_agent: 'x'.repeat(4097)}, 'user_agent is too long'],
		[{key, method: 'GET /'}, 'method must be that of a request, such as GET'],
		[{key, method: ''}, 'method must be that of a request, such as GET'],
		[{key, quota_cost: -1}, 'quota_cost must be a whole number from 0 to 1000000000000'],
		[{key, quota_cost: '1'}, 'quota_cost must be a whole number from 0 to 1000000000000'],
		[{key, dry_run: 'yes'}, 'dry_run must be true or false'],
		[{key, tags: 'a'}, 'tags must be a list of tags'],
		[{key, tags: Array.from({length: 21}, (_, i) => `t${i}`)}, 'tags must have at most 20 tags'],
		[{key, limits: {}}, 'limits must be a list of limits'],
		[{key, limits: ['a']}, 'limits[0] must be such as {"name":"writes","cost":2}'],
		[{key, limits: [{}]}, 'limits[0].name is required'],
		[{key, limits: [limit, limit]}, 'limits[1].name is there twice'],
		[
			{key, limits: 'abcdef'.split('').map((name) => ({name}))},
			'limits must have at most 5 limits',
		],
		[{key, limits: [{name: 'a', limit: 1}]}, 'limits[0].window_seconds is required beside limit'],
		[{key, limits: [{name: 'a', burst: 1}]}, 'limits[0].window_seconds is required beside limit'],
		[
			{key, limits: [{name: 'a', window_seconds: 1}]},
			'limits[0].limit is required beside window_seconds',
		],
		[
			{key, limits: [{...limit, name: 'org:a'}]},
			'limits[0].name must be without org: and owner: beside limit',
		],
		[{key, limits: [{...limit, burst: 2}]}, 'limits[0].burst must be at most the limit'],
		[
			{key, limits: [{...limit, cost: 1.5}]},
			'limits[0].cost must be a whole number from 0 to 1000000000',
		],
	];
	const fault = (answer: Answer) => (answer.json() as {error: string}).error;
	for (const [body, error] of cases) {
		const alone = await post(place, body);
		t.deepEqual([alone.status, fault(alone)], [400, error]);
		const inBatch = await post(place, {keys: [{key}, {key, dry_run: true}, body]});
		t.deepEqual([inBatch.status, fault(inBatch)], [400, `keys[2].${error}`]);
	}
	const form = 'must be a request such as {"key":"hklst_…"}';
	const batches: [object, string][] = [
		[{keys: []}, 'keys must not be empty'],
		[{keys: Array.from({length: 101}, () => ({key}))}, 'keys must have at most 100 requests'],
		[{keys: {}}, 'keys must be a list of requests such as {"key":"hklst_…"}'],
		[{keys: [{key}, key]}, `keys[1] ${form}`],
		[{keys: [null]}, `keys[0] ${form}`],
		[{keys: [[]]}, `keys[0] ${form}`],
		[{keys: [{key, more: 1}]}, 'Unknown member: keys[0].more'],
		[{keys: [{key}], dry_run: true}, 'Unknown member: dry_run'],
		[{keys: [{key, limits: [{name: 'a', x: 1}]}]}, 'Unknown member: keys[0].x'],
	];
	for (const [body, error] of batches) {
		const answer = await post(place, body);
		t.deepEqual([answer.status, fault(answer)], [400, error]);
	}
	const problem = await post(
		place,
		{keys: [{key}, {key, ip: 'x'}]},
		{headers: {Accept: 'application/problem+json'}},
	);
	t.like(problem.json() as object, {status: 400, field: 'keys[1].ip'});
	const view = await post(place, {key}, {query: '?view=brief'});
	t.deepEqual([view.status, fault(view)], [400, 'view must be full']);
});

test('a batch decides about each by itself, in its order', async (t) => {
	const place = await makePlace();
	const limited = await make(t, place, {
		rate_limits: [{name: 'two', limit: 2, window_seconds: 7200}],
	});
	const plain = await make(t, place);
	const batch = async (keys: object[], query = '') => {
		const answer = await post(place, {keys}, {query});
		t.is(answer.status, 200, answer.text);
		return verifications.parse(answer.json()) as (BriefVerification & Partial<FullVerification>)[];
	};
	const answers = await batch([
		{key: limited.key},
		{key: 'hklst_x'},
		{key: limited.key, ip: '192.0.2.1'},
		{key: plain.key},
		{key: limited.key, dry_run: true},
		{key: limited.key},
	]);
	t.deepEqual(
		answers.map(({code, key_id: id, checks, status}) => [code, id, checks?.length, status]),
		[
			['VALID', limited.id, undefined, undefined],
			['MALFORMED', null, undefined, undefined],
			['VALID', limited.id, undefined, 'active'],
			['VALID', plain.id, undefined, undefined],
			['RATE_LIMITED', limited.id, 12, 'active'],
			['RATE_LIMITED', limited.id, undefined, undefined],
		],
	);
	const full = await batch([{key: plain.key}, {key: 'x'}], '?view=full');
	t.deepEqual(
		full.map((each) => Object.keys(each).length),
		[22, 22],
	);
	t.is(new Set(full.map(({request_id: id}) => id)).size, 1, 'it is one request');
	const hundred = await batch(Array.from({length: 100}, () => ({key: plain.key})));
	t.true(hundred.every(({code}) => code === 'VALID'));
	const caller = await makeKey(server, jwt, place.organisation);
	const byKey = await server.call(`${path}/batch`, {
		bearer: caller.key,
		body: {keys: [{key: plain.key}]},
	});
	t.like((byKey.json() as object[])[0], {code: 'VALID', key_id: plain.id});
});
