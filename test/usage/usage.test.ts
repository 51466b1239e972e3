import {randomUUID} from 'node:crypto';
import path from 'node:path';
import test from 'ava';
import {Redis} from 'ioredis';
import type {Knex} from 'knex';
import {connectDatabase} from '../../core/db/connect.ts';
import {createLog} from '../../core/log.ts';
import type {RedisClient} from '../../core/redis/connect.ts';
import {hourMs, type SeenUse} from '../../core/usage/batch.ts';
import {UsageRecorder} from '../../core/usage/recorder.ts';
import {keepUsagePartitions} from '../../core/usage/store.ts';
import {writeUsage} from '../../core/usage/write.ts';
import {endsAtOnce, eventually, startProgram, type Program} from '../helpers/program.ts';
import type {TestDatabase, TestRedis} from '../helpers/services.ts';
import type {SettlerOptions} from './settler.ts';
import {
	installation as openInstallation,
	makeKeys as makeKeysOf,
	openWorld,
	type UsageWorld,
} from './world.ts';

let world: UsageWorld;
let database: TestDatabase;
let service: TestRedis;
let db: Knex;
let redis: RedisClient;
/** Does what it is told, whatever state the other client is in. */
let admin: Redis;

test.before(async () => {
	world = await openWorld({isDurable: true});
	({database, service, db, redis} = world);
	admin = new Redis(service.clientSettings);
});

test.after.always(async () => {
	admin.disconnect();
	await world.close();
});

const installation = (options: {maxEntries?: number} = {}) => openInstallation(world, options);

async function makeKeys(count: number): Promise<string[]> {
	return (await makeKeysOf(db, count)).keys;
}

async function makeKey(): Promise<string> {
	const [key] = await makeKeys(1);
	if (key === undefined) throw new Error('no key');
	return key;
}

async function counted(...keys: string[]): Promise<Record<string, number>> {
	const answer = await db.raw<{rows: {outcome: string; sum: string}[]}>(
		'select outcome, sum(count) from usage_hourly where key_id = any (?) group by outcome order by outcome',
		[keys],
	);
	return Object.fromEntries(answer.rows.map(({outcome, sum}) => [outcome, Number(sum)]));
}

async function lastUsed(key: string): Promise<number | undefined> {
	const row = await db('api_keys').where({id: key}).first();
	return row?.last_used_at?.getTime();
}

test('counts of several processes come to their exact sum, last use to the latest', async (t) => {
	const {recorder, clock, settle} = installation();
	const keys = await makeKeys(3);
	const [first = '', second = '', third = ''] = keys;
	const servers = [recorder(), recorder()];
	clock.now -= 60_000;
	for (let i = 0; i < 500; i++) {
		clock.now++;
		const server = servers[i % 2];
		server?.record(first, 'valid', {ip: '192.0.2.1'});
		if (i % 5 === 0) server?.record(second, 'revoked', {});
		if (i % 50 === 0) server?.record(third, 'expired', {ip: '2001:db8::1'});
		if (i % 100 === 0) await Promise.all([server?.push(), settle()]);
	}
	for (const server of servers) t.true(await server.drain());
	await settle();
	t.deepEqual(await counted(first), {valid: 500});
	t.deepEqual(await counted(second), {revoked: 100});
	t.deepEqual(await counted(third), {expired: 10});
	t.is(await lastUsed(first), clock.now);
	t.is(await lastUsed(second), undefined, 'a refused use is not a use');
	const row = await db('api_keys').where({id: first}).first();
	t.is(row?.last_used_ip, '192.0.2.1');
});

test('settling twice, at once and by several workers changes nothing', async (t) => {
	const {recorder, settle} = installation();
	const keys = await makeKeys(50);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	await server.push();
	await Promise.all(Array.from({length: 4}, () => settle(new Map())));
	await settle(new Map());
	await settle();
	t.like(await settle(), {batches: 0, rows: 0, keys: 0});
	t.deepEqual(await counted(...keys), {valid: 50});
});

test('an older write that comes late takes nothing back', async (t) => {
	const key = await makeKey();
	const write = (count: number, at: number) =>
		writeUsage(db, {
			rows: [
				{
					hour: 1_700_000_000_000 - (1_700_000_000_000 % hourMs),
					keyId: key,
					processId,
					outcome: 'valid',
					count,
				},
			],
			lastUses: [{keyId: key, firstAt: at, at, known: undefined}],
			details: [],
		});
	const processId = randomUUID();
	await write(7, 1_700_000_007_000);
	t.like(await write(3, 1_700_000_003_000), {rows: 0});
	await Promise.all([5, 9, 8, 6, 4].map((n) => write(n, 1_700_000_000_000 + n * 1000)));
	t.deepEqual(await counted(key), {valid: 9});
	t.is(await lastUsed(key), 1_700_000_009_000);
});

/** From where a key was used last, by which program, and how long ago, in milliseconds. */
async function lastKnown(key: string, now: number) {
	const row = await db('api_keys').where({id: key}).first();
	const at = row?.last_used_address_at;
	return [row?.last_used_ip, row?.last_used_agent, at ? now - at.getTime() : undefined];
}

test('address and program are of one use, the last of which one of them is known', async (t) => {
	const {recorder, clock, settle} = installation();
	const key = await makeKey();
	clock.now -= 60_000;
	const [one, two] = [recorder(), recorder()];
	const use = async (server: UsageRecorder, seen: SeenUse) => {
		clock.now += 1000;
		server.record(key, 'valid', seen);
		await server.push();
	};
	await use(one, {ip: '192.0.2.1', agent: 'curl/8'});
	await settle();
	t.deepEqual(await lastKnown(key, clock.now), ['192.0.2.1', 'curl/8', 0]);
	await use(one, {});
	await settle();
	t.deepEqual(await lastKnown(key, clock.now), ['192.0.2.1', 'curl/8', 1000], 'in one process');
	await use(two, {ip: '2001:db8::2'});
	await settle();
	t.deepEqual(await lastKnown(key, clock.now), ['2001:db8::2', null, 0], 'of another process');
	await use(one, {});
	await settle();
	t.deepEqual(await lastKnown(key, clock.now), ['2001:db8::2', null, 1000]);
	t.is(await lastUsed(key), clock.now);
	await use(two, {agent: 'wget/1'});
	await settle();
	t.deepEqual(await lastKnown(key, clock.now), [null, 'wget/1', 0], 'nothing of an older use');
	one.record(key, 'revoked', {ip: '192.0.2.9'});
	await one.push();
	await settle(new Map());
	t.deepEqual(await lastKnown(key, clock.now), [null, 'wget/1', 0], 'a refused use is not a use');
	t.is(await lastUsed(key), clock.now);
});

test('it is known of a key with more clients than are told apart', async (t) => {
	const {recorder, clock, settle} = installation();
	const key = await makeKey();
	const server = recorder();
	for (let i = 1; i <= 150; i++) server.record(key, 'valid', {ip: `192.0.2.${i}`, agent: 'many'});
	await server.push();
	await settle();
	t.deepEqual(await lastKnown(key, clock.now), ['192.0.2.150', 'many', 0]);
	server.record(key, 'valid', {ip: '192.0.2.7', agent: 'many'});
	await server.push();
	await settle();
	t.deepEqual(await lastKnown(key, clock.now), ['192.0.2.7', 'many', 0]);
});

test('written directly, late or at once, what is known of a use stays together', async (t) => {
	const key = await makeKey();
	const start = 1_700_000_000_000;
	const write = (...uses: [seconds: number, address?: string][]) =>
		writeUsage(db, {
			rows: [],
			lastUses: uses.map(([seconds, address]) => {
				const at = start + seconds * 1000;
				return {
					keyId: key,
					firstAt: at,
					at,
					known: address ? {at, address, agent: `by ${seconds}`} : undefined,
				};
			}),
			details: [],
		});
	const known = async () => {
		const [address, agent, ago] = await lastKnown(key, start);
		return [address, agent, Number(ago) / -1000];
	};
	await write([1, '192.0.2.1']);
	await write([3], [2, '192.0.2.2']);
	t.deepEqual(await known(), ['192.0.2.2', 'by 2', 2]);
	await write([1.5, '192.0.2.3']);
	t.deepEqual(await known(), ['192.0.2.2', 'by 2', 2], 'an older use');
	await Promise.all([4, 6, 5].map((n) => (n === 6 ? write([n]) : write([n, `192.0.2.${n}`]))));
	t.deepEqual(await known(), ['192.0.2.5', 'by 5', 5]);
	t.is(await lastUsed(key), start + 6000);
	await write([5, '192.0.2.7']);
	t.deepEqual(await known(), ['192.0.2.7', 'by 5', 5], 'of one millisecond the one written later');
	const row = await db('api_keys').where({id: key}).first();
	t.is(row?.first_used_at?.getTime(), start + 1000);
	await write([0.5]);
	const earlier = await db('api_keys').where({id: key}).first();
	t.is(earlier?.first_used_at?.getTime(), start + 500, 'one that was settled late');
});

test('a clock that runs ahead gives no last use in the future', async (t) => {
	const {recorder, clock, settle} = installation();
	const key = await makeKey();
	clock.now += 10 * hourMs;
	const server = recorder();
	server.record(key, 'valid', {});
	await server.push();
	await settle(undefined, Date.now());
	t.true(((await lastUsed(key)) ?? Infinity) <= Date.now() + 1);
	t.deepEqual(await counted(key), {valid: 1});
});

test.serial('data that Redis lost is written again within a minute', async (t) => {
	const {recorder, clock, settle, names} = installation();
	const keys = await makeKeys(5);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	await server.push();
	await admin.flushall();
	clock.now += 1000;
	await server.push();
	t.is(await admin.exists(names.usageIndex), 0, 'nothing changed, nothing is sent');
	clock.now += 60_000;
	await server.push();
	await settle();
	t.deepEqual(await counted(...keys), {valid: 5});
});

test.serial('data that Redis lost is written again with the next use of any key', async (t) => {
	const {recorder, settle} = installation();
	const keys = await makeKeys(3000);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	await server.push();
	await admin.flushall();
	for (const key of keys.slice(0, 2)) server.record(key, 'valid', {});
	await server.push();
	await server.push();
	await settle();
	t.deepEqual(await counted(...keys), {valid: 3002});
});

test.serial('so is what a Redis lost that came back with older data', async (t) => {
	const {recorder, clock, settle, names} = installation();
	const [old = '', recent = ''] = await makeKeys(2);
	const server = recorder();
	server.record(old, 'valid', {});
	await server.push();
	const [name = ''] = await admin.smembers(names.usageIndex);
	const before = await admin.hgetall(name);
	server.record(recent, 'valid', {});
	await server.push();
	await admin.del(name);
	await admin.hset(name, before);
	clock.now += 60_000;
	await server.push();
	await settle();
	t.deepEqual(await counted(old, recent), {valid: 2});
});

test.serial('what Redis has is not sent again', async (t) => {
	const {recorder, clock, names} = installation();
	const keys = await makeKeys(3);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	await server.push();
	const [name = ''] = await admin.smembers(names.usageIndex);
	const before = await admin.hgetall(name);
	clock.now += 60_000;
	await server.push();
	t.true(await server.drain());
	t.deepEqual(await admin.hgetall(name), before);
});

test.serial('a batch that Redis lost is not taken for one that is settled', async (t) => {
	const {recorder, settle} = installation();
	const key = await makeKey();
	const server = recorder();
	server.record(key, 'valid', {});
	await server.push();
	await settle();
	await admin.flushall();
	server.record(key, 'valid', {});
	await server.push();
	await settle();
	t.deepEqual(await counted(key), {valid: 2});
});

test.serial('a write that timed out and was applied all the same changes nothing', async (t) => {
	const {recorder, settle} = installation();
	const keys = await makeKeys(2000);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	process.kill(service.pid, 'SIGSTOP');
	try {
		await server.push();
		for (const key of keys) server.record(key, 'valid', {});
		await server.push();
	} finally {
		process.kill(service.pid, 'SIGCONT');
	}
	for (const key of keys) server.record(key, 'valid', {});
	await eventually(() => redis.status === 'ready');
	t.true(await server.drain());
	await settle();
	t.deepEqual(await counted(...keys), {valid: 6000});
});

test.serial('while Redis stands still memory stays bounded', async (t) => {
	const {recorder} = installation();
	const [key = ''] = await makeKeys(1);
	const server = recorder();
	process.kill(service.pid, 'SIGSTOP');
	try {
		server.record(key, 'valid', {});
		await server.push();
		await eventually(() => redis.status !== 'ready', {what: 'the connection to be given up'});
		// From here on nothing is put in a queue: a push fails at once.
		for (let i = 0; i < 50; i++) t.true(await endsAtOnce(server.push()));
	} finally {
		process.kill(service.pid, 'SIGCONT');
	}
	await eventually(() => redis.status === 'ready');
	t.true(await server.drain());
});

test.serial('with Redis away usage waits, then goes to PostgreSQL, and counts once', async (t) => {
	const {recorder, clock, settle} = installation();
	const keys = await makeKeys(3);
	const server = recorder();
	await service.stop();
	await eventually(() => redis.status !== 'ready');
	for (const key of keys) server.record(key, 'valid', {});
	await server.push();
	t.deepEqual(await counted(...keys), {});
	clock.now += 10_000;
	await server.push();
	t.deepEqual(await counted(...keys), {valid: 3});
	await service.start();
	await eventually(() => redis.status === 'ready');
	for (const key of keys) server.record(key, 'valid', {});
	clock.now += 60_000;
	await server.push();
	await settle();
	t.deepEqual(await counted(...keys), {valid: 6});
});

test.serial('with Redis away at the end everything goes to PostgreSQL', async (t) => {
	const {recorder} = installation();
	const keys = await makeKeys(20);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	await server.push();
	await service.stop();
	// Some are used again, the others are only in Redis.
	for (const key of keys.slice(0, 5)) server.record(key, 'valid', {});
	t.true(await server.drain());
	t.deepEqual(await counted(...keys), {valid: 25});
	await service.start();
	await eventually(() => redis.status === 'ready');
});

test.serial('what neither store takes stays in memory, and the loss is told', async (t) => {
	const {names} = installation();
	const key = await makeKey();
	const away = connectDatabase({...database.config, port: 1}, 'test');
	let waited = 0;
	const lonely = new UsageRecorder({
		redis,
		names,
		db: away,
		log: createLog({program: 'test', logLevel: 'silent', keyPrefix: 'hklst_'}),
		now: Date.now,
		monotonic: () => waited,
	});
	lonely.record(key, 'valid', {});
	await service.stop();
	waited = 60_000;
	t.false(await lonely.drain());
	t.is(lonely.size, 1);
	t.is(lonely.sentMsAgo(), 60_000);
	await service.start();
	await eventually(() => redis.status === 'ready');
	t.true(await lonely.drain());
	t.is(lonely.sentMsAgo(), 0);
	await away.destroy();
});

test.serial('memory is bounded: beyond it checks are counted as dropped', async (t) => {
	const {recorder} = installation({maxEntries: 10});
	const keys = await makeKeys(30);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	t.is(server.size, 10);
	t.is(server.dropped, 20);
	t.true(await server.drain());
});

test.serial('what is sent makes room at once', async (t) => {
	const {recorder, settle} = installation({maxEntries: 8});
	const keys = await makeKeys(40);
	const server = recorder();
	for (const [i, key] of keys.entries()) {
		server.record(key, 'valid', {});
		// Both batches are full between two pushes, one of them sent.
		if (i % 2 === 0) await server.push();
	}
	t.is(server.dropped, 0);
	await server.push();
	await settle();
	t.deepEqual(await counted(...keys), {valid: 40});
});

test.serial('a full batch is closed, another one opened, and their sum is the truth', async (t) => {
	const {recorder, settle, names} = installation({maxEntries: 8});
	const keys = await makeKeys(20);
	const server = recorder();
	for (let round = 0; round < 3; round++) {
		for (const [i, key] of keys.entries()) {
			server.record(key, 'valid', {});
			if (i % 4 === 3) await server.push();
		}
	}
	t.true(await server.drain());
	t.is(server.dropped, 0);
	t.true((await admin.scard(names.usageIndex)) > 1);
	await settle();
	t.deepEqual(await counted(...keys), {valid: 60});
});

test.serial('each hour has its own batch, also when the clock is set back', async (t) => {
	const {recorder, clock, settle} = installation();
	const key = await makeKey();
	const server = recorder();
	const hour = Math.floor(clock.now / hourMs) * hourMs;
	for (const at of [hour - 1, hour, hour + 5, hour - 2]) {
		clock.now = at;
		server.record(key, 'valid', {});
	}
	t.true(await server.drain());
	await settle();
	const answer = await db.raw<{rows: {hour: Date; count: string}[]}>(
		'select hour, count from usage_hourly where key_id = ? order by hour, count',
		[key],
	);
	t.deepEqual(
		answer.rows.map((row) => [row.hour.getTime(), Number(row.count)]),
		[
			[hour - hourMs, 1],
			[hour - hourMs, 1],
			[hour, 2],
		],
	);
});

test.serial(
	'a batch leaves Redis when its hour is long over, and not while it is written to',
	async (t) => {
		const {recorder, clock, settle, names} = installation();
		const key = await makeKey();
		const server = recorder();
		const later = clock.now + 2 * hourMs;
		for (let i = 0; i < 100; i++) {
			server.record(key, 'valid', {});
			await Promise.all([server.push(), settle(undefined, later)]);
		}
		await server.push();
		await settle(undefined, later);
		t.is(await admin.exists(names.usageIndex), 0);
		t.deepEqual(await counted(key), {valid: 100});
	},
);

test.serial('a batch whose hour is not over stays', async (t) => {
	const {recorder, settle, names} = installation();
	const server = recorder();
	server.record(await makeKey(), 'valid', {});
	await server.push();
	t.like(await settle(), {batches: 1, deleted: 0});
	t.is(await admin.scard(names.usageIndex), 1);
});

test.serial('what is malformed in Redis stops nothing else', async (t) => {
	const {recorder, clock, settle, names} = installation();
	const keys = await makeKeys(8);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {});
	await server.push();
	const [name = ''] = await admin.smembers(names.usageIndex);
	const [a = '', b = '', c = '', d = '', e = '', f = '', good = '', zone = ''] = keys;
	await admin.hset(name, {
		'no key id': '[{"valid":1},0,0,null,1]',
		[a]: 'nonsense',
		[b]: '{"valid":1}',
		[c]: '[{"valid":-1},0,0,null,1]',
		[d]: '[{"valid":1e300},0,0,null,1]',
		[e]: '[{"valid":1},0,1e300,null,1]',
		[f]: '[null,1]',
		[zone]: `[{"valid":5},${clock.now},${clock.now},[${clock.now},"fe80::1%eth0",null],1]`,
		'100': 'nonsense',
		'101': `["${good}","client","fe80::1%eth0","",1,0,1,1,1]`,
		'102': `["${good}","colour","red","",1,0,1,1,1]`,
		'103': `["${good}","tag","","",1,0,1,1,1]`,
		'104': `["${good}","tag","a",null,1,0,1,1,1]`,
		'105': `["${good}","tag","a","",-1,0,1,1,1]`,
		'106': `["${good}","tag","a","",1,0,1,1e300,1]`,
		'107': '["no id","tag","a","",1,0,1,1,1]',
	});
	await admin.sadd(
		names.usageIndex,
		'nonsense',
		`${names.usageIndex}:9e9:x`,
		`${names.usageIndex}:99999999999999999:${randomUUID()}`,
	);
	const broken = names.usageBatch(0, randomUUID());
	await admin.set(broken, 'not a hash');
	await admin.sadd(names.usageIndex, broken);
	await t.throwsAsync(settle(), {message: /WRONGTYPE/});
	t.deepEqual(await counted(good, zone), {valid: 6});
	t.deepEqual(await counted(a, b, c, d, e, f), {});
	const kept = await db.raw<{rows: unknown[]}>(
		'select kind, value from usage_details_hourly where key_id = ?',
		[good],
	);
	t.deepEqual(kept.rows, [{kind: 'client', value: ''}]);
	await admin.del(broken);
	await settle();
	t.deepEqual(await admin.smembers(names.usageIndex), [name]);
});

/** What the sums by day, and those by address, come to. */
async function summedUp(...keys: string[]) {
	const answer = await db.raw<{rows: unknown[]}>(
		`select (select sum(count)::int from usage_daily where key_id = any (:keys)) as days,
			(select sum(count)::int from usage_details_daily where key_id = any (:keys)) as details`,
		{keys},
	);
	return answer.rows[0];
}

test.serial(
	'F-04: a worker killed between any two steps loses nothing and counts nothing twice',
	async (t) => {
		let killed = 0;
		for (let isKilled = true; isKilled;) {
			const {recorder, clock, settle, names, prefix} = installation();
			const [used = '', refused = ''] = await makeKeys(2);
			const usedAt = clock.now;
			const server = recorder();
			for (let i = 0; i < 3; i++) server.record(used, 'valid', {ip: '192.0.2.1'});
			server.record(refused, 'revoked', {});
			t.true(await server.drain());
			// Late enough that to delete the batch is one of the steps.
			clock.now += 3 * hourMs;
			const worker = startSettler({prefix, now: clock.now, killedAt: killed + 1});
			const code = await worker.exited;
			t.true(code === null || code === 0, worker.output());
			isKilled = code === null;
			if (isKilled) killed++;

			const {valid = 0, revoked = 0} = await counted(used, refused);
			t.true((valid === 0 || valid === 3) && revoked <= 1, `after ${killed} steps`);
			await settle();
			t.deepEqual(await counted(used, refused), {revoked: 1, valid: 3}, `after ${killed} steps`);
			t.deepEqual(await summedUp(used, refused), {days: 4, details: 4}, `after ${killed} steps`);
			t.is(await lastUsed(used), usedAt, `after ${killed} steps`);
			t.is(await admin.exists(names.usageIndex), 0, 'what is settled leaves Redis');
		}
		// Of six commands and statements, each before, on the way and after it.
		t.true(killed >= 15, `${killed} steps`);
		t.log(`killed at each of ${killed} steps`);
	},
);

function startSettler(options: Pick<SettlerOptions, 'prefix' | 'now' | 'killedAt'>): Program {
	const all: SettlerOptions = {database: database.config, redis: service.config, ...options};
	return startProgram([JSON.stringify(all)], {}, path.join(import.meta.dirname, 'settler.js'));
}

test.serial('ten thousand keys are settled at once', async (t) => {
	const {recorder, settle} = installation();
	const keys = await makeKeys(10_000);
	const server = recorder();
	for (const key of keys) server.record(key, 'valid', {ip: '192.0.2.1'});
	let startedAt = performance.now();
	await server.push();
	t.log(`sent to Redis in ${Math.round(performance.now() - startedAt)} ms`);
	startedAt = performance.now();
	t.like(await settle(), {rows: 10_000, keys: 10_000});
	t.log(`settled in ${Math.round(performance.now() - startedAt)} ms`);
	for (const key of keys.slice(0, 10)) server.record(key, 'valid', {ip: '192.0.2.1'});
	await server.push();
	startedAt = performance.now();
	t.like(await settle(), {rows: 10});
	t.log(`settled again, ten of them changed, in ${Math.round(performance.now() - startedAt)} ms`);
	t.deepEqual(await counted(...keys), {valid: 10_010});
});

test.serial(
	'rows land in the partition of their month, and in the default one before there is any',
	async (t) => {
		const key = await makeKey();
		const at = async (hour: Date) => {
			await writeUsage(db, {
				rows: [
					{hour: hour.getTime(), keyId: key, processId: randomUUID(), outcome: 'valid', count: 1},
				],
				lastUses: [],
				details: [],
			});
			const answer = await db.raw<{rows: {partition: string}[]}>(
				'select tableoid::regclass::text as partition from usage_hourly where key_id = ? and hour = ?',
				[key, hour],
			);
			return answer.rows[0]?.partition;
		};
		const now = new Date();
		const month = (ahead: number) =>
			new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
		const name = (date: Date) =>
			`usage_hourly_${date.getUTCFullYear()}_${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
		for (const ahead of [0, 1, 2, 3]) t.is(await at(month(ahead)), name(month(ahead)));
		t.is(await at(new Date(month(1).getTime() - hourMs)), name(month(0)));
		t.is(await at(month(5)), 'usage_hourly_default');
		t.deepEqual(await keepUsagePartitions(db, 400), {made: 0, dropped: 0});
		// The fifth month ahead has rows in two default partitions: they stay there, the others are made.
		const more = await db.raw<{rows: unknown[]}>(
			'select made, dropped from keep_usage_partitions(8, 4, 400, 8)',
		);
		t.deepEqual(more.rows, [{made: 3 + 3 + 4, dropped: 0}]);
		t.is(await at(month(7)), name(month(7)));
		t.deepEqual(await counted(key), {valid: 7});
	},
);
