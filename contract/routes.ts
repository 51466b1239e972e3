import {auditRoutes} from './routes/audit.ts';
import {decisionsRoutes} from './routes/decisions.ts';
import {documentsRoutes} from './routes/documents.ts';
import {healthRoutes} from './routes/health.ts';
import {invitationsRoutes} from './routes/invitations.ts';
import {keyHygieneRoutes} from './routes/key-hygiene.ts';
import {keyLimitsRoutes} from './routes/key-limits.ts';
import {keyRolesRoutes} from './routes/key-roles.ts';
import {keyPoliciesRoutes} from './routes/key-policies.ts';
import {keysRoutes} from './routes/keys.ts';
import {membersRoutes} from './routes/members.ts';
import {oauthRoutes} from './routes/oauth.ts';
import {organisationsRoutes} from './routes/organisations.ts';
import {peopleRoutes} from './routes/people.ts';
import {providersRoutes} from './routes/providers.ts';
import {sessionsRoutes} from './routes/sessions.ts';
import {sharedLimitsRoutes} from './routes/shared-limits.ts';
import {signingKeysRoutes} from './routes/signing-keys.ts';
import {serviceAccountsRoutes} from './routes/service-accounts.ts';
import type {Routes} from './route.ts';
import {sourcesRoutes} from './routes/sources.ts';
import {systemRoutes} from './routes/system.ts';
import {unkeyRoutes} from './routes/unkey.ts';
import {usageRoutes} from './routes/usage.ts';
import {usersRoutes} from './routes/users.ts';
import {verificationRoutes} from './routes/verification.ts';
import {webhookRoutes} from './routes/webhooks.ts';

/** The endpoints of each resource, as pages head them. */
export const resources = {
	'Setup and login': peopleRoutes,
	'Identity providers': providersRoutes,
	Sessions: sessionsRoutes,
	Users: usersRoutes,
	Organizations: organisationsRoutes,
	Members: membersRoutes,
	Invitations: invitationsRoutes,
	'API keys': keysRoutes,
	'Use of keys': usageRoutes,
	'Limits of keys': keyLimitsRoutes,
	'Roles of keys': keyRolesRoutes,
	'Key policies': keyPoliciesRoutes,
	'Hygiene of keys': keyHygieneRoutes,
	'Shared limits': sharedLimitsRoutes,
	'Checks of keys': verificationRoutes,
	'Live decisions': decisionsRoutes,
	'Clients of Unkey': unkeyRoutes,
	Sources: sourcesRoutes,
	Webhooks: webhookRoutes,
	'Audit trail': auditRoutes,
	'Public keys': signingKeysRoutes,
	'Service accounts': serviceAccountsRoutes,
	OAuth: oauthRoutes,
	System: systemRoutes,
	Health: healthRoutes,
	Description: documentsRoutes,
} as const satisfies Record<string, Routes>;

type Resources = typeof resources;
type RoutesOf<R> = R extends unknown ? {[N in keyof R]: R[N]} : never;
type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void
	? I
	: never;
type EveryRoute = Intersection<RoutesOf<Resources[keyof Resources]>>;

/** Every endpoint as data: the server mounts them, the console calls them, the docs list them. */
export const routes = Object.assign({}, ...Object.values(resources)) as {
	readonly [N in keyof EveryRoute]: EveryRoute[N];
};

export type RouteName = keyof typeof routes;
