import {pruneDeviceLogins} from '../../core/people/device-logins.ts';
import type {WorkerDeps} from '../deps.ts';

/** Deletes logins through identity providers that were never approved. */
export async function runOnce({db}: WorkerDeps): Promise<{deleted: number}> {
	return {deleted: await pruneDeviceLogins(db)};
}
