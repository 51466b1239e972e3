import test, {type ExecutionContext} from 'ava';
import {apiVersion, envelope, type EventData} from '../../contract/events.ts';
import type {CreatedKey, FullKey, KeyDetail} from '../../contract/keys.ts';
import {toTimestamp} from '../../contract/text.ts';
import {bySystem} from '../../core/actor.ts';
import {tellDueRotations} from '../../core/keys/rotation/due.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const by = bySystem('worker');
const day = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * day);

/** An organisation that listens. */
async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: id,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const base = `/api/v1/organizations/${id}`;
	const list = `${base}/api-keys`;
	return {
		id,
		list,
		set: async (t: ExecutionContext, body: object, policy = `${base}/key-policy`) => {
			const answer = await server.call(policy, {method: 'PATCH', bearer: jwt, body});
			t.is(answer.status, 200, answer.text);
		},
		/** A key that was made so many days ago. */
		make: async (name: string, age: number, terms: object = {}) => {
			const made = await server.call(list, {bearer: jwt, body: {name, ...terms}});
			if (made.status !== 201) throw new Error(made.text);
			const key = made.json() as CreatedKey;
			await makeOlder(key.id, age);
			return key.id;
		},
		show: async (key: string) =>
			(await server.call(`${list}/${key}`, {bearer: jwt})).json() as KeyDetail,
		due: async () =>
			((await server.call(`${list}?rotation_due=true`, {bearer: jwt})).json() as FullKey[])
				.map(({name}) => name)
				.toSorted(),
		told: async () => {
			const events = await db('events')
				.where({organisation_id: id, type: 'key.rotation_due'})
				.orderBy('sequence');
			return events.map(({payload}) => {
				const {data} = envelope('key.rotation_due').parse(JSON.parse(payload)) as {
					data: EventData['key.rotation_due'];
				};
				return [data.key.name, data.rotation_due_at] as const;
			});
		},
		entries: async () => {
			const entries = await db('audit_entries')
				.where({chain: id, action: 'key.rotation_due'})
				.orderBy('sequence')
				.select('content');
			return entries.map(
				({content}) =>
					JSON.parse(content) as {
						target: {id: string};
						details: Record<string, unknown>;
						actor: {type: string};
					},
			);
		},
	};
}

async function makeOlder(id: string, days: number): Promise<void> {
	await db('api_keys')
		.where({id})
		.update({created_at: daysAgo(days)} as never);
}

/** As several workers do at once, over and over. */
async function tell(): Promise<void> {
	for (let round = 0; round < 3; round++) {
		await Promise.all(Array.from({length: 3}, () => tellDueRotations(db, by, 100)));
	}
}

test.serial(
	'a key that is due to be replaced is told of once, however late and by however many',
	async (t) => {
		const {id, list, set, make, show, due, told, entries} = await open();
		const other = await open();
		await other.make('of another', 500);
		const old = await make('old', 40);
		await make('older', 400);
		const young = await make('young', 5);
		await make('ended', 50, {expires_at: toTimestamp(new Date(Date.now() + day))});
		await db('api_keys')
			.where({organisation_id: id, name: 'ended'})
			.update({expires_at: daysAgo(1)});
		const revoked = await make('revoked', 60);
		await server.call(`${list}/${revoked}`, {method: 'DELETE', bearer: jwt});
		const replaced = await make('replaced', 70);
		const rotation = await server.call(`${list}/${replaced}/rotate`, {bearer: jwt, body: {}});
		t.is(rotation.status, 201, rotation.text);

		t.is((await show(old)).rotation_due_at, null, 'no policy asks for it');
		t.deepEqual(await due(), []);
		await tell();
		t.deepEqual(await told(), []);

		await set(t, {rotate_every_days: 30});
		const {created_at: madeAt, rotation_due_at: dueAt} = await show(old);
		t.is(Date.parse(String(dueAt)) - Date.parse(madeAt), 30 * day);
		t.true(Date.parse(String((await show(young)).rotation_due_at)) > Date.now());
		for (const key of [revoked, replaced]) t.is((await show(key)).rotation_due_at, null);
		t.deepEqual(await due(), ['old', 'older']);
		await tell();
		const first = await told();
		t.deepEqual(first.map(([name]) => name).toSorted(), ['old', 'older']);
		t.deepEqual(
			first.find(([name]) => name === 'old'),
			['old', dueAt],
		);
		const [entry] = (await entries()).filter(({target}) => target.id === old);
		t.like(entry, {details: {rotation_due_at: dueAt}, actor: {type: 'system'}});
		t.is((await entries()).length, 2);
		t.deepEqual(await other.told(), []);

		// Less time: it was told already. More: once that is over.
		await set(t, {rotate_every_days: 20});
		await tell();
		t.is((await told()).length, 2);
		await set(t, {rotate_every_days: 45});
		await tell();
		t.deepEqual(
			(await told()).slice(2).map(([name]) => name),
			['older'],
		);
		t.deepEqual(await due(), ['older']);
		await makeOlder(old, 46);
		await tell();
		t.deepEqual(
			(await told()).slice(3).map(([name]) => name),
			['old'],
		);
		await tell();
		t.is((await told()).length, 4);
		t.is(
			(await server.call(`${list}/${old}`, {method: 'PATCH', bearer: jwt, body: {name: 'renamed'}}))
				.status,
			200,
		);
		await tell();
		t.is((await told()).length, 4, 'a change of the key is nothing new');
	},
);

test.serial('what is accepted no longer is not due, until it is accepted again', async (t) => {
	const {list, set, make, show, due, told} = await open();
	const enforced = await make('lived too long', 40);
	const ending = await make('ends before', 5, {
		expires_at: toTimestamp(new Date(Date.now() + 2 * day)),
	});
	const ended = await make('ended', 50, {expires_at: toTimestamp(new Date(Date.now() + day))});
	await db('api_keys')
		.where({id: ended})
		.update({expires_at: daysAgo(1)});
	await set(t, {rotate_every_days: 30, max_lifetime_days: 35, applies_to_existing: 'enforce'});
	t.is((await show(ending)).rotation_due_at, null);
	t.truthy((await show(enforced)).rotation_due_at, 'it was, before it ended');
	await tell();
	t.deepEqual(await due(), []);
	t.deepEqual(await told(), []);
	await set(t, {applies_to_existing: 'report', max_lifetime_days: null});
	await tell();
	t.deepEqual(
		(await told()).map(([name]) => name),
		['lived too long'],
	);
	const longer = {expires_at: toTimestamp(new Date(Date.now() + day))};
	const changed = await server.call(`${list}/${ended}`, {
		method: 'PATCH',
		bearer: jwt,
		body: longer,
	});
	t.is(changed.status, 200, changed.text);
	t.deepEqual(await due(), ['ended', 'lived too long']);
	await tell();
	t.deepEqual(
		(await told()).map(([name]) => name),
		['lived too long', 'ended'],
	);
});

test.serial(
	'a list that is narrowed to what is due is another one once a key has come to it',
	async (t) => {
		const {list, set, make, due} = await open();
		const id = await make('first', 1);
		await set(t, {rotate_every_days: 2});
		const read = (tag?: string) =>
			server.call(`${list}?rotation_due=true`, {
				bearer: jwt,
				headers: tag === undefined ? {} : {'If-None-Match': tag},
			});
		const {etag} = (await read()).headers;
		t.is((await read(etag)).status, 304);
		await makeOlder(id, 3);
		t.deepEqual(await due(), ['first']);
		t.is((await read(etag)).status, 200);
		const {etag: full} = (await server.call(`${list}?view=full`, {bearer: jwt})).headers;
		await set(t, {rotate_every_days: 20});
		const answer = await server.call(`${list}?view=full`, {
			bearer: jwt,
			headers: {'If-None-Match': String(full)},
		});
		t.is(answer.status, 200, 'every key tells when it is due');
		for (const value of ['', 'false', '1']) {
			const wrong = await server.call(`${list}?rotation_due=${value}`, {bearer: jwt});
			t.is(wrong.status, 400);
			t.is((wrong.json() as {error: string}).error, 'rotation_due must be true');
		}
		const documented = (await server.call(list, {bearer: jwt})).json() as object[];
		const members = ['id', 'name', 'created_at', 'last_used_at', 'revoked_at'];
		t.deepEqual(Object.keys(documented[0] ?? {}), members);
	},
);

test.serial(
	'the worker tells of it by itself, in every organisation that the appliance asks',
	async (t) => {
		const [one, other] = [await open(), await open()];
		await one.make('of one', 100);
		await other.make('of the other', 100);
		t.teardown(() => db('key_policies').whereNull('organisation_id').delete());
		await one.set(t, {rotate_every_days: 90}, '/api/v1/key-policy');
		const worker = await appliance.startWorker();
		for (const each of [one, other]) await eventually(async () => (await each.told()).length === 1);
		await worker.stop();
		await tell();
		for (const each of [one, other]) t.is((await each.told()).length, 1);
	},
);
