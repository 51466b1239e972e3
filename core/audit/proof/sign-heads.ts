import type {Knex} from 'knex';
import type {Log} from '../../log.ts';
import type {SigningKeys} from '../../signing/keys.ts';
import {beginningOf, ChainWalk, type Finding, type SignedHead} from '../chain.ts';
import {auditKeys, checkSignature, cutOff, findSoundHead, signHead} from './heads.ts';
import {presentHead} from './export-format.ts';
import {findHead, insertSignedHead, listEnds} from '../store.ts';
import {batches} from './verify.ts';

/** Chains that are asked for at once. */
const chainsAtOnce = 500;
/** Most entries of a chain that one pass goes through; the next pass goes on from there. */
const mostEntries = 200_000;

export type SigningDeps = {db: Knex; signingKeys: SigningKeys; log: Log};

/**
 * Signs the end of every chain that has moved since it was signed last, after following it from
 * there: what does not verify is never signed. A signed head counts if its signature is one; others
 * are told of, and passed over. Each head is logged as well, so that logs which are
 * kept elsewhere show when the end of a chain was cut off, with all that the database knows of it.
 */
export async function signHeads(deps: SigningDeps): Promise<{signed: number; faults: number}> {
	const counts = {signed: 0, faults: 0};
	const keys = auditKeys(deps.signingKeys.published('audit'));
	for (let after: string | undefined; ;) {
		const ends = await listEnds(deps.db, after, chainsAtOnce);
		for (const {chain, signed} of ends) {
			if (signed !== undefined && checkSignature(signed, keys) === undefined) continue;
			const {head, forged} = await findSoundHead(deps.db, chain, keys);
			if (forged.finding !== undefined) {
				counts.faults++;
				deps.log.error({...forged.finding}, 'a head of the audit trail was put there by somebody');
			}
			const outcome = await signHeadOf(deps, chain, head);
			if (outcome === 'signed') counts.signed++;
			else if (outcome !== 'is signed') {
				counts.faults++;
				deps.log.error({...outcome}, 'the audit trail does not verify; its head is not signed');
			}
		}
		after = ends.at(-1)?.chain;
		if (ends.length < chainsAtOnce) return counts;
	}
}

async function signHeadOf(
	{db, signingKeys, log}: SigningDeps,
	chain: string,
	signed: SignedHead | undefined,
): Promise<Finding | 'signed' | 'is signed'> {
	const head = await findHead(db, chain);
	const walk = new ChainWalk(signed ?? beginningOf(chain));
	const from = walk.head.sequence;
	if (head !== undefined && head.sequence === from && head.hash.equals(walk.head.hash)) {
		return 'is signed';
	}
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
	if (await insertSignedHead(db, made)) log.info(presentHead(made), 'audit head signed');
	return 'signed';
}
