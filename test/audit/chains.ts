import {generateKeyPairSync, randomUUID, sign} from 'node:crypto';
import type {Knex} from 'knex';
import pg from 'pg';
import {bySystem} from '../../core/actor.ts';
import type {Head} from '../../core/audit/chain.ts';
import {signHead, type AuditKeys} from '../../core/audit/proof/heads.ts';
import {record} from '../../core/audit/trail/record.ts';
import {findHead, insertSignedHead} from '../../core/audit/store.ts';
import type {Signer} from '../../core/signing/keys.ts';

/** A chain with so many entries, written as the product does it. @returns its id */
export async function makeChain(db: Knex, entries: number): Promise<string> {
	const chain = randomUUID();
	await addEntries(db, chain, entries);
	return chain;
}

export async function addEntries(db: Knex, chain: string, entries: number): Promise<void> {
	for (let i = 0; i < entries; i++) {
		await db.transaction((transaction) =>
			record(transaction, bySystem('test'), {
				action: i % 2 === 0 ? 'source.created' : 'source.updated',
				organisationId: chain,
				target: {type: 'source', id: randomUUID(), name: `source ${i}`},
				details: {type: 'webhook'},
			}),
		);
	}
}

/** An audit key of the test. */
export function makeSigner(): {signer: Signer; keys: AuditKeys} {
	const {publicKey, privateKey} = generateKeyPairSync('ed25519');
	const kid = randomUUID();
	const signer = {kid, sign: async (bytes: Uint8Array) => sign(null, bytes, privateKey)};
	return {signer, keys: new Map([[kid, publicKey]])};
}

/** Signs the end of a chain, as the worker does it. */
export async function signEnd(db: Knex, chain: string, signer: Signer): Promise<Head> {
	const head = await findHead(db, chain);
	if (head === undefined) throw new Error('no such chain');
	await insertSignedHead(db, await signHead(signer, head));
	return head;
}

/** A superuser whose changes no trigger sees: what the trail must withstand. */
export function connectIntruder(config: pg.ClientConfig): pg.Pool {
	const options = '-c session_replication_role=replica';
	const pool = new pg.Pool({...config, options, max: 1, query_timeout: 30_000});
	// A connection that is being closed may still hear that its database is dropped.
	pool.on('error', () => {});
	return pool;
}
