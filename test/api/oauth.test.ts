import test from 'ava';
import * as oauth from 'openid-client';
import type {Key} from '../../contract/keys.ts';
import type {CreatedClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {clientSecrets} from '../../core/people/machines/secrets.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {freePort} from '../helpers/program.ts';

const port = String(await freePort());
const env = {LATCHKEY_PUBLIC_URL: `http://127.0.0.1:${port}`};
const {appliance, server, db, jwt} = await openAppliance({...env, LATCHKEY_PORT: port});
/** A second replica. */
const other = await appliance.startServer(env);

test.after.always(() => appliance.stop());

type Machine = {
	organisationId: string;
	/** Of its API keys. */
	keys: string;
	/** Of itself. */
	path: string;
	secretPath: string;
	clientId: string;
	secret: string;
};

async function makeMachine(role = 'developer'): Promise<Machine> {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}`;
	const created = await server.call(`${path}/service-accounts`, {
		bearer: jwt,
		body: {name: 'CI', role},
	});
	const own = `${path}/service-accounts/${(created.json() as ServiceAccount).id}`;
	const answer = await server.call(`${own}/secrets`, {bearer: jwt, body: {}});
	const {id, client_id: clientId, client_secret: secret} = answer.json() as CreatedClientSecret;
	return {
		organisationId,
		keys: `${path}/api-keys`,
		path: own,
		secretPath: `${own}/secrets/${id}`,
		clientId,
		secret,
	};
}

const formType = {'Content-Type': 'application/x-www-form-urlencoded'};

function ask(
	form: Record<string, string> | string,
	headers: Record<string, string | string[]> = {},
): Promise<Answer> {
	const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
	return server.call('/oauth2/token', {body, headers: {...formType, ...headers}});
}

const grant = {grant_type: 'client_credentials'};

function askFor({clientId, secret}: Pick<Machine, 'clientId' | 'secret'>): Promise<Answer> {
	return ask({...grant, client_id: clientId, client_secret: secret});
}

async function tokenOf(machine: Machine): Promise<string> {
	return ((await askFor(machine)).json() as {access_token: string}).access_token;
}

const basic = (id: string, secret: string) => ({
	Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

const invalidClient =
	'{"error":"invalid_client","error_description":"The client id or its secret is not valid"}';

test('a key tells which service account made and which revoked it, also when that is gone', async (t) => {
	const machine = await makeMachine();
	const bearer = await tokenOf(machine);
	const made = await server.call(machine.keys, {bearer, body: {name: 'by ci'}});
	const path = `${machine.keys}/${(made.json() as {id: string}).id}`;
	const read = async () => (await server.call(path, {bearer: jwt})).json();
	const {name} = (await server.call(machine.path, {bearer: jwt})).json() as {name: string};
	const account = {type: 'service_account', id: machine.path.split('/').at(-1), name};
	const maker = {created_by: name, creator: account};
	t.like(await read(), {...maker, revoked_by: null, revoker: null});
	t.is((await server.call(path, {method: 'DELETE', bearer})).status, 200);
	t.is((await server.call(machine.path, {method: 'DELETE', bearer: jwt})).status, 200);
	t.like(await read(), {...maker, revoked_by: name, revoker: account});
});

test('an OAuth client discovers the endpoint, gets a token, manages keys, and stops when its secret is revoked', async (t) => {
	const machine = await makeMachine();
	const client = await oauth.discovery(
		new URL(server.url),
		machine.clientId,
		machine.secret,
		undefined,
		{algorithm: 'oauth2', execute: [oauth.allowInsecureRequests]},
	);
	const answer = await oauth.clientCredentialsGrant(client);
	t.is(answer.token_type, 'bearer');
	t.is(answer.expires_in, 600);

	const url = new URL(machine.keys, server.url);
	const call = (method: string, body?: string) =>
		oauth.fetchProtectedResource(
			client,
			answer.access_token,
			url,
			method,
			body ?? null,
			new Headers({'Content-Type': 'application/json'}),
		);
	const created = await call('POST', '{"name":"made by CI"}');
	t.is(created.status, 201);
	const key = (await created.json()) as {id: string; key: string};
	const listed = (await (await call('GET')).json()) as Key[];
	t.deepEqual(
		listed.map(({id}) => id),
		[key.id],
	);
	t.is((await server.call('/api/v1/sources', {bearer: key.key})).status, 200);

	await server.call(machine.secretPath, {method: 'DELETE', bearer: jwt});
	const error = await t.throwsAsync(call('GET'));
	t.true(error instanceof oauth.WWWAuthenticateChallengeError);
	const refused = await t.throwsAsync(oauth.clientCredentialsGrant(client));
	t.true(refused instanceof oauth.WWWAuthenticateChallengeError);
	t.is((await askFor(machine)).text, invalidClient);
});

test('the client says who it is in Authorization or in the body, and gets the same', async (t) => {
	const machine = await makeMachine();
	const {clientId, secret} = machine;
	const encoded = (text: string) =>
		Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join('');
	for (const [what, answer] of [
		['body', await askFor(machine)],
		['Basic', await ask(grant, basic(clientId, secret))],
		['percent-encoded', await ask(grant, basic(encoded(clientId), encoded(secret)))],
		['id also in the body', await ask({...grant, client_id: clientId}, basic(clientId, secret))],
		[
			'empty and unknown parameters',
			await ask(
				{...grant, scope: '', client_secret: '', resource: 'x', audience: 'y'},
				basic(clientId, secret),
			),
		],
		[
			'charset',
			await ask(
				{...grant, client_id: clientId, client_secret: secret},
				{'Content-Type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8'},
			),
		],
	] as const) {
		t.is(answer.status, 200, `${what}: ${answer.text}`);
		t.regex(answer.text, /^\{"access_token":"[\w.-]+","token_type":"Bearer","expires_in":600\}$/);
		t.is(answer.headers['cache-control'], 'no-store');
		const {access_token: bearer} = answer.json() as {access_token: string};
		t.is((await server.call(machine.keys, {bearer})).status, 200, what);
	}
});

test('RFC 6749, 5.2: what is wrong with a request for a token is said in its words', async (t) => {
	const {clientId, secret} = await makeMachine();
	const post = {...grant, client_id: clientId, client_secret: secret};
	const right = new URLSearchParams(post).toString();
	const cases: [string, Answer, number, string][] = [
		['no parameters', await ask(''), 400, 'invalid_request'],
		['no grant_type', await ask({client_id: clientId}), 400, 'invalid_request'],
		['twice', await ask(`${right}&grant_type=client_credentials`), 400, 'invalid_request'],
		['unknown twice', await ask(`${right}&a=1&a=2`), 400, 'invalid_request'],
		['half an escape', await ask(`${right}&a=%4`), 400, 'invalid_request'],
		['bytes', await ask(`${right}&a=é`), 400, 'invalid_request'],
		['both ways', await ask(post, basic(clientId, secret)), 400, 'invalid_request'],
		[
			'two ids',
			await ask({...grant, client_id: 'x'}, basic(clientId, secret)),
			400,
			'invalid_request',
		],
		['password', await ask({...post, grant_type: 'password'}), 400, 'unsupported_grant_type'],
		['code', await ask({...post, grant_type: 'authorization_code'}), 400, 'unsupported_grant_type'],
		['scope', await ask({...post, scope: 'keys:read'}), 400, 'invalid_scope'],
		[
			'JSON',
			await ask(JSON.stringify(post), {'Content-Type': 'application/json'}),
			415,
			'unsupported_media_type',
		],
		['large', await ask({...post, a: 'a'.repeat(70_000)}), 413, 'body_too_large'],
	];
	for (const [what, answer, status, code] of cases) {
		t.is(answer.status, status, what);
		t.deepEqual(Object.keys(answer.json() as object), ['error', 'error_description'], what);
		t.like(answer.json(), {error: code}, what);
		t.is(answer.headers['latchkey-error-code'], code, what);
		t.regex(
			answer.text,
			/^\{"error":"\w+","error_description":"[\x20-\x21\x23-\x5B\x5D-\x7E]+"\}$/,
		);
	}
	const get = await server.call('/oauth2/token');
	t.is(get.status, 405);
	t.is(get.headers['allow'], 'POST');
});

test('a client that is not known, or not right, is refused with the same bytes', async (t) => {
	const machine = await makeMachine();
	const stranger = await makeMachine();
	const {clientId, secret} = machine;
	const expired = await makeMachine();
	await db('client_secrets')
		.where({service_account_id: expired.clientId})
		.update({expires_at: db.raw("now() - interval '1 second'")});
	const disabled = await makeMachine();
	await server.call(disabled.path, {method: 'PATCH', bearer: jwt, body: {disabled: true}});
	for (const [what, answer] of [
		['nobody', await ask(grant)],
		['no secret', await ask({...grant, client_id: clientId})],
		['no id', await ask({...grant, client_secret: secret})],
		['unknown id', await askFor({clientId: organisationLikeId, secret})],
		['no id at all', await askFor({clientId: "' or 1=1", secret})],
		['malformed secret', await askFor({clientId, secret: 'guess'})],
		['wrong checksum', await askFor({clientId, secret: `${secret.slice(0, -1)}~`})],
		['another secret', await askFor({clientId, secret: clientSecrets.generate()})],
		['secret of another', await askFor({clientId, secret: stranger.secret})],
		['run out', await askFor(expired)],
		['disabled', await askFor(disabled)],
		['Bearer', await ask(grant, {Authorization: `Bearer ${secret}`})],
		['Basic without colon', await ask(grant, {Authorization: `Basic ${btoa(clientId)}`})],
		['Basic, no base64', await ask(grant, {Authorization: 'Basic ~~~'})],
		['Basic, half an escape', await ask(grant, basic(clientId, `${secret}%4`))],
		[
			'in the URL',
			await server.call(`/oauth2/token?client_id=${clientId}&client_secret=${secret}`, {
				body: 'grant_type=client_credentials',
				headers: formType,
			}),
		],
	] as const) {
		t.is(answer.status, 401, what);
		t.is(answer.text, invalidClient, what);
		t.is(answer.headers['www-authenticate'], 'Basic realm="latchkey"', what);
		t.is(answer.headers['cache-control'], 'no-store', what);
	}
});

const organisationLikeId = '00000000-0000-4000-8000-000000000000';

test('S-60 for machines: disabled, revoked, run out or deleted: refused on the next call, on every replica', async (t) => {
	const ways: [string, (machine: Machine) => Promise<unknown>][] = [
		[
			'disabled',
			({path}) => server.call(path, {method: 'PATCH', bearer: jwt, body: {disabled: true}}),
		],
		['secret revoked', ({secretPath}) => server.call(secretPath, {method: 'DELETE', bearer: jwt})],
		['deleted', ({path}) => server.call(path, {method: 'DELETE', bearer: jwt})],
		[
			'secret run out',
			({clientId}) =>
				db('client_secrets')
					.where({service_account_id: clientId})
					.update({expires_at: db.raw('now()')}),
		],
		[
			'organisation deleted',
			({organisationId}) => db('organisations').where({id: organisationId}).delete(),
		],
	];
	for (const [what, end] of ways) {
		const machine = await makeMachine();
		const bearer = await tokenOf(machine);
		t.is((await other.call(machine.keys, {bearer})).status, 200, what);
		await end(machine);
		for (const replica of [other, server]) {
			const answer = await replica.call(machine.keys, {bearer});
			t.is(answer.status, 401, what);
			t.is(answer.text, '{"error":"Invalid or missing API key"}');
		}
	}
});

test('a token outlives neither: enabled again it works on; the other secret was never touched', async (t) => {
	const machine = await makeMachine();
	const second = await server.call(`${machine.path}/secrets`, {bearer: jwt, body: {}});
	const {client_secret: secret} = second.json() as CreatedClientSecret;
	const [old, young] = [await tokenOf(machine), await tokenOf({...machine, secret})];
	await server.call(machine.secretPath, {method: 'DELETE', bearer: jwt});
	t.is((await other.call(machine.keys, {bearer: old})).status, 401);
	t.is((await other.call(machine.keys, {bearer: young})).status, 200);
	for (const [disabled, status] of [
		[true, 401],
		[false, 200],
	] as const) {
		await server.call(machine.path, {method: 'PATCH', bearer: jwt, body: {disabled}});
		t.is((await other.call(machine.keys, {bearer: young})).status, status);
	}
});

test('a role holds from the next call on, in the own organisation only', async (t) => {
	const machine = await makeMachine('viewer');
	const stranger = await makeMachine();
	const bearer = await tokenOf(machine);
	const create = (keys: string) => server.call(keys, {bearer, body: {name: 'a key'}});
	t.is((await create(machine.keys)).status, 403);
	await server.call(machine.path, {method: 'PATCH', bearer: jwt, body: {role: 'developer'}});
	t.is((await create(machine.keys)).status, 201);
	const foreign = await create(stranger.keys);
	t.is(foreign.status, 404);
	t.is(foreign.text, '{"error":"Organization not found"}');
	const named = await server.call('/api/v1/sources', {
		bearer,
		headers: {'Latchkey-Organization': stranger.organisationId},
	});
	t.is(named.status, 404);
	const list = await server.call('/api/v1/organizations', {bearer});
	t.like(list.json(), {0: {id: machine.organisationId}, length: 1});
});

test('S-80: a machine cannot give itself more, nor act as a person', async (t) => {
	const machine = await makeMachine('admin');
	const bearer = await tokenOf(machine);
	for (const [method, path, body] of [
		['PATCH', machine.path, {role: 'admin'}],
		['POST', `${machine.path}/secrets`, {}],
		['DELETE', machine.secretPath, undefined],
		['POST', '/api/v1/organizations', {name: 'mine'}],
		['GET', '/api/v1/auth/me', undefined],
		['POST', '/api/v1/auth/logout', undefined],
	] as const) {
		const answer = await server.call(path, {method, bearer, body});
		t.is(answer.status, 403, path);
		t.is(answer.headers['latchkey-error-code'], 'user_required', path);
	}
	t.is((await server.call(machine.keys, {bearer})).status, 200);
});

type Content = {
	action: string;
	outcome: string;
	actor: {type: string; id?: string};
	target: {type: string; id?: string};
	details?: {reason?: string; repeats?: number; hint?: string};
};

async function tokenEntries(chain: string): Promise<Content[]> {
	const rows = await db('audit_entries').where({chain}).orderBy('sequence').select('content');
	return rows
		.map(({content}) => JSON.parse(content) as Content)
		.filter(({action}) => action.startsWith('token.'));
}

test('S-89: tokens are on record once an hour and secret, refusals once a minute; last use is kept', async (t) => {
	const machine = await makeMachine();
	const {clientId, secret, organisationId} = machine;
	for (let i = 0; i < 3; i++) await askFor(machine);
	const list = await server.call(`${machine.path}/secrets`, {bearer: jwt});
	const [listed] = list.json() as {last_used_at: string | null}[];
	t.truthy(listed?.last_used_at);
	const issued = await tokenEntries(organisationId);
	t.is(issued.length, 1);
	t.like(issued[0], {
		action: 'token.issued',
		outcome: 'success',
		actor: {type: 'service_account', id: clientId},
		target: {type: 'client_secret'},
		details: {hint: secret.slice(0, 11)},
	});
	// The next hour of the clock.
	await db('client_secrets')
		.where({service_account_id: clientId})
		.update({token_recorded_at: db.raw("date_trunc('hour', now()) - interval '1 second'")});
	await askFor(machine);
	t.is((await tokenEntries(organisationId)).length, 2);

	for (let i = 0; i < 3; i++) await askFor({clientId, secret: 'guess'});
	const refused = (await tokenEntries(organisationId)).slice(2);
	t.is(refused.length, 1);
	t.like(refused[0], {
		action: 'token.refused',
		outcome: 'refused',
		actor: {type: 'anonymous'},
		target: {type: 'service_account', id: clientId},
		details: {reason: 'secret'},
	});
	await askFor({clientId: secret, secret: clientId});
	const unknown = await tokenEntries(applianceChain);
	t.true(unknown.length > 0);
	t.true(
		unknown.every(({target}) => target.id === undefined),
		'it may be a secret in the wrong field',
	);
});

test('failures of a client are limited, and nobody else is locked out by them', async (t) => {
	const machine = await makeMachine();
	const neighbour = await makeMachine();
	const {clientId} = machine;
	for (let i = 0; i < 20; i++) t.is((await askFor({clientId, secret: 'guess'})).status, 401);
	const limited = await askFor(machine);
	t.is(limited.status, 429);
	t.is(
		limited.text,
		'{"error":"too_many_attempts","error_description":"Too many attempts, try again later"}',
	);
	t.truthy(limited.headers['retry-after']);
	t.is((await askFor(neighbour)).status, 200);
});

test.serial(
	'what did not work for want of PostgreSQL’s table says nothing of the client',
	async (t) => {
		const machine = await makeMachine();
		const owner = connectDatabase(appliance.ownerDatabase, 'test');
		await owner.raw('alter table client_secrets rename to client_secrets_away');
		try {
			const answer = await other.call('/oauth2/token', {
				headers: formType,
				body: new URLSearchParams({
					...grant,
					client_id: machine.clientId,
					client_secret: machine.secret,
				}).toString(),
			});
			t.is(answer.status, 500);
			t.is(answer.text, '{"error":"internal","error_description":"Internal server error"}');
		} finally {
			await owner.raw('alter table client_secrets_away rename to client_secrets');
			await owner.destroy();
		}
	},
);

test('RFC 8414: the metadata is what the endpoints do', async (t) => {
	const answer = await server.call('/.well-known/oauth-authorization-server');
	t.is(answer.status, 200);
	t.deepEqual(answer.json(), {
		issuer: server.url,
		token_endpoint: `${server.url}/oauth2/token`,
		jwks_uri: `${server.url}/.well-known/jwks.json`,
		response_types_supported: [],
		grant_types_supported: ['client_credentials'],
		token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
		introspection_endpoint: `${server.url}/oauth2/introspect`,
		introspection_endpoint_auth_methods_supported: [
			'client_secret_basic',
			'client_secret_post',
			'Bearer',
		],
		revocation_endpoint: `${server.url}/oauth2/revoke`,
		revocation_endpoint_auth_methods_supported: [
			'client_secret_basic',
			'client_secret_post',
			'none',
		],
	});
	t.is((await server.call('/.well-known/jwks.json')).status, 200);
});
