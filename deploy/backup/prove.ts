import type {Knex} from 'knex';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {readAuditKeys, type HeldHead} from '../../core/audit/proof/heads.ts';
import {verifyChain} from '../../core/audit/proof/verify.ts';
import {findNextChain} from '../../core/audit/store.ts';
import {tableAccess} from '../../core/db/grants.ts';
import {sessionsOf} from '../../core/db/connect.ts';
import {findFactsByHash} from '../../core/keys/facts.ts';
import {hashKeyToText, type KeyHashText, type PlainKey} from '../../core/keys/token.ts';
import {termsVersion} from '../../core/verification/terms-version.ts';
import {sealedColumns} from '../../core/secrets/sealed-columns.ts';
import type {Vault} from '../../core/secrets/vault.ts';
import type {Archive} from './archive-reader.ts';
import {BackupError} from './errors.ts';

/** Of keys, and of what is sealed in one column, so many are tried. */
const sampled = 1000;

/** What was proved of a restored database: each a sentence. */
export type Proof = string[];

/**
 * Proves of a restored database, by the product's own code, that it works: keys are found by their hashes, the
 * audit trail is as it was written, what is sealed opens, rights are as they must be.
 *
 * @param application the role of server and worker; undefined where it is the owner
 * @param knownKey an API key in plain text that must be known
 * @throws {BackupError} naming what does not hold
 */
export async function prove(
	db: Knex,
	archive: Archive,
	{
		vault,
		application,
		knownKey,
	}: {vault: Vault; application: string | undefined; knownKey: string | undefined},
): Promise<Proof> {
	const tables = Object.values(archive.manifest.tables);
	const rows = tables.reduce((sum, table) => sum + table.rows, 0);
	const partitions = tables.filter(({bounds}) => bounds !== undefined).length;
	return [
		`rows: ${tables.length} tables with ${rows} rows, as many in each as in the backup; ${partitions} partitions with their bounds`,
		await proveKeys(db, knownKey),
		await proveAudit(db, archive.auditHeads),
		await proveSealed(db, vault),
		await proveRights(db, application),
	];
}

async function proveKeys(db: Knex, knownKey: string | undefined): Promise<string> {
	const find = async (hashes: readonly KeyHashText[]) =>
		findFactsByHash(sessionsOf(db), hashes, {isPrepared: false, termsVersion});
	if (knownKey !== undefined) {
		const hash = hashKeyToText(knownKey as PlainKey);
		if (!(await find([hash])).has(hash)) {
			throw new BackupError('The key that was given is not known to the restored database.');
		}
	}
	const some: {id: string; hash: Buffer}[] = await db('api_keys')
		.orderBy('id')
		.limit(sampled)
		.select('id', 'hash');
	const hashes = some.map(({hash}) => hash.toString('latin1') as KeyHashText);
	const facts = await find(hashes);
	for (const [place, {id}] of some.entries()) {
		const found = facts.get(hashes[place] ?? ('' as KeyHashText));
		if (found === undefined || !('keyId' in found) || found.keyId !== id) {
			throw new BackupError(`The key ${id} is there, but is not found by its hash.`);
		}
	}
	const given = knownKey === undefined ? '' : 'the key that was given is known; ';
	return `keys: ${given}${some.length} were looked up by their hashes, as a check does it, and found`;
}

async function proveAudit(db: Knex, heads: string): Promise<string> {
	const keys = await readAuditKeys(db);
	const kept = new Map<string, HeldHead>();
	for (const line of heads.split('\n').filter((each) => each !== '')) {
		const [chain = '', sequence, hash = ''] = line.split(' ');
		kept.set(chain, {chain, sequence: Number(sequence), hash: Buffer.from(hash, 'hex')});
	}
	let [chains, entries] = [0, 0];
	for (let chain: string | undefined = applianceChain; chain !== undefined;) {
		const head = kept.get(chain);
		kept.delete(chain);
		const outcome = await verifyChain({db, chain, keys, kept: head === undefined ? [] : [head]});
		if ('fault' in outcome) {
			throw new BackupError(`The audit trail, chain ${chain}: ${outcome.fault}.`);
		}
		chains++;
		entries += outcome.entries;
		chain = await findNextChain(db, chain);
	}
	const [lost] = kept.keys();
	if (lost !== undefined) throw new BackupError(`The audit trail lacks the chain ${lost}.`);
	return `audit trail: ${chains} chains, ${entries} entries: all as written, up to the heads in the backup`;
}

async function proveSealed(db: Knex, vault: Vault): Promise<string> {
	let opened = 0;
	for (const sealed of Object.values(sealedColumns)) {
		const {table, column, id} = sealed;
		const rows: {row_id: string; value: Buffer}[] = await db
			.from(table)
			.whereNotNull(column)
			.limit(sampled)
			.select({row_id: id, value: column});
		for (const {row_id: rowId, value} of rows) vault.open(sealed, rowId, value);
		opened += rows.length;
	}
	return `secrets: ${opened} sealed values (signing keys, webhook secrets …) open with the master key`;
}

async function proveRights(db: Knex, application: string | undefined): Promise<string> {
	if (application === undefined) return 'rights: one role for everything owns all tables';
	const wanted = Object.entries(tableAccess).filter(([, access]) => access !== 'none');
	const {rows} = await db.raw<{rows: {name: string}[]}>(
		`select name from unnest(:names::text[], :writes::boolean[]) as t (name, writes)
		where not has_any_column_privilege(:role, format('public.%I', name), 'select')
			or writes <> has_table_privilege(:role, format('public.%I', name), 'insert')
		union all
		select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
			and has_table_privilege(:role, oid, 'truncate, references, trigger')`,
		{
			names: wanted.map(([name]) => name),
			writes: wanted.map(([, access]) => access !== 'readOnly'),
			role: application,
		},
	);
	const [wrong] = rows;
	if (wrong !== undefined) {
		throw new BackupError(
			`The role ${application} has not the rights on ${wrong.name} that it needs.`,
		);
	}
	return `rights: ${application} has what server and worker need, and no more`;
}
