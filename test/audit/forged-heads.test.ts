import {randomBytes} from 'node:crypto';
import test from 'ava';
import type {Knex} from 'knex';
import {beginningOf} from '../../core/audit/chain.ts';
import {auditKeys, signHead} from '../../core/audit/proof/heads.ts';
import {signHeads} from '../../core/audit/proof/sign-heads.ts';
import {findHead, insertSignedHead, readEntries} from '../../core/audit/store.ts';
import {verifyChain} from '../../core/audit/proof/verify.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createLog} from '../../core/log.ts';
import {openSecrets} from '../../core/open-secrets.ts';
import type {SigningKeys} from '../../core/signing/keys.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';
import {addEntries, connectIntruder, makeChain, makeSigner} from './chains.ts';

/*
What somebody with the database role of the programs can do to the proof of the trail: nothing that
lasts, and nothing that is not told.
*/

let database: TestDatabase;
/** As server and worker, or whoever has what they have. */
let db: Knex;
let signingKeys: SigningKeys;
const log = createLog({program: 'test', logLevel: 'fatal', keyPrefix: 'hklst_'});

test.before(async () => {
	database = await createDatabase();
	db = connectDatabase(database.config, 'test', {
		statementTimeoutMs: 30_000,
		queryTimeoutMs: 31_000,
	});
	const masterKeys = [randomBytes(32)];
	({signingKeys} = await openSecrets({db, log, readMasterKeys: () => masterKeys}));
});

test.after.always(async () => {
	await db.destroy();
	await database.drop();
});

const sign = () => signHeads({db, signingKeys, log});
const keysNow = () => auditKeys(signingKeys.published('audit'));
const verify = (chain: string) => verifyChain({db, chain, keys: keysNow()});
const signedOf = async (chain: string) =>
	await db('audit_signed_heads').where({chain}).orderBy('sequence').pluck('sequence');

/** Puts a head there as the role of the programs, with a signature that is none. */
function put(chain: string, sequence: number, hash: Buffer, more: object = {}) {
	const head = {chain, sequence: String(sequence), hash, key_id: 'x', signature: randomBytes(64)};
	return db('audit_signed_heads').insert({...head, ...more});
}

/** So that what was put on its end concerns no other test. */
async function moveOn(chain: string): Promise<void> {
	await addEntries(db, chain, 1);
	await sign();
}

const hashAt = async (chain: string, sequence: number) =>
	(await readEntries(db, chain, sequence - 1, 1))[0]?.hash ?? Buffer.alloc(32);

test.serial(
	'a head of no entry is refused, be it beyond the end, of another hash or of nothing',
	async (t) => {
		const chain = await makeChain(db, 3);
		const head = (await findHead(db, chain))?.hash ?? Buffer.alloc(32);
		for (const [sequence, hash] of [
			[999_999, head],
			[4, head],
			[2, head],
			[0, beginningOf(chain).hash],
			[-1, head],
		] as const) {
			await t.throwsAsync(put(chain, sequence, hash), {code: '23514'}, `${sequence}`);
		}
		const long = {signature: randomBytes(65)};
		await t.throwsAsync(put(chain, 3, head, long), {code: '23514'}, 'no signature is as long');
		t.like(await sign(), {faults: 0});
		t.deepEqual(await signedOf(chain), ['3']);
	},
);

test.serial('the time of a head is when it was put there', async (t) => {
	const chain = await makeChain(db, 1);
	await put(chain, 1, await hashAt(chain, 1), {signed_at: new Date('2999-01-01T00:00:00Z')});
	const row = await db('audit_signed_heads').where({chain}).first();
	t.true((row?.signed_at.getTime() ?? Infinity) < Date.now() + 60_000);
	await moveOn(chain);
});

test.serial(
	'heads that were put there do not keep a chain from being signed, and are told of',
	async (t) => {
		const chain = await makeChain(db, 3);
		await sign();
		await addEntries(db, chain, 2);
		for (const sequence of [4, 5, 5]) await put(chain, sequence, await hashAt(chain, sequence));
		t.deepEqual(await sign(), {signed: 1, faults: 1});
		t.deepEqual(await sign(), {signed: 0, faults: 1}, 'as long as they are the last');
		const {rows} = await db.raw<{rows: {key_id: string}[]}>(
			"select key_id from audit_signed_heads where chain = ? and sequence = 5 and key_id <> 'x'",
			[chain],
		);
		t.deepEqual(rows, [{key_id: signingKeys.forAudit().kid}]);
		await addEntries(db, chain, 1);
		await sign();
		t.is((await signedOf(chain)).at(-1), '6');
		t.deepEqual(await sign(), {signed: 0, faults: 0}, 'what is signed is left alone');

		const outcome = await verify(chain);
		t.like(outcome, {sequence: 4});
		t.regex('fault' in outcome ? outcome.fault : '', /by none of the audit keys; so are 2 more/);
	},
);

test.serial(
	'a head that was put on an end that is signed is told of by the next pass',
	async (t) => {
		const chain = await makeChain(db, 2);
		await sign();
		for (const first of [0, 255]) {
			const signature = Buffer.concat([Buffer.from([first]), randomBytes(63)]);
			await put(chain, 2, await hashAt(chain, 2), {signature});
			t.deepEqual(await sign(), {signed: 0, faults: 1}, 'wherever it sorts');
		}
		await moveOn(chain);
	},
);

test.serial(
	'heads that lie beyond the end from before do not stand in the way, either',
	async (t) => {
		const intruder = connectIntruder(database.adminConfig);
		t.teardown(() => intruder.end());
		const chain = await makeChain(db, 3);
		await intruder.query(
			`insert into audit_signed_heads (chain, sequence, hash, key_id, signature)
			values ($1, 999999, $2, 'x', $3)`,
			[chain, randomBytes(32), randomBytes(64)],
		);
		t.deepEqual(await sign(), {signed: 1, faults: 1});
		t.deepEqual(await signedOf(chain), ['3', '999999']);
		t.like(await verify(chain), {sequence: 999_999});
	},
);

test.serial('what was put there hides nothing that was done to the entries', async (t) => {
	const intruder = connectIntruder(database.adminConfig);
	t.teardown(() => intruder.end());
	const chain = await makeChain(db, 5);
	await put(chain, 1, await hashAt(chain, 1));
	await intruder.query(
		`update audit_entries set content = replace(content, 'source 3', 'source 9')
		where chain = $1 and sequence = 4`,
		[chain],
	);
	t.like(await verify(chain), {sequence: 4});
	await db('organisations').select('id').limit(1);
	await intruder.query('delete from audit_entries where chain = $1', [chain]);
	await intruder.query('delete from audit_heads where chain = $1', [chain]);
	await intruder.query('delete from audit_signed_heads where chain = $1', [chain]);
});

test.serial('the keys that prove it stay as they are, and one always signs', async (t) => {
	const {kid} = signingKeys.forAudit();
	const audit = () => db('signing_keys').where({kid});
	const other = await db('signing_keys').where({purpose: 'access_token'}).first('public_jwk');
	const denied = {code: '42501'};
	await t.throwsAsync(audit().delete(), denied);
	await t.throwsAsync(
		db.raw('update signing_keys set public_jwk = ? where kid = ?', [
			JSON.stringify(other?.public_jwk),
			kid,
		]),
		denied,
	);
	await t.throwsAsync(
		db.raw("update signing_keys set purpose = 'access_token' where kid = ?", [kid]),
		denied,
	);
	await t.throwsAsync(audit().update({activated_at: new Date('2999-01-01T00:00:00Z')}), denied);
	await t.throwsAsync(audit().update({private_key: null, retired_at: new Date()}), denied);
	// A key of the intruder's own signs nothing that is taken: it is none of ours.
	const chain = await makeChain(db, 1);
	const {signer} = makeSigner();
	const head = await findHead(db, chain);
	if (head !== undefined) await insertSignedHead(db, await signHead(signer, head));
	t.deepEqual(await sign(), {signed: 1, faults: 1});
});
