import {randomUUID} from 'node:crypto';
import test from 'ava';
import {Redis} from 'ioredis';
import {
	mostDecisions,
	mostSampled,
	mostWatches,
	mostWatchesOfOrganisation,
	watchSeconds,
} from '../../contract/decisions.ts';
import type {CountedOutcome} from '../../contract/outcomes.ts';
import {queryFor} from '../../contract/scope-query.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {prepareFacts, type KeyFacts} from '../../core/keys/policy.ts';
import {createLog, createScrubber} from '../../core/log.ts';
import {connectRedis, type RedisClient} from '../../core/redis/connect.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {readDecisions} from '../../core/tail/look.ts';
import {Sample} from '../../core/tail/sample.ts';
import {DecisionTail} from '../../core/tail/tail.ts';
import {nameOfWatch, type Watch} from '../../core/tail/watch.ts';
import {eventually} from '../helpers/program.ts';
import {createRedis, type TestRedis} from '../helpers/services.ts';

const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});
let service: TestRedis;
let redis: RedisClient;
let admin: Redis;

test.before(async () => {
	service = await createRedis();
	// However busy the machine is.
	redis = connectRedis(service.config, log, 30_000);
	admin = new Redis(service.clientSettings);
	await eventually(() => redis.status === 'ready');
});

test.after.always(async () => {
	redis.disconnect();
	admin.disconnect();
	await service.stop();
});

/** Names of an appliance of its own, servers that tell, and somebody who looks. */
function installation() {
	const names = createRedisNames(`t${randomUUID().slice(0, 8)}`);
	const organisationId = randomUUID();
	const all: Watch = {organisationId, keyId: undefined, outcome: undefined};
	return {
		names,
		organisationId,
		all,
		server: (server: string = randomUUID()) =>
			new DecisionTail({
				redis,
				names,
				log,
				server,
				cleaning: {agentOf: (name) => name, scrub: createScrubber('hklst_')},
			}),
		look: async (watch: Watch = all, after?: string) => {
			const told = await readDecisions({redis, names}, watch, after);
			if (told === undefined) throw new Error('as many watches as may be');
			return told;
		},
	};
}

function keyOf(organisationId: string, name = 'a key'): KeyFacts {
	return prepareFacts({
		keyId: randomUUID(),
		name,
		organisationId,
		plan: 'team',
		createdAt: '2030-01-15T10:30:00Z',
		expiresAt: null,
		revokedAt: null,
		isSuspended: false,
		notBefore: null,
		graceUntil: null,
		lineageId: randomUUID(),
	});
}

const start = Date.UTC(2030, 0, 15, 10, 30);
const asked: Asked = {ip: '192.0.2.1', origin: '192.0.2.1'};

function noteAll(
	tail: DecisionTail,
	facts: KeyFacts,
	count: number,
	outcome: CountedOutcome = 'valid',
	from = start,
): void {
	for (let i = 0; i < count; i++) tail.note(facts, outcome, asked, from + i);
}

test.serial(
	'what two servers decide is told to who looks, oldest first, from when they began',
	async (t) => {
		const {organisationId, server, look} = installation();
		const [one, two] = [server('one'), server('two')];
		const facts = keyOf(organisationId, 'ingest');
		one.note(facts, 'valid', asked, start);
		await one.tell();
		t.false(one.isWatched);
		const first = await look();
		t.like(first, {decisions: [], seen: 0, left_out: 0});
		await Promise.all([one.tell(), two.tell()]);
		t.true(one.isWatched);
		one.note(
			facts,
			'valid',
			{
				...asked,
				userAgent: 'curl/8',
				via: 'verify',
				method: 'POST',
				tags: ['orders'],
				scopes: queryFor('orders.read'),
			},
			start + 20,
		);
		two.note(facts, 'ip_denied', {ip: undefined, origin: undefined}, start + 10.4);
		two.note(keyOf(randomUUID()), 'valid', asked, start + 15);
		await Promise.all([one.tell(), two.tell()]);
		const second = await look(undefined, first.after);
		t.deepEqual(second.decisions, [
			{
				at: '2030-01-15T10:30:00.010Z',
				key_id: facts.keyId,
				key_name: 'ingest',
				outcome: 'ip_denied',
				address: null,
				user_agent: null,
				via: null,
				method: null,
				tags: [],
				scopes: [],
				server: 'two',
			},
			{
				at: '2030-01-15T10:30:00.020Z',
				key_id: facts.keyId,
				key_name: 'ingest',
				outcome: 'valid',
				address: '192.0.2.1',
				user_agent: 'curl/8',
				via: 'verify',
				method: 'POST',
				tags: ['orders'],
				scopes: ['orders.read'],
				server: 'one',
			},
		]);
		t.like(second, {seen: 2, left_out: 0});
		t.like(await look(undefined, second.after), {decisions: [], seen: 0, after: second.after});
	},
);

test.serial(
	'a watch is told what it asks for: a key, an outcome, or whatever was refused',
	async (t) => {
		const {organisationId, server, all, look} = installation();
		const tail = server();
		const [one, two] = [keyOf(organisationId), keyOf(organisationId)];
		const watches: Record<string, Watch> = {
			all,
			one: {...all, keyId: one.keyId},
			refused: {...all, outcome: 'refused'},
			expired: {...all, keyId: two.keyId, outcome: 'expired'},
		};
		const begun = new Map<string, string>();
		for (const [name, watch] of Object.entries(watches)) begun.set(name, (await look(watch)).after);
		await tail.tell();
		for (const facts of [one, two]) {
			for (const outcome of ['valid', 'expired', 'revoked'] as const)
				noteAll(tail, facts, 1, outcome);
		}
		await tail.tell();
		const told = async (name: string) => {
			const {decisions, seen} = await look(watches[name], begun.get(name));
			t.is(seen, decisions.length);
			return decisions
				.map(({key_id: id, outcome}) => `${id === one.keyId ? 'one' : 'two'} ${outcome}`)
				.toSorted();
		};
		t.is((await told('all')).length, 6);
		t.deepEqual(await told('one'), ['one expired', 'one revoked', 'one valid']);
		t.deepEqual(await told('refused'), [
			'one expired',
			'one revoked',
			'two expired',
			'two revoked',
		]);
		t.deepEqual(await told('expired'), ['two expired']);
	},
);

test.serial(
	'of more than is told the rest is counted, also what is gone before it is read',
	async (t) => {
		const {organisationId, names, server, all, look} = installation();
		const tail = server();
		const facts = keyOf(organisationId);
		const {after} = await look();
		await tail.tell();
		noteAll(tail, facts, 1000);
		await tail.tell();
		const one = await look(undefined, after);
		t.is(one.decisions.length, mostSampled);
		t.like(one, {seen: 1000, left_out: 1000 - mostSampled});
		t.deepEqual(
			one.decisions,
			one.decisions.toSorted((a, b) => a.at.localeCompare(b.at)),
		);
		for (let second = 0; second < 110; second++) {
			noteAll(tail, facts, 7, 'valid', start + second * 1000);
			await tail.tell();
		}
		t.is(await admin.xlen(names.watchBatches(nameOfWatch(all))), 100, 'the stream is bounded');
		const two = await look(undefined, one.after);
		t.is(two.decisions.length, mostDecisions);
		t.like(two, {seen: 770, left_out: 770 - mostDecisions});
		t.is(two.decisions.at(-1)?.at, new Date(start + 109_006).toISOString(), 'the newest are told');
	},
);

test.serial('each decision has the same chance to be told', (t) => {
	let state = 1;
	const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
	const facts = keyOf(randomUUID());
	const early: number[] = [];
	for (let round = 0; round < 200; round++) {
		const sample = new Sample(random);
		for (let at = 0; at < 500; at++) sample.add(facts, 'valid', asked, at);
		t.is(sample.taken.length, mostSampled);
		t.is(new Set(sample.taken.map(({at}) => at)).size, mostSampled);
		early.push(sample.taken.filter(({at}) => at < 250).length);
	}
	const share = early.reduce((sum, each) => sum + each, 0) / (200 * mostSampled);
	t.true(share > 0.47 && share < 0.53, String(share));
});

test.serial(
	'long texts do not make a second longer than it may be, and no key is told',
	async (t) => {
		const {organisationId, names, all, server, look} = installation();
		const tail = server();
		const facts = keyOf(organisationId, 'hklst_0123456789abcdef');
		const {after} = await look();
		await tail.tell();
		const tags = Array.from({length: 20}, (_, i) => `${i}`.padEnd(64, 'x'));
		const one: Asked = {...asked, userAgent: 'hklst_0123456789abcdef', tags};
		for (let i = 0; i < mostSampled; i++) tail.note(facts, 'valid', one, start + i);
		await tail.tell();
		const [[, [, text = '']] = ['', []]] = await admin.xrange(
			names.watchBatches(nameOfWatch(all)),
			'-',
			'+',
		);
		t.true(text.length > 20_000 && text.length <= 32 * 1024, String(text.length));
		t.notRegex(text, /hklst_/);
		const {decisions, seen, left_out: leftOut} = await look(undefined, after);
		t.true(decisions.length > 5);
		t.like(decisions[0], {key_name: '[secret]', user_agent: '[secret]'});
		t.is(seen, mostSampled);
		t.is(leftOut, mostSampled - decisions.length);
	},
);

test.serial(
	'nobody looks any more: a while later nothing is told, and nothing is left',
	async (t) => {
		const {organisationId, names, all, server, look} = installation();
		const tail = server();
		const facts = keyOf(organisationId);
		const {after} = await look();
		await tail.tell();
		noteAll(tail, facts, 3);
		await tail.tell();
		const name = nameOfWatch(all);
		const parts = [names.watches, names.watchBatches(name), names.watchFacts(name)];
		for (const part of parts) {
			const left = await admin.pttl(part);
			t.true(left > 0 && left <= watchSeconds * 1000, `${part} ${left}`);
		}
		// As if it had passed.
		for (const part of parts.slice(1)) await admin.pexpire(part, 0);
		noteAll(tail, facts, 5);
		await tail.tell();
		t.false(tail.isWatched);
		t.is(await admin.exists(...parts), 0);
		// Somebody looks again with what they knew: it is another watch, from its own beginning.
		t.like(await look(undefined, after), {decisions: [], seen: 0});
		await tail.tell();
		noteAll(tail, facts, 2);
		await tail.tell();
		t.like(await look(undefined, after), {seen: 2, left_out: 0});
	},
);

test.serial(
	'who asks for the same shares a watch, and each is told all since their own last question',
	async (t) => {
		const {organisationId, names, server, look} = installation();
		const tail = server();
		const facts = keyOf(organisationId);
		const one = await look();
		await tail.tell();
		noteAll(tail, facts, 4);
		await tail.tell();
		const two = await look();
		t.like(two, {decisions: [], seen: 0});
		noteAll(tail, facts, 3);
		await tail.tell();
		t.is(await admin.zcard(names.watches), 1);
		t.like(await look(undefined, one.after), {seen: 7, left_out: 0});
		t.like(await look(undefined, two.after), {seen: 3, left_out: 0});
	},
);

test.serial(
	'an organisation, and the appliance, have only so many watches, until some end',
	async (t) => {
		const {names, all, look} = installation();
		const watch = (): Watch => ({...all, keyId: randomUUID()});
		for (let i = 1; i < mostWatchesOfOrganisation; i++) await look(watch());
		const last = watch();
		await look(last);
		t.is(await readDecisions({redis, names}, watch(), undefined), undefined);
		await look(last);
		const other = (): Watch => ({...watch(), organisationId: randomUUID()});
		const others = Array.from({length: mostWatches - mostWatchesOfOrganisation}, other);
		for (const each of others) await look(each);
		t.is(await readDecisions({redis, names}, other(), undefined), undefined);
		for (const each of others) await look(each);
		await admin.zadd(names.watches, 1, nameOfWatch(last));
		t.like(await look(other()), {seen: 0});
		t.is(await readDecisions({redis, names}, last, undefined), undefined, 'its place was taken');
	},
);

test.serial('what a newer server tells is left out, and counted', async (t) => {
	const {organisationId, names, all, server, look} = installation();
	const tail = server();
	const {after} = await look();
	await tail.tell();
	noteAll(tail, keyOf(organisationId), 1);
	await tail.tell();
	const batches = names.watchBatches(nameOfWatch(all));
	const [[, [, text = '']] = ['', []]] = await admin.xrange(batches, '-', '+');
	const [known] = JSON.parse(text) as object[];
	const told = JSON.stringify([
		{...known, outcome: 'not thought of yet'},
		{...known, more: 'besides'},
	]);
	await admin.xadd(batches, '*', 'decisions', told);
	await admin.hincrby(names.watchFacts(nameOfWatch(all)), 'seen', 2);
	await admin.zadd(names.watches, '+inf', `${organisationId}:*:not_thought_of_yet`);
	await tail.tell();
	t.true(tail.isWatched);
	const {decisions, seen, left_out: leftOut} = await look(undefined, after);
	t.deepEqual([decisions.length, seen, leftOut], [2, 3, 1]);
	t.deepEqual(decisions[0], decisions[1]);
});
