import test from 'ava';
import {apiVersion} from '../../contract/events.ts';
import {
	sharedLimits,
	sharedLimitsList,
	type ListedSharedLimits,
	type SharedLimits,
} from '../../contract/shared-limits.ts';
import {toTimestamp} from '../../contract/text.ts';
import {periodAt} from '../../core/limits/periods.ts';
import {writeCounts} from '../../core/limits/quota-store.ts';
import {makeMember, makeOrganisation, patiently} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance({LATCHKEY_MAX_SHARED_LIMITS: '4'});

test.after.always(() => appliance.stop());

const all = {name: 'all', limit: 1000, window_seconds: 60};
const complete = {...all, burst: 1000, cost: 1, auto: true};
const quota = {limit: 2_000_000, period: 'month', timezone: 'Europe/Berlin'};
const completeQuota = {
	limit: 2_000_000,
	period: 'month',
	reset_day: 1,
	timezone: 'Europe/Berlin',
	cost: 1,
} as const;

/** An organisation of its own, and how its shared limits are called. */
async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}/shared-limits`;
	const ask = (method: string, path: string, body?: unknown, bearer = jwt) =>
		patiently(() =>
			server.call(`${base}${path}`, {method, bearer, ...(body === undefined ? {} : {body})}),
		);
	return {
		id,
		base,
		ask,
		put: (path: string, body: unknown) => ask('PUT', path, body),
		get: (path: string) => ask('GET', path),
		list: async () => sharedLimitsList.parse((await ask('GET', '')).json()),
		entries: async () =>
			(await db('audit_entries').where({chain: id}).orderBy('sequence').select('content'))
				.map(({content}) => JSON.parse(content) as Entry)
				.filter(({action}) => action === 'shared_limit.updated'),
	};
}

type Entry = {
	action: string;
	target: {type: string; id: string; name: string};
	details: Record<string, unknown>;
};

const codeOf = ({headers}: Answer) => headers['latchkey-error-code'];
const team = '/owner/team/payments';
const notFound = '{"error":"Shared limits not found"}';

test.serial(
	'what is shared is set, read, replaced as a whole and taken away, and each of it is on record',
	async (t) => {
		const {id, get, put, ask, list, entries} = await open();
		await db('webhook_endpoints').insert({
			organisation_id: id,
			url: 'https://hooks.example.com',
			api_version: apiVersion,
		});
		for (const path of [team, '/organization']) {
			for (const none of [await get(path), await ask('DELETE', path)]) {
				t.deepEqual(
					[none.status, none.text, codeOf(none)],
					[404, notFound, 'shared_limits_not_found'],
				);
			}
		}

		const {end = 0} = periodAt(completeQuota, Date.now());
		const set = await put(team, {rate_limits: [all], quota});
		t.is(set.status, 200, set.text);
		t.is(
			set.text,
			`{"rate_limits":[{"name":"all","limit":1000,"window_seconds":60,"burst":1000,"cost":1,"auto":true}],"quota":{"limit":2000000,"period":"month","reset_day":1,"timezone":"Europe/Berlin","cost":1},"quota_used":0,"quota_resets_at":"${toTimestamp(new Date(end))}"}`,
		);
		t.regex(String(set.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
		t.is((await get(team)).text, set.text);
		t.is((await get('/organization')).status, 404);

		const limited = await put(team, {rate_limits: [{...all, limit: 5, auto: false}]});
		t.deepEqual(sharedLimits.parse(limited.json()), {
			rate_limits: [{...complete, limit: 5, burst: 5, auto: false}],
			quota: null,
			quota_used: null,
			quota_resets_at: null,
		});
		const empty = await put(team, {});
		t.deepEqual((empty.json() as SharedLimits).rate_limits, []);
		await put('/organization', {rate_limits: null, quota: {limit: 0, period: 'total'}});
		const [organisation, payments] = await list();
		t.like(organisation, {owner: null, quota_used: 0, quota_resets_at: null});
		t.deepEqual(payments?.owner, {type: 'team', id: 'payments'});

		const gone = await ask('DELETE', team);
		t.is(gone.text, '{"message":"Shared limits deleted successfully"}');
		t.regex(String(gone.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
		for (const method of ['GET', 'DELETE']) {
			const again = await ask(method, team);
			t.deepEqual([again.status, again.text], [404, notFound]);
			t.is(again.headers['latchkey-revocation'], undefined);
		}
		await ask('DELETE', '/organization');
		t.deepEqual(await list(), []);

		const told = await entries();
		t.deepEqual(
			told.map(({target, details}) => [target.type, target.name, details]),
			[
				[
					'shared_limits',
					'team/payments',
					{
						changed: 'rate_limits, quota',
						rate_limits: 'all 1,000/min',
						quota: '2,000,000/month in Europe/Berlin',
						previous_rate_limits: 'none',
						previous_quota: null,
					},
				],
				[
					'shared_limits',
					'team/payments',
					{
						changed: 'rate_limits, quota',
						rate_limits: 'all 5/min named',
						quota: null,
						previous_rate_limits: 'all 1,000/min',
						previous_quota: '2,000,000/month in Europe/Berlin',
					},
				],
				[
					'shared_limits',
					'team/payments',
					{changed: 'rate_limits', rate_limits: 'none', previous_rate_limits: 'all 5/min named'},
				],
				[
					'shared_limits',
					'organization',
					{changed: 'quota', quota: '0/total', previous_quota: null},
				],
				['shared_limits', 'team/payments', {changed: '', deleted: true}],
				[
					'shared_limits',
					'organization',
					{changed: 'quota', quota: null, previous_quota: '0/total', deleted: true},
				],
			],
		);
		const events = await db('events').where({organisation_id: id}).orderBy('sequence');
		t.deepEqual(events.map(({type, payload}) => [type, JSON.parse(payload).data]).slice(0, 2), [
			[
				'shared_limit.updated',
				{
					shared_limits: {
						owner: {type: 'team', id: 'payments'},
						rate_limits: [complete],
						quota: completeQuota,
					},
					changed: ['rate_limits', 'quota'],
				},
			],
			[
				'shared_limit.updated',
				{
					shared_limits: {
						owner: {type: 'team', id: 'payments'},
						rate_limits: [{...complete, limit: 5, burst: 5, auto: false}],
						quota: null,
					},
					changed: ['rate_limits', 'quota'],
				},
			],
		]);
		t.is(events.length, 6);
		t.deepEqual(JSON.parse(events.at(-1)?.payload ?? '').data, {
			shared_limits: {owner: null, rate_limits: [], quota: null},
			changed: ['quota'],
		});
	},
);

test.serial('what is set again as it is changes nothing', async (t) => {
	const {id, put, entries} = await open();
	const first = await put(team, {rate_limits: [all], quota});
	const read = () => db('shared_limits').where({organisation_id: id}).select('*');
	const before = await read();
	for (const body of [
		{rate_limits: [all], quota},
		{rate_limits: [complete], quota: completeQuota},
		{
			quota: {...completeQuota, timezone: 'europe/berlin', reset_day: null},
			rate_limits: [{...all, cost: 1}],
		},
	]) {
		const again = await put(team, body);
		t.deepEqual([again.status, again.text], [200, first.text]);
		t.is(again.headers['latchkey-revocation'], undefined);
	}
	t.deepEqual(await read(), before);
	t.is((await entries()).length, 1);
	await put(team, {rate_limits: [complete, {...all, name: 'b'}], quota});
	t.is((await entries()).length, 2);
	const swapped = await put(team, {rate_limits: [{...all, name: 'b'}, complete], quota});
	t.deepEqual(
		(swapped.json() as SharedLimits).rate_limits.map(({name}) => name),
		['b', 'all'],
	);
	t.is((await entries()).length, 3, 'they are told in their order');
});

test.serial(
	'a path names an owner as keys have them, percent-encoded; what is none is not there, and is not made',
	async (t) => {
		const {base, put, get, ask, list} = await open();
		const longest = '😀'.repeat(255);
		for (const id of ['a/b', '%ff', '..', 'organization', 'Zahlungen & Café?#', longest]) {
			const path = `/owner/team/${encodeURIComponent(id)}`;
			const set = await put(path, {rate_limits: [{...all, name: 'mine'}]});
			t.is(set.status, 200, set.text);
			t.deepEqual((await list())[0]?.owner, {type: 'team', id}, id);
			t.is((await get(path)).text, set.text);
			t.is((await ask('DELETE', path)).status, 200);
		}
		const named = 'owner_type must be lower-case letters, digits and _';
		const malformed = 'The path must be percent-encoded UTF-8';
		for (const [path, error, field] of [
			['/owner/Team/a', named, 'owner_type'],
			['/owner/1team/a', named, 'owner_type'],
			[`/owner/${'a'.repeat(33)}/a`, 'owner_type must be at most 32 characters', 'owner_type'],
			['/owner/te%20am/a', named, 'owner_type'],
			['/owner/team/%20', 'owner_id is required', 'owner_id'],
			['/owner/team/a%00', 'owner_id must not contain control characters', 'owner_id'],
			['/owner/team/a%E2%80%8Bb', 'owner_id must not contain invisible characters', 'owner_id'],
			[
				`/owner/team/${encodeURIComponent(`${longest}x`)}`,
				'owner_id must be at most 255 characters',
				'owner_id',
			],
			['/owner/team/%ff', malformed, undefined],
			['/owner/team/100%', malformed, undefined],
			['/owner/team/%C0%AF', malformed, undefined],
		] as const) {
			const made = await server.call(`${base}${path}`, {
				method: 'PUT',
				bearer: jwt,
				body: {rate_limits: [all]},
				headers: {Accept: 'application/problem+json'},
			});
			t.is(made.status, 400, path);
			t.like(made.json(), {code: 'invalid_field', detail: error, field}, path);
			for (const method of ['GET', 'DELETE']) {
				const none = await ask(method, path);
				t.deepEqual([none.status, none.text], [404, notFound], `${method} ${path}`);
			}
		}
		for (const path of ['/owner', '/owner/team', '/owner/team/', '/owner//a', '/owner/team/a/b']) {
			t.is(codeOf(await put(path, {})), 'not_found', path);
		}
		const wrong = await ask('POST', team, {});
		t.deepEqual([wrong.status, wrong.headers.allow], [405, 'HEAD, GET, PUT, DELETE']);
		t.deepEqual(await list(), []);
	},
);

test.serial('what cannot be shared is refused by name, and what is there stays', async (t) => {
	const {put, list, entries} = await open();
	await put(team, {rate_limits: [all], quota});
	const before = await list();
	for (const [body, error] of [
		[[], 'Request body must be a JSON object'],
		[{limits: []}, 'Unknown member: limits'],
		[{rate_limits: {}}, 'rate_limits must be a list of limits, or null'],
		[{rate_limits: [all, all]}, 'rate_limits[1].name is there twice'],
		[
			{rate_limits: [{...all, name: 'quota'}]},
			'rate_limits[0].name must not be quota, by which the quota is called',
		],
		[{rate_limits: [{...all, cost: 1001}]}, 'rate_limits[0].cost must be at most the limit'],
		[{quota: 5}, 'quota must be such as {"limit":50000,"period":"month"}, or null'],
		[
			{quota: {...quota, timezone: 'Mars/Olympus'}},
			'quota.timezone must be a time zone such as Europe/Berlin',
		],
		[{quota: {...quota, used: 3}}, 'Unknown member: used'],
	] as const) {
		const answer = await put(team, body);
		t.deepEqual([answer.status, answer.json()], [400, {error}], JSON.stringify(body));
		t.is(codeOf(answer), 'invalid_field');
	}
	t.deepEqual(await list(), before);
	t.is((await entries()).length, 1);
});

test.serial(
	'everybody reads what is shared, owner and admin change it, and elsewhere it is not there',
	async (t) => {
		const {id, ask, list} = await open();
		await ask('PUT', team, {rate_limits: [all]});
		for (const who of ['viewer', 'developer', 'admin', 'owner'] as const) {
			const login = await makeMember(appliance.database, id, who);
			const bearer = await server.logIn({...login, organization_id: id});
			t.is((await ask('GET', '', undefined, bearer)).status, 200, who);
			t.is((await ask('GET', team, undefined, bearer)).status, 200, who);
			const isAllowed = who === 'admin' || who === 'owner';
			const made = await ask('PUT', `/owner/team/${who}`, {rate_limits: [all]}, bearer);
			t.is(made.status, isAllowed ? 200 : 403, who);
			const gone = await ask('DELETE', `/owner/team/${who}`, undefined, bearer);
			t.is(gone.status, isAllowed ? 200 : 403, who);
		}
		const elsewhere = await open();
		t.is((await elsewhere.get(team)).status, 404);
		t.is((await elsewhere.ask('DELETE', team)).status, 404);
		t.deepEqual(
			(await list()).map(({owner}) => owner),
			[{type: 'team', id: 'payments'}],
		);
	},
);

test.serial(
	'of changes at once each is whole; there is one of each place, and no more places than may be',
	async (t) => {
		const {put, ask, list, entries} = await open();
		const wanted = Array.from({length: 8}, (_, n) => ({
			rate_limits: [{...complete, limit: n + 1, burst: n + 1}],
			quota: {limit: n, period: 'total'},
		}));
		const answers = await Promise.all(wanted.map((body) => put(team, body)));
		t.deepEqual([...new Set(answers.map(({status}) => status))], [200]);
		const [only, ...others] = await list();
		t.deepEqual(others, []);
		t.is(only?.rate_limits[0]?.limit, (only?.quota?.limit ?? -1) + 1);
		t.is((await entries()).length, wanted.length);
		const same = await Promise.all([1, 2, 3].map(() => put(team, {rate_limits: [all]})));
		t.deepEqual(
			same.map(({text}) => text),
			[1, 2, 3].map(() => same[0]?.text),
		);
		t.is((await entries()).length, wanted.length + 1, 'the others found it so');

		const owners = [
			'/organization',
			'/owner/team/a',
			'/owner/team/b',
			'/owner/user/a',
			'/owner/team/c',
		];
		const made = await Promise.all(owners.map((path) => put(path, {rate_limits: [all]})));
		t.deepEqual(
			made.map(({status}) => status).toSorted((a, b) => a - b),
			[200, 200, 200, 409, 409],
		);
		// Whichever came too late, be it that of all keys.
		const full = await open();
		for (const path of owners.slice(1)) {
			t.is((await full.put(path, {rate_limits: [all]})).status, 200);
		}
		t.is((await full.put('/organization', {rate_limits: [all]})).status, 409);
		const refused = made.find(({status}) => status === 409);
		t.is(refused && codeOf(refused), 'limit_reached');
		t.is(
			refused?.text,
			'{"error":"An organization has 4 shared limits at most: delete those of an owner first, or ask the operator to raise LATCHKEY_MAX_SHARED_LIMITS"}',
		);
		t.is(
			(await put(team, {rate_limits: [complete, {...all, name: 'b'}]})).status,
			200,
			'no new place',
		);

		const removed = await Promise.all([1, 2, 3].map(() => ask('DELETE', team)));
		t.deepEqual(
			removed.map(({status}) => status).toSorted((a, b) => a - b),
			[200, 404, 404],
		);
		t.is((await put('/owner/team/d', {rate_limits: [all]})).status, 200, 'there is room again');
	},
);

test.serial('a list has pages, newest first', async (t) => {
	const {base, put} = await open();
	const owners = ['a', 'b', 'c', 'd'];
	for (const id of owners) await put(`/owner/team/${id}`, {rate_limits: [all]});
	const found: (string | undefined)[] = [];
	let path: string | undefined = `${base}?limit=3`;
	while (path !== undefined) {
		const next = path;
		const page: Answer = await patiently(() => server.call(next, {bearer: jwt}));
		t.is(page.status, 200, page.text);
		found.push(...(page.json() as ListedSharedLimits[]).map(({owner}) => owner?.id));
		[, path] = /<([^>]+)>; rel="next"/.exec(String(page.headers['link'] ?? '')) ?? [];
	}
	t.deepEqual(found, owners.toReversed());
});

test.serial(
	'what was used of a quota is that of the period which is running, of each place its own',
	async (t) => {
		const {id, put, get, list} = await open();
		const hourly = {limit: 50, period: 'hour', reset_day: null, timezone: 'UTC', cost: 1} as const;
		await put(team, {quota: hourly});
		await put('/organization', {quota: completeQuota});
		await put('/owner/user/payments', {rate_limits: [all]});
		const count = (
			subject: string,
			of: typeof hourly | typeof completeQuota,
			counted: number,
			ago = 0,
		) => {
			const {start, end} = periodAt(of, Date.now() - ago);
			return {
				organisationId: id,
				subject,
				periodStart: start,
				periodEnd: end,
				counted,
				limit: of.limit,
				reached: 0,
			} as const;
		};
		// An hour may end between what is written here and what is read.
		const asked = periodAt(hourly, Date.now()).start;
		await writeCounts(db, [
			count('w:team/payments', hourly, 51),
			count('w:team/payments', hourly, 7, 3_600_000),
			count('o:', completeQuota, 1_999_999),
			count('w:user/payments', hourly, 3),
			count('k:payments', hourly, 4),
		]);
		const used = (await get(team)).json() as SharedLimits;
		const shown = await list();
		if (periodAt(hourly, Date.now()).start === asked) {
			t.is(used.quota_used, 51, 'also beyond the limit');
			t.is(used.quota_resets_at, toTimestamp(new Date(asked + 3_600_000)));
			t.deepEqual(
				shown.map(({quota_used}) => quota_used),
				[null, 1_999_999, 51],
			);
		}
		t.is((shown[1] as SharedLimits).quota_used, 1_999_999);
	},
);
