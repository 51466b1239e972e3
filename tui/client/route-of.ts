import type {Route, Routes} from '../../contract/route.ts';
import type {resources, RouteName} from '../../contract/routes.ts';
import {completes} from './older.ts';

/**
 * The endpoints of each resource, in the order in which they are looked through: what a command asks for
 * first is first. A resource is read when one of its endpoints is wanted, which for all of them takes
 * longer than all else that a command does.
 */
const resourcesInTurn: Readonly<Record<keyof typeof resources, () => Promise<Routes>>> = {
	'Setup and login': async () => (await import('../../contract/routes/people.ts')).peopleRoutes,
	Organizations: async () =>
		(await import('../../contract/routes/organisations.ts')).organisationsRoutes,
	'API keys': async () => (await import('../../contract/routes/keys.ts')).keysRoutes,
	Sources: async () => (await import('../../contract/routes/sources.ts')).sourcesRoutes,
	Members: async () => (await import('../../contract/routes/members.ts')).membersRoutes,
	'Audit trail': async () => (await import('../../contract/routes/audit.ts')).auditRoutes,
	Users: usersOfAnyVersion,
	Sessions: async () => (await import('../../contract/routes/sessions.ts')).sessionsRoutes,
	Invitations: async () => (await import('../../contract/routes/invitations.ts')).invitationsRoutes,
	'Identity providers': async () =>
		(await import('../../contract/routes/providers.ts')).providersRoutes,
	OAuth: async () => (await import('../../contract/routes/oauth.ts')).oauthRoutes,
	Health: async () => (await import('../../contract/routes/health.ts')).healthRoutes,
	System: async () => (await import('../../contract/routes/system.ts')).systemRoutes,
	'Limits of keys': async () =>
		(await import('../../contract/routes/key-limits.ts')).keyLimitsRoutes,
	'Use of keys': async () => (await import('../../contract/routes/usage.ts')).usageRoutes,
	'Roles of keys': async () => (await import('../../contract/routes/key-roles.ts')).keyRolesRoutes,
	'Key policies': async () =>
		(await import('../../contract/routes/key-policies.ts')).keyPoliciesRoutes,
	'Hygiene of keys': async () =>
		(await import('../../contract/routes/key-hygiene.ts')).keyHygieneRoutes,
	'Shared limits': async () =>
		(await import('../../contract/routes/shared-limits.ts')).sharedLimitsRoutes,
	'Checks of keys': async () =>
		(await import('../../contract/routes/verification.ts')).verificationRoutes,
	'Live decisions': async () =>
		(await import('../../contract/routes/decisions.ts')).decisionsRoutes,
	Webhooks: webhooksOfAnyVersion,
	'Service accounts': async () =>
		(await import('../../contract/routes/service-accounts.ts')).serviceAccountsRoutes,
	'Public keys': async () =>
		(await import('../../contract/routes/signing-keys.ts')).signingKeysRoutes,
	'Clients of Unkey': async () => (await import('../../contract/routes/unkey.ts')).unkeyRoutes,
	Description: async () => (await import('../../contract/routes/documents.ts')).documentsRoutes,
};

/** What the contract says of an endpoint. */
export async function routeOf(name: RouteName): Promise<Route> {
	for (const read of Object.values(resourcesInTurn)) {
		const {[name]: route} = await read();
		if (route !== undefined) return route;
	}
	throw new Error(`there is no endpoint ${name}`);
}

async function usersOfAnyVersion(): Promise<Routes> {
	const {user} = await import('../../contract/users.ts');
	completes(user, {origin: null, confirmed: true});
	return (await import('../../contract/routes/users.ts')).usersRoutes;
}

async function webhooksOfAnyVersion(): Promise<Routes> {
	const {delivery, deliveryDetail, endpoint} = await import('../../contract/webhooks.ts');
	completes(endpoint, {url_shown: 'whole'});
	completes(delivery, {key: null});
	completes(deliveryDetail, {key: null});
	return (await import('../../contract/routes/webhooks.ts')).webhookRoutes;
}
