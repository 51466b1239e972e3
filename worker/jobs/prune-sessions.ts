import {pruneSessions} from '../../core/people/sessions.ts';
import type {WorkerDeps} from '../deps.ts';

/** Deletes sessions that ended long ago, with their refresh tokens. */
export async function runOnce(deps: WorkerDeps): Promise<{deleted: number}> {
	return {deleted: await pruneSessions(deps.db)};
}
