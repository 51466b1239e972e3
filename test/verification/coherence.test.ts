import {randomUUID} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import pg from 'pg';
import type {By} from '../../core/actor.ts';
import {Clock} from '../../core/clock/clock.ts';
import {connectDatabase, connectVerification} from '../../core/db/connect.ts';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {findFactsByHash} from '../../core/keys/facts.ts';
import {insertKey, revokeKey} from '../../core/keys/store.ts';
import {hashKey, hashKeyToText, createKeyFormat, type KeyHashText} from '../../core/keys/token.ts';
import {createLog} from '../../core/log.ts';
import {updateOrganisation} from '../../core/organisations/store.ts';
import {insertUser} from '../../core/people/store.ts';
import {Coherence} from '../../core/verification/coherence.ts';
import {FactsMemory} from '../../core/verification/facts.ts';
import {termsVersion} from '../../core/verification/terms-version.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';
import {createLink} from '../proof/link.ts';

const format = createKeyFormat('hklst_');

let database: TestDatabase;
let db: Knex;
let owner: Knex;
let by: By;

test.before(async () => {
	database = await createDatabase();
	db = connectDatabase(database.config, 'test');
	owner = connectDatabase(database.ownerConfig, 'test');
	const email = 'a@example.com';
	const user = await insertUser(db, {
		email,
		passwordHash: '',
		isOperator: true,
		origin: 'operator',
	});
	by = {actor: {type: 'user', id: user.id, name: email}};
});

test.after.always(async () => {
	await db.destroy();
	await owner.destroy();
	await database.drop();
});

/** Goes by the clock of its machine. */
class OwnClock extends Clock {
	override learn(): void {}
}

type Node = {memory: FactsMemory; coherence: Coherence; log: () => string};

/** The coherent memory of one server, in this process; stopped when the test is over. */
async function node(
	t: ExecutionContext,
	options: {listenTo?: DatabaseConfig; isReady?: boolean; clock?: Clock} = {},
): Promise<Node> {
	let lines = '';
	const log = createLog(
		{program: 'test', logLevel: 'debug', keyPrefix: format.prefix},
		{
			write(line: string) {
				lines += line;
			},
		},
	);
	const pool = connectVerification(database.config, 'test', log);
	const own = connectDatabase(database.config, 'test');
	const memory = new FactsMemory({
		maxKeys: 1000,
		read: (hashes) => findFactsByHash(pool, hashes, {isPrepared: true, termsVersion}),
	});
	const listenTo = options.listenTo ?? database.config;
	const coherence = new Coherence({
		database: listenTo,
		db: own,
		memory,
		log,
		clock: options.clock ?? new Clock(),
		termsVersion,
	});
	t.teardown(async () => {
		await coherence.stop();
		await Promise.all([own.destroy(), pool.destroy()]);
	});
	coherence.start();
	if (options.isReady !== false) await eventually(() => coherence.isHeld(), {what: 'a lease'});
	return {memory, coherence, log: () => lines};
}

type MadeKey = {id: string; organisationId: string; hash: KeyHashText};

async function makeOrganisation(): Promise<string> {
	const [row] = await db('organisations').insert({name: 'a', plan: 'team'}).returning('id');
	return row?.id ?? '';
}

async function makeKey(organisationId?: string): Promise<MadeKey> {
	const id = organisationId ?? (await makeOrganisation());
	const key = format.generate();
	const made = {name: 'a key', hash: hashKey(key), hint: format.hint(key), terms: {}};
	const row = await db.transaction((transaction) => insertKey(transaction, by, id, made));
	return {id: row.id, organisationId: id, hash: hashKeyToText(key)};
}

/** Brings a key into memory, to stay. */
async function know({memory}: Node, {id, hash}: MadeKey): Promise<void> {
	await eventually(async () => {
		await memory.fill(hash, true);
		return memory.get(hash)?.keyId === id;
	});
}

function forgets({memory}: Node, {hash}: MadeKey): Promise<boolean> {
	return eventually(() => memory.get(hash) === undefined, {what: 'an eviction'});
}

const revoke =
	({id, organisationId}: MadeKey) =>
	async (transaction: Knex.Transaction) =>
		(await revokeKey(transaction, by, organisationId, id)) === 'revoked';
const isTrue = (value: boolean) => value;

test.serial('every change that SQL can make to a key or its plan evicts it', async (t) => {
	const server = await node(t);
	const changes: Record<string, string> = {
		revoke: 'update api_keys set revoked_at = now() where id = :key',
		expire: 'update api_keys set expires_at = now() where id = :key',
		rename: "update api_keys set name = 'another' where id = :key",
		plan: "update organisations set plan = 'free' where id = :organisation",
		delete: 'delete from api_keys where id = :key',
		'delete the organisation': 'delete from organisations where id = :organisation',
		truncate: 'truncate api_keys cascade',
		'truncate organisations': 'truncate organisations cascade',
	};
	for (const [what, sql] of Object.entries(changes)) {
		const key = await makeKey();
		await know(server, key);
		// Only the owner of the schema may truncate.
		await (sql.startsWith('truncate') ? owner : db).raw(
			sql.replace(/:key|:organisation/, '?'),
			[sql.includes(':key') ? key.id : key.organisationId].slice(0, sql.includes(':') ? 1 : 0),
		);
		t.true(await forgets(server, key), what);
	}
});

test.serial('a key in use is not evicted for that', async (t) => {
	const server = await node(t);
	const [used, marker] = [await makeKey(), await makeKey()];
	await know(server, used);
	await know(server, marker);
	await db('api_keys').where({id: used.id}).update({last_used_at: new Date()});
	await db('api_keys').where({id: marker.id}).update({name: 'changed after it'});
	await forgets(server, marker);
	t.is(server.memory.get(used.hash)?.keyId, used.id);
});

test.serial('a key that is created is known although it was unknown before', async (t) => {
	const server = await node(t);
	const key = format.generate();
	const hash = hashKeyToText(key);
	t.is(await server.memory.fill(hash, true), undefined);
	t.is(server.memory.get(hash), null);
	const {organisationId} = await makeKey();
	const made = {name: 'a', hash: hashKey(key), hint: '', terms: {}};
	await db.transaction((transaction) => insertKey(transaction, by, organisationId, made));
	await eventually(() => server.memory.get(hash) === undefined);
	t.is((await server.memory.fill(hash, true))?.organisationId, organisationId);
});

test.serial('a change is answered when every server has let go of what it replaced', async (t) => {
	const servers = [await node(t), await node(t), await node(t)] as const;
	for (let round = 0; round < 20; round++) {
		const key = await makeKey();
		for (const server of servers) await know(server, key);
		const {value, barrier} = await servers[0].coherence.change(revoke(key), isTrue);
		t.true(value);
		t.is(barrier?.verifiers, 3);
		t.deepEqual(barrier?.unconfirmed, []);
		for (const {memory} of servers) t.is(memory.get(key.hash), undefined);
	}
});

test.serial('the question comes after everything that a transaction announces', async (t) => {
	const {coherence} = await node(t);
	const {organisationId} = await makeKey();
	const keys = [await makeKey(organisationId), await makeKey(organisationId)];
	const heard: string[] = [];
	const listener = await listenTo(t, 'latchkey_changes', (payload) => heard.push(payload));
	await coherence.change(async (transaction) => {
		for (const key of keys) await revoke(key)(transaction);
		await updateOrganisation(transaction, by, organisationId, {plan: 'free'});
		return true;
	}, isTrue);
	// Whatever was announced comes before the answer.
	await listener.query('select 1');
	t.deepEqual(
		heard.map((payload) => Object.keys(JSON.parse(payload) as object)),
		[['key'], ['key'], ['organisation'], ['change']],
	);
});

test.serial('an answer about what somebody else has changed waits as well', async (t) => {
	const link = await createLink(database.config, 50);
	t.teardown(() => link.close());
	const [here, far] = [await node(t), await node(t, {listenTo: link.config})];
	for (let round = 0; round < 5; round++) {
		const key = await makeKey();
		await know(far, key);
		await db.transaction(revoke(key));
		const {verifiers} = await here.coherence.waitForEarlier();
		t.is(verifiers, 2);
		t.is(far.memory.get(key.hash), undefined);
	}
});

test.serial('a change that found nothing to change is answered at once', async (t) => {
	const {coherence} = await node(t);
	const key = await makeKey();
	await coherence.change(revoke(key), isTrue);
	const {value, barrier} = await coherence.change(revoke(key), isTrue);
	t.false(value);
	t.is(barrier, undefined);
});

test.serial('a change that fails is not made, announced or waited for', async (t) => {
	const server = await node(t);
	const key = await makeKey();
	await know(server, key);
	const change = server.coherence.change(async (transaction) => {
		await revoke(key)(transaction);
		throw new Error('half way');
	}, isTrue);
	await t.throwsAsync(change, {message: 'half way'});
	await server.coherence.waitForEarlier();
	t.is(server.memory.get(key.hash)?.revokedAt, null);
});

test.serial('a server that loses its connection empties its memory and comes back', async (t) => {
	const server = await node(t);
	const key = await makeKey();
	await know(server, key);
	const {gains} = server.coherence;
	await terminateListeners();
	await eventually(() => server.coherence.gains > gains, {what: 'another lease'});
	t.true(server.coherence.isHeld());
	t.is(server.memory.get(key.hash), undefined);
	await know(server, key);
	await server.coherence.change(revoke(key), isTrue);
	t.is(server.memory.get(key.hash), undefined);
});

test.serial(
	'a server that is cut off is waited for until its lease is over, and has let go then',
	async (t) => {
		const link = await createLink(database.config, 0);
		t.teardown(() => link.close());
		const [here, far] = [await node(t), await node(t, {listenTo: link.config})];
		const key = await makeKey();
		await know(far, key);
		link.cut();
		const {barrier} = await here.coherence.change(revoke(key), isTrue);
		t.false(far.coherence.isHeld());
		t.is(barrier?.verifiers, 2);
		t.deepEqual(barrier?.unconfirmed, []);
		const {gains} = far.coherence;
		link.mend();
		await eventually(() => far.coherence.gains > gains && far.coherence.isHeld());
		t.is(far.memory.get(key.hash), undefined);
	},
);

test.serial('past the bound the answer names who may still go by the old terms', async (t) => {
	// By the clock of the machine, which is PostgreSQL's: what is learned of that is off by how busy it is.
	const {coherence} = await node(t, {clock: new OwnClock()});
	const [away, gone] = [randomUUID(), randomUUID()];
	const key = await makeKey();
	// Longer than any lease of this version.
	const late = new Date(Date.now() + 60_000);
	t.teardown(() => db('verifiers').whereIn('id', [away, gone]).delete());
	const startedAt = Date.now();
	const {barrier} = await coherence.change(async (transaction) => {
		const isRevoked = await revoke(key)(transaction);
		await transaction('verifiers').insert([
			{id: away, name: 'another version', lease_until: late},
			// Before the bound, and not before it is asked who is live.
			{
				id: gone,
				name: 'killed',
				lease_until: transaction.raw("clock_timestamp() + interval '4 seconds'"),
			},
		]);
		return isRevoked;
	}, isTrue);
	const [unconfirmed, ...more] = barrier?.unconfirmed ?? [];
	t.is(unconfirmed?.id, away);
	t.deepEqual(more, []);
	t.deepEqual(barrier?.lapsed, [gone]);
	t.is(barrier?.verifiers, 3);
	// Counted from the answer that told what remains, which came while the change was waited for.
	const off = (unconfirmed?.until.getTime() ?? 0) - late.getTime();
	t.true(off > -100 && off <= Date.now() - startedAt, `${off} ms off`);
});

test.serial('the acknowledgements of one turn are one statement', async (t) => {
	let statements = 0;
	const link = await createLink(database.config, 0, (bytes) => {
		// The name of the prepared statement, with the zero that ends it, stands in each Bind.
		statements += bytes.toString('latin1').split('\0acknowledge\0').length - 1;
	});
	t.teardown(() => link.close());
	await node(t, {listenTo: link.config});
	const asker = randomUUID();
	const heard = new Set<string>();
	await listenTo(t, `latchkey_ack_${asker.replaceAll('-', '')}`, (payload) => heard.add(payload));
	const asked = 100;
	await db.raw(
		`select pg_notify('latchkey_changes', json_build_object('change', gen_random_uuid() || '@' || ?::text)::text)
		from generate_series(1, ?::int)`,
		[asker, asked],
	);
	await eventually(() => heard.size === asked);
	t.true(statements > 0 && statements < asked / 5, `${statements} statements`);
});

test.serial('a server that stops takes its row along, and nobody waits for it', async (t) => {
	const [here, leaving] = [await node(t), await node(t)];
	await leaving.coherence.stop();
	t.false(leaving.coherence.isHeld());
	t.is(leaving.memory.size, 0);
	t.is(await db('verifiers').where({id: leaving.coherence.id}).first(), undefined);
	const {barrier} = await here.coherence.change(revoke(await makeKey()), isTrue);
	t.is(barrier?.verifiers, 1);
});

test.serial('rows of the killed are cleared away', async (t) => {
	const id = randomUUID();
	const longAgo = new Date(Date.now() - 2 * 3_600_000);
	await db('verifiers').insert({id, name: 'killed', lease_until: longAgo});
	await node(t);
	t.is(await db('verifiers').where({id}).first(), undefined);
});

test.serial('what nobody can read evicts everything and harms nobody', async (t) => {
	const server = await node(t);
	const {gains} = server.coherence;
	for (const payload of ['', 'x', 'null', '5', '{"key":5}', '{"change":"x"}', '{"change":{}}']) {
		const key = await makeKey();
		await know(server, key);
		await db.raw("select pg_notify('latchkey_changes', ?)", [payload]);
		t.true(await forgets(server, key), payload);
	}
	t.true(server.coherence.isHeld());
	t.is(server.coherence.gains, gains);
});

test.serial('no lease where changes are not heard: the connection leads elsewhere', async (t) => {
	const other = await createDatabase();
	t.teardown(() => other.drop());
	const server = await node(t, {listenTo: other.config, isReady: false});
	await eventually(() => server.log().includes('LATCHKEY_DATABASE_DIRECT_URL'));
	t.false(server.coherence.isHeld());
	t.is(server.coherence.gains, 0);
	// Whom to wait for is not looked up there, either.
	await node(t);
	await sleep(500);
	const {barrier} = await server.coherence.change(revoke(await makeKey()), isTrue);
	t.is(barrier?.verifiers, 1);
});

async function listenTo(
	t: ExecutionContext,
	channel: string,
	onPayload: (payload: string) => void,
): Promise<pg.Client> {
	const listener = new pg.Client(database.adminConfig);
	await listener.connect();
	t.teardown(() => listener.end());
	listener.on('notification', ({payload = ''}) => onPayload(payload));
	await listener.query(`listen ${channel}`);
	return listener;
}

async function terminateListeners(): Promise<void> {
	const client = new pg.Client(database.adminConfig);
	await client.connect();
	await client.query(
		`select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and application_name = 'latchkey-server-listen'`,
	);
	await client.end();
}
