import test, {type ExecutionContext} from 'ava';
import {apiVersion, envelope, type EventData} from '../../contract/events.ts';
import type {CreatedKey, KeyDetail} from '../../contract/keys.ts';
import {bySystem} from '../../core/actor.ts';
import {isAnyIdle} from '../../core/keys/idle/due.ts';
import {suspendIdleKeys, tellIdleKeys} from '../../core/keys/idle/suspend.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const by = bySystem('worker');
const clock = {now: () => Date.now()};
const day = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * day);

/** An organisation that listens, and has keys suspended that were not used for 90 days. */
async function open(t: ExecutionContext, days: number | null = 90) {
	const {id} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: id,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const base = `/api/v1/organizations/${id}`;
	const call = async (path: string, body?: object, method?: string) => {
		const answer = await server.call(`${base}/${path}`, {bearer: jwt, body, method} as never);
		t.true(answer.status < 300, answer.text);
		return answer;
	};
	const set = (idle: number | null) => call('key-policy', {idle_suspend_days: idle}, 'PATCH');
	if (days !== null) await set(days);
	return {
		id,
		set,
		call,
		/** A key that was made a year ago, and used last so many days ago; null: never. */
		make: async (name: string, used: number | null, terms: object = {}) => {
			const key = (await call('api-keys', {name, ...terms})).json() as CreatedKey;
			await age(key.id, {created_at: 365, last_used_at: used});
			return key;
		},
		show: async ({id: key}: {id: string}) => (await call(`api-keys/${key}`)).json() as KeyDetail,
		told: async () => {
			const events = await db('events')
				.where({organisation_id: id})
				.whereIn('type', ['key.idle', 'key.suspended'])
				.orderBy('sequence');
			return events.map(({type, payload}) => {
				const {data} = envelope(type as 'key.idle').parse(JSON.parse(payload)) as {
					data: Partial<EventData['key.idle'] & EventData['key.suspended']>;
				};
				return [type, data.key?.name, data.days ?? data.reason];
			});
		},
	};
}

/** Moves what happened to a key so many days back. */
async function age(id: string, columns: Record<string, number | null>): Promise<void> {
	const moved = Object.entries(columns).map(([name, days]) => [name, days && daysAgo(days)]);
	await db('api_keys')
		.where({id})
		.update(Object.fromEntries(moved) as never);
}

/** As if so many days had passed for a key. */
async function later(id: string, days: number): Promise<void> {
	const span = {days, id};
	await db.raw(
		`update api_keys set created_at = created_at - :days * interval '24 hours',
			last_used_at = last_used_at - :days * interval '24 hours',
			changed_at = changed_at - :days * interval '24 hours' where id = :id`,
		span,
	);
	await db.raw(
		`update key_idle_notices set idle_since = idle_since - :days * interval '24 hours',
			told_at = told_at - :days * interval '24 hours',
			suspends_at = suspends_at - :days * interval '24 hours' where key_id = :id`,
		span,
	);
}

/** As several workers do at once, over and over. @param until what is known of uses */
async function pass(until = new Date()): Promise<void> {
	for (let round = 0; round < 2; round++) {
		await Promise.all([1, 2, 3].map(() => tellIdleKeys(db, by, {until, most: 100})));
		await Promise.all([1, 2, 3].map(() => suspendIdleKeys(db, by, clock, {until, most: 100})));
	}
}

test.serial('a key that nobody uses is told of once, and suspended 7 days later', async (t) => {
	const {make, show, told, call, id} = await open(t);
	const idle = await make('idle', 84);
	const never = await make('never used', null);
	await make('used', 82);
	const begun = await make('begun', null);
	await age(begun.id, {not_before: 3});
	const changed = await make('changed', 300);
	await age(changed.id, {changed_at: 5});
	const ended = await make('ended', 84);
	await age(ended.id, {expires_at: 1});
	const revoked = await make('revoked', 84);
	await call(`api-keys/${revoked.id}`, undefined, 'DELETE');
	const rotated = await make('rotated', 84);
	await call(`api-keys/${rotated.id}/rotate`, {});

	t.deepEqual(await isAnyIdle(db), {notices: true, suspensions: false});
	await pass(daysAgo(2));
	t.deepEqual(
		await told(),
		[['key.idle', 'never used', 365]],
		'the other is not known to be idle yet',
	);
	await pass();
	t.deepEqual(
		(await told()).slice(1),
		[['key.idle', 'idle', 84]],
		'nothing is told twice, and nothing suspended before its time',
	);
	const [entry] = await db('audit_entries')
		.where({chain: id, action: 'key.idle', target_id: idle.id})
		.select('content');
	t.like(JSON.parse(entry?.content ?? '{}'), {
		actor: {type: 'system'},
		details: {hint: idle.key.slice(0, 12), days: 84},
	});

	await later(idle.id, 6);
	await later(never.id, 8);
	t.deepEqual(await isAnyIdle(db), {notices: false, suspensions: true});
	t.is((await server.call('/api/v1/keys/self', {bearer: never.key})).status, 200);
	await pass(daysAgo(2));
	t.is((await told()).length, 2, 'uses since are not known');
	await pass();
	const reason = 'Not used for 90 days: the key policy says so';
	t.deepEqual((await told()).slice(2), [['key.suspended', 'never used', reason]]);
	t.like(await show(never), {status: 'suspended', suspended_reason: reason});
	t.like(await show(idle), {status: 'active'});
	t.truthy(
		await eventually(
			async () => (await server.call('/api/v1/keys/self', {bearer: never.key})).status === 401,
		),
	);
	t.deepEqual(await isAnyIdle(db), {notices: false, suspensions: false});
});

test.serial('what is used, changed or resumed meanwhile begins a new span', async (t) => {
	const {make, show, told, call} = await open(t);
	const used = await make('used', 84);
	const renamed = await make('renamed', 84);
	const resumed = await make('resumed', 84);
	await pass();
	t.is((await told()).length, 3);
	for (const {id} of [used, renamed, resumed]) await later(id, 8);
	await age(used.id, {last_used_at: 1});
	await call(`api-keys/${renamed.id}`, {name: 'named anew'}, 'PATCH');
	await pass();
	t.deepEqual(
		(await told()).slice(3).map(([type, name]) => [type, name]),
		[['key.suspended', 'resumed']],
	);
	await call(`api-keys/${resumed.id}/resume`, {});
	await pass();
	t.like(await show(resumed), {status: 'active'}, 'it is not suspended again at once');
	t.is((await told()).length, 4);

	await age(used.id, {last_used_at: 84});
	await pass();
	t.deepEqual((await told()).slice(4), [['key.idle', 'used', 84]], 'each span is told of');
});

test.serial(
	'a policy that changes: later it is told again, and never suspended before it was told',
	async (t) => {
		const {make, show, told, set} = await open(t, null);
		const key = await make('a key', 300);
		await pass();
		t.deepEqual(await told(), [], 'nobody asked for it');
		await set(90);
		await pass();
		t.deepEqual(await told(), [['key.idle', 'a key', 300]]);
		t.like(await show(key), {status: 'active'}, 'it was told only now');
		await set(30);
		await pass();
		t.is((await told()).length, 1, 'it was told, for the same time');
		await later(key.id, 6.9);
		await pass();
		t.like(await show(key), {status: 'active'});
		await set(320);
		await later(key.id, 1);
		await pass();
		t.is(
			(await told()).length,
			1,
			'there is more time now, and it is told again when that is nearly over',
		);
		t.like(await show(key), {status: 'active'});
		await age(key.id, {last_used_at: 314});
		await pass();
		t.deepEqual((await told()).slice(1), [['key.idle', 'a key', 314]]);
		await set(null);
		await later(key.id, 8);
		await pass();
		t.like(await show(key), {status: 'active'}, 'nobody asks for it any more');
	},
);

test.serial(
	'the policy of the appliance counts, the tighter of both, and off the Team plan none',
	async (t) => {
		const own = await open(t, 300);
		const asked = await own.make('asked', 100);
		const off = await open(t, 30);
		const unusable = await off.make('off the plan', 100);
		await db('organisations').where({id: off.id}).update({plan: 'free'});
		const floor = (days: number | null) =>
			server.call('/api/v1/key-policy', {
				method: 'PATCH',
				bearer: jwt,
				body: {idle_suspend_days: days},
			});
		t.is((await floor(90)).status, 200);
		await pass();
		t.is((await floor(null)).status, 200);
		t.deepEqual(await own.told(), [['key.idle', 'asked', 100]]);
		t.deepEqual(await off.told(), []);
		for (const key of [asked, unusable]) await later(key.id, 8);
		await pass();
		t.like(await own.show(asked), {status: 'active'});
		t.like(await off.show(unusable), {status: 'active'});
	},
);

test.serial('a span so short that it cannot be told before is refused by name', async (t) => {
	const {id} = await open(t, null);
	const path = `/api/v1/organizations/${id}/key-policy`;
	const answer = await server.call(path, {
		method: 'PATCH',
		bearer: jwt,
		body: {idle_suspend_days: 7},
	});
	t.is(answer.status, 400);
	t.is(answer.text, '{"error":"idle_suspend_days must be a whole number from 8 to 3650, or null"}');
});

test.serial('the impact of a policy tells which keys it would suspend', async (t) => {
	const {make, call} = await open(t, null);
	await make('idle', 84);
	await make('used', 3);
	const answer = await call('key-policy/impact', {idle_suspend_days: 80}, 'POST');
	const {keys} = answer.json() as {keys: {name: string; breaches: unknown[]}[]};
	t.deepEqual(
		keys.map(({name, breaches}) => ({name, breaches})),
		[
			{
				name: 'idle',
				breaches: [
					{
						rule: 'idle_suspend_days',
						field: null,
						error: 'a key that was not used for 80 days is suspended: the key policy says so',
					},
				],
			},
		],
	);
});
