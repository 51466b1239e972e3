import test from 'ava';
import {apiVersion, envelope, type EventData, type EventType} from '../../contract/events.ts';
import type {Quota} from '../../contract/rate-limits.ts';
import {bySystem} from '../../core/actor.ts';
import {announceLimitRefusals} from '../../core/keys/limit-refusals.ts';
import {periodAt} from '../../core/limits/periods.ts';
import {reachedOf, writeCounts} from '../../core/limits/quota-store.ts';
import {LimitRefusals, pruneRefusals} from '../../core/limits/refusals.ts';
import {announceQuotaThresholds} from '../../core/limits/thresholds.ts';
import {createLog} from '../../core/log.ts';
import {makeOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/* What the worker tells of limits that refuse keys, and of quotas that are being used up. */

const {appliance, server, jwt, db} = await openAppliance();
const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});
const by = bySystem('worker');

test.after.always(() => appliance.stop());

/** An organisation that listens. */
async function open() {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const list = `/api/v1/organizations/${organisation}/api-keys`;
	const call = (path: string, body: object, method = 'POST') =>
		patiently(() => server.call(path, {method, bearer: jwt, body}));
	return {
		organisation,
		list,
		call,
		make: async (terms: object = {}) => {
			const made = await call(list, {name: 'limited', ...terms});
			if (made.status !== 201) throw new Error(made.text);
			return made.json() as {id: string; key: string};
		},
		events: async <T extends EventType>(type: T): Promise<EventData[T][]> => {
			const rows = await db('events')
				.where({organisation_id: organisation, type})
				.orderBy('sequence');
			return rows.map(
				({payload}) =>
					(envelope(type).parse(JSON.parse(payload)) as unknown as {data: EventData[T]}).data,
			);
		},
		entries: async (action: string) => {
			const rows = await db('audit_entries')
				.where({chain: organisation, action})
				.orderBy('sequence')
				.select('content');
			return rows.map(
				({content}) =>
					JSON.parse(content) as {
						outcome: string;
						actor: {type: string};
						target: {type: string; id: string; name: string};
						details: Record<string, unknown>;
					},
			);
		},
	};
}

async function refuse(key: string, name: string, times: number): Promise<void> {
	const refusals = new LimitRefusals({db, log});
	for (let i = 0; i < times; i++) refusals.note(key, name, Date.now());
	await refusals.drain();
}

/** As if what was told had been told so much earlier. */
async function age(key: string, interval: string): Promise<void> {
	await db.raw(
		`update key_limit_refusals set told_at = told_at - ?::interval, last_at = last_at - ?::interval
		where key_id = ?`,
		[interval, interval, key],
	);
}

const tellRefusals = () => announceLimitRefusals(db, by, 100);
const tellThresholds = () => announceQuotaThresholds(db, by, 100);

test.serial(
	'a limit that refuses a key is told once an hour, with how often it did since',
	async (t) => {
		const {make, events, entries} = await open();
		const {id} = await make();
		const told = async () => ({
			events: (await events('key.limit_reached')).map(({limit, count}) => [limit, count]),
			entries: (await entries('key.limit_reached')).map(({details}) => [
				details['limit'],
				details['count'],
			]),
		});
		await refuse(id, 'burst', 3);
		await Promise.all([tellRefusals(), tellRefusals(), tellRefusals()]);
		t.deepEqual(await told(), {events: [['burst', 3]], entries: [['burst', 3]]});
		const [entry] = await entries('key.limit_reached');
		t.like(entry, {outcome: 'refused', actor: {type: 'system'}, target: {type: 'api_key', id}});
		t.is((await events('key.limit_reached'))[0]?.key.id, id);

		await refuse(id, 'burst', 4);
		await refuse(id, 'org:quota', 1);
		await tellRefusals();
		t.deepEqual(
			(await told()).events,
			[
				['burst', 3],
				['org:quota', 1],
			],
			'each limit for itself',
		);
		await age(id, '1 hour');
		await tellRefusals();
		await tellRefusals();
		const all = [
			['burst', 3],
			['org:quota', 1],
			['burst', 4],
		];
		t.deepEqual(await told(), {events: all, entries: all});
	},
);

test.serial('limits of keys of several organisations are told of at once', async (t) => {
	const all = await Promise.all(Array.from({length: 3}, open));
	for (const {make} of all) await refuse((await make()).id, 'burst', 2);
	t.is(await tellRefusals(), 3);
	for (const {events} of all) t.is((await events('key.limit_reached')).length, 1);
});

test.serial(
	'what refused nobody for a month is forgotten, what is still to be told is not',
	async (t) => {
		const {make} = await open();
		const [old, untold, recent] = await Promise.all([make(), make(), make()]);
		for (const {id} of [old, recent]) await refuse(id, 'burst', 1);
		await tellRefusals();
		await refuse(untold.id, 'burst', 1);
		for (const {id} of [old, untold]) await age(id, '31 days');
		t.is(await pruneRefusals(db), 1);
		const left = await db.raw<{rows: {key_id: string}[]}>(
			'select key_id from key_limit_refusals where key_id = any (?) order by key_id',
			[[old.id, untold.id, recent.id]],
		);
		t.deepEqual(
			left.rows.map(({key_id: id}) => id),
			[untold.id, recent.id].toSorted(),
		);
		await tellRefusals();
	},
);

const quota: Quota = {limit: 100, period: 'total', reset_day: null, timezone: 'UTC', cost: 1};

/** A server tells how much was counted. */
async function counted(
	organisationId: string,
	subject: string,
	count: number,
	{of = quota, at = Date.now()}: {of?: Quota; at?: number} = {},
): Promise<void> {
	const {start, end} = periodAt(of, at);
	const row = {organisationId, subject, periodStart: start, periodEnd: end, counted: count};
	await writeCounts(db, [{...row, limit: of.limit, reached: reachedOf(count, of.limit)}]);
}

test.serial('each threshold of a quota is told once, of several at once the highest', async (t) => {
	const {organisation, make, events, entries} = await open();
	const {id} = await make({quota: {limit: 100, period: 'total'}});
	const percents = async () => (await events('key.quota_threshold')).map(({percent}) => percent);
	const use = async (count: number) => {
		await counted(organisation, `k:${id}`, count);
		await Promise.all([tellThresholds(), tellThresholds()]);
	};
	await use(49);
	t.deepEqual(await percents(), []);
	await use(51);
	await use(79);
	t.deepEqual(await percents(), [50]);
	await use(100);
	t.deepEqual(await percents(), [50, 100]);
	await use(105);
	t.deepEqual(await percents(), [50, 100]);
	const [first] = await events('key.quota_threshold');
	t.like(first, {percent: 50, used: 51, limit: 100, resets_at: null, key: {id}});
	t.like((await entries('key.quota_threshold'))[1], {
		target: {type: 'api_key', id},
		details: {percent: 100, used: 100, limit: 100, resets_at: null},
	});
});

test.serial('they are told anew in each period, also late', async (t) => {
	const {organisation, make, events} = await open();
	const {id} = await make({quota: {limit: 10, period: 'hour'}});
	const of: Quota = {...quota, limit: 10, period: 'hour'};
	for (const hoursAgo of [2, 1, 0]) {
		await counted(organisation, `k:${id}`, 8, {of, at: Date.now() - hoursAgo * 3_600_000});
	}
	await tellThresholds();
	const told = await events('key.quota_threshold');
	t.deepEqual(
		told.map(({percent, used}) => [percent, used]),
		[
			[80, 8],
			[80, 8],
			[80, 8],
		],
	);
	t.is(new Set(told.map(({resets_at: at}) => at)).size, 3);
});

test.serial(
	'what somebody sets is not told of; what it comes to after it was set back is',
	async (t) => {
		const {organisation, list, call, make, events} = await open();
		const {id} = await make({quota: {limit: 100, period: 'total'}});
		const percents = async () => {
			await tellThresholds();
			return (await events('key.quota_threshold')).map(({percent, used}) => [percent, used]);
		};
		const set = (body: object) => call(`${list}/${id}/quota`, body);
		/** A server tells of it, with what it knows of changes by hand. */
		const use = (count: number, used: number) => {
			const counter = {organisationId: organisation, subject: `k:${id}`, periodStart: 0};
			const reached = reachedOf(used, 100);
			const row = {...counter, periodEnd: undefined, counted: count, limit: 100, reached};
			return writeCounts(db, [row]);
		};
		const first = [80, 90];
		t.is((await set({set: 60})).status, 200);
		t.deepEqual(await percents(), []);
		await use(30, 90);
		t.deepEqual(await percents(), [first]);
		t.is((await set({set: 0})).status, 200);
		// One that has not heard of it yet.
		await use(31, 91);
		t.deepEqual(await percents(), [first]);
		await use(80, 50);
		t.deepEqual(await percents(), [first, [50, 50]]);
	},
);

test.serial(
	'of keys that were rotated the newest is told of, and none once all have gone',
	async (t) => {
		const {organisation, list, call, make, events} = await open();
		const {id} = await make({quota: {limit: 100, period: 'total'}});
		const rotated = await call(`${list}/${id}/rotate`, {});
		const next = (rotated.json() as {id: string}).id;
		await counted(organisation, `k:${id}`, 50);
		await tellThresholds();
		t.deepEqual(
			(await events('key.quota_threshold')).map(({key}) => key.id),
			[next],
		);
		await server.call(`${list}/${next}?lineage=true`, {method: 'DELETE', bearer: jwt});
		await counted(organisation, `k:${id}`, 100);
		t.is(await tellThresholds(), 1);
		t.is(await tellThresholds(), 0);
		t.is((await events('key.quota_threshold')).length, 1);
	},
);

test.serial(
	'a quota that is shared is told of with its owner, and one that is gone is not',
	async (t) => {
		const {organisation, call, events, entries} = await open();
		const base = `/api/v1/organizations/${organisation}/shared-limits`;
		const owned = `${base}/owner/team/payments`;
		for (const path of [`${base}/organization`, owned]) {
			const answer = await call(path, {quota: {limit: 10, period: 'total'}}, 'PUT');
			t.is(answer.status, 200, answer.text);
		}
		const of = {...quota, limit: 10};
		await counted(organisation, 'o:', 5, {of});
		await counted(organisation, 'w:team/payments', 10, {of});
		await counted(organisation, 'w:team/nobody', 10, {of});
		await tellThresholds();
		const told = (await events('shared_limit.quota_threshold')).toSorted((a, b) => a.used - b.used);
		t.deepEqual(told, [
			{owner: null, percent: 50, used: 5, limit: 10, resets_at: null},
			{owner: {type: 'team', id: 'payments'}, percent: 100, used: 10, limit: 10, resets_at: null},
		]);
		t.deepEqual(
			new Set((await entries('shared_limit.quota_threshold')).map(({target}) => target.name)),
			new Set(['organization', 'team/payments']),
		);
		t.is(await tellThresholds(), 0);
	},
);

test.serial('a key that is used up is told of by a worker, from its uses alone', async (t) => {
	const {make, events} = await open();
	const {id, key} = await make({quota: {limit: 4, period: 'total'}});
	await appliance.startWorker();
	for (let i = 0; i < 5; i++) await server.call('/api/v1/sources', {bearer: key});
	const [reached] = await eventually(async () => {
		const told = await events('key.limit_reached');
		return told.length > 0 && told;
	});
	t.like(reached, {limit: 'quota', key: {id}});
	const threshold = await eventually(async () =>
		(await events('key.quota_threshold')).find(({percent}) => percent === 100),
	);
	t.like(threshold, {used: 4, limit: 4, key: {id}});
	t.false(JSON.stringify([reached, threshold]).includes(key));
});
