import type {AuditEntry} from '../../../../contract/audit-trail.ts';
import type {TableName} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {may, say} from '../../../app/navigation.ts';
import {openKey} from '../../keys/key/open.ts';
import {openList} from '../../kinds/list/open.ts';
import type {AuditList} from './list.ts';
import {nameOf} from './text.ts';

/* From an entry to who did it, and to what it is about. */

type Party = AuditEntry['actor'];

/** Where those of each type are listed; a key has a screen of its own. */
const listed: Readonly<Record<string, TableName>> = {
	service_account: 'serviceAccounts',
	webhook: 'webhooks',
	source: 'sources',
	invitation: 'invitations',
	key_role: 'keyRoles',
	organization: 'organisations',
};

/** Shows who or what a party of an entry is, as it is now. */
export function openParty(model: Model, list: AuditList, party: Party, now: number): Step {
	const {type, id} = party;
	const where = listOf(model, list, type);
	if (typeof id === 'string' && list === 'audit' && type === 'api_key') return openKey(model, id);
	if (typeof id === 'string' && where !== undefined) return openList(model, where, id);
	return [
		say(model, now, `There is no screen for ${nameOf(party)} (${type.replaceAll('_', ' ')})`),
	];
}

function listOf(model: Model, list: AuditList, type: string): TableName | undefined {
	// The appliance's trail is about people of all organisations, and operators see all of them.
	if (type === 'user') return list === 'audit' ? 'members' : usersOf(model);
	return list === 'audit' || type === 'organization' ? listed[type] : undefined;
}

function usersOf(model: Model): TableName | undefined {
	return may(model, 'users:manage') ? 'users' : undefined;
}
