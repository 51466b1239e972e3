import test from 'ava';
import type {CreatedKeyWithTerms} from '../../contract/keys.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

/** Keys of one organisation, by their scopes. */
async function organisation() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}/api-keys`;
	const make = async (scopes: string[] | null, more: object = {}) => {
		const body = {name: 'of scopes', scopes, ...more};
		return (await server.call(path, {bearer: jwt, body})).json() as CreatedKeyWithTerms;
	};
	return {id, path, make};
}

const needed = (scope: string) =>
	`Bearer realm="latchkey", error="insufficient_scope", scope="${scope}"`;

test('a restricted key calls the API only where its scopes cover the right, and the refusal says which', async (t) => {
	const {make} = await organisation();
	const reader = await make(['latchkey:sources:read']);
	const all = await make(['latchkey:*']);
	const none = await make([]);
	for (let twice = 0; twice < 2; twice++) {
		t.is((await server.call('/api/v1/sources', {bearer: reader.key})).status, 200);
		for (const [key, body, scope] of [
			[reader.key, {name: 'a', type: 'x'}, 'latchkey:sources:write'],
			[none.key, {name: 'a', type: 'x'}, 'latchkey:sources:write'],
			[none.key, undefined, 'latchkey:sources:read'],
		] as const) {
			const answer = await server.call('/api/v1/sources', {bearer: key, body});
			t.is(answer.status, 403);
			t.is(answer.text, '{"error":"This key does not have the scope that is needed"}');
			t.is(answer.headers['latchkey-error-code'], 'insufficient_scope');
			t.is(answer.headers['www-authenticate'], needed(scope));
		}
	}
	const body = {name: 'a', type: 'x'};
	t.is((await server.call('/api/v1/sources', {bearer: all.key, body})).status, 201);
	const list = await server.call('/api/v1/sources', {bearer: all.key});
	t.is((list.json() as object[]).length, 1, 'nothing was made by those that may not');
	for (const {key} of [reader, none]) {
		t.is((await server.call('/api/v1/keys/self', {bearer: key})).status, 200);
		t.is((await server.call('/api/v1/forward-auth', {bearer: key})).status, 200);
	}
});

test('scopes that are given, taken and lifted are in force when that is answered', async (t) => {
	const {path, make} = await organisation();
	const {id, key} = await make([]);
	const list = () => server.call('/api/v1/sources', {bearer: key});
	t.is((await list()).status, 403);
	for (const [scopes, status] of [
		[null, 200],
		[[], 403],
		[['latchkey:sources:read'], 200],
		[['*'], 403],
		[['latchkey:*'], 200],
	] as const) {
		const changed = await server.call(`${path}/${id}`, {
			method: 'PATCH',
			bearer: jwt,
			body: {scopes},
		});
		t.deepEqual((changed.json() as {scopes: unknown}).scopes, scopes);
		t.is((await list()).status, status, JSON.stringify(scopes));
	}
});

test('the earlier cause is told: address before scope', async (t) => {
	const {make} = await organisation();
	const {key} = await make([], {ip_allow: ['192.0.2.0/24']});
	const answer = await server.call('/api/v1/sources', {bearer: key});
	t.is(answer.headers['latchkey-error-code'], 'ip_denied');
	t.is(answer.headers['www-authenticate'], undefined);
});

test('a refusal for want of scope is counted, and is no use of the key', async (t) => {
	const {path, make} = await organisation();
	const {id, key} = await make(['orders.read']);
	for (let i = 0; i < 3; i++) await server.call('/api/v1/sources', {bearer: key});
	const worker = await appliance.startWorker();
	t.teardown(() => worker.stop());
	const usage = await eventually(async () => {
		const answer = await server.call(`${path}/${id}/usage?view=full`, {bearer: jwt});
		const bucket = (answer.json() as {insufficient_scope: number; valid: number}[]).at(-1);
		return bucket?.insufficient_scope === 3 && bucket;
	});
	t.is(usage.valid, 0);
	const detail = (await server.call(`${path}/${id}`, {bearer: jwt})).json();
	t.is((detail as {last_used_at: string | null}).last_used_at, null);
});
