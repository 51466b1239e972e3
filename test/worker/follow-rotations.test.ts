import test from 'ava';
import {apiVersion, envelope, type EventData, type EventType} from '../../contract/events.ts';
import type {KeyDetail} from '../../contract/keys.ts';
import type {RotatedKey} from '../../contract/rotation.ts';
import {bySystem} from '../../core/actor.ts';
import {
	finishUnused,
	isAnyUnused,
	tellEndedGraces,
	warnOfEndingGraces,
} from '../../core/keys/rotation/follow.ts';
import {KnownUsage} from '../../core/usage/known.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const by = bySystem('worker');
const [hour, day] = [3600, 86_400];

/** A key that is being rotated, in an organisation that listens. */
async function rotating(body: object = {}) {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const list = `/api/v1/organizations/${organisation}/api-keys`;
	const made = await server.call(list, {bearer: jwt, body: {name: 'followed'}});
	const {id, key} = made.json() as {id: string; key: string};
	const answer = await server.call(`${list}/${id}/rotate`, {bearer: jwt, body});
	const next = answer.json() as RotatedKey;
	return {
		id,
		key,
		next,
		post: (end: string) => server.call(`${list}/${id}/${end}`, {bearer: jwt, body: {}}),
		show: async () => (await server.call(`${list}/${id}`, {bearer: jwt})).json() as KeyDetail,
		use: async () => (await server.call('/api/v1/keys/self', {bearer: key})).status,
		/** Moves the rotation and the last use into the past. */
		ago: async ({rotated, used}: {rotated: number; used?: number}) => {
			await db.raw('update api_keys set created_at = ? where id = ?', [
				secondsAgo(rotated),
				next.id,
			]);
			await db.raw('update api_keys set last_used_at = ? where id = ?', [
				used === undefined ? null : secondsAgo(used),
				id,
			] as string[]);
		},
		endsIn: (seconds: number) =>
			db('api_keys')
				.where({id})
				.update({grace_until: secondsAgo(-seconds)}),
		told: async () => {
			const events = await db('events').where({organisation_id: organisation}).orderBy('sequence');
			return events
				.map(({type, payload}) => {
					const {data} = envelope(type as EventType).parse(JSON.parse(payload)) as {
						data: {cause?: string; successor_id?: string};
					};
					return [type, data.cause, data.successor_id].filter((each) => each !== undefined);
				})
				.slice(2);
		},
	};
}

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000);

test.serial('the end of a grace is told once, however late and by however many', async (t) => {
	const ended = await rotating();
	const running = await rotating();
	const cancelled = await rotating();
	await cancelled.post('rotation/cancel');
	const revoked = await rotating({grace_seconds: 0});
	await ended.endsIn(-3 * day);
	for (let round = 0; round < 2; round++) {
		await Promise.all(Array.from({length: 3}, () => tellEndedGraces(db, by, 10)));
	}
	t.deepEqual(await ended.told(), [['key.rotation_finished', 'deadline', ended.next.id]]);
	t.deepEqual(await running.told(), []);
	t.deepEqual(
		(await cancelled.told()).map(([type]) => type),
		['key.rotation_cancelled', 'key.revoked'],
	);
	t.deepEqual(
		(await revoked.told()).map(([type]) => type),
		['key.revoked'],
	);
	t.like(await ended.show(), {status: 'rotated'});
	t.is(await ended.use(), 401);
	t.is(await running.use(), 200);
});

test.serial(
	'a grace ends once the old key was not used for as long as was asked for',
	async (t) => {
		const asked = {grace_seconds: 7 * day, finish_when_unused_seconds: 2 * hour};
		const unused = await rotating(asked);
		await unused.ago({rotated: 3 * hour});
		const idle = await rotating(asked);
		await idle.ago({rotated: 30 * hour, used: 2.5 * hour});
		const used = await rotating(asked);
		await used.ago({rotated: 30 * hour, used: 1.5 * hour});
		const young = await rotating(asked);
		await young.ago({rotated: 1.5 * hour, used: 30 * hour});
		const unasked = await rotating({grace_seconds: 7 * day});
		await unasked.ago({rotated: 30 * hour});
		t.is(await unused.use(), 200);

		t.true(await isAnyUnused(db));
		t.is(await finishUnused(db, by, secondsAgo(1.25 * hour), 10), 0, 'that is not known yet');
		await Promise.all([1, 2, 3].map(() => finishUnused(db, by, secondsAgo(60), 10)));
		for (const each of [unused, idle]) {
			t.deepEqual(await each.told(), [['key.rotation_finished', 'unused', each.next.id]]);
			t.like(await each.show(), {status: 'rotated'});
			t.truthy(await eventually(async () => (await each.use()) === 401));
		}
		for (const each of [used, young, unasked]) t.deepEqual(await each.told(), []);
		t.false(await isAnyUnused(db));
	},
);

test.serial('a day before its end it is told of an old key that is still used', async (t) => {
	const grace = {grace_seconds: 7 * day};
	const used = await rotating(grace);
	await used.ago({rotated: 6.5 * day, used: 60});
	await used.endsIn(day / 2);
	const idle = await rotating(grace);
	await idle.ago({rotated: 6.5 * day, used: 2 * hour});
	await idle.endsIn(day / 2);
	const far = await rotating(grace);
	await far.ago({rotated: 3 * day, used: 60});
	await far.endsIn(4 * day);
	const short = await rotating();
	await short.ago({rotated: 60, used: 30});
	for (let round = 0; round < 2; round++) {
		await Promise.all([1, 2, 3].map(() => warnOfEndingGraces(db, by, 10)));
	}
	t.deepEqual(await used.told(), [['key.rotation_ending', used.next.id]]);
	for (const each of [idle, far, short]) t.deepEqual(await each.told(), []);
	t.is(await used.use(), 200);
});

test.serial('it tells who used the old key within the last day, as many as fit', async (t) => {
	const warned = async (agent: string) => {
		const old = await rotating({grace_seconds: 7 * day});
		await old.ago({rotated: 6.5 * day, used: 60});
		await old.endsIn(day / 2);
		await db.raw(
			`insert into key_clients (key_id, address, user_agent, first_seen_at, last_seen_at, count, refused)
			select ?, '198.51.100.' || n, ?, now() - interval '9 days', now() - n * interval '55 minutes', n, 0
			from generate_series(1, 40) as n`,
			[old.id, agent],
		);
		await warnOfEndingGraces(db, by, 10);
		const event = await db('events')
			.where({type: 'key.rotation_ending'})
			.whereRaw("payload::jsonb #>> '{data,key,id}' = ?", [old.id])
			.first('payload');
		const {data} = envelope('key.rotation_ending').parse(JSON.parse(event?.payload ?? '{}'));
		return (data as EventData['key.rotation_ending']).clients;
	};
	const clients = await warned('billing/4.2');
	t.deepEqual(
		clients.map(({address}) => address),
		Array.from({length: 20}, (_, place) => `198.51.100.${place + 1}`),
	);
	t.like(clients[1], {user_agent: 'billing/4.2', count: 2, refused: 0});
	const long = await warned('"'.repeat(200));
	t.true(long.length > 5 && long.length < 20, 'a payload is bounded');
	t.is(long[0]?.address, '198.51.100.1');
});

test.serial(
	'an expired key of which a successor was made is told of by its rotation alone',
	async (t) => {
		const {id, told, endsIn} = await rotating();
		await endsIn(-1);
		await db.raw('update api_keys set expires_at = grace_until where id = ?', [id]);
		await tellEndedGraces(db, by, 10);
		t.deepEqual(
			(await told()).map(([type]) => type),
			['key.rotation_finished'],
		);
	},
);

test.serial('a server says until when its uses are sent', async (t) => {
	const sent = async () => {
		const {rows} = await db.raw<{rows: {ago: number}[]}>(
			'select extract(epoch from clock_timestamp() - usage_sent_until)::float8 as ago from verifiers',
		);
		return rows[0]?.ago;
	};
	t.truthy(await eventually(async () => ((await sent()) ?? Infinity) < 5));
});

test.serial(
	'what is sent counts as known once it was settled twice, some time apart',
	async (t) => {
		let now = 0;
		let settled = 0;
		const known = new KnownUsage(() => now);
		const until = () =>
			known.until(db, async () => {
				settled++;
			});
		t.is(await until(), undefined);
		now = 119_000;
		t.is(await until(), undefined);
		now = 120_000;
		const first = await until();
		t.true(first instanceof Date && first.getTime() <= Date.now());
		t.is(settled, 3);
		now = 239_000;
		const second = await until();
		t.true((second?.getTime() ?? 0) >= (first?.getTime() ?? Infinity));
		// A server that does not say holds up everything that it is asked for from then on.
		await db.raw(
			`insert into verifiers (id, name, lease_until, terms_version)
			values (gen_random_uuid(), 'silent', now(), 99)`,
		);
		now = 500_000;
		t.truthy(await until(), 'what was said before holds');
		await t.throwsAsync(
			known.until(db, () => Promise.reject(new Error('Redis is away'))),
			{message: 'Redis is away'},
		);
	},
);
