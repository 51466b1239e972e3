import {applianceAuditList, auditList} from '../screens/audit/list/list.ts';
import {keyHygieneList} from '../screens/keys/hygiene/list.ts';
import {keysLeftList} from '../screens/keys/left/list.ts';
import {keysList} from '../screens/keys/list/list.ts';
import {
	appliancePolicyList,
	organisationPolicyList,
	type PolicyList,
} from '../screens/keys/policy/list.ts';
import {keyRolesList} from '../screens/keys/roles/list.ts';
import {keysToMendList} from '../screens/keys/to-mend/list.ts';
import {clientSecretsList} from '../screens/machines/client-secrets/list.ts';
import {serviceAccountsList} from '../screens/machines/service-accounts/list.ts';
import {limitedKeysList} from '../screens/limits/limited/list.ts';
import {sharedLimitsList} from '../screens/limits/shared/list.ts';
import {organisationsList} from '../screens/organisations/list/list.ts';
import {invitationsList} from '../screens/people/invitations/list.ts';
import {membersList} from '../screens/people/members/list.ts';
import {sessionsList} from '../screens/people/sessions/list.ts';
import {userSessionsList} from '../screens/people/user-sessions/list.ts';
import {usersList} from '../screens/people/users/list.ts';
import {sourcesList} from '../screens/sources/list/list.ts';
import {type HealthList, readinessList, systemList} from '../screens/system/health/list.ts';
import {deliveriesList} from '../screens/webhooks/deliveries/list.ts';
import {endpointsList} from '../screens/webhooks/endpoints/list.ts';
import type {ListSource} from './list-source.ts';
import {type Loaded, nothing} from './pages.ts';

/** All that the console lists. What a list is, and how it is read, stands in its own folder. */
export const lists = {
	keys: keysList,
	keysLeft: keysLeftList,
	keyHygiene: keyHygieneList,
	keysToMend: keysToMendList,
	keyRoles: keyRolesList,
	limitedKeys: limitedKeysList,
	sharedLimits: sharedLimitsList,
	organisationPolicy: organisationPolicyList,
	appliancePolicy: appliancePolicyList,
	organisations: organisationsList,
	sources: sourcesList,
	members: membersList,
	invitations: invitationsList,
	serviceAccounts: serviceAccountsList,
	clientSecrets: clientSecretsList,
	users: usersList,
	sessions: sessionsList,
	userSessions: userSessionsList,
	audit: auditList,
	applianceAudit: applianceAuditList,
	system: systemList,
	readiness: readinessList,
	webhooks: endpointsList,
	deliveries: deliveriesList,
} as const satisfies Readonly<Record<string, ListSource<unknown>>>;

export type ListName = keyof typeof lists;

/** Lists that are shown as a table; health and policies are shown as a page. */
export type TableName = Exclude<ListName, HealthList | PolicyList>;

/** What each of them holds. */
export type Items = {
	[List in ListName]: (typeof lists)[List] extends ListSource<infer Item> ? Item : never;
};

export type LoadedAnswer = {
	[List in ListName]: {list: List; items: readonly Items[List][]};
}[ListName];

export type Lists = {readonly [List in ListName]: Loaded<Items[List]>};

/** All lists with nothing read yet. */
export const unread = Object.fromEntries(
	Object.keys(lists).map((list) => [list, nothing]),
) as unknown as Lists;

/** Those of the organisation, or those that are the same in every one, with nothing read yet. */
export function unreadOf(of: ListSource<unknown>['of']): Partial<Lists> {
	const some = Object.entries(lists).filter(([, source]) => source.of === of);
	return Object.fromEntries(some.map(([list]) => [list, nothing]));
}

/** Whether a list is of the one organisation that one works in. */
export function isOfOrganisation(list: ListName): boolean {
	return lists[list].of === 'organisation';
}

/** Whether a list is how the appliance is. */
export function isHealth(list: ListName): list is HealthList {
	return list === 'system' || list === 'readiness';
}
