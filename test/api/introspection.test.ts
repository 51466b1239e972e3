import {OAuth2Client} from '@badgateway/oauth2-client';
import test from 'ava';
import * as oauth4webapi from 'oauth4webapi';
import * as openid from 'openid-client';
import type {CreatedKeyWithTerms} from '../../contract/keys.ts';
import type {Role} from '../../contract/people.ts';
import type {CreatedClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import {clientSecrets} from '../../core/people/machines/secrets.ts';
import {createKeyFormat} from '../../core/keys/token.ts';
import {
	defaultOrganisation,
	makeMember,
	makeOrganisation,
	patiently,
} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import type {Answer, CallOptions} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually, freePort} from '../helpers/program.ts';

/* RFC 7662 and RFC 7009: API keys as tokens that OAuth knows. */

const port = String(await freePort());
const env = {
	LATCHKEY_PORT: port,
	LATCHKEY_PUBLIC_URL: `http://127.0.0.1:${port}`,
	LATCHKEY_TRUSTED_PROXIES: 'loopback',
};
const {appliance, server, db, jwt} = await openAppliance(env);
const home = await defaultOrganisation(server, jwt);
const other = await makeOrganisation(server, jwt, 'team');
const verifier = await makeMachine();

test.after.always(() => appliance.stop());

type Machine = {clientId: string; secret: string};

function ask(path: string, options?: CallOptions): Promise<Answer> {
	return patiently(() => server.call(path, options));
}

async function makeMachine(role: Role = 'verifier', organisationId = home.id): Promise<Machine> {
	const accounts = `/api/v1/organizations/${organisationId}/service-accounts`;
	const body = {name: `a ${role}`, role};
	const made = await ask(accounts, {bearer: jwt, body});
	const {id} = made.json() as ServiceAccount;
	const secrets = `${accounts}/${id}/secrets`;
	const answer = await ask(secrets, {bearer: jwt, body: {}});
	const {client_id: clientId, client_secret: secret} = answer.json() as CreatedClientSecret;
	return {clientId, secret};
}

async function keyWith(terms: object = {}, organisationId = home.id): Promise<CreatedKeyWithTerms> {
	const path = `/api/v1/organizations/${organisationId}/api-keys`;
	const body = {name: 'a key', ...terms};
	const answer = await ask(path, {bearer: jwt, body});
	if (answer.status !== 201) throw new Error(answer.text);
	return answer.json() as CreatedKeyWithTerms;
}

const pathOf = (id: string) => `/api/v1/organizations/${home.id}/api-keys/${id}`;

const basic = ({clientId, secret}: Machine) => ({
	Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
});

type Sent = Record<string, string | string[]>;

function post(path: string, form: Record<string, string> | string, headers: Sent): Promise<Answer> {
	const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
	const all = {'Content-Type': 'application/x-www-form-urlencoded', ...headers};
	return ask(path, {body, headers: all});
}

const own = basic(verifier);

const introspect = (form: Record<string, string> | string, headers: Sent = own) =>
	post('/oauth2/introspect', form, headers);

let addresses = 0;
/** From an address of its own: tries are limited. */
const revoke = (form: Record<string, string>, headers: Sent = {}) =>
	post('/oauth2/revoke', form, {'X-Forwarded-For': `192.0.2.${++addresses}`, ...headers});

const inactive = '{"active":false}';
const unknown = createKeyFormat('hklst_').generate();

const isAccepted = async (key: string) =>
	(await ask('/api/v1/keys/self', {bearer: key})).status === 200;

test.serial('an active key: what it carries, and nothing that it does not', async (t) => {
	const plain = await keyWith();
	const answer = await introspect({token: plain.key});
	t.is(answer.status, 200, answer.text);
	t.is(answer.headers['cache-control'], 'no-store');
	const iat = Date.parse(plain.created_at) / 1000;
	const {id} = plain;
	const always = {
		iss: server.url,
		jti: id,
		lineage_id: id,
		organization_id: home.id,
		name: 'a key',
	};
	t.is(
		answer.text,
		JSON.stringify({
			active: true,
			client_id: id,
			sub: id,
			token_type: 'Bearer',
			iat,
			...always,
		}),
	);

	const [nbf, exp] = [iat - 3600, iat + 3600];
	const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '');
	const rich = await keyWith({
		scopes: ['orders.*', 'eu'],
		not_before: at(nbf),
		expires_at: at(exp),
		ip_allow: ['203.0.113.0/24'],
		owner: {type: 'team', id: 'payments'},
		tags: ['env:prod'],
		metadata: {plan: 'gold'},
	});
	t.deepEqual((await introspect({token: rich.key, ip: '203.0.113.7'})).json(), {
		active: true,
		scope: 'orders.* eu',
		client_id: rich.id,
		sub: 'payments',
		token_type: 'Bearer',
		exp,
		iat: Date.parse(rich.created_at) / 1000,
		nbf,
		...always,
		jti: rich.id,
		lineage_id: rich.id,
		owner: {type: 'team', id: 'payments'},
	});
	const nothing = await keyWith({scopes: []});
	t.like((await introspect({token: nothing.key})).json(), {active: true, scope: ''});

	// While it is accepted beside its successor it ends with its grace.
	const rotated = await ask(`${pathOf(rich.id)}/rotate`, {
		bearer: jwt,
		body: {grace_seconds: 600},
	});
	const {grace_until: graceUntil} = (rotated.json() as {previous: {grace_until: string}}).previous;
	const {key: successor, id: newId} = rotated.json() as CreatedKeyWithTerms;
	const inGrace = await introspect({token: rich.key, ip: '203.0.113.7'});
	t.like(inGrace.json(), {active: true, exp: Date.parse(graceUntil) / 1000});
	t.like((await introspect({token: successor, ip: '203.0.113.7'})).json(), {
		client_id: newId,
		sub: 'payments',
		lineage_id: rich.id,
	});
});

test.serial(
	'whatever is not active is so without a word: the same bytes, the same headers',
	async (t) => {
		const [revoked, suspended, expired, rotated, listed, foreign] = await Promise.all([
			keyWith(),
			keyWith(),
			keyWith(),
			keyWith(),
			keyWith({ip_allow: ['203.0.113.0/24'], scopes: ['orders.read']}),
			keyWith({}, other.id),
		]);
		const free = await makeOrganisation(server, jwt, 'team');
		const downgraded = await keyWith({}, free.id);
		const ofFree = basic(await makeMachine('verifier', free.id));
		await ask(`/api/v1/organizations/${free.id}`, {
			method: 'PATCH',
			bearer: jwt,
			body: {plan: 'free'},
		});
		await ask(pathOf(revoked.id), {method: 'DELETE', bearer: jwt});
		await ask(`${pathOf(suspended.id)}/suspend`, {bearer: jwt, body: {}});
		await ask(`${pathOf(rotated.id)}/rotate`, {bearer: jwt, body: {grace_seconds: 0}});
		await db('api_keys')
			.where({id: expired.id})
			.update({expires_at: db.raw("now() - interval '1 second'")});
		const machineToken = await post('/oauth2/token', {grant_type: 'client_credentials'}, own);
		const session = await ask('/api/v1/auth/login', {
			body: await makeMember(appliance.database, home.id, 'verifier'),
		});
		const {access_token: access, refresh_token: refresh} = session.json() as Record<string, string>;
		const invited = await ask(`/api/v1/organizations/${home.id}/invitations`, {
			bearer: jwt,
			body: {email: 'ana@example.com', role: 'verifier'},
		});
		const cases: [string, Record<string, string>, Sent?][] = [
			['not a token', {token: 'x'}],
			['a wrong checksum', {token: `${unknown.slice(0, -1)}~`}],
			['very long', {token: 'hklst_'.repeat(2000)}],
			['unknown', {token: unknown}],
			['of another organisation', {token: foreign.key}],
			['revoked', {token: revoked.key}],
			['suspended', {token: suspended.key}],
			['expired', {token: expired.key}],
			['rotated', {token: rotated.key}],
			['off the Team plan', {token: downgraded.key}, ofFree],
			['a list of addresses, and none told', {token: listed.key}],
			['an address outside', {token: listed.key, ip: '198.51.100.1'}],
			['a scope that it lacks', {token: listed.key, ip: '203.0.113.1', scope: 'orders.write'}],
			['an access token', {token: access ?? ''}],
			['that of a machine', {token: (machineToken.json() as {access_token: string}).access_token}],
			['a refresh token', {token: refresh ?? ''}],
			['a client secret', {token: verifier.secret}],
			['a one-time code', {token: (invited.json() as {code: string}).code}],
		];
		const lines = (answer: Answer) =>
			answer.rawHeaders.map((line, at) =>
				['Date', 'Request-Id'].includes(answer.rawHeaders[at - 1] ?? '') ? '' : line,
			);
		const model = await introspect({token: unknown});
		for (const [what, form, headers] of cases) {
			const answer = await introspect(form, headers);
			t.is(answer.status, 200, what);
			t.is(answer.text, inactive, what);
			t.deepEqual(lines(answer), lines(model), what);
		}
		for (const hint of ['access_token', 'refresh_token', 'nonsense']) {
			const hinted = await introspect({
				token: listed.key,
				ip: '203.0.113.1',
				token_type_hint: hint,
			});
			t.like(hinted.json(), {active: true}, 'a hint changes nothing');
		}
	},
);

test.serial('scope is what the use needs: names that are all needed, or a query', async (t) => {
	const restricted = await keyWith({scopes: ['orders.*', 'eu']});
	const plain = await keyWith();
	for (const [scope, isMet] of [
		['orders.read', true],
		['orders.read eu', true],
		['  orders.read   orders.write ', true],
		['orders.read us', false],
		['orders.read AND us', false],
		['orders.read AND (eu OR us)', true],
		['us OR eu', true],
	] as const) {
		const told = (await introspect({token: restricted.key, scope})).json();
		t.like(told, {active: isMet}, scope);
		t.like((await introspect({token: plain.key, scope})).json(), {active: true}, 'unrestricted');
	}
	for (const scope of ['orders.*', 'orders.read AND', 'a ( b', ' ', 'x y'.repeat(400)]) {
		const refused = await introspect({token: unknown, scope});
		t.is(refused.status, 400, scope);
		t.like(refused.json(), {error: 'invalid_request'});
		t.regex(refused.text, /"error_description":"scope must /);
	}
});

test.serial(
	'it is a use, with the address that was told, and takes nothing of limits',
	async (t) => {
		const limits = {
			rate_limits: [{name: 'burst', limit: 1, window_seconds: 3600}],
			quota: {limit: 1, period: 'month', timezone: 'UTC'},
		};
		const {id, key} = await keyWith(limits);
		for (let i = 0; i < 3; i++) {
			t.like((await introspect({token: key, ip: '203.0.113.9'})).json(), {active: true});
		}
		await appliance.startWorker();
		await eventually(async () => {
			const row = await db('api_keys').where({id}).first('last_used_at', 'last_used_ip');
			return row?.last_used_at !== null && row?.last_used_ip === '203.0.113.9';
		});
		t.true(await isAccepted(key), 'which only reads them');
		const used = async () => (await ask('/api/v1/sources', {bearer: key})).status;
		t.is(await used(), 200, 'the first use that counts');
		t.is(await used(), 429);
		t.like((await introspect({token: key})).json(), {active: true}, 'limits are not enforced here');
	},
);

test.serial('the request: what is wrong with it is said as OAuth says it', async (t) => {
	const form = new URLSearchParams({token: unknown}).toString();
	for (const [what, body] of [
		['no token', ''],
		['an empty one', 'token='],
		['twice', `${form}&${form}`],
		['an unknown parameter twice', `${form}&a=1&a=2`],
		['not an address', `${form}&ip=localhost`],
	] as const) {
		const refused = await introspect(body);
		t.is(refused.status, 400, what);
		t.like(refused.json(), {error: 'invalid_request'}, what);
	}
	t.is((await introspect(`${form}&resource=x`)).text, inactive, 'unknown ones are ignored');
	t.is((await ask('/oauth2/introspect', {body: {token: unknown}, headers: own})).status, 415);
	const get = await ask(`/oauth2/introspect?token=${unknown}`, {headers: own});
	t.deepEqual([get.status, get.headers['allow']], [405, 'POST']);
	const inQuery = await post(`/oauth2/introspect?token=${unknown}`, '', own);
	t.is(inQuery.status, 400, 'nothing is read from the URL');

	const accept = (value: string) => introspect({token: unknown}, {...own, Accept: value});
	const signed = await accept('application/token-introspection+jwt');
	t.is(signed.status, 406);
	t.like(signed.json(), {error: 'not_acceptable'});
	for (const value of [
		'application/json',
		'application/token-introspection+jwt, application/json',
		'application/token-introspection+jwt, */*;q=0.1',
		'text/html',
	]) {
		t.is((await accept(value)).text, inactive, value);
	}
});

test.serial('who may ask: whoever may verify, by a secret, a JWT or a key', async (t) => {
	const {key: token} = await keyWith();
	const asks = (headers: Sent, form: Record<string, string> = {}) =>
		introspect({token, ...form}, headers);
	const active = async (what: string, answer: Answer) => {
		t.is(answer.status, 200, `${what}: ${answer.text}`);
		t.like(answer.json(), {active: true}, what);
	};
	const {clientId, secret} = verifier;
	const bearer = (value: string) => ({Authorization: `Bearer ${value}`});
	await active('client_secret_basic', await asks(own));
	await active('client_secret_post', await asks({}, {client_id: clientId, client_secret: secret}));
	const granted = await post('/oauth2/token', {grant_type: 'client_credentials'}, own);
	const {access_token: machineToken} = granted.json() as {access_token: string};
	await active('a machine’s token', await asks(bearer(machineToken)));
	const elsewhere = {'Latchkey-Organization': other.id};
	t.is((await asks({...bearer(jwt), ...elsewhere})).text, inactive, 'an operator asks elsewhere');
	await active('an operator', await asks({...bearer(jwt), 'Latchkey-Organization': home.id}));
	const asking = await keyWith({scopes: ['latchkey:keys:verify']});
	await active('a key with the scope', await asks(bearer(asking.key)));
	await active('X-API-Key', await asks({'X-API-Key': asking.key}));

	const refused = (what: string, answer: Answer, status: number, error: string) => {
		t.is(answer.status, status, `${what}: ${answer.text}`);
		t.deepEqual(Object.keys(answer.json() as object), ['error', 'error_description'], what);
		t.like(answer.json(), {error}, what);
	};
	const nobody = await asks({});
	refused('nobody', nobody, 401, 'invalid_client');
	t.is(nobody.headers['www-authenticate'], 'Basic realm="latchkey"');
	refused('an id alone', await asks({}, {client_id: clientId}), 401, 'invalid_client');
	refused('a wrong secret', await asks(basic({clientId, secret: 'x'})), 401, 'invalid_client');
	const stranger = await asks(bearer(unknown));
	refused('an unknown key', stranger, 401, 'invalid_client');
	t.is(stranger.headers['www-authenticate'], 'Bearer realm="latchkey", error="invalid_token"');
	refused('a token that is none', await asks(bearer('x.y.z')), 401, 'invalid_client');
	refused('two ways', await asks({...own, 'X-API-Key': asking.key}), 400, 'invalid_request');
	refused(
		'two ways',
		await asks(bearer(asking.key), {client_secret: secret}),
		400,
		'invalid_request',
	);
	refused(
		'a key without the scope',
		await asks(bearer((await keyWith({scopes: ['eu']})).key)),
		403,
		'insufficient_scope',
	);
	const viewer = await asks(basic(await makeMachine('viewer')));
	refused('a viewer', viewer, 403, 'insufficient_scope');
	t.is(viewer.headers['latchkey-error-code'], 'role_required');
	const denied = (await entriesOf(db, home.id)).filter(
		({action}) => action === 'authorization.denied',
	);
	t.true(denied.some(({target}) => target.name === 'introspect'));
});

test.serial(
	'wrong secrets are counted together with those at the token endpoint; a use of a secret is told',
	async (t) => {
		const machine = await makeMachine();
		const at = (address: string) => ({'X-Forwarded-For': address});
		const wrong = {...basic({...machine, secret: clientSecrets.generate()}), ...at('198.51.100.7')};
		const right = {...basic(machine), ...at('198.51.100.7')};
		t.is((await introspect({token: unknown}, right)).status, 200);
		const secret = () => db('client_secrets').where({service_account_id: machine.clientId}).first();
		const first = (await secret())?.last_used_at;
		t.truthy(first);
		t.is((await introspect({token: unknown}, right)).status, 200);
		t.deepEqual((await secret())?.last_used_at, first, 'once a minute');
		t.is((await post('/oauth2/token', {grant_type: 'client_credentials'}, right)).status, 200);
		const issued = (await entriesOf(db, home.id)).filter(
			({action, actor}) => action === 'token.issued' && actor.id === machine.clientId,
		);
		t.is(issued.length, 1, 'the first token of the hour is on record all the same');

		for (let i = 0; i < 10; i++) {
			t.is((await introspect({token: unknown}, wrong)).status, 401);
			t.is((await post('/oauth2/token', {grant_type: 'client_credentials'}, wrong)).status, 401);
		}
		for (const path of ['/oauth2/introspect', '/oauth2/revoke'] as const) {
			const limited = await post(path, {token: unknown}, right);
			t.is(limited.status, 429, path);
			t.truthy(limited.headers['retry-after']);
		}
		const elsewhere = {...basic(machine), ...at('198.51.100.8')};
		t.is((await introspect({token: unknown}, elsewhere)).status, 200);
		const refusals = (await entriesOf(db, home.id)).filter(
			({action, target}) => action === 'token.refused' && target.id === machine.clientId,
		);
		t.is(refusals.length, 1);
	},
);

test.serial(
	'openid-client, oauth4webapi and another client introspect and revoke, unmodified',
	async (t) => {
		const {clientId, secret} = await makeMachine('developer');
		const insecure = {[oauth4webapi.allowInsecureRequests]: true};
		const client = await openid.discovery(new URL(server.url), clientId, secret, undefined, {
			algorithm: 'oauth2',
			execute: [openid.allowInsecureRequests],
		});
		const first = await keyWith({scopes: ['eu']});
		t.like(await openid.tokenIntrospection(client, first.key), {active: true, scope: 'eu'});
		t.like(await openid.tokenIntrospection(client, first.key, {scope: 'us'}), {active: false});
		await openid.tokenRevocation(client, first.key);
		t.deepEqual(await openid.tokenIntrospection(client, first.key), {active: false});

		const as = await oauth4webapi.processDiscoveryResponse(
			new URL(server.url),
			await oauth4webapi.discoveryRequest(new URL(server.url), {algorithm: 'oauth2', ...insecure}),
		);
		const post4 = oauth4webapi.ClientSecretPost(secret);
		const web = {client_id: clientId};
		const second = await keyWith();
		const introspection = await oauth4webapi.introspectionRequest(
			as,
			web,
			post4,
			second.key,
			insecure,
		);
		const told = await oauth4webapi.processIntrospectionResponse(as, web, introspection);
		t.like(told, {active: true, sub: second.id});
		await oauth4webapi.processRevocationResponse(
			await oauth4webapi.revocationRequest(as, web, post4, second.key, insecure),
		);
		t.false(await isAccepted(second.key));
		// A client without a secret, which holds the key.
		const third = await keyWith();
		await oauth4webapi.processRevocationResponse(
			await oauth4webapi.revocationRequest(
				as,
				{client_id: 'an-app'},
				oauth4webapi.None(),
				third.key,
				insecure,
			),
		);
		t.false(await isAccepted(third.key));
		const signed = await oauth4webapi.introspectionRequest(as, web, post4, unknown, {
			...insecure,
			requestJwtResponse: true,
		});
		t.is(signed.status, 406);

		const fourth = await keyWith();
		const token = {accessToken: fourth.key, expiresAt: null, refreshToken: null};
		const service = new OAuth2Client({server: server.url, clientId, clientSecret: secret});
		t.like(await service.introspect(token), {active: true, client_id: fourth.id});
		await service.revoke(token);
		t.deepEqual(await service.introspect(token), {active: false});
	},
);

test.serial(
	'revoking: whoever holds a key may end it, and is told nothing of others',
	async (t) => {
		const {id, key} = await keyWith({ip_allow: ['203.0.113.0/24']});
		const answer = await revoke({token: key, token_type_hint: 'refresh_token'});
		t.is(answer.status, 200, answer.text);
		t.is(answer.text, '');
		t.is(answer.headers['content-type'], undefined);
		t.is(answer.headers['cache-control'], 'no-store');
		t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
		t.like((await ask(pathOf(id), {bearer: jwt})).json(), {
			status: 'revoked',
			revocation_reason: 'self',
			revoked_by: null,
		});
		const entry = (await entriesOf(db, home.id)).find(
			({action, target}) => action === 'key.revoked' && target.id === id,
		);
		t.like(entry, {actor: {type: 'api_key', id}, details: {reason: 'self'}});

		for (const [what, token] of [
			['again', key],
			['unknown', unknown],
			['malformed', 'x'],
			['a client secret', verifier.secret],
			['a JWT', jwt],
		] as const) {
			const nothing = await revoke({token});
			t.deepEqual([nothing.status, nothing.text], [200, ''], what);
		}
		t.is((await introspect({token: unknown})).status, 200, 'the secret is still good');
		const suspended = await keyWith();
		await ask(`${pathOf(suspended.id)}/suspend`, {bearer: jwt, body: {}});
		t.is((await revoke({token: suspended.key})).status, 200);
		t.like((await ask(pathOf(suspended.id), {bearer: jwt})).json(), {status: 'revoked'});

		// What is protected against deletion is suspended: it is refused all the same, and somebody can look.
		const guarded = await keyWith({delete_protected: true});
		for (let i = 0; i < 2; i++) {
			const held = await revoke({token: guarded.key});
			t.is(held.status, 200);
			t.regex(String(held.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
			t.false(await isAccepted(guarded.key));
		}
		t.like((await ask(pathOf(guarded.id), {bearer: jwt})).json(), {status: 'suspended'});

		const many = await keyWith();
		const together = await Promise.all(Array.from({length: 5}, () => revoke({token: many.key})));
		t.deepEqual(
			together.map(({status, text}) => `${status}${text}`),
			['200', '200', '200', '200', '200'],
		);
		const ends = (await entriesOf(db, home.id)).filter(
			({action, target}) => action === 'key.revoked' && target.id === many.id,
		);
		t.is(ends.length, 1);

		const twice = await post('/oauth2/revoke', `token=${many.key}&token=${unknown}`, {});
		t.is(twice.status, 400);
		t.like((await revoke({})).json(), {error: 'invalid_request'});
		const at = {'X-Forwarded-For': '198.51.100.20'};
		const last = await keyWith();
		for (let i = 0; i < 20; i++) t.is((await revoke({token: 'x'}, at)).status, 200);
		const limited = await revoke({token: last.key}, at);
		t.is(limited.status, 429);
		t.truthy(limited.headers['retry-after']);
		t.true(await isAccepted(last.key));
	},
);

test.serial('revoking as a client: keys of its own organisation, if it may revoke', async (t) => {
	const machine = await makeMachine('developer');
	const as = basic(machine);
	const [key, foreign, kept] = await Promise.all([keyWith(), keyWith({}, other.id), keyWith()]);
	t.is((await revoke({token: key.key}, as)).status, 200);
	const account = {type: 'service_account', id: machine.clientId, name: 'a developer'};
	t.like((await ask(pathOf(key.id), {bearer: jwt})).json(), {
		status: 'revoked',
		revocation_reason: 'unspecified',
		revoker: account,
	});
	const entry = (await entriesOf(db, home.id)).find(
		({action, target}) => action === 'key.revoked' && target.id === key.id,
	);
	t.like(entry, {actor: account});

	const untouched = await revoke({token: foreign.key}, as);
	t.deepEqual([untouched.status, untouched.text], [200, '']);
	t.is(untouched.headers['latchkey-revocation'], undefined);
	t.true(await isAccepted(foreign.key));

	const {key: token} = kept;
	for (const [what, headers, status, error] of [
		['a verifier', own, 403, 'insufficient_scope'],
		['a key', {Authorization: `Bearer ${token}`}, 403, 'insufficient_scope'],
		['a wrong secret', basic({...machine, secret: 'x'}), 401, 'invalid_client'],
		['no token', {Authorization: 'Bearer x'}, 401, 'invalid_client'],
	] as const) {
		const refused = await revoke({token}, headers);
		t.is(refused.status, status, what);
		t.like(refused.json(), {error}, what);
	}
	t.true(await isAccepted(token));
	const operator = {Authorization: `Bearer ${jwt}`, 'Latchkey-Organization': home.id};
	t.is((await revoke({token}, operator)).status, 200);
	t.false(await isAccepted(token));
});
