import test from 'ava';
import fc from 'fast-check';
import type {Knex} from 'knex';
import type pg from 'pg';
import {verifyChain} from '../../core/audit/proof/verify.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';
import {addEntries, connectIntruder, makeChain, makeSigner, signEnd} from './chains.ts';

let database: TestDatabase;
let db: Knex;
let intruder: pg.Pool;
const {signer, keys} = makeSigner();

test.before(async () => {
	database = await createDatabase();
	db = connectDatabase(database.config, 'test');
	intruder = connectIntruder(database.adminConfig);
});

test.after.always(async () => {
	await intruder.end();
	await db.destroy();
	await database.drop();
});

const verify = (chain: string) => verifyChain({db, chain, keys});

/** Where a fault shows first; undefined: none was found. */
async function faultOf(chain: string): Promise<{sequence: number; fault: string} | undefined> {
	const outcome = await verify(chain);
	return 'fault' in outcome ? {sequence: outcome.sequence, fault: outcome.fault} : undefined;
}

test('a chain that nobody touched verifies, with its signed heads', async (t) => {
	const chain = await makeChain(db, 5);
	await signEnd(db, chain, signer);
	await addEntries(db, chain, 3);
	await signEnd(db, chain, signer);
	await addEntries(db, chain, 1);
	t.like(await verify(chain), {entries: 9, signedHeads: 2});
});

test('S-86: an entry that was changed is named, whatever of it', async (t) => {
	for (const change of [
		`content = replace(content, 'source 2', 'source 9')`,
		`recorded_at = recorded_at + interval '1 microsecond'`,
		`hash = sha256('x')`,
		`previous_hash = sha256('x')`,
	]) {
		const chain = await makeChain(db, 5);
		await intruder.query(
			`update audit_entries set ${change} where chain = '${chain}' and sequence = 3`,
		);
		t.like(await faultOf(chain), {sequence: 3}, change);
	}
});

test('S-86: an entry that is gone is named, also the first', async (t) => {
	for (const sequence of [1, 3]) {
		const chain = await makeChain(db, 5);
		await intruder.query('delete from audit_entries where chain = $1 and sequence = $2', [
			chain,
			sequence,
		]);
		t.deepEqual(await faultOf(chain), {sequence, fault: `entry ${sequence} is missing`});
	}
});

test('S-86: entries that changed places are named', async (t) => {
	const chain = await makeChain(db, 5);
	await move(chain, 2, 100);
	await move(chain, 3, 2);
	await move(chain, 100, 3);
	t.like(await faultOf(chain), {sequence: 2});
});

test('S-86: an entry that was put in is named, in the middle and at the end', async (t) => {
	const middle = await makeChain(db, 5);
	await intruder.query(
		`update audit_entries set sequence = -sequence - 1 where chain = $1 and sequence > 2`,
		[middle],
	);
	await intruder.query(
		`update audit_entries set sequence = -sequence where chain = $1 and sequence < 0`,
		[middle],
	);
	await copyEntry(middle, 2, 3);
	t.like(await faultOf(middle), {sequence: 3});

	const end = await makeChain(db, 5);
	await copyEntry(end, 5, 6);
	t.like(await faultOf(end), {sequence: 6});
});

test('S-87: a tail that was cut off is found, also when the record of the end was set back', async (t) => {
	const cut = await makeChain(db, 5);
	await cutTail(cut, 3);
	t.regex((await faultOf(cut))?.fault ?? '', /cut off: entry 4 to 5 are missing/);

	const setBack = await makeChain(db, 5);
	await signEnd(db, setBack, signer);
	await cutTail(setBack, 3);
	await setHead(setBack, 3);
	const fault = await faultOf(setBack);
	t.is(fault?.sequence, 4);
	t.regex(fault?.fault ?? '', /a head of 5 was signed/);

	const whole = await makeChain(db, 3);
	await signEnd(db, whole, signer);
	await intruder.query('delete from audit_entries where chain = $1', [whole]);
	await intruder.query('delete from audit_heads where chain = $1', [whole]);
	t.like(await faultOf(whole), {sequence: 1});
});

test('S-87: a head that was kept elsewhere shows what the database knows nothing of', async (t) => {
	const chain = await makeChain(db, 5);
	const held = await signEnd(db, chain, signer);
	await cutTail(chain, 3);
	await setHead(chain, 3);
	await intruder.query('delete from audit_signed_heads where chain = $1', [chain]);
	t.is(await faultOf(chain), undefined, 'nothing in the database tells');
	const outcome = await verifyChain({db, chain, keys, kept: [held]});
	t.regex('fault' in outcome ? outcome.fault : '', /a head of 5 was kept/);
});

test('a chain that was rewritten from an entry on disagrees with its signed head', async (t) => {
	const chain = await makeChain(db, 5);
	await signEnd(db, chain, signer);
	await cutTail(chain, 2);
	await setHead(chain, 2);
	await addEntries(db, chain, 4);
	const fault = await faultOf(chain);
	t.is(fault?.sequence, 5);
	t.regex(fault?.fault ?? '', /the chain was rewritten/);
});

test('a signed head that was made up, or signed with another key, is found', async (t) => {
	const chain = await makeChain(db, 5);
	await signEnd(db, chain, makeSigner().signer);
	t.regex((await faultOf(chain))?.fault ?? '', /by none of the audit keys/);
});

test('F-30: a trail that was restored verifies; a head that was kept since tells that it is older', async (t) => {
	const chain = await makeChain(db, 5);
	await signEnd(db, chain, signer);
	const restored = await createDatabase();
	const target = connectDatabase(restored.config, 'test');
	const restorer = connectIntruder(restored.adminConfig);
	try {
		// As pg_restore writes them: row by row, before there are triggers.
		for (const [table, columns] of [
			['audit_heads', 'chain, sequence, recorded_at, previous_hash, hash'],
			['audit_entries', 'chain, sequence, recorded_at, content, previous_hash, hash'],
			['audit_signed_heads', 'chain, sequence, hash, signed_at, key_id, signature'],
		]) {
			const {rows} = await intruder.query<{row: string}>(
				`select to_json(r)::text as row from (select ${columns} from ${table} where chain = $1) as r`,
				[chain],
			);
			for (const {row} of rows) {
				await restorer.query(
					`insert into ${table} (${columns})
					select ${columns} from json_populate_record(null::${table}, $1)`,
					[row],
				);
			}
		}
		t.like(await verifyChain({db: target, chain, keys}), {entries: 5, signedHeads: 1});
		await addEntries(db, chain, 2);
		const since = await signEnd(db, chain, signer);
		const older = await verifyChain({db: target, chain, keys, kept: [since]});
		t.regex('fault' in older ? older.fault : '', /entry 6 to 7 are missing, a head of 7 was kept/);
		await addEntries(target, chain, 3);
		const parted = await verifyChain({db: target, chain, keys, kept: [since]});
		t.like(parted, {sequence: 7});
	} finally {
		await restorer.end();
		await target.destroy();
		await restored.drop();
	}
});

test('an organisation without any entry is found', async (t) => {
	const [row] = await db('organisations').insert({name: 'silent'}).returning('id');
	t.regex((await faultOf(row?.id ?? ''))?.fault ?? '', /has no entry/);
});

test('entries that are added while a chain is verified do no harm', async (t) => {
	const chain = await makeChain(db, 20);
	const adding = addEntries(db, chain, 60);
	while ((await settled(adding)) === false) t.is(await faultOf(chain), undefined);
	t.like(await verify(chain), {entries: 80});
});

type Tampering = (chain: string, at: number, entries: number) => Promise<unknown>;

/** Every single change to what the database has of a chain whose end was signed. */
const tamperings: Record<string, Tampering> = {
	content: (chain, at) => edit(chain, at, `content = replace(content, '"test"', '"Test"')`),
	'time forward': (chain, at) => edit(chain, at, `recorded_at = recorded_at + interval '1 day'`),
	'time back': (chain, at) => edit(chain, at, `recorded_at = recorded_at - interval '1 ms'`),
	hash: (chain, at) => edit(chain, at, `hash = sha256(hash)`),
	'previous hash': (chain, at) => edit(chain, at, `previous_hash = sha256(hash)`),
	place: (chain, at, entries) => move(chain, at, entries + 1),
	deletion: (chain, at) =>
		intruder.query('delete from audit_entries where chain = $1 and sequence = $2', [chain, at]),
	copy: (chain, at, entries) => copyEntry(chain, at, entries + 1),
	cut: (chain, at) => cutTail(chain, at - 1),
	'cut and set back': async (chain, at) => {
		await cutTail(chain, at - 1);
		await setHead(chain, at - 1);
	},
	'end set back': (chain, at) => setHead(chain, at - 1),
	'end moved on': (chain, at, entries) =>
		intruder.query('update audit_heads set sequence = $2 where chain = $1', [chain, entries + at]),
	'end forgotten': (chain) => intruder.query('delete from audit_heads where chain = $1', [chain]),
	'rehashed entry': async (chain, at) => {
		await edit(chain, at, `content = replace(content, '"test"', '"Test"')`);
		await edit(
			chain,
			at,
			`hash = sha256(previous_hash || int8send(sequence)
				|| int8send((extract(epoch from recorded_at) * 1000000)::bigint)
				|| convert_to(content, 'UTF8'))`,
		);
	},
	'signed head': (chain) =>
		intruder.query('update audit_signed_heads set hash = sha256(hash) where chain = $1', [chain]),
	signature: (chain) =>
		intruder.query(
			'update audit_signed_heads set signature = set_byte(signature, 7, 255 - get_byte(signature, 7)) where chain = $1',
			[chain],
		),
};

test('S-86, S-87: any single tampering with a random chain is found', async (t) => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({min: 1, max: 9}),
			fc.nat(),
			fc.constantFrom(...Object.keys(tamperings)),
			async (entries, place, name) => {
				const chain = await makeChain(db, entries);
				await signEnd(db, chain, signer);
				if ((await faultOf(chain)) !== undefined) return false;
				await tamperings[name]?.(chain, 1 + (place % entries), entries);
				return (await faultOf(chain)) !== undefined;
			},
		),
		{numRuns: 120, examples: Object.keys(tamperings).map((name) => [4, 1, name])},
	);
	t.pass();
});

function edit(chain: string, sequence: number, change: string) {
	return intruder.query(
		`update audit_entries set ${change} where chain = '${chain}' and sequence = ${sequence}`,
	);
}

function move(chain: string, from: number, to: number) {
	return edit(chain, from, `sequence = ${to}`);
}

function copyEntry(chain: string, from: number, to: number) {
	return intruder.query(
		`insert into audit_entries (chain, sequence, recorded_at, content, previous_hash, hash)
		select chain, $3, recorded_at, content, previous_hash, hash from audit_entries
		where chain = $1 and sequence = $2`,
		[chain, from, to],
	);
}

/** Leaves the first entries. */
function cutTail(chain: string, left: number) {
	return intruder.query('delete from audit_entries where chain = $1 and sequence > $2', [
		chain,
		left,
	]);
}

/** Has the record of the end say that the chain ends with an entry. */
async function setHead(chain: string, sequence: number) {
	await intruder.query(
		`update audit_heads set sequence = $2::bigint, hash = coalesce(
			(select hash from audit_entries where chain = $1 and sequence = $2::bigint),
			sha256(uuid_send($1::uuid)))
		where chain = $1`,
		[chain, sequence],
	);
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
	return Promise.race([
		promise.then(() => true),
		new Promise<false>((resolve) => setImmediate(resolve, false)),
	]);
}
