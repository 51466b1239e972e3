import {createHash, randomBytes} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import type {Redis} from 'ioredis';
import type {Knex} from 'knex';
import type {Tokens} from '../../contract/people.ts';
import type {CreatedClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createKeyFormat} from '../../core/keys/token.ts';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {everyTable, spellings} from '../helpers/leaks.ts';
import {eventually, type Program} from '../helpers/program.ts';
import {connectPlainly} from '../helpers/services.ts';
import {createReceiver} from '../webhooks/receiver.ts';
import {requestText, wire} from './wire.ts';

// S-12, S-22, S-90 to S-92: secrets are planted wherever a caller can put them, on a server that
// logs everything; afterwards its output, what Redis was told and every table are searched.

let appliance: Appliance;
let server: Server;
let worker: Program;
let db: Knex;
let redis: Redis;
let monitor: Redis;
const commands: string[] = [];
/** Name → text that must be nowhere; long enough to be found in a cut-off copy, too. */
const secrets = new Map<string, string>();

const bootstrapPassword = `boot ${randomBytes(12).toString('hex')}`;

test.before(async () => {
	appliance = await createAppliance();
	redis = connectPlainly(appliance.redis);
	monitor = await redis.monitor();
	monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
	server = await appliance.startServer({
		LATCHKEY_LOG_LEVEL: 'trace',
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: bootstrapPassword,
		LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	});
	worker = await appliance.startWorker({
		LATCHKEY_LOG_LEVEL: 'trace',
		LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	});
	db = connectDatabase(appliance.database, 'test');
});

test.after.always(async () => {
	monitor?.disconnect();
	redis?.disconnect();
	await db?.destroy();
	await appliance?.stop();
});

function decodePercent(text: string): string {
	return text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
		String.fromCharCode(parseInt(hex, 16)),
	);
}

/** Names of the secrets that stand in a text in any spelling. */
function found(text: string): string[] {
	const once = decodePercent(text);
	const texts = [text, once, decodePercent(once)];
	return [...secrets]
		.filter(([, secret]) =>
			spellings(secret).some((spelling) => texts.some((one) => one.includes(spelling))),
		)
		.map(([name]) => name);
}

test('the search finds a secret in whatever spelling', (t) => {
	secrets.set('sample', 'hklst_abcdefghijklmnop');
	for (const text of [
		'x hklst_abcdefghijklmnop y',
		'hklst%5Fabcdefghijklmnop',
		'%68%6b%6c%73%74%5f%61%62%63%64%65%66%67%68%69%6a%6b%6c%6d%6e%6f%70',
		'%2568klst_abcdefghijklmnop',
		Buffer.from('hklst_abcdefghijklmnop:').toString('base64'),
		Buffer.from('a:hklst_abcdefghijklmnop:x').toString('base64'),
		Buffer.from('ab:hklst_abcdefghijklmnopq').toString('base64url'),
		Buffer.from('hklst_abcdefghijklmnop').toString('hex'),
	]) {
		t.deepEqual(found(text), ['sample'], text);
	}
	t.deepEqual(found('hklst_your_api_key_here'), []);
	secrets.delete('sample');
});

test.serial('S-90, S-91, S-92: planted secrets are in no log, table or command', async (t) => {
	const password = `pass ${randomBytes(12).toString('hex')}`;
	const login = await server.call('/api/v1/auth/login', {
		body: {email: administrator.email, password: bootstrapPassword},
	});
	const tokens = login.json() as Tokens;
	const jwt = tokens.access_token;
	const {id} = await defaultOrganisation(server, jwt);
	const {id: keyId, key} = await makeKey(server, jwt, id);
	const revoked = await makeKey(server, jwt, id);
	const unknown = createKeyFormat('hklst_').generate();
	const setupToken = await readFile(join(appliance.secretsDirectory, 'setup_token'), 'utf8');
	const masterKey = await readFile(join(appliance.secretsDirectory, 'encryption_key'), 'utf8');
	const refreshed = await server.call('/api/v1/auth/refresh', {
		body: {refresh_token: tokens.refresh_token},
	});
	const successor = (refreshed.json() as Tokens).refresh_token;
	const machines = `/api/v1/organizations/${id}/service-accounts`;
	const machine = await server.call(machines, {bearer: jwt, body: {name: 'CI', role: 'viewer'}});
	const {id: machineId} = machine.json() as ServiceAccount;
	const made = await server.call(`${machines}/${machineId}/secrets`, {bearer: jwt, body: {}});
	const {client_secret: clientSecret} = made.json() as CreatedClientSecret;
	const granted = await server.call('/oauth2/token', {
		headers: {
			'Content-Type': 'application/x-www-form-urlencoded',
			Authorization: `Basic ${Buffer.from(`${machineId}:${clientSecret}`).toString('base64')}`,
		},
		body: 'grant_type=client_credentials',
	});
	const {access_token: machineToken} = granted.json() as {access_token: string};
	const member = await server.call('/api/v1/users', {
		bearer: jwt,
		body: {email: 'planted@example.com'},
	});
	const {id: userId, code} = member.json() as {id: string; code: string};
	const invitation = await server.call(`/api/v1/organizations/${id}/invitations`, {
		bearer: jwt,
		body: {email: 'planted@example.com', role: 'viewer'},
	});
	const {code: invitationCode} = invitation.json() as {code: string};
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	const hooks = `/api/v1/organizations/${id}/webhooks`;
	const hooked = await server.call(hooks, {bearer: jwt, body: {url: receiver.url}});
	const {id: hookId, secret: hookSecret} = hooked.json() as {id: string; secret: string};
	const rotated = await server.call(`${hooks}/${hookId}/rotate-secret`, {bearer: jwt, body: {}});
	const {secret: nextHookSecret} = rotated.json() as {secret: string};
	const ownPassword = `mine ${randomBytes(12).toString('hex')}`;
	const nextPassword = `next ${randomBytes(12).toString('hex')}`;
	// Of a key the part after the hint, which is kept; of a token what only its holder has.
	for (const [name, value] of Object.entries({key, revoked: revoked.key, unknown})) {
		secrets.set(name, value.slice(12, 44));
	}
	secrets.set('password', password.slice(5));
	secrets.set('bootstrap password', bootstrapPassword.slice(5));
	secrets.set('code', code.slice(5));
	secrets.set('invitation', invitationCode.slice(5));
	secrets.set('own password', ownPassword.slice(5));
	secrets.set('next password', nextPassword.slice(5));
	secrets.set('signature', jwt.slice(-40));
	secrets.set('client secret', clientSecret.slice(11, 44));
	secrets.set('signature of a machine', machineToken.slice(-40));
	secrets.set('claims', jwt.split('.')[1]?.slice(20, 60) ?? '');
	secrets.set('refresh token', tokens.refresh_token.slice(6, 40));
	secrets.set('next refresh token', successor.slice(6, 40));
	secrets.set('webhook secret', hookSecret.slice(6, 44));
	secrets.set('next webhook secret', nextHookSecret.slice(6, 44));
	secrets.set('setup token', setupToken.trim().slice(0, 30));
	secrets.set('master key', masterKey.trim());
	const once = randomBytes(24).toString('hex');
	secrets.set('Idempotency-Key', once);

	await server.call(`/api/v1/organizations/${id}/api-keys/${revoked.id}`, {
		method: 'DELETE',
		bearer: jwt,
	});
	for (const [name, header, status] of [
		['a key', once, 201],
		['a key', once, 201],
		['another', once, 422],
		['a key', `${once} `.repeat(2), 400],
		['a key', [once, once], 400],
	] as const) {
		const answer = await server.call(`/api/v1/organizations/${id}/api-keys`, {
			bearer: jwt,
			body: {name},
			headers: {'Idempotency-Key': [header].flat()},
		});
		t.is(answer.status, status);
	}
	const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;
	const everywhere = (value: string) => {
		const percent = [...Buffer.from(value)].map((byte) => `%${byte.toString(16)}`).join('');
		const token = `grant_type=client_credentials&client_id=${machineId}&client_secret=${encodeURIComponent(value)}`;
		const json = JSON.stringify({[value]: value, name: [value]});
		const form = `password=${encodeURIComponent(value)}`;
		const bearer = `Authorization: Bearer ${value}`;
		const length = (text: string) => `Content-Length: ${Buffer.byteLength(text)}`;
		const safe = encodeURIComponent(value);
		return [
			...['/api/v1/sources', '/api/v1/keys/self', '/api/v1/forward-auth', '/nothing'].flatMap(
				(path) => [
					requestText(`GET ${path}`, [bearer]),
					requestText(`GET ${path}`, [`X-API-Key: ${value}`]),
					requestText(`GET ${path}`, [basic(`user:${value}`)]),
					requestText(`GET ${path}?api_key=${safe}&${safe}=1&limit=${safe}`, [bearer]),
					requestText(`GET ${path}/${safe}`, [bearer]),
					requestText(`GET ${path}/${percent}`),
					requestText(`GET ${path}/${encodeURIComponent(percent)}`),
					requestText(`GET ${path}/${Buffer.from(value).toString('base64url')}`),
					requestText(`GET ${path}/..%2f${safe}/x`, [bearer]),
				],
			),
			requestText(`GET /${safe}`),
			requestText(`GET //${safe}@host/`),
			requestText(`GET http://user:${safe}@latchkey.test/livez`),
			requestText(`FOO /${safe}`),
			requestText(`TRACE /${safe}`, [bearer]),
			requestText(`PATCH /api/v1/sources/${safe}`, [bearer]),
			requestText('GET /livez', [
				`Cookie: session=${safe}`,
				`User-Agent: ${safe}`,
				`Referer: https://x.test/?key=${safe}`,
				`Origin: https://${safe}`,
				`X-Forwarded-For: ${safe}`,
				`Latchkey-Organization: ${safe}`,
				`Latchkey-Setup-Token: ${safe}`,
				`Request-Id: ${safe}`,
				`Idempotency-Key: ${safe}`,
				`traceparent: ${safe}`,
			]),
			requestText('GET /api/v1/sources', [bearer, `Latchkey-Organization: ${safe}`]),
			requestText('GET /metrics', [bearer]),
			requestText('GET /livez', [`${safe} : x`]),
			requestText('GET /livez', [`X: ${safe}\0`]),
			`${safe}\r\n\r\n`,
			requestText(
				'POST /api/v1/auth/login',
				['Content-Type: application/json', length(json)],
				json,
			),
			requestText('POST /api/v1/auth/login', ['Content-Type: text/plain', length(form)], form),
			...[token, token.replace(machineId, safe), `${token}%`].map((body) =>
				requestText(
					`POST /oauth2/token?client_secret=${safe}`,
					['Content-Type: application/x-www-form-urlencoded', length(body)],
					body,
				),
			),
			// The key itself is needed for the rest: it is ended last.
			...['/oauth2/introspect', ...(value === key ? [] : ['/oauth2/revoke'])].flatMap((path) =>
				[[bearer], [basic(`${machineId}:${clientSecret}`)], []].flatMap((credential) =>
					[
						`token=${safe}&token_type_hint=${safe}`,
						`token=${unknown}&scope=${safe}&ip=${safe}`,
						`token=${safe}&token=${safe}`,
					].map((body) =>
						requestText(
							`POST ${path}?token=${safe}`,
							[...credential, 'Content-Type: application/x-www-form-urlencoded', length(body)],
							body,
						),
					),
				),
			),
			requestText(
				'POST /api/v1/sources',
				[`X-API-Key: ${key}`, 'Content-Type: application/json', length(json)],
				json,
			),
			requestText(
				'POST /api/v1/sources',
				[`X-API-Key: ${key}`, 'Content-Type: application/json', length(`{"a": ${value}`)],
				`{"a": ${value}`,
			),
		];
	};
	for (const value of [
		key,
		revoked.key,
		unknown,
		jwt,
		tokens.refresh_token,
		password,
		clientSecret,
		machineToken,
		code,
		invitationCode,
		hookSecret,
		nextHookSecret,
	]) {
		for (const text of everywhere(value)) {
			const answers = await wire(server, text);
			t.true(
				answers.every(({status}) => status < 500 || status === 501),
				text,
			);
		}
	}
	const set = {code, password: ownPassword};
	t.is((await server.call('/api/v1/auth/password-reset', {body: set})).status, 200);
	t.is((await server.call('/api/v1/auth/password-reset', {body: set})).status, 400);
	const own = await server.logIn({email: 'planted@example.com', password: ownPassword});
	for (const body of [
		{current_password: ownPassword, new_password: ownPassword.slice(0, 10)},
		{current_password: nextPassword, new_password: ownPassword},
		{current_password: ownPassword, new_password: nextPassword},
	]) {
		await server.call('/api/v1/auth/password', {bearer: own, body});
	}
	for (const body of [
		{code: `${invitationCode}x`, password: ownPassword},
		{code: invitationCode, password: ownPassword},
		{code: invitationCode, password: nextPassword},
	]) {
		await server.call('/api/v1/invitations/accept', {body});
	}
	const issued = await server.call(`/api/v1/users/${userId}/password-reset`, {
		method: 'POST',
		bearer: jwt,
	});
	secrets.set('second code', (issued.json() as {code: string}).code.slice(5));
	for (const [email, wrong] of [
		[administrator.email, password],
		[password, password],
		['nobody@example.com', password],
	] as const) {
		await server.call('/api/v1/auth/login', {body: {email, password: wrong}});
	}
	// Where the first token comes back late, its session ends.
	const other = await server.logIn({email: administrator.email, password: bootstrapPassword});
	secrets.set('signature of another session', other.slice(-40));
	for (const refreshToken of [tokens.refresh_token, successor, `${successor}x`, password]) {
		await server.call('/api/v1/auth/refresh', {body: {refresh_token: refreshToken}});
	}
	await server.call('/api/v1/setup', {
		headers: {'Latchkey-Setup-Token': setupToken.trim()},
		body: {email: 'second@example.com', password},
	});
	// The revocation was sent, signed by both; a test and a receiver that fails, too.
	await receiver.waitFor(1);
	receiver.answer((_request, response) => response.writeHead(500).end());
	await server.call(`${hooks}/${hookId}/test`, {bearer: other, body: {}});
	await makeKey(server, other, id);
	await receiver.waitFor(3);
	t.is(receiver.received[0]?.headers['webhook-signature']?.split(' ').length, 2);
	// S-22, and the way to it: the use of the key has gone through Redis to PostgreSQL.
	const row = await eventually(
		async () => {
			const one = await db('api_keys').where({id: keyId}).first();
			return one?.last_used_at !== null && one;
		},
		{what: 'the use of the key to be written'},
	);
	t.is(row?.hash.toString('hex'), createHash('sha256').update(key).digest('hex'));
	t.is(row?.hint, key.slice(0, 12));
	const ended = await server.call('/oauth2/revoke', {
		bearer: other,
		headers: {'Content-Type': 'application/x-www-form-urlencoded'},
		body: `token=${key}`,
	});
	t.regex(String(ended.headers['latchkey-revocation']), /^verifiers=1;/);

	await t.notThrowsAsync(worker.stop());
	await t.notThrowsAsync(server.stop());
	const output = server.output();
	t.true(output.includes('"route":"/api/v1/sources"'));
	t.true(output.includes('"route":"/api/v1/keys/self"'));
	t.true(output.includes('"refusal":"password"'));
	t.deepEqual(found(output), []);
	t.deepEqual(found(worker.output()), []);
	t.true(
		commands.some((command) => command.includes(keyId)),
		'the use of the key was seen',
	);
	t.deepEqual(found(commands.join('\n')), []);
	const tables = await everyTable(appliance.ownerDatabase);
	t.true(tables.includes(keyId));
	t.deepEqual(found(tables), []);
});

test.serial('what PostgreSQL does not answer for is logged without its values', async (t) => {
	const again = await appliance.startServer({LATCHKEY_LOG_LEVEL: 'trace'});
	const jwt = await again.logIn({email: administrator.email, password: bootstrapPassword});
	const {id} = await defaultOrganisation(again, jwt);
	const name = `name ${randomBytes(8).toString('hex')}`;
	const email = `${randomBytes(8).toString('hex')}@example.com`;
	const transaction = await db.transaction();
	try {
		await transaction.raw(
			'lock table api_keys, users, sources, refresh_tokens in access exclusive mode',
		);
		const calls = await Promise.all([
			again.call(`/api/v1/organizations/${id}/api-keys`, {bearer: jwt, body: {name}}),
			again.call('/api/v1/auth/login', {body: {email, password: 'whatever it is'}}),
			again.call('/api/v1/auth/refresh', {body: {refresh_token: `hklrt_${name}`}}),
		]);
		for (const answer of calls) {
			t.is(answer.status, 503);
			t.is(answer.text, '{"error":"Service temporarily unavailable"}');
			t.is(answer.headers['retry-after'], '1');
		}
	} finally {
		await transaction.rollback();
	}
	await again.stop();
	const output = again.output();
	t.true(output.includes('"level":"warn"'));
	t.false(output.includes(name), 'name of a key');
	t.false(output.includes(email), 'email');
	t.notRegex(output, /values \(|where [^"]*= '/i);
});

test('a statement that is given up holds no value in its error', async (t) => {
	const impatient = connectDatabase(appliance.database, 'test', {
		statementTimeoutMs: 5000,
		queryTimeoutMs: 100,
	});
	const value = `value ${randomBytes(8).toString('hex')}`;
	const error = await t.throwsAsync(impatient.raw('select pg_sleep(1), ?::text', [value]));
	await impatient.destroy();
	t.regex(error?.message ?? '', /timeout/i);
	t.false(`${error?.message}${error?.stack}`.includes(value));
});
