import {randomUUID} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import {Clock} from '../../core/clock/clock.ts';
import {connectDatabase, connectVerification} from '../../core/db/connect.ts';
import {findFactsByHash, holdKey} from '../../core/keys/facts.ts';
import {hashKey, hashKeyToText, createKeyFormat} from '../../core/keys/token.ts';
import {versionOfKeys} from '../../core/keys/version.ts';
import {createLog} from '../../core/log.ts';
import {Coherence} from '../../core/verification/coherence.ts';
import {FactsMemory} from '../../core/verification/facts.ts';
import {leaseMs} from '../../core/verification/lease.ts';
import {
	requireTermsVersion,
	TooOld,
	UpgradeInProgress,
} from '../../core/verification/terms-version.ts';
import {migrateDatabase} from '../helpers/migrate.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';

const format = createKeyFormat('hklst_');

let database: TestDatabase;
let db: Knex;

test.beforeEach(async () => {
	database = await createDatabase();
	db = connectDatabase(database.config, 'test');
});

test.afterEach.always(async () => {
	await db.destroy();
	await database.drop();
});

const readLeast = async () => {
	const row = await db('instance_settings').where({name: 'least_terms_version'}).first();
	return Number(row?.value);
};

const raise = (version: number) =>
	db.transaction((transaction) => requireTermsVersion(transaction, version));

const gainSql = `insert into verifiers (id, name, lease_until, terms_version)
	values (?, ?, clock_timestamp() + ? * interval '1 millisecond', ?)`;

/** What a server asks for when it gains its lease. */
function gain(by: Knex, version: number, options: {id?: string; ms?: number} = {}): Promise<void> {
	const {id = randomUUID(), ms = leaseMs} = options;
	return by.raw(gainSql, [id, `of version ${version}`, ms, version]);
}

async function makeKey(): Promise<{id: string; key: ReturnType<typeof format.generate>}> {
	const [organisation] = await db('organisations')
		.insert({name: 'a', plan: 'team'})
		.returning('id');
	const key = format.generate();
	const [row] = await db('api_keys')
		.insert({organisation_id: organisation?.id ?? '', name: 'a', hash: hashKey(key), hint: ''})
		.returning('id');
	return {id: row?.id ?? '', key};
}

async function server(t: ExecutionContext, version: number) {
	let lines = '';
	const log = createLog(
		{program: 'test', logLevel: 'info', keyPrefix: format.prefix},
		{
			write(line: string) {
				lines += line;
			},
		},
	);
	const [pool, own] = [
		connectVerification(database.config, 'test', log),
		connectDatabase(database.config, 'test'),
	];
	const memory = new FactsMemory({
		maxKeys: 10,
		read: (hashes) => findFactsByHash(pool, hashes, {isPrepared: true, termsVersion: version}),
	});
	const coherence = new Coherence({
		database: database.config,
		db: own,
		memory,
		log,
		clock: new Clock(),
		termsVersion: version,
	});
	const stop = async () => {
		await coherence.stop();
		await Promise.all([own.destroy(), pool.destroy()]);
	};
	t.teardown(stop);
	coherence.start();
	return {coherence, memory, log: () => lines};
}

test.serial('what a server understands stands beside its lease', async (t) => {
	const {coherence} = await server(t, 3);
	await eventually(() => coherence.isHeld());
	const {rows} = await db.raw<{rows: object[]}>('select id, terms_version from verifiers');
	t.deepEqual(rows, [{id: coherence.id, terms_version: 3}]);
	await coherence.stop();
});

test.serial('no version is used before every server with a lease understands it', async (t) => {
	const [older, newer] = [await server(t, 1), await server(t, 2)];
	await eventually(() => older.coherence.isHeld() && newer.coherence.isHeld());
	const name = 'made in between';
	const change = db.transaction(async (transaction) => {
		await transaction('organisations').insert({name});
		await requireTermsVersion(transaction, 2);
	});
	const error = await t.throwsAsync(change, {instanceOf: UpgradeInProgress});
	t.regex(String(error?.cause), /\/\d+/, 'the server that is older is named');
	t.is(await readLeast(), 1);
	t.is(await db('organisations').where({name}).first(), undefined);
	await older.coherence.stop();
	await raise(2);
	t.is(await readLeast(), 2);
	// Once used, it is used: nothing is asked or locked any more.
	await raise(2);
	await raise(1);
	t.is(await readLeast(), 2);
	await sleep(1500);
	t.true(newer.coherence.isHeld());
	await newer.coherence.stop();
});

test.serial('a server of before there were versions counts as the first', async (t) => {
	await db.raw(
		"insert into verifiers (id, name, lease_until) values (gen_random_uuid(), 'x', clock_timestamp() + interval '1 minute')",
	);
	await t.throwsAsync(raise(2), {instanceOf: UpgradeInProgress});
	await db('verifiers').delete();
	await raise(2);
	const insert = db.raw(
		"insert into verifiers (id, name, lease_until) values (gen_random_uuid(), 'x', clock_timestamp() + interval '1 minute')",
	);
	await t.throwsAsync(insert, {message: /terms of version 2/});
});

test.serial('a lease that has run out holds nothing up, and is not renewed', async (t) => {
	const id = randomUUID();
	await gain(db, 1, {id, ms: 300});
	await t.throwsAsync(raise(2), {instanceOf: UpgradeInProgress});
	await sleep(350);
	await raise(2);
	const renewal = db.raw('update verifiers set lease_until = now() where id = ?', [id]);
	await t.throwsAsync(renewal, {message: /terms of version 2/});
});

test.serial(
	'a server that is too old gets no lease, says so once, and decides nothing',
	async (t) => {
		await raise(2);
		const {id, key} = await makeKey();
		const older = await server(t, 1);
		await eventually(() => older.coherence.isTooOld);
		await sleep(2500);
		t.false(older.coherence.isHeld());
		t.is(older.log().match(/start a newer one/g)?.length, 1);
		const hash = hashKeyToText(key);
		await t.throwsAsync(older.memory.fill(hash, false), {instanceOf: TooOld});
		const unknown = hashKeyToText(format.generate());
		await t.throwsAsync(older.memory.fill(unknown, false), {instanceOf: TooOld});
		const held = db.transaction((transaction) => holdKey(transaction, id, 1));
		await t.throwsAsync(held, {instanceOf: TooOld});
		const newer = await server(t, 2);
		t.is((await newer.memory.fill(hash, false))?.keyId, id);
		t.is(await newer.memory.fill(unknown, false), undefined);
		t.is((await db.transaction((transaction) => holdKey(transaction, id, 2)))?.keyId, id);
		await older.coherence.stop();
		await newer.coherence.stop();
	},
);

test.serial('who waited for a row decides by what is so when it has it', async (t) => {
	const {id} = await makeKey();
	const changing = await db.transaction();
	await requireTermsVersion(changing, 2);
	await changing('api_keys').where({id}).forUpdate().select('id');
	const held = db.transaction((transaction) => holdKey(transaction, id, 1));
	const refused = t.throwsAsync(held, {instanceOf: TooOld});
	await sleep(200);
	await changing.commit();
	await refused;
});

test.serial(
	'a lease that is asked for while the version is raised waits, and is refused',
	async (t) => {
		const raising = await db.transaction();
		await requireTermsVersion(raising, 2);
		let isAnswered = false;
		const gained = gain(db, 1).finally(() => {
			isAnswered = true;
		});
		const refused = t.throwsAsync(gained, {message: /terms of version 2/});
		await sleep(300);
		t.false(isAnswered);
		await raising.commit();
		await refused;
	},
);

test.serial('a lease that is asked for while the raise is undone is given', async (t) => {
	const raising = await db.transaction();
	await requireTermsVersion(raising, 2);
	const gained = gain(db, 1);
	await sleep(100);
	await raising.rollback();
	await t.notThrowsAsync(gained);
	t.is(await readLeast(), 1);
});

test.serial('of a lease and a raise at the same moment exactly one is had', async (t) => {
	const had = {lease: 0, raise: 0};
	// Whichever was first is held back a little more the next time, so that they meet on any machine.
	let leadMs = 0;
	for (let version = 2; version < 150; version++) {
		await db('verifiers').delete();
		const [lease, raised] = await Promise.allSettled([
			sleep(Math.max(0, leadMs)).then(() => gain(db, version - 1)),
			sleep(Math.max(0, -leadMs)).then(() => raise(version)),
		]);
		const isGained = lease.status === 'fulfilled';
		const isRaised = raised.status === 'fulfilled';
		t.not(isGained, isRaised, `version ${version}`);
		t.is(await readLeast(), isRaised ? version : version - 1);
		had[isGained ? 'lease' : 'raise']++;
		leadMs += (isGained ? 1 : -1) * Math.random() * 2;
		if (isGained) {
			await db('verifiers').delete();
			await raise(version);
		}
	}
	t.true(had.lease > 0 && had.raise > 0, JSON.stringify(had));
});

test.serial('of several raises at once the highest counts', async (t) => {
	const versions = [3, 7, 5, 2, 6, 4];
	await Promise.all(versions.map((version) => raise(version)));
	t.is(await readLeast(), 7);
});

test.serial('a transaction that does not see what others commit cannot raise it', async (t) => {
	const raised = db.transaction((transaction) => requireTermsVersion(transaction, 2), {
		isolationLevel: 'repeatable read',
	});
	await t.throwsAsync(raised, {message: /must see what others commit/});
	t.is(await readLeast(), 1);
});

test.serial('a number that was taken away lets nobody decide', async (t) => {
	const {key} = await makeKey();
	const {memory, coherence} = await server(t, 1);
	await db('instance_settings').where({name: 'least_terms_version'}).delete();
	await t.throwsAsync(memory.fill(hashKeyToText(key), false), {instanceOf: TooOld});
	await coherence.stop();
});

/** By which servers from before there were versions decide; they read nothing else of keys to do so. */
const statementsOfBefore = [
	`select k.id, k.name, k.hash, k.organisation_id, o.plan, k.created_at, k.expires_at, k.revoked_at
		from api_keys k join organisations o on o.id = k.organisation_id where k.hash = any(?::bytea[])`,
	`select k.id, k.name, k.hash, k.organisation_id, o.plan, k.created_at, k.expires_at, k.revoked_at
		from api_keys k join organisations o on o.id = k.organisation_id
		where ?::bytea[] is not null for key share`,
];

test.serial(
	'servers from before there were versions cannot read keys once a term was used',
	async (t) => {
		const {id, key} = await makeKey();
		const before = async () =>
			db.transaction(async (transaction) => {
				const results: string[] = [];
				for (const statement of statementsOfBefore) {
					const tried = transaction.transaction(async (inner) => {
						await inner.raw(statement, [[hashKey(key)]]);
					});
					results.push(
						await tried.then(
							() => 'read',
							({code}: {code: string}) => code,
						),
					);
				}
				return results;
			});
		const hash = hashKeyToText(key);
		const {memory, coherence} = await server(t, 2);
		t.deepEqual(await before(), ['read', 'read']);
		t.is((await memory.fill(hash, false))?.keyId, id);
		await raise(2);
		const withheld = ['42501', '42501'];
		t.deepEqual(await before(), withheld);
		// Migrating grants rights anew.
		await migrateDatabase(database.ownerConfig, database.config.user);
		t.deepEqual(await before(), withheld);

		t.is((await memory.fill(hash, false))?.keyId, id);
		t.is((await db.transaction((transaction) => holdKey(transaction, id, 2)))?.keyId, id);
		const organisationId = (await db('api_keys').where({id}).first('organisation_id'))
			?.organisation_id;
		t.not(await versionOfKeys(db, organisationId ?? ''), '');
		await makeKey();
		t.is(await db('api_keys').where({id}).update({revoked_at: new Date()}), 1);
		await coherence.stop();
	},
);
