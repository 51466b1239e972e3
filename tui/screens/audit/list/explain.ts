import type {AuditEntry} from '../../../../contract/audit-trail.ts';
import type {Model, Step} from '../../../app/model.ts';
import {say} from '../../../app/navigation.ts';
import {startExplain} from '../../keys/explain/start.ts';
import type {AuditList} from './list.ts';

type EntryKey = {id: string; name: string; address?: string};

/**
 * The API key that an entry of the organisation's trail is about, or that did what it tells of. With the
 * address where that is the one the key was used from, and not that of somebody who changed it.
 */
export function keyOfEntry(list: AuditList, entry: AuditEntry | undefined): EntryKey | undefined {
	if (list !== 'audit' || entry === undefined) return undefined;
	const {actor, target} = entry;
	const key = [target, actor].find(({type}) => type === 'api_key');
	if (key === undefined || typeof key['id'] !== 'string') return undefined;
	const {id, name} = key;
	const address = addressOfUse(entry, actor['id'] === id);
	return {
		id,
		name: typeof name === 'string' ? name : 'the key',
		...(typeof address === 'string' ? {address} : {}),
	};
}

function addressOfUse({action, address, details}: AuditEntry, isByKey: boolean): unknown {
	// The worker tells of it, from nowhere.
	if (action === 'key.first_used') return details?.['address'];
	return isByKey || action === 'key.ip_denied' ? address : undefined;
}

/** Asks whether a use of that key would be accepted. */
export function explainEntry(
	model: Model,
	list: AuditList,
	entry: AuditEntry | undefined,
	now: number,
): Step {
	const key = keyOfEntry(list, entry);
	if (key !== undefined) return startExplain(model, key, now, key.address);
	return [say(model, now, 'This entry is not about an API key of the organisation', 'warning')];
}
