import test from 'ava';
import {keyClients, usageSeries, type KeyClient} from '../../contract/usage.ts';
import {keyDetail} from '../../contract/keys.ts';
import {defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import type {CallOptions} from '../helpers/http.ts';
import {openAppliance, withEveryRoute} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/* Whichever door a key comes in by, from where and by which program it was used is told of that use. */

const {appliance, server, jwt, db} = await openAppliance(withEveryRoute);
let organisation: string;
let keysPath: string;
/** A service asks with its own key, and with a program that is none of the one it asks about. */
let service: CallOptions;

test.before(async () => {
	({id: organisation} = await defaultOrganisation(server, jwt));
	keysPath = `/api/v1/organizations/${organisation}/api-keys`;
	const {key} = await makeKey(server, jwt, organisation, 'service');
	service = {bearer: key, headers: {'User-Agent': 'service/1'}};
	await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '200'});
});

test.after.always(() => appliance.stop());

async function read(id: string) {
	return keyDetail.parse((await server.call(`${keysPath}/${id}`, {bearer: jwt})).json());
}

async function clientsOf(id: string): Promise<KeyClient[]> {
	const answer = await server.call(`${keysPath}/${id}/clients`, {bearer: jwt});
	return keyClients.parse(answer.json());
}

/** A use of the key, and what is then known: address, program. */
type Door = [
	name: string,
	use: (key: string) => [path: string, options: CallOptions],
	address: string | null,
	agent: string | null,
];

const self = '127.0.0.1';
const headers = {'User-Agent': 'door/1'};

const doors: readonly Door[] = [
	['self', (key) => ['/api/v1/keys/self', {bearer: key, headers}], self, 'door/1'],
	[
		'self, as the application answers it',
		(key) => ['/api/v1/keys/self?view=full', {bearer: key, headers}],
		self,
		'door/1',
	],
	['sources', (key) => ['/api/v1/sources', {bearer: key, headers}], self, 'door/1'],
	['forward-auth', (key) => ['/api/v1/forward-auth', {bearer: key, headers}], self, 'door/1'],
	[
		'verify, with all that a service can say',
		(key) => [
			'/api/v1/keys/verify',
			{...service, body: {key, ip: '203.0.113.7', user_agent: 'browser/5'}},
		],
		'203.0.113.7',
		'browser/5',
	],
	[
		'verify, with the address alone',
		(key) => ['/api/v1/keys/verify', {...service, body: {key, ip: '2001:DB8::7'}}],
		'2001:db8::7',
		null,
	],
	[
		'verify of many',
		(key) => [
			'/api/v1/keys/verify/batch',
			{...service, body: {keys: [{key, ip: '203.0.113.9', user_agent: 'batch/1'}]}},
		],
		'203.0.113.9',
		'batch/1',
	],
	[
		'introspection',
		(key) => [
			'/oauth2/introspect',
			{
				...service,
				headers: {'Content-Type': 'application/x-www-form-urlencoded'},
				body: new URLSearchParams({token: key, ip: '203.0.113.8'}).toString(),
			},
		],
		'203.0.113.8',
		null,
	],
];

test('each door tells from where and by which program the key was used', async (t) => {
	for (const [name, use, address, agent] of doors) {
		const made = await makeKey(server, jwt, organisation, name);
		const [path, options] = use(made.key);
		const answer = await server.call(path, options);
		t.is(answer.status, 200, `${name}: ${answer.text}`);
		await eventually(async () => (await clientsOf(made.id)).length > 0, {what: name});
		await eventually(async () => (await read(made.id)).last_used_at !== null, {what: name});
		const detail = await read(made.id);
		t.like(detail, {last_used_address: address, last_used_agent: agent}, name);
		t.is(detail.last_used_address_at, detail.last_used_at, name);
		t.is(detail.first_used_at, detail.last_used_at, name);
		t.like(await clientsOf(made.id), [{address, user_agent: agent, count: 1, refused: 0}], name);
	}
});

test('a use from where nobody knows takes nothing away, and is told by its own time', async (t) => {
	const {id, key} = await makeKey(server, jwt, organisation, 'known, then not');
	await server.call('/api/v1/keys/verify', {...service, body: {key, ip: '203.0.113.1'}});
	await eventually(async () => (await read(id)).last_used_address !== null);
	const first = await read(id);
	// Times are told to the second.
	await eventually(async () => {
		await server.call('/api/v1/keys/verify', {...service, body: {key}});
		return (await read(id)).last_used_at !== first.last_used_at;
	});
	const later = await read(id);
	t.like(later, {
		last_used_address: '203.0.113.1',
		last_used_address_at: first.last_used_address_at,
		first_used_at: first.first_used_at,
	});
	t.not(later.last_used_at, later.last_used_address_at);
});

test('refusals are clients as well, tags are counted, and what a dry run asks is not', async (t) => {
	const terms = {scopes: ['orders.read'], ip_allow: ['203.0.113.0/24']};
	const made = await server.call(keysPath, {bearer: jwt, body: {name: 'bound', ...terms}});
	const {id, key} = made.json() as {id: string; key: string};
	const verify = async (body: object) =>
		(
			(await server.call('/api/v1/keys/verify', {...service, body: {key, ...body}})).json() as {
				code: string;
			}
		).code;
	const inside = {ip: '203.0.113.5', scopes: ['orders.read']};
	t.is(await verify({...inside, tags: ['night', 'eu']}), 'VALID');
	t.is(await verify({...inside, tags: ['night'], user_agent: 'job/1'}), 'VALID');
	t.is(await verify({...inside, tags: ['night'], dry_run: true}), 'VALID');
	t.is(await verify({ip: '198.51.100.9', user_agent: 'odd/1'}), 'IP_DENIED');
	t.is(await verify({...inside, scopes: ['orders.write'], tags: ['eu']}), 'INSUFFICIENT_SCOPE');
	await eventually(async () => (await clientsOf(id)).length === 3);
	await eventually(
		async () => (await clientsOf(id)).reduce((sum, {count}) => sum + count, 0) === 4,
	);
	const clients = await clientsOf(id);
	const find = (address: string, agent: string | null) =>
		clients.find((client) => client.address === address && client.user_agent === agent);
	t.like(find('203.0.113.5', null), {count: 2, refused: 1});
	t.like(find('203.0.113.5', 'job/1'), {count: 1, refused: 0});
	t.like(find('198.51.100.9', 'odd/1'), {count: 1, refused: 1});

	const answer = await server.call(`${keysPath}/${id}/usage?step=day&group_by=tag`, {bearer: jwt});
	const {series} = usageSeries.parse(answer.json());
	const tags = series.map(({group, total, refused}) => `${group} ${total} ${refused}`);
	t.deepEqual(tags.toSorted(), ['eu 2 1', 'night 2 0']);
	const needed = await db.raw<{rows: {scope: string; count: string}[]}>(
		'select scope, count from key_needed_scopes where key_id = ?',
		[id],
	);
	t.deepEqual(needed.rows, [{scope: 'orders.read', count: '1'}]);
});

test('the program of whoever asks is told of its own key', async (t) => {
	const keys = (await server.call(keysPath, {bearer: jwt})).json() as {id: string; name: string}[];
	const id = keys.find(({name}) => name === 'service')?.id ?? '';
	await eventually(async () => (await read(id)).last_used_agent === 'service/1');
	t.like(await read(id), {last_used_address: self});
});

test('no key that a client writes into its name is kept', async (t) => {
	const {id, key} = await makeKey(server, jwt, organisation, 'said too much');
	const tells = {bearer: key, headers: {'User-Agent': `tool/1 (${key})`}};
	await server.call('/api/v1/keys/self', tells);
	await server.call('/api/v1/sources', tells);
	await eventually(async () => (await clientsOf(id)).some(({count}) => count === 2));
	t.deepEqual(
		(await clientsOf(id)).map(({user_agent}) => user_agent),
		['tool/1 ([secret])'],
	);
	t.is((await read(id)).last_used_agent, 'tool/1 ([secret])');
});
