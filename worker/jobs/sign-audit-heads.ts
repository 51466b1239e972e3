import {signHeads} from '../../core/audit/sign-heads.ts';
import type {WorkerDeps} from '../deps.ts';

/** Signs the end of every chain of the audit trail that has moved, and logs it. */
export function runOnce({db, signingKeys, log}: WorkerDeps) {
	return signHeads({db, signingKeys, log});
}
