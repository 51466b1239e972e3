import type {TableName} from '../../app/model.ts';
import {membersSpec} from '../members/spec.ts';
import {invitationsSpec} from '../invitations/spec.ts';
import {serviceAccountsSpec} from '../service-accounts/spec.ts';
import {clientSecretsSpec} from '../client-secrets/spec.ts';
import {usersSpec} from '../users/spec.ts';
import {sessionsSpec} from '../sessions/spec.ts';
import {userSessionsSpec} from '../user-sessions/spec.ts';
import {applianceAuditSpec, auditSpec} from '../audit/spec.ts';
import {webhooksSpec} from '../webhooks/spec.ts';
import {deliveriesSpec} from '../deliveries/spec.ts';
import {organisationsSpec} from '../organisations/spec.ts';
import {sourcesSpec} from '../sources/spec.ts';
import type {ListSpec} from './spec.ts';

/** Every screen that is a table of one list. */
export const listSpecs = {
	organisations: organisationsSpec,
	sources: sourcesSpec,
	members: membersSpec,
	invitations: invitationsSpec,
	serviceAccounts: serviceAccountsSpec,
	clientSecrets: clientSecretsSpec,
	users: usersSpec,
	sessions: sessionsSpec,
	userSessions: userSessionsSpec,
	audit: auditSpec,
	applianceAudit: applianceAuditSpec,
	webhooks: webhooksSpec,
	deliveries: deliveriesSpec,
} as const;

export function specOf(list: TableName): ListSpec {
	// Each list is paired with its own spec above; TypeScript cannot follow that by index.
	return listSpecs[list] as unknown as ListSpec;
}
