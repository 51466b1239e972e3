import test from 'ava';
import {source, sourceList, type Source} from '../../contract/sources.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {defaultOrganisation, makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

/** A key of an organisation of its own, so that tests do not see each other's sources. */
async function ownKey(): Promise<string> {
	const organisation = await makeOrganisation(server, jwt, 'team');
	return (await makeKey(server, jwt, organisation.id)).key;
}

test('a source is created, read, changed in part, and deleted, with an API key', async (t) => {
	const key = await ownKey();
	const empty = await server.call('/api/v1/sources', {bearer: key});
	t.is(empty.status, 200);
	t.is(empty.text, '[]');

	const created = await server.call('/api/v1/sources', {
		headers: {'X-API-Key': key},
		body: {name: 'Orders', type: 'webhook'},
	});
	t.is(created.status, 201);
	const made = source.parse(created.json());
	t.is(
		created.text,
		`{"id":"${made.id}","name":"Orders","type":"webhook","created_at":"${made.created_at}","updated_at":"${made.updated_at}"}`,
	);

	const path = `/api/v1/sources/${made.id}`;
	t.is((await server.call(path, {bearer: key})).text, created.text);
	const changed = await server.call(path, {method: 'PUT', bearer: key, body: {name: 'Payments'}});
	t.is(changed.status, 200);
	const after = source.parse(changed.json());
	t.like(after, {id: made.id, name: 'Payments', type: 'webhook', created_at: made.created_at});
	t.deepEqual(sourceList.parse((await server.call('/api/v1/sources', {bearer: key})).json()), [
		after,
	]);

	const deleted = await server.call(path, {method: 'DELETE', bearer: key});
	t.is(deleted.status, 200);
	t.is(deleted.text, changed.text);
	for (const method of ['GET', 'PUT', 'DELETE']) {
		const gone = await server.call(path, {
			method,
			bearer: key,
			...(method === 'PUT' ? {body: {name: 'x'}} : {}),
		});
		t.is(gone.status, 404, method);
		t.is(gone.text, '{"error":"Source not found"}');
	}
});

test('a JWT works on sources too, in the organisation it acts in', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'free');
	const member = await makeMember(appliance.database, organisation.id, 'developer');
	const token = await server.logIn(member);
	const created = await server.call('/api/v1/sources', {
		bearer: token,
		body: {name: 'a', type: 'b'},
	});
	t.is(created.status, 201);
	const {id} = created.json() as Source;
	t.is((await server.call(`/api/v1/sources/${id}`, {bearer: token})).status, 200);

	const elsewhere = await server.call(`/api/v1/sources/${id}`, {bearer: jwt});
	t.is(elsewhere.status, 404);
	const named = await server.call(`/api/v1/sources/${id}`, {
		bearer: jwt,
		headers: {'Latchkey-Organization': organisation.id},
	});
	t.is(named.status, 200);
	const foreign = await server.call('/api/v1/sources', {
		bearer: token,
		headers: {'Latchkey-Organization': (await defaultOrganisation(server, jwt)).id},
	});
	t.is(foreign.status, 404);
	t.is(foreign.text, '{"error":"Organization not found"}');
});

test("another organisation's source answers as one that does not exist", async (t) => {
	const [mine, theirs] = await Promise.all([ownKey(), ownKey()]);
	const created = await server.call('/api/v1/sources', {
		bearer: theirs,
		body: {name: 'a', type: 'b'},
	});
	const {id} = created.json() as Source;
	for (const [method, body] of [
		['GET', undefined],
		['PUT', {name: 'stolen'}],
		['DELETE', undefined],
	] as const) {
		const answers = await Promise.all(
			[id, '00000000-0000-4000-8000-000000000000', 'nonsense', "1'--"].map((each) =>
				server.call(`/api/v1/sources/${encodeURIComponent(each)}`, {method, bearer: mine, body}),
			),
		);
		for (const answer of answers) {
			t.is(answer.status, 404, method);
			t.is(answer.text, '{"error":"Source not found"}');
		}
	}
	t.is((await server.call(`/api/v1/sources/${id}`, {bearer: theirs})).text, created.text);
});

test('bad input names the field and changes nothing', async (t) => {
	const key = await ownKey();
	for (const [body, error] of [
		[{}, 'name is required'],
		[{name: ' ', type: 'a'}, 'name is required'],
		[{name: 'a'}, 'type is required'],
		[{name: 'a', type: 5}, 'type is required'],
		[{name: 'a', type: 'b\u0007'}, 'type must not contain control characters'],
		[{name: 'a', type: 'b', organization_id: 'x'}, 'Unknown member: organization_id'],
		['[1]', 'Request body must be a JSON object'],
		['{', 'Request body is not valid JSON'],
	] as const) {
		const answer = await server.call('/api/v1/sources', {bearer: key, body});
		t.is(answer.status, 400, error);
		t.is(answer.text, JSON.stringify({error}));
	}
	t.is((await server.call('/api/v1/sources', {bearer: key})).text, '[]');

	const created = await server.call('/api/v1/sources', {bearer: key, body: {name: 'a', type: 'b'}});
	const path = `/api/v1/sources/${(created.json() as Source).id}`;
	for (const [body, error] of [
		[{name: ''}, 'name is required'],
		[{type: null}, 'type is required'],
		[{id: 'x'}, 'Unknown member: id'],
	] as const) {
		const answer = await server.call(path, {method: 'PUT', bearer: key, body});
		t.is(answer.status, 400, error);
		t.is(answer.text, JSON.stringify({error}));
	}
	t.is((await server.call(path, {bearer: key})).text, created.text);
});

test('a change of nothing is answered with the source as it was, and leaves no trace', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {key} = await makeKey(server, jwt, organisation.id);
	const created = await server.call('/api/v1/sources', {bearer: key, body: {name: 'a', type: 'b'}});
	const {id} = created.json() as Source;
	const path = `/api/v1/sources/${id}`;
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(() => db.destroy());
	// To the millisecond; answers are to the second.
	const changedAt = async () => (await db('sources').where({id}).first())?.updated_at.toISOString();
	const madeAt = await changedAt();
	const trail = async () =>
		(await server.call(`/api/v1/organizations/${organisation.id}/audit`, {bearer: jwt})).text;
	const before = await trail();
	t.regex(before, /source\.created/);
	for (const body of [{}, {name: 'a'}, {name: 'a', type: 'b'}]) {
		const answer = await server.call(path, {method: 'PUT', bearer: key, body});
		t.is(answer.status, 200);
		t.is(answer.text, created.text);
		t.is(await changedAt(), madeAt);
	}
	t.is((await server.call(path, {bearer: key})).text, created.text);
	t.is(await trail(), before);
	t.is((await server.call(path, {method: 'PUT', bearer: key, body: {name: 'c'}})).status, 200);
	t.not(await changedAt(), madeAt);
	t.regex(await trail(), /source\.updated/);
});

test('a viewer reads sources and changes none', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {key} = await makeKey(server, jwt, organisation.id);
	const created = await server.call('/api/v1/sources', {bearer: key, body: {name: 'a', type: 'b'}});
	const path = `/api/v1/sources/${(created.json() as Source).id}`;
	const viewer = await server.logIn(
		await makeMember(appliance.database, organisation.id, 'viewer'),
	);
	t.is((await server.call(path, {bearer: viewer})).status, 200);
	for (const [method, target] of [
		['POST', '/api/v1/sources'],
		['PUT', path],
		['DELETE', path],
	] as const) {
		const answer = await server.call(target, {
			method,
			bearer: viewer,
			body: {name: 'x', type: 'y'},
		});
		t.is(answer.status, 403);
		t.is(answer.text, '{"error":"Your role does not allow this operation"}');
	}
	t.is((await server.call(path, {bearer: viewer})).text, created.text);
});
