import {randomUUID} from 'node:crypto';
import test from 'ava';
import {
	keyDecisions,
	mostWatchesOfOrganisation,
	type KeyDecision,
	type KeyDecisions,
} from '../../contract/decisions.ts';
import type {CreatedClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	makeOrganisation,
	onServices,
	patiently,
	type Server,
} from '../helpers/appliance.ts';
import {uncaught} from '../helpers/faults.ts';
import type {CallOptions} from '../helpers/http.ts';
import {withEveryRoute} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {connectPlainly, createDatabase, createRedis} from '../helpers/services.ts';

/* What is decided at this moment, over two servers: through which doors, for whom, and with Redis away. */

const redis = await createRedis();
const appliance = await createAppliance(onServices(await createDatabase(), redis));
const [one, two] = await Promise.all([
	appliance.startServer(withEveryRoute),
	appliance.startServer(withEveryRoute),
]);
const jwt = await one.logIn();
const home = await defaultOrganisation(one, jwt);
const caller = await makeKey(one, jwt, home.id, 'the service');

test.after.always(() => appliance.stop());

const pathOf = (organisationId = home.id) => `/api/v1/organizations/${organisationId}/decisions`;

/** Somebody who looks: each look adds to what was told. */
function look(query: Record<string, string> = {}, organisationId = home.id) {
	let after: string | undefined;
	const told: KeyDecision[] = [];
	const once = async (server: Server = one): Promise<KeyDecisions> => {
		const asked = new URLSearchParams({...query, ...(after === undefined ? {} : {after})});
		const answer = await patiently(() =>
			server.call(`${pathOf(organisationId)}?${asked.toString()}`, {bearer: jwt}),
		);
		if (answer.status !== 200) throw new Error(answer.text);
		const read = keyDecisions.parse(answer.json());
		({after} = read);
		told.push(...read.decisions);
		return read;
	};
	return {
		told,
		once,
		/** Does something again and again, until it is told as is wanted. */
		until: (
			use: () => Promise<unknown>,
			isWanted: (decision: KeyDecision) => boolean,
		): Promise<KeyDecision> =>
			eventually(
				async () => {
					await use();
					await once();
					return told.find(isWanted);
				},
				{what: 'a decision to be told'},
			),
	};
}

async function keyWith(terms: object, organisationId = home.id) {
	const answer = await patiently(() =>
		one.call(`/api/v1/organizations/${organisationId}/api-keys`, {
			bearer: jwt,
			body: {name: 'a key', ...terms},
		}),
	);
	if (answer.status !== 201) throw new Error(answer.text);
	return answer.json() as {id: string; key: string};
}

test.serial(
	'every door is told of, from every server, with what is known of the use',
	async (t) => {
		const {id, key} = await keyWith({
			name: 'ingest',
			scopes: ['orders.read', 'latchkey:sources:read'],
		});
		const watch = look({key_id: id});
		const seen = async (server: Server, path: string, options: CallOptions = {}) => {
			const mark = randomUUID();
			const headers = {'User-Agent': mark, ...options.headers};
			const decision = await watch.until(
				() => server.call(path, {bearer: key, ...options, headers}),
				({user_agent: agent}) => agent === mark,
			);
			t.is(decision.key_id, id);
			t.is(decision.key_name, 'ingest');
			return decision;
		};
		const first = await seen(one, '/api/v1/sources');
		t.like(first, {
			outcome: 'valid',
			via: 'GET /api/v1/sources',
			address: '127.0.0.1',
			method: null,
			tags: [],
			scopes: ['latchkey:sources:read'],
		});
		const source = `/api/v1/sources/${randomUUID()}`;
		const second = await seen(two, source);
		t.like(second, {via: 'GET /api/v1/sources/{id}', outcome: 'valid'});
		t.not(second.server, first.server);
		t.like(await seen(two, '/api/v1/keys/self'), {via: 'GET /api/v1/keys/self', scopes: []});
		const proxied = {headers: {'X-Forwarded-Method': 'DELETE'}};
		const asked = '/api/v1/forward-auth?scopes=orders.write';
		t.like(await seen(one, asked, proxied), {
			via: 'forward-auth',
			method: 'DELETE',
			outcome: 'insufficient_scope',
			scopes: ['orders.write'],
		});
		t.like(
			await seen(one, '/api/v1/forward-auth', {headers: {...proxied.headers, Accept: 'text/x'}}),
			{
				via: 'forward-auth',
				method: 'DELETE',
			},
		);
	},
);

test.serial('so are services that ask, with what they say of the use', async (t) => {
	const {id, key} = await keyWith({
		name: 'asked about',
		scopes: ['orders.read'],
		ip_allow: ['10.0.0.0/8'],
	});
	const watch = look({key_id: id});
	const use = {ip: '10.1.2.3', scopes: 'orders.read', method: 'PATCH', tags: ['orders', 'eu']};
	const verify = (server: Server, more: object) => () =>
		server.call('/api/v1/keys/verify', {bearer: caller.key, body: {key, ...use, ...more}});
	const verified = await watch.until(verify(two, {user_agent: 'shop/1.0'}), () => true);
	t.like(verified, {
		outcome: 'valid',
		via: 'verify',
		address: '10.1.2.3',
		user_agent: 'shop/1.0',
		method: 'PATCH',
		tags: ['orders', 'eu'],
		scopes: ['orders.read'],
	});
	const denied = verify(one, {ip: '192.0.2.1', user_agent: `x ${key}`});
	const refused = await watch.until(denied, ({outcome}) => outcome === 'ip_denied');
	t.like(refused, {address: '192.0.2.1', user_agent: 'x [secret]'});
	const batch = {keys: [{key, ...use, tags: ['batch']}]};
	await watch.until(
		() => one.call('/api/v1/keys/verify/batch', {bearer: caller.key, body: batch}),
		({tags}) => tags.includes('batch'),
	);
	await watch.until(
		() =>
			one.call('/v2/keys.verifyKey', {
				bearer: caller.key,
				body: {key, tags: ['by-unkey'], permissions: 'orders.read'},
			}),
		({tags, via, outcome}) =>
			tags.includes('by-unkey') && via === 'verify' && outcome === 'ip_denied',
	);
	const {clientId, secret} = await makeMachine();
	const introspected = await watch.until(
		() =>
			one.call('/oauth2/introspect', {
				headers: {
					Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
					'Content-Type': 'application/x-www-form-urlencoded',
				},
				body: new URLSearchParams({token: key, ip: '10.9.9.9'}).toString(),
			}),
		({via}) => via === 'introspection',
	);
	t.like(introspected, {address: '10.9.9.9', outcome: 'valid'});
	// A dry run is no use.
	await one.call('/api/v1/keys/verify', {
		bearer: caller.key,
		body: {key, ...use, tags: ['dry'], dry_run: true},
	});
	await watch.until(verify(one, {tags: ['last']}), ({tags}) => tags.includes('last'));
	t.false(watch.told.some(({tags}) => tags.includes('dry')));
	t.false(JSON.stringify(watch.told).includes(key));
});

async function makeMachine(): Promise<{clientId: string; secret: string}> {
	const accounts = `/api/v1/organizations/${home.id}/service-accounts`;
	const made = await one.call(accounts, {bearer: jwt, body: {name: 'gateway', role: 'verifier'}});
	const {id} = made.json() as ServiceAccount;
	const answer = await one.call(`${accounts}/${id}/secrets`, {bearer: jwt, body: {}});
	const {client_id: clientId, client_secret: secret} = answer.json() as CreatedClientSecret;
	return {clientId, secret};
}

test.serial('an organisation is told of its own keys, and only of what it asks for', async (t) => {
	const other = await makeOrganisation(one, jwt, 'team');
	const [own, foreign, limited] = await Promise.all([
		keyWith({name: 'own'}),
		keyWith({name: 'foreign'}, other.id),
		keyWith({name: 'limited', rate_limits: [{name: 'burst', limit: 1, window_seconds: 3600}]}),
	]);
	const use = () =>
		Promise.all(
			[own, foreign, limited].map(({key}) => two.call('/api/v1/forward-auth', {bearer: key})),
		);
	const all = look();
	const refused = look({outcome: 'refused'});
	const theirs = look({outcome: 'valid'}, other.id);
	await refused.until(use, ({outcome}) => outcome === 'rate_limited');
	await all.until(use, ({key_id: id}) => id === own.id);
	await all.until(use, ({outcome}) => outcome === 'rate_limited');
	await theirs.until(use, () => true);
	t.false(all.told.some(({key_id: id}) => id === foreign.id));
	t.true(refused.told.every(({outcome}) => outcome === 'rate_limited'));
	t.true(theirs.told.every(({key_id: id}) => id === foreign.id));
	const left = await theirs.once();
	t.is(left.seen, left.decisions.length + left.left_out);
});

test.serial('what cannot be asked for is named', async (t) => {
	const ask = (query: string) => one.call(`${pathOf()}?${query}`, {bearer: jwt});
	const faults: Record<string, [status: number, text: string]> = {
		'key_id=x': [400, 'key_id must be the id of a key'],
		[`key_id=${randomUUID()}`]: [404, 'API key not found'],
		'outcome=unknown': [400, 'outcome must be refused or valid or'],
		'outcome=valid&outcome=expired': [400, 'outcome must be given once'],
		'after=1': [400, 'after must be what the last answer had as after'],
		'limit=3': [400, 'Unknown query parameter: limit'],
	};
	for (const [query, [status, text]] of Object.entries(faults)) {
		const answer = await ask(query);
		t.is(answer.status, status, query);
		t.true((answer.json() as {error: string}).error.startsWith(text), answer.text);
	}
	const mine = await makeKey(one, jwt, home.id);
	const upper = await ask(`key_id=${mine.id.toUpperCase()}&after=1-2-3-4`);
	t.is(upper.status, 200);
	t.like(upper.json(), {decisions: [], seen: 0, left_out: 0});
});

test.serial(
	'one who comes when all places are taken is told so, and when to come again',
	async (t) => {
		const plain = connectPlainly(appliance.redis);
		const {watches} = createRedisNames('latchkey');
		try {
			const none = randomUUID();
			const names = Array.from(
				{length: mostWatchesOfOrganisation},
				() => `${home.id}:${none}:${randomUUID()}`,
			);
			for (const name of names) await plain.zadd(watches, Date.now() + 600_000, name);
			const {id} = await makeKey(one, jwt, home.id);
			const refused = await one.call(`${pathOf()}?key_id=${id}`, {bearer: jwt});
			t.is(refused.status, 429);
			t.is(refused.headers['retry-after'], '15');
			t.is(refused.headers['latchkey-error-code'], 'too_many_watches');
			await plain.zrem(watches, ...names);
			t.is((await one.call(`${pathOf()}?key_id=${id}`, {bearer: jwt})).status, 200);
		} finally {
			plain.disconnect();
		}
	},
);

test.serial(
	'with Redis killed it is said, checks go on, and it goes on once Redis is back',
	async (t) => {
		const use = () => two.call('/api/v1/forward-auth', {bearer: caller.key});
		const watch = look();
		await watch.until(use, ({via}) => via === 'forward-auth');
		process.kill(redis.pid, 'SIGKILL');
		const gone = await eventually(async () => {
			const answer = await one.call(pathOf(), {bearer: jwt});
			return answer.status === 503 && answer;
		});
		t.deepEqual(gone.json(), {error: 'Decisions cannot be watched without Redis'});
		t.is(gone.headers['retry-after'], '1');
		for (let i = 0; i < 20; i++) t.is((await use()).status, 200);
		await redis.start();
		const again = look();
		await eventually(async () => (await one.call(pathOf(), {bearer: jwt})).status === 200);
		await again.until(use, ({via}) => via === 'forward-auth');
		// With what they knew before, too.
		await watch.once();
		t.deepEqual([...uncaught(one), ...uncaught(two)], []);
	},
);
