import {randomUUID} from 'node:crypto';
import test from 'ava';
import type {Knex} from 'knex';
import {apiVersion} from '../../contract/events.ts';
import type {CreatedKey} from '../../contract/keys.ts';
import type {CountedOutcome} from '../../contract/outcomes.ts';
import {bySystem} from '../../core/actor.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {announceDenials} from '../../core/keys/denials.ts';
import {hourMs} from '../../core/usage/batch.ts';
import {writeUsage} from '../../core/usage/write.ts';
import {
	createAppliance,
	makeKey,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';

let appliance: Appliance;
let server: Server;
let db: Knex;
let jwt: string;

test.before(async () => {
	appliance = await createAppliance();
	server = await appliance.startServer();
	db = connectDatabase(appliance.database, 'test');
	jwt = await server.logIn();
});

test.after.always(async () => {
	await db?.destroy();
	await appliance?.stop();
});

/** An organisation that listens, with a key, and what is counted and told of it. */
async function make() {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
		event_types: ['key.ip_denied'],
	});
	const {id, key} = await makeKey(server, jwt, organisation);
	const processId = randomUUID();
	const hour = Math.floor(Date.now() / hourMs) * hourMs;
	return {
		id,
		key,
		organisation,
		/** Settles that one process has counted so many so far. */
		settle: (count: number, outcome: CountedOutcome = 'ip_denied', process = processId) =>
			writeUsage(db, {
				rows: [{hour, keyId: id, processId: process, outcome, count}],
				lastUses: [],
				details: [],
			}),
		/** As if what was told had been told so much earlier. */
		age: (interval: string) =>
			db.raw(
				`update key_denials set entered_at = entered_at - ?::interval, told_at = told_at - ?::interval
				where key_id = ?`,
				[interval, interval, id],
			),
		entries: async () => {
			const rows = await db('audit_entries')
				.where({chain: organisation})
				.orderBy('sequence')
				.select('content');
			return rows
				.map(({content}) => JSON.parse(content) as Entry)
				.filter(({action}) => action === 'key.ip_denied');
		},
		events: async () => {
			const rows = await db('events').where({organisation_id: organisation}).orderBy('sequence');
			return rows.map(({payload}) => (JSON.parse(payload) as Event).data);
		},
	};
}

type Entry = {
	action: string;
	outcome: string;
	actor: {type: string};
	target: {id: string};
	details: {count: number};
};
type Event = {data: {key: {id: string}; count: number}};

const announce = () => announceDenials(db, bySystem('worker'), 100);

test.serial('an entry once a minute and an event once an hour say how often', async (t) => {
	const {id, settle, age, entries, events} = await make();
	const told = async () => ({
		entries: (await entries()).map(({details}) => details.count),
		events: (await events()).map(({count}) => count),
	});
	await settle(3);
	await settle(3);
	await settle(2);
	await settle(4, 'ip_denied', randomUUID());
	await Promise.all([announce(), announce(), announce()]);
	t.deepEqual(await told(), {entries: [7], events: [7]});
	t.like((await entries())[0], {outcome: 'refused', actor: {type: 'system'}, target: {id}});
	t.is((await events())[0]?.key.id, id);

	await settle(5);
	await announce();
	t.deepEqual(await told(), {entries: [7], events: [7]}, 'not within the minute');
	await age('1 minute');
	await announce();
	await announce();
	t.deepEqual(await told(), {entries: [7, 2], events: [7]}, 'not within the hour');
	await age('1 hour');
	await announce();
	t.deepEqual(await told(), {entries: [7, 2], events: [7]}, 'nothing has happened');
	await settle(15);
	await announce();
	t.deepEqual(await told(), {entries: [7, 2, 10], events: [7, 12]});
});

test.serial('other refusals, and keys that do not exist, are not told of', async (t) => {
	const {settle, entries} = await make();
	await settle(3, 'valid');
	await settle(3, 'expired');
	await writeUsage(db, {
		rows: [{hour: 0, keyId: randomUUID(), processId: randomUUID(), outcome: 'ip_denied', count: 1}],
		lastUses: [],
		details: [],
	});
	t.is(await announce(), 0);
	t.deepEqual(await entries(), []);
});

test.serial('keys of several organisations are told of at once', async (t) => {
	const all = await Promise.all(Array.from({length: 4}, make));
	for (const {settle} of all) await settle(1);
	t.is(await announce(), 4);
	for (const {entries} of all) t.is((await entries()).length, 1);
});

test.serial(
	'a key that is used from elsewhere is told of, and its entry has neither the key nor its list',
	async (t) => {
		const {organisation, entries, events} = await make();
		const made = await server.call(`/api/v1/organizations/${organisation}/api-keys`, {
			bearer: jwt,
			body: {name: 'bound', ip_allow: ['192.0.2.0/24']},
		});
		const {id, key} = made.json() as CreatedKey;
		await appliance.startWorker();
		for (let i = 0; i < 3; i++) {
			t.is((await server.call('/api/v1/keys/self', {bearer: key})).status, 403);
		}
		const [entry] = await eventually(async () => {
			const found = await entries();
			return found.length > 0 && found;
		});
		t.is(entry?.target.id, id);
		t.true((entry?.details.count ?? 0) > 0);
		t.false(JSON.stringify(entry).includes(key));
		t.false(JSON.stringify(entry).includes('192.0.2'));
		const [event] = await events();
		t.is(event?.key.id, id);
		t.false(JSON.stringify(event).includes(key));
	},
);
