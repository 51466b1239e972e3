import test from 'ava';
import {Redis} from 'ioredis';
import {createRedisNames} from '../../core/redis/names.ts';
import {makeKey, makeOrganisation, patiently} from '../helpers/appliance.ts';
import {createOwnServices} from '../helpers/faults.ts';

/* What a check of a key asks of Redis and PostgreSQL, and what a state in Redis can be. */

const {appliance, redis: own} = await createOwnServices();
const server = await appliance.startServer();
const jwt = await server.logIn();
const redis = new Redis(own.clientSettings);

test.after.always(async () => {
	redis.disconnect();
	await appliance.stop();
});

/** How often scripts were called, and how often limits were read. */
async function counted(): Promise<{scripts: number; gets: number}> {
	const info = await redis.info('commandstats');
	const calls = (name: string) =>
		Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
	return {scripts: calls('evalsha') + calls('eval'), gets: calls('get')};
}

async function makeLimited(terms: object) {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	const answer = await patiently(() =>
		server.call(path, {bearer: jwt, body: {name: 'limited', ...terms}}),
	);
	return {...(answer.json() as {id: string; key: string}), organisation: organisation.id};
}

test.serial('a key without limits never has Redis asked', async (t) => {
	const {key} = await makeKey(server, jwt, (await makeOrganisation(server, jwt, 'team')).id);
	const check = () => server.call('/api/v1/forward-auth', {bearer: key});
	await check();
	const before = await counted();
	for (let i = 0; i < 50; i++) t.is((await check()).status, 200);
	t.is((await counted()).gets, before.gets);
});

test.serial(
	'uses of one turn of the event loop share a command, each with all its limits',
	async (t) => {
		const limit = (name: string) => ({name, limit: 100_000, window_seconds: 3600});
		const {key} = await makeLimited({
			rate_limits: [limit('a'), limit('b'), limit('c')],
			quota: {limit: 10 ** 6, period: 'month'},
		});
		const check = () => server.call('/api/v1/forward-auth', {bearer: key});
		await check();
		const before = await counted();
		const answers = await Promise.all(Array.from({length: 400}, check));
		t.true(answers.every(({status}) => status === 200));
		const after = await counted();
		t.is(after.gets - before.gets, 4 * 400, 'each was held against all four');
		t.log(`${after.scripts - before.scripts} scripts for 400 uses`);
		t.true(after.scripts - before.scripts < 400);
		const one = await counted();
		await check();
		const two = await counted();
		t.is(two.gets - one.gets, 4);
	},
);

test.serial('all keys of a batch share a command', async (t) => {
	const {key, organisation} = await makeLimited({
		rate_limits: [{name: 'quick', limit: 1000, window_seconds: 3600}],
	});
	const caller = await makeKey(server, jwt, organisation);
	const ask = (keys: object[]) =>
		server.call('/api/v1/keys/verify/batch', {bearer: caller.key, body: {keys}});
	await ask([{key}]);
	const before = await counted();
	const answer = await ask(Array.from({length: 20}, (_, i) => ({key, quota_cost: i})));
	t.is((answer.json() as {valid: boolean}[]).filter(({valid}) => valid).length, 20);
	const after = await counted();
	t.is(after.gets - before.gets, 20, 'each was held against its limit');
	t.is(after.scripts - before.scripts, 1);
});

test.serial(
	'a clock of Redis that was set back locks nobody out for longer than a burst',
	async (t) => {
		const {id, key, organisation} = await makeLimited({
			rate_limits: [{name: 'quick', limit: 2, window_seconds: 20}],
		});
		const check = () => server.call('/api/v1/forward-auth', {bearer: key});
		t.is((await check()).status, 200);
		// As if the clock had been an hour ahead when it was used.
		const name = createRedisNames('latchkey').limit(organisation, `k:${id}`, 'quick');
		const tat = Number(await redis.get(name));
		await redis.set(name, String(tat + 3_600_000_000));
		const refused = await check();
		t.is(refused.status, 429);
		t.true(Number(refused.headers['retry-after']) <= 10, refused.headers['retry-after']);
		t.is(await redis.get(name), String(tat + 3_600_000_000), 'what is refused changes nothing');
	},
);

test.serial('a state ends by itself once the limit is full again', async (t) => {
	const {id, key, organisation} = await makeLimited({
		rate_limits: [{name: 'quick', limit: 60, window_seconds: 60}],
		quota: {limit: 5, period: 'day'},
	});
	t.is((await server.call('/api/v1/forward-auth', {bearer: key})).status, 200);
	const names = createRedisNames('latchkey');
	const left = await redis.pttl(names.limit(organisation, `k:${id}`, 'quick'));
	t.true(left > 0 && left <= 2000, `${left} ms: a second, and one more`);
	const [quota] = await redis.keys(`{latchkey:${organisation}}:quota:*`);
	const ofQuota = await redis.pttl(quota ?? '');
	t.true(ofQuota > 0 && ofQuota <= 86_400_000 + 3_600_000 + 600_000, String(ofQuota));
});
