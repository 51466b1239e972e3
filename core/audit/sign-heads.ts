import type {Knex} from 'knex';
import type {Log} from '../log.ts';
import type {SigningKeys} from '../signing/keys.ts';
import {beginningOf, ChainWalk, type Finding} from './chain.ts';
import {auditKeys, checkSignature, cutOff, signHead, type AuditKeys} from './heads.ts';
import {presentHead} from './export-format.ts';
import {findHead, findSignedHead, insertSignedHead, listUnsigned} from './store.ts';
import {batches} from './verify.ts';

/** Chains that are asked for at once. */
const chainsAtOnce = 500;
/** Most entries of a chain that one pass goes through; the next pass goes on from there. */
const mostEntries = 200_000;

export type SigningDeps = {db: Knex; signingKeys: SigningKeys; log: Log};

/**
 * Signs the end of every chain that has moved since it was signed last, after following it from
 * there: what does not verify is never signed. Each head is logged as well, so that logs which are
 * kept elsewhere show when the end of a chain was cut off, with all that the database knows of it.
 */
export async function signHeads(deps: SigningDeps): Promise<{signed: number; faults: number}> {
	const counts = {signed: 0, faults: 0};
	const keys = auditKeys(deps.signingKeys.published('audit'));
	for (let after: string | undefined; ;) {
		const chains = await listUnsigned(deps.db, after, chainsAtOnce);
		for (const chain of chains) {
			const fault = await signHeadOf(deps, chain, keys);
			if (fault === undefined) counts.signed++;
			else {
				counts.faults++;
				deps.log.error({...fault}, 'the audit trail does not verify; its head is not signed');
			}
		}
		after = chains.at(-1);
		if (chains.length < chainsAtOnce) return counts;
	}
}

async function signHeadOf(
	{db, signingKeys, log}: SigningDeps,
	chain: string,
	keys: AuditKeys,
): Promise<Finding | undefined> {
	const signed = await findSignedHead(db, chain);
	const head = await findHead(db, chain);
	const fault = signed && checkSignature(signed, keys);
	if (fault !== undefined) return fault;
	const walk = new ChainWalk(signed ?? beginningOf(chain));
	const from = walk.head.sequence;
	if (head === undefined || head.sequence <= from) {
		return head && signed && head.sequence < from
			? cutOff(signed, head, 'signed')
			: {chain, sequence: from, fault: 'the record of the end is not the head that was signed'};
	}
	const through = Math.min(head.sequence, from + mostEntries);
	for await (const entries of batches({db, chain}, from, through + 1)) {
		for (const entry of entries) {
			const found = walk.next(entry);
			if (found !== undefined) return found;
		}
	}
	if (walk.head.sequence < through) return cutOff(head, walk.head, 'recorded');
	if (through === head.sequence && !walk.head.hash.equals(head.hash)) {
		return {chain, sequence: through, fault: 'the record of the end disagrees'};
	}
	const made = await signHead(signingKeys.forAudit(), walk.head);
	if (!(await insertSignedHead(db, made))) return undefined;
	log.info(presentHead(made), 'audit head signed');
	return undefined;
}
