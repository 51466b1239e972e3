import {randomUUID} from 'node:crypto';
import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {confirmRights} from '../audit/trail/rights.ts';
import type {Vault} from '../secrets/vault.ts';
import {openAnswer, sealAnswer, type KeptAnswer} from './seal.ts';
import {deleteRow, findRow, insertRow, keepAnswer, pruneRows, StillRunning} from './store.ts';

type Answer = Pick<KeptAnswer, 'status' | 'body'>;

/** What becomes of a request that asks to be answered once. */
export type Claim =
	/** It is the first: whoever makes the change says in its transaction what came of it. */
	| {kind: 'first'; keep: (answer: Answer) => Promise<void>; release: () => Promise<void>}
	/** It was answered before. */
	| {kind: 'again'; answer: Answer}
	/** Another request was answered under this header. */
	| {kind: 'mismatch'};

/** A request that asks to be answered once. */
export type IdempotentRequest = {
	/** Value of its `Idempotency-Key`. */
	header: string;
	organisationId: string;
	/** Where its answer is; see `lookupOf`. */
	lookup: Buffer;
	/** SHA-256 of what is asked for. */
	fingerprint: Buffer;
};

/** A row that is there at one moment may be pruned at the next. */
const mostAttempts = 3;

/**
 * Begins the transaction of a change that is made once for all requests with the same header. The
 * row and the change are committed together, so that a crash leaves both or neither. What was
 * answered before is given to those only who may make the change now.
 *
 * @throws {StillRunning | RightsChanged} nothing may be changed then
 */
export async function claim(
	vault: Vault,
	transaction: Knex.Transaction,
	by: By,
	{header, organisationId, lookup, fingerprint}: IdempotentRequest,
): Promise<Claim> {
	const id = randomUUID();
	for (let attempt = 1; attempt <= mostAttempts; attempt++) {
		if (await insertRow(transaction, {id, organisation_id: organisationId, lookup})) {
			return {
				kind: 'first',
				keep: (answer) =>
					keepAnswer(transaction, id, sealAnswer(vault, id, header, {...answer, fingerprint})),
				release: () => deleteRow(transaction, id),
			};
		}
		await confirmRights(transaction, by);
		const row = await findRow(transaction, lookup);
		if (row?.answer) {
			const kept = openAnswer(vault, row.id, header, row.answer);
			return kept.fingerprint.equals(fingerprint)
				? {kind: 'again', answer: kept}
				: {kind: 'mismatch'};
		}
		await pruneRows(transaction, lookup);
	}
	throw new StillRunning();
}
