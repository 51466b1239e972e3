import test from 'ava';
import * as z from 'zod';
import {envelope, eventTypeNames, type EventType} from '../../contract/events.ts';
import {createdEndpoint, endpoint, eventTypeList} from '../../contract/webhooks.ts';
import {bySystem} from '../../core/actor.ts';
import {announceExpiries, warnOfExpiries} from '../../core/keys/expiry.ts';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

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
	return rows.map(
		(row) => JSON.parse(row.payload) as {type: EventType; sequence: number; data: unknown},
	);
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
	['a url that is too long in ASCII', {url: `https://example.com/${'€'.repeat(500)}`}, /in ASCII$/],
	['headers that are ours', {url, custom_headers: {'Webhook-Id': 'x'}}, /^custom_headers must not/],
	['a header of the connection', {url, custom_headers: {Host: 'x'}}, /^custom_headers must not/],
	['no name of a header', {url, custom_headers: {'a b': 'x'}}, /^custom_headers must have names/],
	[
		'a header of lines',
		{url, custom_headers: {a: 'x\r\nb: y'}},
		/^custom_headers must have values/,
	],
	['headers that are not texts', {url, custom_headers: {a: 1}}, /^custom_headers must have texts/],
	[
		'too many headers',
		{url, custom_headers: Object.fromEntries(Array.from({length: 17}, (_, i) => [`x-${i}`, 'y']))},
		/^custom_headers must be at most 16/,
	],
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

test('the whole of a URL, which may be a credential, is shown to those who may manage webhooks alone', async (t) => {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}/webhooks`;
	const secretUrl =
		'https://hooks.example.com:8443/services/T0/S3cretInThePath?key=S3cretInTheQuery';
	const make = async (to: string, description: string | null) => {
		const body = {url: to, description, event_types: ['webhook.endpoint_disabled']};
		const answer = await server.call(path, {bearer: jwt, body});
		return createdEndpoint.parse(answer.json());
	};
	const [secret] = [await make(secretUrl, null), await make(url, 'told of the others')];
	t.like(secret, {url: secretUrl, url_shown: 'whole'});
	for (const role of ['developer', 'viewer', 'admin', 'owner'] as const) {
		const bearer = await server.logIn(await makeMember(appliance.database, organisationId, role));
		const isWhole = role === 'admin' || role === 'owner';
		const expected = isWhole
			? {url: secretUrl, url_shown: 'whole'}
			: {url: 'https://hooks.example.com:8443', url_shown: 'origin'};
		const one = await server.call(`${path}/${secret.id}`, {bearer});
		t.like(endpoint.parse(one.json()), expected, role);
		const list = z.array(endpoint).parse((await server.call(path, {bearer})).json());
		t.like(
			list.find(({id}) => id === secret.id),
			expected,
			role,
		);
	}
	// Whatever can be done with it is on record, without the credential.
	const change = (body: object) =>
		server.call(`${path}/${secret.id}`, {method: 'PATCH', bearer: jwt, body});
	await change({url: `${secretUrl}2`});
	await change({status: 'disabled'});
	await change({status: 'active', replay_missed: true});
	await server.call(`${path}/${secret.id}/rotate-secret`, {bearer: jwt, body: {}});
	await server.call(`${path}/${secret.id}/replaced-secrets`, {method: 'DELETE', bearer: jwt});
	await server.call(`${path}/${secret.id}/test`, {bearer: jwt, body: {}});
	const replay = {which: 'all', since: '2020-01-01T00:00:00Z'};
	await server.call(`${path}/${secret.id}/replay`, {bearer: jwt, body: replay});
	await server.call(`${path}/${secret.id}`, {method: 'DELETE', bearer: jwt});
	const entries = await db('audit_entries').where({chain: organisationId}).select('content');
	const told = (await eventsOf(organisationId)).map((event) => JSON.stringify(event));
	const written = [...entries.map(({content}) => content), ...told].join('\n');
	for (const action of ['created', 'updated', 'disabled', 'enabled', 'secret_rotated', 'deleted']) {
		t.true(written.includes(`webhook.${action}`), action);
	}
	t.true(told.join('').includes('"url":"https://hooks.example.com:8443"'));
	t.true(written.includes('"changed":"url"'));
	t.false(/S3cret/.test(written));
	t.false(/S3cret/.test(server.output()));
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

test('secrets that were replaced are ended before their time; the current one stays', async (t) => {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}/webhooks`;
	const made = await makeEndpoint(organisationId);
	for (let i = 0; i < 2; i++) {
		await server.call(`${path}/${made.id}/rotate-secret`, {bearer: jwt, body: {}});
	}
	const end = () =>
		server.call(`${path}/${made.id}/replaced-secrets`, {method: 'DELETE', bearer: jwt});
	const before = await db('webhook_secrets').where({endpoint_id: made.id, expires_at: null});
	t.is(endpoint.parse((await end()).json()).secrets.length, 1);
	await end();
	const after = await db('webhook_secrets').where({endpoint_id: made.id});
	t.deepEqual(after, before);
	const entries = await db('audit_entries')
		.where({chain: organisationId, action: 'webhook.secrets_revoked'})
		.orderBy('sequence')
		.select('content');
	t.deepEqual(
		entries.map(({content}) => (JSON.parse(content) as {details: {count: number}}).details.count),
		[2, 0],
	);
	const elsewhere = `${path}/${organisationId}/replaced-secrets`;
	t.is((await server.call(elsewhere, {method: 'DELETE', bearer: jwt})).status, 404);
});

test('headers of an endpoint’s own are shown by name alone, and kept sealed', async (t) => {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}/webhooks`;
	const made = await server.call(path, {
		bearer: jwt,
		body: {url, custom_headers: {Authorization: 'Bearer of-the-receiver', 'X-Team': 'billing'}},
	});
	t.is(made.status, 201, made.text);
	const {id, custom_header_names: names} = createdEndpoint.parse(made.json());
	t.deepEqual(names, ['authorization', 'x-team']);
	const change = (body: object) =>
		server.call(`${path}/${id}`, {method: 'PATCH', bearer: jwt, body});
	const renamed = await change({description: 'Billing'});
	t.deepEqual(endpoint.parse(renamed.json()).custom_header_names, names);
	const [row] = await db('webhook_endpoints').where({id});
	t.false(row?.custom_headers?.includes('of-the-receiver'));
	const replaced = await change({custom_headers: {'X-Other': 'of-the-receiver'}});
	t.deepEqual(endpoint.parse(replaced.json()).custom_header_names, ['x-other']);
	const none = await change({custom_headers: {}});
	t.deepEqual(endpoint.parse(none.json()).custom_header_names, []);
	t.is((await db('webhook_endpoints').where({id}).first())?.custom_headers, null);
	const entries = await db('audit_entries').where({chain: organisationId}).select('content');
	const said = JSON.stringify([made.text, renamed.text, replaced.text, none.text, entries]);
	t.false(said.includes('of-the-receiver'));
});

test('an endpoint that is enabled again gets what it missed, if it is asked for', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}/webhooks`;
	const [skips, replays] = [
		await makeEndpoint(organisation.id, ['key.created', 'webhook.endpoint_disabled']),
		await makeEndpoint(organisation.id, ['key.created', 'webhook.endpoint_disabled']),
	];
	const change = (id: string, body: object) =>
		server.call(`${path}/${id}`, {method: 'PATCH', bearer: jwt, body});
	await makeKey(server, jwt, organisation.id, 'received');
	await db('webhook_deliveries')
		.where({organisation_id: organisation.id})
		.update({status: 'succeeded', finished_at: db.raw('now()')});
	await makeKey(server, jwt, organisation.id, 'waits');
	for (const {id} of [skips, replays]) await change(id, {status: 'disabled'});
	await makeKey(server, jwt, organisation.id, 'missed');
	t.is((await change(skips.id, {replay_missed: true})).status, 400);
	t.is((await change(skips.id, {status: 'active', replay_missed: false})).status, 200);
	t.is((await change(replays.id, {status: 'active', replay_missed: true})).status, 200);

	const waiting = async (id: string) => {
		const rows = await db('webhook_deliveries as d')
			.join('events as v', 'v.id', 'd.event_id')
			.where({'d.endpoint_id': id, 'd.status': 'pending'})
			.orderBy('v.sequence')
			.select('v.payload');
		return rows.map(({payload}) => {
			const {type, data} = JSON.parse(payload) as {type: string; data: {key?: {name: string}}};
			return data.key?.name ?? type;
		});
	};
	t.deepEqual(await waiting(skips.id), []);
	// That the other was disabled, which it waited to be told; of itself it is not.
	t.deepEqual(await waiting(replays.id), ['waits', 'webhook.endpoint_disabled', 'missed']);
	const entries = await db('audit_entries')
		.where({chain: organisation.id, action: 'webhook.replayed'})
		.select('content');
	t.is(entries.length, 1);
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

test('a key that expires is told of 7 days before, and one, each once; not one of a shorter life', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	await makeEndpoint(organisation.id, ['key.expiring']);
	const day = 86_400_000;
	const plan = async (leftMs: number, lifeMs: number) => {
		const {id} = await makeKey(server, jwt, organisation.id);
		const expiresAt = new Date(Date.now() + leftMs);
		await db.raw('update api_keys set expires_at = ?, created_at = ? where id = ?', [
			expiresAt,
			new Date(expiresAt.getTime() - lifeMs),
			id,
		]);
		return id;
	};
	const [late, short, week, far] = [
		await plan(0.5 * day, 90 * day),
		await plan(0.5 * day, 0.9 * day),
		await plan(6 * day, 90 * day),
		await plan(8 * day, 90 * day),
	];
	const pass = async () => {
		for (const days of [1, 7] as const) {
			const warn = () => warnOfExpiries(db, bySystem('worker'), days, 100);
			await Promise.all([warn(), warn(), warn()]);
		}
	};
	const told = async () =>
		(await eventsOf(organisation.id)).map(({data}) => (data as {key: {id: string}}).key.id);
	await pass();
	await pass();
	t.deepEqual(await told(), [late, week]);
	await db('api_keys')
		.whereIn('id', [week, far])
		.update({expires_at: new Date(Date.now() + 0.5 * day)});
	await pass();
	t.deepEqual((await told()).slice(2).toSorted(), [week, far].toSorted());
	t.false((await told()).includes(short));
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
