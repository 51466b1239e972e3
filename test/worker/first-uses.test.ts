import test from 'ava';
import {apiVersion, envelope, type EventData} from '../../contract/events.ts';
import {bySystem} from '../../core/actor.ts';
import {announceFirstUses} from '../../core/keys/first-uses.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const by = bySystem('worker');

/** An organisation that listens, and what it was told of first uses. */
async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: id,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const told = async () => {
		const events = await db('events')
			.where({organisation_id: id, type: 'key.first_used'})
			.orderBy('sequence');
		return events.map(({payload}) => {
			const {data} = envelope('key.first_used').parse(JSON.parse(payload)) as {
				data: EventData['key.first_used'];
			};
			return [data.key.name, data.address] as const;
		});
	};
	const entries = () =>
		db('audit_entries')
			.where({chain: id, action: 'key.first_used'})
			.orderBy('sequence')
			.select('content');
	return {id, told, entries};
}

/** What settling writes of a use. */
async function use(id: string, address: string | null, usedAt = 'now()'): Promise<void> {
	await db.raw(
		`update api_keys set first_used_at = least(first_used_at, ?::timestamptz),
			last_used_at = greatest(last_used_at, ?::timestamptz), last_used_ip = ?::inet where id = ?`,
		[usedAt, usedAt, address, id] as string[],
	);
}

test.serial('a first use is told of once, by however many, and a later one is none', async (t) => {
	const {id, told, entries} = await open();
	const [used, unused, unknown] = [
		await makeKey(server, jwt, id, 'used'),
		await makeKey(server, jwt, id, 'unused'),
		await makeKey(server, jwt, id, 'from nowhere known'),
	];
	await use(used.id, '203.0.113.7', '2030-01-02');
	await use(unknown.id, null, '2030-01-03');
	await Promise.all([1, 2, 3].map(() => announceFirstUses(db, by, 10)));
	const first = [
		['used', '203.0.113.7'],
		['from nowhere known', null],
	] as const;
	t.deepEqual(await told(), first as never);
	// Also one that is settled late, of before.
	await use(used.id, '203.0.113.8', '2030-01-01');
	await use(used.id, '203.0.113.9', '2030-01-05');
	t.is(await announceFirstUses(db, by, 10), 0);
	const [entry] = await entries();
	t.like(JSON.parse(entry?.content ?? '{}'), {
		actor: {type: 'system'},
		target: {type: 'api_key', id: used.id, name: 'used'},
		details: {address: '203.0.113.7'},
	});
	await use(unused.id, '2001:db8::1');
	await announceFirstUses(db, by, 1);
	t.deepEqual((await told()).slice(2) as never, [['unused', '2001:db8::1']]);
});

test.serial('what was used before that was kept is used for the first time no more', async (t) => {
	const {id, told} = await open();
	const key = await makeKey(server, jwt, id, 'old');
	await db('api_keys')
		.where({id: key.id})
		.update({last_used_at: new Date('2026-01-01')});
	await use(key.id, '203.0.113.7');
	t.is(await announceFirstUses(db, by, 10), 0);
	t.deepEqual(await told(), []);
});

test.serial('where the entry cannot be written, it is told of later', async (t) => {
	const {id, told} = await open();
	const key = await makeKey(server, jwt, id, 'told late');
	await use(key.id, null);
	await t.throwsAsync(
		db.transaction(async (transaction) => {
			await announceFirstUses(transaction, by, 10);
			throw new Error('killed');
		}),
	);
	t.deepEqual(await told(), []);
	await announceFirstUses(db, by, 10);
	t.deepEqual((await told()) as never, [['told late', null]]);
});

test.serial(
	'the worker tells of a first use by itself, with the address that it came from',
	async (t) => {
		const {id, told} = await open();
		const key = await makeKey(server, jwt, id, 'in use');
		await appliance.startWorker();
		for (let time = 0; time < 3; time++) {
			t.is((await server.call('/api/v1/keys/self', {bearer: key.key})).status, 200);
		}
		const events = await eventually(async () => {
			const all = await told();
			return all.length > 0 && all;
		});
		t.deepEqual(events as never, [['in use', '127.0.0.1']]);
	},
);
