import type {IncomingMessage, ServerResponse} from 'node:http';
import {Router} from '@koa/router';
import Koa from 'koa';
import type {Deps} from '../core/deps.ts';
import {createDecisions} from './decisions/decisions.ts';
import {Guesses} from './http/guesses.ts';
import {createHostCheck} from './http/hosts.ts';
import {createNotFound} from './http/not-found.ts';
import {createOverloadGuard, InFlight} from './http/overload.ts';
import {createProtocolGuard} from './http/protocol.ts';
import {createRequestFrame} from './http/request.ts';
import type {Metrics} from './metrics/metrics.ts';
import {mountMetrics} from './routes/metrics.ts';
import {mountAudit} from './routes/audit.ts';
import {mountDecisions} from './routes/decisions.ts';
import {mountDocuments} from './routes/documents.ts';
import {mountHealth, type Draining} from './routes/health.ts';
import {mountInvitations} from './routes/invitations.ts';
import {mountKeyHygiene} from './routes/key-hygiene.ts';
import {mountKeyLimits} from './routes/key-limits.ts';
import {mountKeyRoles} from './routes/key-roles.ts';
import {mountKeyPolicies} from './routes/key-policies.ts';
import {mountKeys} from './routes/keys.ts';
import {mountOAuth} from './routes/oauth.ts';
import {mountMembers} from './routes/members.ts';
import {mountOrganisations} from './routes/organisations.ts';
import {mountPasswords} from './routes/passwords.ts';
import {mountPeople} from './routes/people.ts';
import {mountProviders} from './routes/providers.ts';
import {mountSessions} from './routes/sessions.ts';
import {mountSharedLimits} from './routes/shared-limits.ts';
import {mountSigningKeys} from './routes/signing-keys.ts';
import {mountServiceAccounts} from './routes/service-accounts.ts';
import {mountSources} from './routes/sources.ts';
import {mountSystem} from './routes/system.ts';
import {mountUnkey} from './routes/unkey.ts';
import {mountUsage} from './routes/usage.ts';
import {mountUsers} from './routes/users.ts';
import {mountVerification} from './routes/verification.ts';
import {mountWebhookDeliveries} from './routes/webhook-deliveries.ts';
import {mountWebhooks} from './routes/webhooks.ts';

/** What answers a request: the decisions first, the application for everything else. */
export function createHandler(
	deps: Deps,
	metrics: Metrics,
	draining: Draining,
): (request: IncomingMessage, response: ServerResponse) => void {
	const isForeign = createHostCheck(deps.config);
	const inFlight = new InFlight(deps.config.maxInFlight);
	const application = buildApp(deps, metrics, draining, isForeign, inFlight).callback();
	return createDecisions(
		deps,
		metrics,
		{isForeign, inFlight},
		(request, response) => void application(request, response),
	);
}

/** Every endpoint, each by the name that the contract has for it. */
export function createRouter(deps: Deps, metrics: Metrics, draining: Draining): Router {
	// Paths are taken literally: `/API/v1/sources/` is another path, for us as for a proxy's rules.
	const router = new Router({sensitive: true, strict: true});
	const guesses = new Guesses();
	mountHealth(router, deps, draining);
	mountMetrics(router, deps, metrics);
	mountPeople(router, deps, guesses);
	mountPasswords(router, deps, guesses);
	mountProviders(router, deps);
	mountSessions(router, deps);
	mountUsers(router, deps);
	mountMembers(router, deps);
	mountInvitations(router, deps, guesses);
	mountOrganisations(router, deps);
	mountKeys(router, deps);
	mountUsage(router, deps);
	mountKeyLimits(router, deps);
	mountKeyRoles(router, deps);
	mountKeyPolicies(router, deps);
	mountKeyHygiene(router, deps);
	mountSharedLimits(router, deps);
	mountSources(router, deps);
	mountServiceAccounts(router, deps);
	mountOAuth(router, deps);
	mountVerification(router, deps);
	mountDecisions(router, deps);
	if (deps.config.unkeyCompat) mountUnkey(router, deps);
	mountWebhooks(router, deps);
	mountAudit(router, deps);
	mountWebhookDeliveries(router, deps);
	mountSigningKeys(router, deps);
	mountSystem(router, deps);
	mountDocuments(router, deps);
	return router;
}

/** The application: the whole order of what happens to a request. */
function buildApp(
	deps: Deps,
	metrics: Metrics,
	draining: Draining,
	isForeign: ReturnType<typeof createHostCheck>,
	inFlight: InFlight,
): Koa {
	const app = new Koa();
	const router = createRouter(deps, metrics, draining);
	app.use(createRequestFrame(deps, metrics));
	app.use(createProtocolGuard(isForeign));
	app.use(createOverloadGuard(inFlight));
	app.use(router.routes());
	app.use(createNotFound(router));
	// What reaches this is a fault of sending the answer, such as a client that went away.
	app.on('error', (error: unknown) => deps.log.debug({error}, 'an answer could not be sent'));
	return app;
}
