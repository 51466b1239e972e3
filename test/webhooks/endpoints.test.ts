import test from 'ava';
import type {Knex} from 'knex';
import * as z from 'zod';
import {envelope, eventTypeNames, type EventType} from '../../contract/events.ts';
import {createdEndpoint, endpoint, eventTypeList} from '../../contract/webhooks.ts';
import {bySystem} from '../../core/audit/actor.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {announceExpiries} from '../../core/keys/store.ts';
import {
	createAppliance,
	makeKey,
	makeMember,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';

let appliance: Appliance;
let server: Server;
let jwt: string;
let db: Knex;

test.before(async () => {
	appliance = await createAppliance();
	server = await appliance.startServer();
	jwt = await server.logIn();
	db = connectDatabase(appliance.database, 'test');
});

test.after.always(async () => {
	await db.destroy();
	await appliance.stop();
});

const url = 'https://hooks.example.com/latchkey';

async function makeEndpoint(organisationId: string, eventTypes: EventType[] | null = null) {
	const answer = await server.call(`/api/v1/organizations/${organisationId}/webhooks`, {
		bearer: jwt,
		body: {url, event_types: eventTypes},
	});
	if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
	return createdEndpoint.parse(answer.json());
}

async function eventsOf(organisationId: string) {
	const rows = await db('events').where({organisation_id: organisationId}).orderBy('sequence');
	return rows.map((row) => JSON.parse(row.payload) as {type: EventType; sequence: number});
}

test('an endpoint is created with a secret that is shown once, listed, changed and deleted', async (t) => {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}/webhooks`;
	const made = await makeEndpoint(organisationId, ['key.revoked', 'key.revoked']);
	t.regex(made.secret, /^whsec_[\w+/]{43}=$/);
	t.deepEqual(made.event_types, ['key.revoked']);
	const {secret: _, ...shown} = made;
	const list = await server.call(path, {bearer: jwt});
	t.deepEqual(z.array(endpoint).parse(list.json()), [shown]);

	const change = {description: 'Billing', event_types: null, status: 'disabled'};
	const changed = await server.call(`${path}/${made.id}`, {
		method: 'PATCH',
		bearer: jwt,
		body: change,
	});
	t.like(changed.json(), {...change, disabled_reason: 'request', url});
	const enabled = await server.call(`${path}/${made.id}`, {
		method: 'PATCH',
		bearer: jwt,
		body: {status: 'active'},
	});
	t.like(enabled.json(), {status: 'active', disabled_reason: null});

	const deleted = await server.call(`${path}/${made.id}`, {method: 'DELETE', bearer: jwt});
	t.deepEqual(deleted.json(), {message: 'Webhook deleted successfully'});
	t.is((await server.call(`${path}/${made.id}`, {bearer: jwt})).status, 404);
	const entries = await db('audit_entries').where({chain: organisationId}).orderBy('sequence');
	t.deepEqual(
		entries.map(({action}) => action).filter((action) => action.startsWith('webhook')),
		[
			'webhook.created',
			'webhook.updated',
			'webhook.disabled',
			'webhook.enabled',
			'webhook.deleted',
		],
	);
});

for (const [title, body, message] of [
	['no url', {}, /^url is required/],
	['another scheme', {url: 'ftp://example.com/'}, /^url must be an https/],
	['a relative url', {url: '/hooks'}, /^url must be an https/],
	['credentials in it', {url: 'https://user:secret@example.com/'}, /^url must not contain a user/],
	['a fragment', {url: 'https://example.com/#a'}, /^url must not contain a fragment/],
	['too long a url', {url: `https://example.com/${'a'.repeat(2048)}`}, /^url must be at most/],
	['an unknown type', {url, event_types: ['key.lost']}, /^event_types must be of: key\.created/],
	['no type at all', {url, event_types: []}, /^event_types must not be empty/],
	['an unknown member', {url, secret: 'whsec_mine'}, /secret/],
] as const) {
	test(`an endpoint with ${title} is refused, and nothing is made`, async (t) => {
		const {id} = await makeOrganisation(server, jwt, 'team');
		const path = `/api/v1/organizations/${id}/webhooks`;
		const answer = await server.call(path, {bearer: jwt, body});
		t.is(answer.status, 400);
		t.regex((answer.json() as {error: string}).error, message);
		t.deepEqual((await server.call(path, {bearer: jwt})).json(), []);
	});
}

test('endpoints of another organisation are as missing ones; a viewer reads and changes nothing', async (t) => {
	const mine = await makeOrganisation(server, jwt, 'team');
	const other = await makeOrganisation(server, jwt, 'team');
	const theirs = await makeEndpoint(other.id);
	const path = `/api/v1/organizations/${mine.id}/webhooks`;
	const missing = await server.call(`${path}/${mine.id}`, {bearer: jwt});
	t.is(missing.text, '{"error":"Webhook not found"}');
	for (const id of [theirs.id, 'x', '%00']) {
		t.is((await server.call(`${path}/${id}`, {bearer: jwt})).status, 404);
		t.is((await server.call(`${path}/${id}`, {method: 'DELETE', bearer: jwt})).status, 404);
	}
	const viewer = await server.logIn(await makeMember(appliance.database, other.id, 'viewer'));
	const read = `/api/v1/organizations/${other.id}/webhooks`;
	t.is((await server.call(read, {bearer: viewer})).status, 200);
	t.is((await server.call(read, {bearer: viewer, body: {url}})).status, 403);
});

test('a secret is replaced: the one before signs for the grace period, two at most', async (t) => {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}/webhooks`;
	const made = await makeEndpoint(organisationId);
	const rotate = (body: object) =>
		server.call(`${path}/${made.id}/rotate-secret`, {bearer: jwt, body});
	const secrets = new Set([made.secret]);
	for (let i = 0; i < 3; i++) {
		const answer = (await rotate({grace_seconds: 600})).json() as {secret: string};
		secrets.add(answer.secret);
	}
	t.is(secrets.size, 4);
	const shown = endpoint.parse((await server.call(`${path}/${made.id}`, {bearer: jwt})).json());
	t.deepEqual(
		shown.secrets.map(({expires_at}) => expires_at === null),
		[true, false, false],
	);
	t.is((await rotate({grace_seconds: 604_801})).status, 400);
	t.is((await rotate({grace_seconds: -1})).status, 400);
	await rotate({grace_seconds: 0});
	const left = endpoint.parse((await server.call(`${path}/${made.id}`, {bearer: jwt})).json());
	t.deepEqual(
		left.secrets.map(({expires_at}) => expires_at),
		[null],
	);
	const rows = await db('webhook_secrets').where({endpoint_id: made.id});
	for (const secret of secrets) {
		t.false(rows.some(({sealed}) => sealed.includes(secret)));
	}
});

test('each change of a key or plan writes one event and its deliveries, numbered without gaps', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const all = await makeEndpoint(organisation.id);
	const revocations = await makeEndpoint(organisation.id, ['key.revoked']);
	const path = `/api/v1/organizations/${organisation.id}`;
	const key = await makeKey(server, jwt, organisation.id);
	await server.call(`${path}/api-keys/${key.id}`, {method: 'DELETE', bearer: jwt});
	await server.call(`${path}/api-keys/${key.id}`, {method: 'DELETE', bearer: jwt});
	for (const plan of ['free', 'free', 'team']) {
		await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan}});
	}
	const events = await eventsOf(organisation.id);
	t.deepEqual(
		events.map(({type, sequence}) => [type, sequence]),
		[
			['key.created', 1],
			['key.revoked', 2],
			['plan.downgraded', 3],
			['plan.upgraded', 4],
		],
	);
	for (const event of events) t.notThrows(() => envelope(event.type).parse(event));
	t.false(JSON.stringify(events).includes(key.key));
	const deliveries = await db('webhook_deliveries').where({organisation_id: organisation.id});
	const typesOf = (id: string) =>
		deliveries.filter((row) => row.endpoint_id === id).map((row) => row.event_type);
	t.is(typesOf(all.id).length, 4);
	t.deepEqual(typesOf(revocations.id), ['key.revoked']);
});

test('where nobody listens, nothing is written; a change that fails leaves no event', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	await makeKey(server, jwt, organisation.id);
	t.deepEqual(await eventsOf(organisation.id), []);
	await makeEndpoint(organisation.id, ['key.revoked']);
	await makeKey(server, jwt, organisation.id);
	t.deepEqual(await eventsOf(organisation.id), []);
});

test('a disabled endpoint gets no deliveries, what waited is cancelled, the others are told', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}/webhooks`;
	const [first, second] = [
		await makeEndpoint(organisation.id),
		await makeEndpoint(organisation.id),
	];
	await makeKey(server, jwt, organisation.id);
	const body = {status: 'disabled'};
	await server.call(`${path}/${first.id}`, {method: 'PATCH', bearer: jwt, body});
	await makeKey(server, jwt, organisation.id);
	const deliveries = await db('webhook_deliveries').where({organisation_id: organisation.id});
	const of = (id: string) =>
		deliveries
			.filter((row) => row.endpoint_id === id)
			.map((row) => `${row.event_type} ${row.status}`)
			.toSorted();
	t.deepEqual(of(first.id), ['key.created cancelled']);
	t.deepEqual(of(second.id), [
		'key.created pending',
		'key.created pending',
		'webhook.endpoint_disabled pending',
	]);
});

test('F18: the expiry of a key is told once, however late and by however many', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	await makeEndpoint(organisation.id, ['key.expired']);
	const key = await makeKey(server, jwt, organisation.id);
	await makeKey(server, jwt, organisation.id);
	await db('api_keys')
		.where({id: key.id})
		.update({expires_at: new Date(Date.now() - 7_200_000)});
	const announce = () => announceExpiries(db, bySystem('worker'), 10);
	const counts = await Promise.all([announce(), announce(), announce()]);
	t.is(
		counts.reduce((sum, count) => sum + count),
		1,
	);
	t.deepEqual(
		(await eventsOf(organisation.id)).map(({type}) => type),
		['key.expired'],
	);
});

test('the event types come with their schema, and the example fits it', async (t) => {
	const answer = await server.call('/api/v1/webhooks/event-types', {bearer: jwt});
	const types = eventTypeList.parse(answer.json());
	t.deepEqual(
		types.map(({type}) => type),
		[...eventTypeNames],
	);
	for (const {type, example, schema} of types) {
		t.notThrows(() => envelope(type).parse(example));
		t.is(schema['type'], 'object');
		t.false(/hash|secret/i.test(JSON.stringify(schema)));
	}
});
