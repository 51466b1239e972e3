import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import {apiVersion} from '../../contract/events.ts';
import {createdKeyWithTerms, fullKey, keyDetail, keyUsage} from '../../contract/keys.ts';
import {
	keyTerms,
	noneOf,
	termNames,
	type StoredTerms,
	type TermsOfKind,
} from '../../contract/key-terms.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	createAppliance,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';

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

async function make(t: ExecutionContext, terms: object) {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}/api-keys`;
	const answer = await server.call(path, {bearer: jwt, body: {name: 'bound', ...terms}});
	t.is(answer.status, 201, answer.text);
	const made = createdKeyWithTerms.parse(answer.json());
	return {organisation: id, path, made, answer};
}

const self = '/api/v1/keys/self';
const denied = '{"error":"This key may not be used from this address"}';

type Example = {value: unknown; told: string; wrong: readonly (readonly [unknown, string])[]};

/** A value, how the audit trail tells it, and what is refused in what words. */
const networks = (name: string): Example => ({
	value: ['10.20.0.0/16'],
	told: '10.20.0.0/16',
	wrong: [
		[[], `${name} must not be empty: use null for no restriction`],
		[['10.20.3.4/16'], `${name}[0] has host bits set: write 10.20.0.0/16`],
	],
});
const scopes: Omit<Example, 'value' | 'told'> = {
	wrong: [
		['orders.read', 'scopes must be a list of scopes, or null'],
		[['a', 'or*'], 'scopes[1] must be a scope such as orders.read or orders.*'],
	],
};
const limits: Example = {
	value: [
		{name: 'burst', limit: 100, window_seconds: 60, burst: 100, cost: 1, auto: true},
		{name: 'writes', limit: 10, window_seconds: 1, burst: 5, cost: 2, auto: false},
	],
	told: 'burst 100/min, writes 10/s burst 5 cost 2 named',
	wrong: [
		[{}, 'rate_limits must be a list of limits, or null'],
		[['a'], 'rate_limits[0] must be such as {"name":"burst","limit":100,"window_seconds":60}'],
		[
			[{name: 'a', limit: 1, window_seconds: 0}],
			'rate_limits[0].window_seconds must be a whole number from 1 to 2592000',
		],
	],
};
const quota: Example = {
	value: {limit: 50_000, period: 'month', reset_day: 1, timezone: 'Europe/Berlin', cost: 1},
	told: '50,000/month in Europe/Berlin',
	wrong: [
		[[], 'quota must be such as {"limit":50000,"period":"month"}, or null'],
		[{limit: 1, period: 'year'}, 'quota.period must be one of hour, day, week, month, total'],
	],
};
const examples: [TermsOfKind<'terms'>, Example][] = [
	['scopes', {value: ['orders.read', 'eu:*'], told: 'orders.read, eu:*', ...scopes}],
	['scopes', {value: [], told: 'none', ...scopes}],
	['ip_allow', networks('ip_allow')],
	['ip_deny', networks('ip_deny')],
	['rate_limits', limits],
	['quota', quota],
];

test('there is an example of each term', (t) => {
	const restricting = termNames.filter((name) => keyTerms[name].kind === 'terms');
	t.deepEqual([...new Set(examples.map(([name]) => name))], restricting as string[] as never);
});

for (const [name, {value, told: words, wrong}] of examples) {
	const what = `${name} ${JSON.stringify(value)}`;

	test(`${what}: what a request names is answered, shown, and on record`, async (t) => {
		const {id: organisation} = await makeOrganisation(server, jwt, 'team');
		await db('webhook_endpoints').insert({
			organisation_id: organisation,
			url: 'https://hooks.example.com',
			api_version: apiVersion,
		});
		const path = `/api/v1/organizations/${organisation}/api-keys`;
		const create = (terms: object) =>
			server.call(path, {bearer: jwt, body: {name: 'bound', ...terms}});
		const answer = await create({[name]: value});
		const made = createdKeyWithTerms.parse(answer.json());
		t.is(
			answer.text,
			`{"id":"${made.id}","name":"bound","key":"${made.key}","created_at":"${made.created_at}","last_used_at":null,"revoked_at":null,"${name}":${JSON.stringify(value)}}`,
		);
		t.deepEqual(Object.keys((await create({[name]: null})).json() as object).slice(6), [name]);
		t.is(Object.keys((await create({})).json() as object).length, 6);

		const detail = keyDetail.parse((await server.call(`${path}/${made.id}`, {bearer: jwt})).json());
		t.deepEqual(detail[name], value);
		const full = (await server.call(`${path}?view=full`, {bearer: jwt})).json() as object[];
		t.deepEqual(
			full.map((each) => fullKey.parse(each)[name]),
			[noneOf(name), noneOf(name), value],
		);
		const plain = await server.call(path, {bearer: jwt});
		t.false(plain.text.includes(name), 'the documented list is as it was');

		const [entry] = await db('audit_entries')
			.where({chain: organisation, action: 'key.created', target_id: made.id})
			.select('content');
		t.is(JSON.parse(entry?.content ?? '{}').details[name], words);
		const payloads = await db('events').where({organisation_id: organisation}).select('payload');
		const told = payloads.map(({payload}) => JSON.parse(payload).data.key);
		t.deepEqual(told.find(({id}) => id === made.id)[name], value);
	});

	test(`${what}: what is no restriction is refused by name, and nothing is made`, async (t) => {
		const {id} = await makeOrganisation(server, jwt, 'team');
		const path = `/api/v1/organizations/${id}/api-keys`;
		for (const [given, error] of wrong) {
			const answer = await server.call(path, {bearer: jwt, body: {name: 'a', [name]: given}});
			t.deepEqual([answer.status, answer.json()], [400, {error}]);
			t.is(answer.headers['latchkey-error-code'], 'invalid_field');
		}
		t.is((await server.call(path, {bearer: jwt})).text, '[]');
	});
}

test('a key is accepted from its networks only, at each door, and a refusal is no use of it', async (t) => {
	const {made, path} = await make(t, {ip_allow: ['192.0.2.0/24', '2001:db8::/32']});
	for (let twice = 0; twice < 2; twice++) {
		for (const door of [self, '/api/v1/forward-auth', '/api/v1/sources']) {
			const answer = await server.call(door, {bearer: made.key});
			t.deepEqual([answer.status, answer.text], [403, denied], door);
			t.is(answer.headers['latchkey-error-code'], 'ip_denied');
			t.is(answer.headers['www-authenticate'], undefined);
		}
	}
	const {made: local} = await make(t, {ip_allow: ['127.0.0.0/8', '::1/128']});
	t.is((await server.call(self, {bearer: local.key})).status, 200);

	const verify = async (body: object) =>
		(
			await server.call('/api/v1/keys/verify', {
				bearer: jwt,
				body: {key: made.key, ...body},
				headers: {'Latchkey-Organization': path.split('/')[4] ?? ''},
			})
		).json() as {code: string};
	t.is((await verify({})).code, 'IP_DENIED', 'never by the address of the service that asks');
	t.is((await verify({ip: '192.0.2.7'})).code, 'VALID');
	t.is((await verify({ip: '::ffff:192.0.2.7'})).code, 'VALID');
	t.is((await verify({ip: '2001:DB8:0::1'})).code, 'VALID');
	t.is((await verify({ip: '127.0.0.1'})).code, 'IP_DENIED');
	t.deepEqual(await verify({ip: 'localhost'}), {
		error: 'ip must be an address such as 203.0.113.7 or 2001:db8::1',
	} as never);

	const usage = async (query: string) =>
		(await server.call(`${path}/${made.id}/usage${query}`, {bearer: jwt})).json() as {
			valid: number;
			ip_denied?: number;
		}[];
	await appliance.startWorker();
	const last = await eventually(async () => {
		const bucket = (await usage('?view=full')).at(-1);
		return bucket?.ip_denied === 8 && bucket;
	});
	t.is(last.valid, 3);
	keyUsage.parse(await usage('?by=day&view=full'));
	t.deepEqual(Object.keys((await usage('?by=day'))[0] ?? {}), [
		'start',
		'valid',
		'revoked',
		'expired',
		'plan_inactive',
	]);
	const detail = keyDetail.parse((await server.call(`${path}/${made.id}`, {bearer: jwt})).json());
	t.is(detail.last_used_address, '2001:db8::1', 'of the last use, which was no refusal');
});

test('terms that are changed in PostgreSQL are in force at once; unknown ones are never decided about', async (t) => {
	const {made, path} = await make(t, {ip_allow: ['192.0.2.0/24']});
	const call = () => server.call(self, {bearer: made.key});
	t.is((await call()).status, 403);
	const change = (terms: object) =>
		db('api_keys')
			.where({id: made.id})
			.update({terms: terms as StoredTerms});
	await change({ip_allow: ['127.0.0.0/8', '::1/128']});
	t.truthy(await eventually(async () => (await call()).status === 200));
	await change({ip_allow: ['127.0.0.0/8'], only_on_mondays: true});
	t.truthy(await eventually(async () => (await call()).status === 503));
	const refused = await call();
	t.is(refused.text, '{"error":"Service temporarily unavailable"}');
	t.truthy(refused.headers['retry-after']);
	const asked = await server.call('/api/v1/keys/verify', {
		bearer: jwt,
		body: {key: made.key},
		headers: {'Latchkey-Organization': path.split('/')[4] ?? ''},
	});
	t.is(asked.status, 503);
	t.is((await server.call(`${path}/${made.id}`, {bearer: jwt})).status, 200, 'it can be managed');
	await change({});
	t.truthy(await eventually(async () => (await call()).status === 200));
});
