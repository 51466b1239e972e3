import {pruneCodes} from '../../core/people/expired-codes.ts';
import {pruneSessions} from '../../core/people/sessions.ts';
import type {WorkerDeps} from '../deps.ts';

/** Deletes sessions that ended long ago, with their refresh tokens, and one-time codes that ran out. */
export async function runOnce(deps: WorkerDeps): Promise<{deleted: number; codes: number}> {
	return {deleted: await pruneSessions(deps.db), codes: await pruneCodes(deps.db)};
}
