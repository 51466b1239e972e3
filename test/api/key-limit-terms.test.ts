import test from 'ava';
import fc from 'fast-check';
import type {KeyPolicyState} from '../../contract/key-policies.ts';
import type {KeyPolicyImpact} from '../../contract/key-policy-impact.ts';
import type {KeyDetail} from '../../contract/keys.ts';
import {quotaPeriods, quotaRequest, rateLimits} from '../../contract/rate-limits.ts';
import type {RotatedKey} from '../../contract/rotation.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

/* Limits and quotas as terms of keys, and as what a key policy gives to keys that are made. */

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const burst = {name: 'burst', limit: 100, window_seconds: 60, burst: 100, cost: 1, auto: true};
const writes = {name: 'writes', limit: 10, window_seconds: 1, burst: 5, cost: 2, auto: false};
const monthly = {
	limit: 50_000,
	period: 'month',
	reset_day: 15,
	timezone: 'Europe/Berlin',
	cost: 1,
} as const;
const daily = {limit: 7, period: 'day', reset_day: null, timezone: 'UTC', cost: 3} as const;

async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	const call = (path: string, method: string, body?: object) =>
		server.call(`${base}/${path}`, {method, bearer: jwt, ...(body === undefined ? {} : {body})});
	return {
		id,
		call,
		create: async (terms: object) => {
			const answer = await call('api-keys', 'POST', {name: 'a key', ...terms});
			if (answer.status !== 201) throw new Error(answer.text);
			return answer.json() as {id: string; key: string};
		},
		find: async (key: string) => (await call(`api-keys/${key}`, 'GET')).json() as KeyDetail,
		patch: async (key: string, body: object) => {
			const answer = await call(`api-keys/${key}`, 'PATCH', body);
			if (answer.status !== 200) throw new Error(answer.text);
			return answer.json() as KeyDetail;
		},
		rotate: async (key: string, body: object = {}) => {
			const answer = await call(`api-keys/${key}/rotate`, 'POST', body);
			if (answer.status !== 201) throw new Error(answer.text);
			return answer.json() as RotatedKey;
		},
		policy: async (body: object) => {
			const answer = await call('key-policy', 'PATCH', body);
			if (answer.status !== 200) throw new Error(answer.text);
			return answer.json() as KeyPolicyState;
		},
	};
}

const limitsOf = ({rate_limits, quota}: Pick<KeyDetail, 'rate_limits' | 'quota'>) => ({
	rate_limits,
	quota,
});
const none = {rate_limits: [], quota: null};

const uses = fc.integer({min: 1, max: 10 ** 9});
const limit = fc
	.record(
		{
			name: fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/),
			limit: uses,
			window_seconds: fc.integer({min: 1000, max: 2_592_000}),
			burst: uses,
			cost: fc.integer({min: 0, max: 10 ** 9}),
			auto: fc.boolean(),
		},
		{requiredKeys: ['name', 'limit', 'window_seconds']},
	)
	.map((given) => ({
		...given,
		...(given.burst === undefined ? {} : {burst: Math.min(given.burst, given.limit)}),
		...(given.cost === undefined ? {} : {cost: Math.min(given.cost, given.limit)}),
	}));
const carried = fc.record({
	rate_limits: fc.uniqueArray(limit, {
		selector: ({name}) => name,
		maxLength: 10,
	}),
	quota: fc.option(
		fc
			.record(
				{
					limit: fc.integer({min: 0, max: 10 ** 12}),
					period: fc.constantFrom(...quotaPeriods),
					reset_day: fc.integer({min: 1, max: 7}),
					timezone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
					cost: fc.integer({min: 0, max: 10 ** 12}),
				},
				{requiredKeys: ['limit', 'period']},
			)
			.map(({reset_day: day, ...given}) => ({
				...given,
				...(given.period === 'week' || given.period === 'month' ? {reset_day: day} : {}),
			})),
	),
});

test.serial('a hundred random ones are shown as they were written, by each answer', async (t) => {
	const {create, find, patch} = await open();
	const {id: changed} = await create({});
	const seed = Date.now();
	t.log({seed});
	const given = fc.sample(
		carried.filter(({rate_limits: all}) => all.every(({name}) => name !== 'quota')),
		{numRuns: 100, seed},
	);
	for (let start = 0; start < given.length; start += 10) {
		const some = given.slice(start, start + 10);
		const made = await Promise.all(some.map((terms) => create(terms)));
		for (const [place, {id}] of made.entries()) {
			const terms = some[place];
			const complete = {
				rate_limits: rateLimits('rate_limits').parse(terms?.rate_limits) ?? [],
				quota: quotaRequest('quota').parse(terms?.quota),
			};
			t.deepEqual(limitsOf(made[place] as unknown as KeyDetail), complete);
			t.deepEqual(limitsOf(await find(id)), complete);
			if (place === 0) t.deepEqual(limitsOf(await patch(changed, terms ?? {})), complete);
		}
	}
});

test.serial(
	'a change replaces the limits, or the quota, as a whole; what is the same is no change',
	async (t) => {
		const {id: organisation, create, patch, find} = await open();
		const {id} = await create({rate_limits: [burst, writes], quota: monthly});
		const {version} = await find(id);
		for (const same of [
			{},
			{rate_limits: [burst, writes]},
			{rate_limits: [{name: 'burst', limit: 100, window_seconds: 60}, writes]},
			{quota: {...monthly, timezone: 'europe/berlin'}},
			{rate_limits: [burst, writes], quota: monthly},
		]) {
			t.is((await patch(id, same)).version, version, JSON.stringify(same));
		}
		const fewer = await patch(id, {rate_limits: [writes]});
		t.deepEqual(limitsOf(fewer), {rate_limits: [writes], quota: monthly});
		t.is(fewer.version, version + 1);
		const other = await patch(id, {quota: {limit: 7, period: 'day', cost: 3}});
		t.deepEqual(limitsOf(other), {rate_limits: [writes], quota: daily}, 'no member stays of it');
		t.deepEqual((await patch(id, {rate_limits: []})).rate_limits, []);
		t.is((await patch(id, {rate_limits: null})).version, version + 3, '[] and null are the same');
		t.deepEqual(limitsOf(await patch(id, {quota: null})), none);
		t.is((await patch(id, {quota: null})).version, version + 4);
		t.is((await patch(id, {rate_limits: [burst, writes]})).version, version + 5);
		t.is((await patch(id, {rate_limits: [writes, burst]})).version, version + 6, 'in their order');

		const entries = await db('audit_entries')
			.where({chain: organisation, action: 'key.updated', target_id: id})
			.orderBy('sequence')
			.select('content');
		const told = entries.map(({content}) => JSON.parse(content).details);
		t.like(told[0], {
			changed: 'rate_limits',
			rate_limits: 'writes 10/s burst 5 cost 2 named',
			previous_rate_limits: 'burst 100/min, writes 10/s burst 5 cost 2 named',
		});
		t.like(told[1], {
			changed: 'quota',
			quota: '7/day cost 3',
			previous_quota: '50,000/month from 15 in Europe/Berlin',
		});
		t.like(told[2], {changed: 'rate_limits', rate_limits: null});
		t.like(told[3], {changed: 'quota', quota: null, previous_quota: '7/day cost 3'});
	},
);

test.serial('a change that is refused for one of them changes neither', async (t) => {
	const {call, create, find} = await open();
	const {id} = await create({rate_limits: [burst], quota: monthly});
	const before = await find(id);
	for (const body of [
		{rate_limits: [writes], quota: {limit: -1, period: 'day'}},
		{rate_limits: [{...burst, burst: 101}], quota: null},
		{rate_limits: [burst, burst], name: 'renamed'},
	]) {
		const answer = await call(`api-keys/${id}`, 'PATCH', body);
		t.deepEqual([answer.status, answer.headers['latchkey-error-code']], [400, 'invalid_field']);
	}
	t.deepEqual(await find(id), before);
});

test.serial(
	'what a policy gives goes to each key that is made without a word of it, and the documented answer stays',
	async (t) => {
		const {call, create, find, policy} = await open();
		const {own, effective} = await policy({default_rate_limits: [burst], default_quota: daily});
		t.deepEqual([own.default_rate_limits, own.default_quota], [[burst], daily]);
		t.deepEqual([effective.default_rate_limits, effective.default_quota], [[burst], daily]);

		const documented = await call('api-keys', 'POST', {name: 'documented'});
		const made = documented.json() as {id: string};
		t.deepEqual(Object.keys(made), [
			'id',
			'name',
			'key',
			'created_at',
			'last_used_at',
			'revoked_at',
		]);
		t.deepEqual(limitsOf(await find(made.id)), {rate_limits: [burst], quota: daily});
		for (const [terms, carries] of [
			[{description: 'no word of limits'}, {rate_limits: [burst], quota: daily}],
			[{rate_limits: [writes]}, {rate_limits: [writes], quota: daily}],
			[{quota: monthly}, {rate_limits: [burst], quota: monthly}],
			[{rate_limits: []}, {rate_limits: [], quota: daily}],
			[{rate_limits: null, quota: null}, none],
		] as const) {
			const {id} = await create(terms);
			t.deepEqual(limitsOf(await find(id)), carries, JSON.stringify(terms));
		}
		await policy({default_rate_limits: null, default_quota: null});
		t.deepEqual(
			limitsOf(await find(made.id)),
			{rate_limits: [burst], quota: daily},
			'it is copied',
		);
		t.deepEqual(limitsOf(await find((await create({})).id)), none);
	},
);

test.serial(
	'a rotation carries limits and quota over, and adds nothing that a policy gives to new keys',
	async (t) => {
		const {create, find, policy, rotate} = await open();
		const [limited, quotaed, plain] = [
			await create({rate_limits: [burst, writes]}),
			await create({quota: monthly}),
			await create({}),
		];
		await policy({default_rate_limits: [burst], default_quota: daily});
		for (const [{id}, carries] of [
			[limited, {rate_limits: [burst, writes], quota: null}],
			[quotaed, {rate_limits: [], quota: monthly}],
			[plain, none],
		] as const) {
			const first = await rotate(id);
			t.deepEqual(limitsOf(first), carries);
			const second = await rotate(first.id, {finish_previous: true, reason: 'again'});
			t.deepEqual(limitsOf(second), carries);
			t.deepEqual(limitsOf(await find(second.id)), carries);
			t.deepEqual(limitsOf(await find(id)), carries, 'the old one keeps its own');
		}
		const {id} = await create({rate_limits: [burst], quota: monthly});
		const changed = await rotate(id, {rate_limits: [writes], quota: null});
		t.deepEqual(limitsOf(changed), {rate_limits: [writes], quota: null});
		t.deepEqual(limitsOf(await find(id)), {rate_limits: [burst], quota: monthly});
	},
);

test.serial(
	'an organisation gives its own rather than the appliance does; for an outage the stricter one holds',
	async (t) => {
		const {id, call, create, find, policy} = await open();
		const appliancePolicy = (body: object) =>
			server.call('/api/v1/key-policy', {method: 'PATCH', bearer: jwt, body});
		const given = {default_rate_limits: [writes], default_quota: daily};
		t.is((await appliancePolicy({...given, when_redis_is_away: 'local'})).status, 200);
		t.deepEqual(limitsOf(await find((await create({})).id)), {rate_limits: [writes], quota: daily});
		await policy({default_rate_limits: [burst]});
		t.deepEqual(limitsOf(await find((await create({})).id)), {rate_limits: [burst], quota: daily});
		await policy({default_rate_limits: null});
		for (const [own, holds] of [
			['allow', 'local'],
			['refuse', 'refuse'],
			['local', 'local'],
			[null, 'local'],
		] as const) {
			const {effective} = await policy({when_redis_is_away: own});
			t.is(effective.when_redis_is_away, holds, String(own));
		}
		await appliancePolicy({default_rate_limits: [], default_quota: null, when_redis_is_away: null});
		t.is((await policy({when_redis_is_away: 'allow'})).effective.when_redis_is_away, 'allow');

		const {id: key} = await create({});
		const tried = await call('key-policy/impact', 'POST', {
			default_rate_limits: [writes],
			default_quota: daily,
			when_redis_is_away: 'refuse',
		});
		const impact = tried.json() as KeyPolicyImpact;
		t.deepEqual(
			[
				impact.effective.default_rate_limits,
				impact.effective.default_quota,
				impact.effective.when_redis_is_away,
			],
			[[writes], daily, 'refuse'],
		);
		t.deepEqual(impact.keys, [], 'no key breaks them');
		t.deepEqual(limitsOf(await find(key)), none, 'nothing was changed');

		await policy({default_rate_limits: [burst], default_quota: monthly});
		const [entry] = await db('audit_entries')
			.where({chain: id, action: 'key_policy.updated'})
			.orderBy('sequence', 'desc')
			.limit(1)
			.select('content');
		t.deepEqual(JSON.parse(entry?.content ?? '').details, {
			changed: 'default_rate_limits, default_quota',
			default_rate_limits: 'burst 100/min',
			default_quota: '50,000/month from 15 in Europe/Berlin',
			previous_default_rate_limits: 'none',
			previous_default_quota: null,
		});
		const {etag} = (await call('key-policy', 'GET')).headers;
		const same = await call('key-policy', 'PATCH', {
			default_rate_limits: [{name: 'burst', limit: 100, window_seconds: 60}],
		});
		t.is(same.headers.etag, etag, 'it is so already');
	},
);

test.serial('what a policy cannot give is refused by name', async (t) => {
	const {call} = await open();
	const [version] = [String((await call('key-policy', 'GET')).headers.etag)];
	for (const [body, error] of [
		[{default_rate_limits: 'burst'}, 'default_rate_limits must be a list of limits, or null'],
		[
			{default_rate_limits: [{...burst, cost: 101}]},
			'default_rate_limits[0].cost must be at most the limit',
		],
		[
			{default_rate_limits: Array.from({length: 11}, (_, n) => ({...burst, name: `n${n}`}))},
			'default_rate_limits must have at most 10 limits',
		],
		[
			{default_quota: {limit: 5, period: 'day', reset_day: 1}},
			'default_quota.reset_day is for a week or a month only',
		],
		[
			{when_redis_is_away: 'open'},
			'when_redis_is_away must be one of refuse, local, allow, or null',
		],
	] as const) {
		const answer = await call('key-policy', 'PATCH', body);
		t.deepEqual([answer.status, answer.json()], [400, {error}]);
	}
	t.is((await call('key-policy', 'GET')).headers.etag, version);
});
