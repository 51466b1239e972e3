import {auditRoutes} from './routes/audit.ts';
import {healthRoutes} from './routes/health.ts';
import {invitationsRoutes} from './routes/invitations.ts';
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
import {sourcesRoutes} from './routes/sources.ts';
import {systemRoutes} from './routes/system.ts';
import {usersRoutes} from './routes/users.ts';
import {verificationRoutes} from './routes/verification.ts';
import {webhookRoutes} from './routes/webhooks.ts';

/** Every endpoint as data: the server mounts them, the console calls them, the docs list them. */
export const routes = {
	...peopleRoutes,
	...providersRoutes,
	...sessionsRoutes,
	...usersRoutes,
	...organisationsRoutes,
	...membersRoutes,
	...invitationsRoutes,
	...keysRoutes,
	...keyLimitsRoutes,
	...keyRolesRoutes,
	...keyPoliciesRoutes,
	...sharedLimitsRoutes,
	...verificationRoutes,
	...sourcesRoutes,
	...webhookRoutes,
	...auditRoutes,
	...signingKeysRoutes,
	...serviceAccountsRoutes,
	...oauthRoutes,
	...systemRoutes,
	...healthRoutes,
} as const;

export type RouteName = keyof typeof routes;
