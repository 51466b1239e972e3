import {randomBytes, verify} from 'node:crypto';
import {setTimeout as delay} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import {bySystem} from '../../core/actor.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createLog} from '../../core/log.ts';
import {SealError} from '../../core/secrets/errors.ts';
import {openSecrets} from '../../core/open-secrets.ts';
import {createVault} from '../../core/secrets/vault.ts';
import {SigningKeys} from '../../core/signing/keys.ts';
import {
	keepSigningKeys,
	replaceSigningKeys,
	rotateSigningKey,
} from '../../core/signing/rotation.ts';
import {createDatabase} from '../helpers/services.ts';

const log = createLog({program: 'test', logLevel: 'fatal', keyPrefix: 'hklst_'});

/** An empty database, and programs that use it with the same master key. */
async function installation(t: ExecutionContext) {
	const database = await createDatabase();
	// As patient as the worker: these tests wait for each other's locks.
	const db = connectDatabase(database.config, 'test', {
		statementTimeoutMs: 30_000,
		queryTimeoutMs: 31_000,
	});
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	const masterKeys = [randomBytes(32)];
	const open = () => openSecrets({db, log, readMasterKeys: () => masterKeys});
	return {db, open, vault: createVault(masterKeys)};
}

const later = (db: Knex, column: string, kid: string, seconds: number) =>
	db.raw(`update signing_keys set ?? = ?? - ? * interval '1 second' where kid = ?`, [
		column,
		column,
		seconds,
		kid,
	]);
const kids = (keys: SigningKeys) => keys.published('access_token').map(({kid}) => kid);
const by = bySystem('test');
const bytes = Buffer.from('a head');

test('many first starts at once make one key of each purpose, and everybody has it', async (t) => {
	const {db, open} = await installation(t);
	const opened = await Promise.all(Array.from({length: 5}, open));
	const rows = await db('signing_keys').select('purpose').orderBy('purpose');
	t.deepEqual(
		rows.map(({purpose}) => purpose),
		['access_token', 'audit'],
	);
	const [first] = opened;
	for (const {signingKeys, instanceSecrets} of opened) {
		t.deepEqual(kids(signingKeys), opened.flatMap((one) => kids(one.signingKeys)).slice(0, 1));
		t.deepEqual(instanceSecrets, first?.instanceSecrets);
		t.is(signingKeys.forAudit().kid, first?.signingKeys.forAudit().kid ?? '');
		t.false(instanceSecrets.cursor.equals(instanceSecrets['refresh-token']));
	}
});

test('the audit signer signs with Ed25519; access tokens have another key', async (t) => {
	const {open} = await installation(t);
	const {signingKeys} = await open();
	const {kid, sign} = signingKeys.forAudit();
	const key = await signingKeys.find('audit', kid);
	const signature = await sign(bytes);
	t.is(signature.length, 64);
	t.true(key !== undefined && verify(null, bytes, key, signature));
	t.false(key !== undefined && verify(null, Buffer.from('b head'), key, signature));
	t.is(await signingKeys.find('access_token', kid), undefined, 'of another purpose');
	t.not(signingKeys.current('access_token').kid, kid);
});

test('S-51: a new key is published, signs later, and the old one verifies until its tokens ended', async (t) => {
	const {db, open, vault} = await installation(t);
	const {signingKeys} = await open();
	const old = signingKeys.current('access_token').kid;
	await later(db, 'activated_at', old, 10_000);
	const {kid, activatedAt} = await rotateSigningKey(db, vault, 'access_token', by);
	t.not(kid, old);
	t.is((await rotateSigningKey(db, vault, 'access_token', by)).kid, kid, 'one waits already');
	await signingKeys.read();
	t.deepEqual(kids(signingKeys), [kid, old], 'published');
	t.is(signingKeys.current('access_token').kid, old, 'does not sign yet');
	t.true(activatedAt.getTime() > Date.now() + 300_000, 'longer than a JWKS may be kept');

	await later(db, 'activated_at', kid, 601);
	await signingKeys.read();
	t.is(signingKeys.current('access_token').kid, kid);
	t.deepEqual(await keepSigningKeys(db, vault, 90, by), {rotated: 0, retired: 0, deleted: 0});
	await later(db, 'activated_at', kid, 60);
	t.deepEqual(await keepSigningKeys(db, vault, 90, by), {rotated: 0, retired: 1, deleted: 0});
	const row = await db('signing_keys').where({kid: old}).first();
	t.is(row?.private_key, null, 'the private part is gone');
	await signingKeys.read();
	t.truthy(await signingKeys.find('access_token', old), 'still verifies');
	t.deepEqual(kids(signingKeys), [kid, old]);

	await later(db, 'retired_at', old, 1000);
	t.is((await keepSigningKeys(db, vault, 90, by)).deleted, 0);
	await later(db, 'retired_at', old, 200);
	t.is((await keepSigningKeys(db, vault, 90, by)).deleted, 1);
	await signingKeys.read();
	t.is(await signingKeys.find('access_token', old), undefined);
	t.deepEqual(kids(signingKeys), [kid]);
});

test('keys are replaced when they are old enough, once by however many workers; 0: never', async (t) => {
	const {db, open, vault} = await installation(t);
	const {signingKeys} = await open();
	const day = 86_400;
	const audit = signingKeys.forAudit().kid;
	for (const {kid} of await db('signing_keys').select('kid')) {
		await later(db, 'created_at', kid, 89 * day);
		await later(db, 'activated_at', kid, 89 * day);
	}
	t.is((await keepSigningKeys(db, vault, 90, by)).rotated, 0);
	for (const {kid} of await db('signing_keys').select('kid'))
		await later(db, 'created_at', kid, day);
	t.is((await keepSigningKeys(db, vault, 0, by)).rotated, 0);
	const passes = await Promise.all([1, 2, 3].map(() => keepSigningKeys(db, vault, 90, by)));
	t.is(
		passes.reduce((sum, {rotated}) => sum + rotated, 0),
		2,
	);
	await signingKeys.read();
	t.is(kids(signingKeys).length, 2);
	t.not(signingKeys.forAudit().kid, audit, 'what signs the audit trail needs no notice');
});

test('audit keys that were retired stay published for ever, without their private part', async (t) => {
	const {db, open, vault} = await installation(t);
	const {signingKeys} = await open();
	const {kid, sign} = signingKeys.forAudit();
	const signature = await sign(bytes);
	const next = await rotateSigningKey(db, vault, 'audit', by);
	await later(db, 'activated_at', kid, 1000);
	await later(db, 'activated_at', next.kid, 100);
	t.is((await keepSigningKeys(db, vault, 90, by)).retired, 1);
	await later(db, 'retired_at', kid, 10_000_000);
	t.is((await keepSigningKeys(db, vault, 90, by)).deleted, 0);
	await signingKeys.read();
	t.deepEqual(
		signingKeys.published('audit').map((key) => key.kid),
		[next.kid, kid],
	);
	const key = await signingKeys.find('audit', kid);
	t.true(key !== undefined && verify(null, bytes, key, signature));
	t.is((await db('signing_keys').where({kid}).first())?.private_key, null);
});

test('keys that may be known to others are replaced at once: tokens end, old heads do not', async (t) => {
	const {db, open, vault} = await installation(t);
	const {signingKeys} = await open();
	const [token, audit] = [signingKeys.current('access_token').kid, signingKeys.forAudit().kid];
	await rotateSigningKey(db, vault, 'access_token', by);
	const {kid} = await replaceSigningKeys(db, vault, 'access_token', by);
	await replaceSigningKeys(db, vault, 'audit', by);
	await signingKeys.read();
	t.deepEqual(kids(signingKeys), [kid], 'also the one that waited is gone');
	t.is(signingKeys.current('access_token').kid, kid);
	t.is(await signingKeys.find('access_token', token), undefined);
	t.not(signingKeys.forAudit().kid, audit);
	t.truthy(await signingKeys.find('audit', audit));
});

test('S-51: a key that another process made is found at the first token; a flood of unknown ones is not felt', async (t) => {
	const {db, open, vault} = await installation(t);
	const {signingKeys} = await open();
	const {kid} = await replaceSigningKeys(db, vault, 'access_token', by);
	const found = await Promise.all(
		Array.from({length: 100}, () => signingKeys.find('access_token', kid)),
	);
	t.true(found.every((key) => key !== undefined));
	let reads = 0;
	db.on('query', ({sql}: {sql: string}) => {
		if (/signing_keys/.test(sql)) reads++;
	});
	await delay(1001);
	const flood = Array.from({length: 5000}, (_, index) =>
		signingKeys.find('access_token', `${index}`.padStart(43, 'x')),
	);
	t.true((await Promise.all(flood)).every((key) => key === undefined));
	t.is(reads, 1);
});

test('with PostgreSQL away an unknown key is not judged, and the known ones go on', async (t) => {
	const {db, open} = await installation(t);
	const {vault, signingKeys} = await open();
	const {kid} = signingKeys.current('access_token');
	const away = connectDatabase(
		{
			host: '/nowhere',
			port: 1,
			user: 'x',
			database: 'x',
			password: undefined,
			ssl: false,
			connectTimeoutMs: 3000,
			poolMax: 1,
			isPooled: false,
		},
		'test',
	);
	t.teardown(() => away.destroy());
	const cut = new SigningKeys({db: away, vault, log});
	await t.throwsAsync(cut.find('access_token', kid));
	await t.throwsAsync(cut.find('access_token', kid), undefined, 'within the same second, too');
	t.truthy(await signingKeys.find('access_token', kid));
	t.truthy(await db('signing_keys').where({kid}).first());
});

test('S-94: private keys swapped between two rows, or sealed by nobody, are refused', async (t) => {
	const {db, open} = await installation(t);
	const {signingKeys} = await open();
	const [one, two] = await db('signing_keys').select('kid', 'private_key');
	if (one === undefined || two === undefined) throw new Error('two keys');
	await db('signing_keys').where({kid: one.kid}).update({private_key: two.private_key});
	await db('signing_keys').where({kid: two.kid}).update({private_key: one.private_key});
	for (const read of [() => signingKeys.read(), open]) {
		const error = await t.throwsAsync(read(), {instanceOf: SealError});
		t.regex(
			error.message,
			/^signing_keys\.private_key of [\w-]{43} cannot be opened: it was altered/,
		);
	}
	t.truthy(signingKeys.current('access_token'), 'what is known stays in use');
});

test('nothing can be sealed with a master key that not every program must know', async (t) => {
	const {db, open} = await installation(t);
	await open();
	const stranger = createVault([randomBytes(32)]);
	await t.throwsAsync(rotateSigningKey(db, stranger, 'access_token', by), {code: '23503'});
	await t.throwsAsync(
		db('master_keys').delete(),
		{code: '23503'},
		'nor one forgotten that is needed',
	);
});
