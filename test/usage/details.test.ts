import test from 'ava';
import type {Knex} from 'knex';
import {type RedisClient} from '../../core/redis/connect.ts';
import {createAgentReader} from '../../core/usage/user-agent.ts';
import {eventually} from '../helpers/program.ts';
import type {TestRedis} from '../helpers/services.ts';
import {installation, makeKeys, openWorld, type UsageWorld} from './world.ts';

/* What is counted beside outcomes: sums by day and organisation, tags, addresses, clients, needed scopes. */

let world: UsageWorld;
let service: TestRedis;
let db: Knex;
let redis: RedisClient;

test.before(async () => {
	world = await openWorld();
	({service, db, redis} = world);
});

test.after.always(() => world.close());

async function rows(sql: string, ...bindings: string[]): Promise<unknown[][]> {
	const answer = await db.raw<{rows: Record<string, unknown>[]}>(sql, bindings);
	return answer.rows.map((row) => Object.values(row));
}

const byDay = (organisation: string) =>
	rows(
		'select key_id, outcome, sum(count)::int from usage_daily where organisation_id = ? group by 1, 2 order by 1, 2',
		organisation,
	);
const totals = (organisation: string) =>
	rows(
		'select outcome, sum(count)::int from usage_totals_hourly where organisation_id = ? group by 1 order by 1',
		organisation,
	);
const details = (organisation: string) =>
	rows(
		`select kind, value, sum(count)::int as count, sum(refused)::int as refused from usage_details_daily
		where organisation_id = ? group by 1, 2 order by 1, 2`,
		organisation,
	);
const clients = (key: string) =>
	rows(
		'select address, user_agent, count::int, refused::int from key_clients where key_id = ? order by 1, 2',
		key,
	);
const needed = (key: string) =>
	rows('select scope, count::int from key_needed_scopes where key_id = ? order by 1', key);

test.serial(
	'sums are those of all processes, however often and in whichever order they are settled',
	async (t) => {
		const {recorder, clock, settle} = installation(world);
		const {organisation, keys} = await makeKeys(db, 3);
		const [first = '', second = '', third = ''] = keys.toSorted();
		const servers = [recorder(), recorder()];
		for (let i = 0; i < 300; i++) {
			const server = servers[i % 2];
			server?.record(first, 'valid', {
				ip: `192.0.2.${i % 3}`,
				agent: 'curl/8',
				tags: i % 2 === 0 ? ['a', 'b'] : ['b'],
				scopes: [{name: 'orders.read'}],
			});
			if (i % 3 === 0) server?.record(second, 'revoked', {ip: '2001:db8::1', tags: ['a']});
			if (i % 30 === 0) server?.record(third, 'insufficient_scope', {scopes: [{name: 'x.y'}]});
			if (i % 60 === 0) {
				clock.now++;
				await Promise.all([server?.push(), settle(new Map()), settle()]);
			}
		}
		for (const server of servers) t.true(await server.drain());
		await Promise.all([settle(new Map()), settle(new Map()), settle()]);
		await settle(new Map());
		t.deepEqual(await byDay(organisation), [
			[first, 'valid', 300],
			[second, 'revoked', 100],
			[third, 'insufficient_scope', 10],
		]);
		t.deepEqual(await totals(organisation), [
			['insufficient_scope', 10],
			['revoked', 100],
			['valid', 300],
		]);
		t.deepEqual(await details(organisation), [
			['address', '', 10, 10],
			['address', '192.0.2.0', 100, 0],
			['address', '192.0.2.1', 100, 0],
			['address', '192.0.2.2', 100, 0],
			['address', '2001:db8::1', 100, 100],
			['tag', 'a', 250, 100],
			['tag', 'b', 300, 0],
		]);
		t.deepEqual(await clients(first), [
			['192.0.2.0', 'curl/8', 100, 0],
			['192.0.2.1', 'curl/8', 100, 0],
			['192.0.2.2', 'curl/8', 100, 0],
		]);
		t.deepEqual(await clients(third), [['', '', 10, 10]]);
		t.deepEqual(await needed(first), [['orders.read', 2]], 'once by each process in an hour');
		t.deepEqual(await needed(third), [], 'a use that was refused for it did not need it');
	},
);

test.serial(
	'what Redis lost, and what goes to PostgreSQL without it, is summed up once',
	async (t) => {
		const {recorder, clock, settle, names} = installation(world);
		const {organisation, keys} = await makeKeys(db, 2);
		const [key = '', other = ''] = keys;
		const server = recorder();
		const use = (times: number) => {
			for (let i = 0; i < times; i++) {
				server.record(key, 'valid', {ip: '192.0.2.1', tags: ['night']});
				server.record(other, 'valid', {ip: '192.0.2.2', tags: ['night']});
			}
		};
		use(3);
		await server.push();
		await settle();
		for (const name of await redis.smembers(names.usageIndex)) await redis.del(name);
		await redis.del(names.usageIndex);
		use(2);
		await server.push();
		await server.push();
		await settle();
		await service.stop();
		await eventually(() => redis.status !== 'ready');
		use(4);
		await server.push();
		clock.now += 10_000;
		await server.push();
		await service.start();
		await eventually(() => redis.status === 'ready');
		use(1);
		clock.now += 60_000;
		await server.push();
		await settle(new Map());
		t.deepEqual(await totals(organisation), [['valid', 20]]);
		t.deepEqual(await details(organisation), [
			['address', '192.0.2.1', 10, 0],
			['address', '192.0.2.2', 10, 0],
			['tag', 'night', 20, 0],
		]);
		t.deepEqual(await clients(key), [['192.0.2.1', '', 10, 0]]);
	},
);

test.serial('clients of a key beyond a hundred are counted, and not told apart', async (t) => {
	const {recorder, settle} = installation(world);
	const {organisation, keys} = await makeKeys(db, 1);
	const [key = ''] = keys;
	const server = recorder();
	for (let i = 0; i < 3000; i++) {
		server.record(key, 'valid', {ip: `10.0.${i >> 8}.${i & 255}`, tags: [`t${i}`, 'all']});
	}
	t.is(server.details, 200);
	for (let i = 0; i < 10; i++) server.record(key, 'valid', {ip: '10.0.0.5', tags: ['t3']});
	await server.push();
	await settle();
	t.deepEqual(await totals(organisation), [['valid', 3010]]);
	t.is((await clients(key)).length, 100);
	t.deepEqual(
		(await clients(key)).find(([address]) => address === '10.0.0.5'),
		['10.0.0.5', '', 11, 0],
	);
	const tags = await details(organisation);
	t.deepEqual(
		tags.find(([kind, value]) => kind === 'tag' && value === 't3'),
		['tag', 't3', 11, 0],
	);
	t.deepEqual(
		tags.find(([kind, value]) => kind === 'tag' && value === 'all'),
		['tag', 'all', 3000, 0],
	);
});

test.serial(
	'memory has room for so many details, whatever is random; counts stay exact',
	async (t) => {
		const {recorder, settle} = installation(world, {maxEntries: 200});
		const {organisation, keys} = await makeKeys(db, 50);
		const server = recorder();
		for (let i = 0; i < 20_000; i++) {
			const key = keys[i % keys.length] ?? '';
			server.record(key, 'valid', {ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`});
		}
		// A batch has room for half of the entries, and twice as many details.
		t.is(server.details, 200);
		await server.push();
		await settle();
		t.deepEqual(await totals(organisation), [['valid', 20_000]]);
	},
);

test('what a client calls itself is kept without what may not be shown', (t) => {
	const agentOf = createAgentReader('hklst_');
	t.is(agentOf('curl/8.5.0'), 'curl/8.5.0');
	t.is(agentOf(''), '');
	t.is(agentOf('with hklst_0123456789abcdefghij in it'), 'with [secret] in it');
	t.is(agentOf('tab\there, \u00E4 and \u001B[31m'), 'tab?here, ? and ?[31m');
	t.is(agentOf('x'.repeat(5000)).length, 200);
	t.false(agentOf(`${'x'.repeat(190)}hklst_0123456789abcdefghij`).includes('hklst_0'));
});
