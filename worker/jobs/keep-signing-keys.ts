import {bySystem} from '../../core/audit/actor.ts';
import {keepSigningKeys, type KeepCounts} from '../../core/signing/rotation.ts';
import type {WorkerDeps} from '../deps.ts';

/** Rotates the signing keys when they are old enough, and ends replaced ones. */
export function runOnce({db, vault, config}: WorkerDeps): Promise<KeepCounts> {
	return keepSigningKeys(db, vault, config.signingKeyDays, bySystem('worker'));
}
