import test from 'ava';
import type {Knex} from 'knex';
import type {CreatedKey} from '../../contract/keys.ts';
import type {System} from '../../contract/system.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	makeMember,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {clockOff} from '../helpers/clock.ts';
import {mint, rsaKey, startStubIssuer, type StubIssuer} from '../helpers/issuer.ts';
import {eventually} from '../helpers/program.ts';

/*
Three servers of which one is an hour behind and one an hour ahead. What the clock decides goes by
that of PostgreSQL, on each of them alike.
*/

const hours = {behind: -1, right: 0, ahead: 1} as const;
type Name = keyof typeof hours;
const names = Object.keys(hours) as Name[];
const hourMs = 3_600_000;
const audience = 'https://keys.example/api';

let appliance: Appliance;
let servers: Record<Name, Server>;
let db: Knex;
let jwt: string;
let organisationId: string;
let keysPath: string;
let issuer: StubIssuer;
const issuerKey = rsaKey('one');

test.before(async () => {
	appliance = await createAppliance();
	db = connectDatabase(appliance.database, 'test');
	issuer = await startStubIssuer(issuerKey.jwk);
	const provider = {name: 'main', issuer: issuer.url, audience, jwks_uri: `${issuer.url}/jwks`};
	const env = {
		LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify([
			{
				...provider,
				allow_insecure_http: true,
				algorithms: ['RS256'],
				access_token_type: 'JWT',
				link_by_email: true,
			},
		]),
	};
	const right = await appliance.startServer(env);
	const [behind, ahead] = await Promise.all([
		appliance.startServer({...env, ...clockOff(-hourMs)}),
		appliance.startServer({...env, ...clockOff(hourMs)}),
	]);
	servers = {behind, right, ahead};
	jwt = await right.logIn();
	organisationId = (await defaultOrganisation(right, jwt)).id;
	keysPath = `/api/v1/organizations/${organisationId}/api-keys`;
});

test.after.always(async () => {
	await db?.destroy();
	await issuer?.close();
	await appliance?.stop();
});

const minutesFromNow = (minutes: number) =>
	`${new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19)}Z`;

for (const name of names) {
	test.serial(
		`a server whose clock is ${hours[name]} h ahead takes keys until they expire, not longer`,
		async (t) => {
			const {key, id} = await makeKey(servers.right, jwt, organisationId);
			const use = async () => (await servers[name].call('/api/v1/sources', {bearer: key})).status;
			const expireIn = (minutes: number) =>
				db('api_keys')
					.where({id})
					.update({expires_at: new Date(Date.now() + minutes * 60_000)});
			await expireIn(30);
			await eventually(async () => (await use()) === 200);
			t.is(await use(), 200);
			await expireIn(-30);
			await eventually(async () => (await use()) === 401);
			t.is(await use(), 401, 'from memory, too');
		},
	);

	test.serial(
		`a server whose clock is ${hours[name]} h ahead says rightly what is in the future`,
		async (t) => {
			const create = (minutes: number) =>
				servers[name].call(keysPath, {
					bearer: jwt,
					body: {name: 'for a while', expires_at: minutesFromNow(minutes)},
				});
			const made = await create(30);
			t.is(made.status, 201, made.text);
			const {key} = made.json() as CreatedKey;
			t.is((await servers.right.call('/api/v1/sources', {bearer: key})).status, 200);
			const refused = await create(-30);
			t.is(refused.status, 400);
			t.deepEqual(refused.json(), {error: 'expires_at must be in the future'});
		},
	);

	test.serial(
		`a token of a server whose clock is ${hours[name]} h ahead is good on all, and of usual length`,
		async (t) => {
			const token = await servers[name].logIn();
			const claims = JSON.parse(
				Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
			) as Record<'iat' | 'exp', number>;
			t.true(Math.abs(claims.iat * 1000 - Date.now()) < hourMs / 2);
			t.is(claims.exp - claims.iat, 600);
			for (const server of Object.values(servers)) {
				t.is((await server.call('/api/v1/auth/me', {bearer: token})).status, 200);
			}
		},
	);

	test.serial(
		`a token of an identity provider is judged rightly where the clock is ${hours[name]} h ahead`,
		async (t) => {
			const {email} = await makeMember(appliance.database, organisationId, nameToRole[name]);
			const token = (minutes: number) => {
				const issuedAt = Math.floor(Date.now() / 1000) + minutes * 60;
				const claims = {
					iss: issuer.url,
					aud: audience,
					sub: `of ${name}`,
					email,
					email_verified: true,
					iat: issuedAt,
					exp: issuedAt + 300,
				};
				return mint({alg: 'RS256', kid: 'one'}, claims, issuerKey);
			};
			const me = (bearer: string) => servers[name].call('/api/v1/auth/me', {bearer});
			const good = await me(token(0));
			t.is(good.status, 200, good.text);
			t.is((await me(token(-30))).status, 401, 'expired');
			t.is((await me(token(60))).status, 401, 'of a time to come');
		},
	);
}

const nameToRole = {behind: 'viewer', right: 'developer', ahead: 'admin'} as const;

test.serial(
	'the offset is told: in the log, the metrics and the state of the appliance',
	async (t) => {
		for (const name of names) {
			const {text} = await servers[name].call('/metrics');
			const offset = Number(/^latchkey_clock_offset_seconds (\S+)$/m.exec(text)?.[1]);
			t.true(Math.abs(offset - hours[name] * 3600) < 60, `${name}: ${offset}`);
			const isTold = servers[name].output().includes('the clock of this machine differs');
			t.is(isTold, name !== 'right');
		}
		const offsets = await eventually(async () => {
			const {verifiers} = (
				await servers.right.call('/api/v1/system', {bearer: jwt})
			).json() as System;
			const known = verifiers?.map(({clock_offset_seconds: seconds}) => seconds ?? undefined);
			return known?.includes(undefined) === false && known;
		});
		const told = offsets
			.map((seconds) => Math.round((seconds ?? 0) / 600) / 6)
			.sort((a, b) => a - b);
		t.deepEqual(told, [-1, 0, 1]);
	},
);

test.serial('usage is counted in the hour that it is', async (t) => {
	const {key, id} = await makeKey(servers.right, jwt, organisationId);
	const begun = Date.now();
	for (const server of Object.values(servers)) {
		t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
	}
	await appliance.startWorker();
	const rows = await eventually(async () => {
		const found = await db('usage_hourly').where({key_id: id}).select('hour', 'count');
		return found.reduce((sum, {count}) => sum + Number(count), 0) === 3 && found;
	});
	const hourOf = (ms: number) => Math.floor(ms / hourMs) * hourMs;
	for (const {hour} of rows) {
		t.true([hourOf(begun), hourOf(Date.now())].includes(hour.getTime()), hour.toISOString());
	}
});
