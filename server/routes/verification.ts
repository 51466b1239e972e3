import type {Router} from '@koa/router';
import {unsaid} from '../../contract/scope-query.ts';
import {authHeaders} from '../../contract/verification.ts';
import type {Deps} from '../../core/deps.ts';
import {revokeSelf} from '../../core/keys/change.ts';
import {findKeyFacts} from '../../core/keys/facts.ts';
import {askedBy} from '../decisions/verify-body.ts';
import {
	keyHeaders,
	presentFullSelf,
	presentFullVerification,
	presentProxiedKey,
	presentSelf,
} from '../present/verification.ts';
import {limitsProblem, verifyAll} from './verify-all.ts';
import {setPairs} from '../http/key-limits.ts';
import {neededByProxy} from '../http/needed.ts';
import {needsScope, Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';

/** What internal services and proxies ask. See also server/decisions/decisions.ts, which answers first. */
export function mountVerification(router: Router, deps: Deps): void {
	mount(router, deps, 'verifyKey', async ({ctx, body, query, organisationId}) => {
		const shown = await verifyAll(ctx, deps, [body], {query, organisationId, placeOf: () => ''});
		return shown instanceof Problem ? shown : one(shown);
	});

	mount(router, deps, 'verifyKeys', async ({ctx, body, query, organisationId}) => {
		const placeOf = (index: number) => `keys[${index}].`;
		return verifyAll(ctx, deps, body.keys, {query, organisationId, placeOf});
	});

	mount(router, deps, 'explainKey', async ({ctx, params, body, organisationId}) => {
		const {db, verifier, clock, termsVersion} = deps;
		const place = {organisationId, keyId: params.key_id};
		const facts = await findKeyFacts(db, place, termsVersion);
		if (facts === undefined) return undefined;
		const problem = limitsProblem(body, facts);
		if (problem !== undefined) return problem;
		const asked = askedBy(body, organisationId);
		const explanation = await verifier.explain(facts, asked);
		const {checks} = explanation;
		const {requestId} = ctx.state;
		const about = {requestId, now: clock.now(), source: 'database'} as const;
		return {...presentFullVerification(explanation, asked, about), checks};
	});

	mount(router, deps, 'keySelf', async ({principal: {key}, query}) =>
		query?.view === 'full'
			? presentFullSelf(key, await deps.limiter.read(key), deps.clock.now())
			: presentSelf(key),
	);

	mount(router, deps, 'revokeSelf', async ({ctx, principal, by}) => {
		const barrier = await revokeSelf(deps, by, principal.key);
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		return {message: 'API key revoked successfully'};
	});

	mount(router, deps, 'forwardAuth', async ({ctx, principal, organisationId}) => {
		// Scopes are of keys; but where nobody says what the request does, nobody may do it.
		if (
			principal.auth_method === 'jwt' &&
			neededByProxy(ctx.req, ctx.querystring)?.scopes === unsaid
		) {
			return needsScope(unsaid);
		}
		if (principal.auth_method === 'api_key') {
			setPairs(ctx, keyHeaders(principal.key));
			return presentProxiedKey(principal.key);
		}
		const {caller} = principal;
		const userId = caller.kind === 'user' ? caller.userId : null;
		ctx.set(authHeaders.method, 'jwt');
		if (userId !== null) ctx.set(authHeaders.user, userId);
		ctx.set(authHeaders.organization, organisationId);
		return {
			auth_method: 'jwt',
			key_id: null,
			user_id: userId,
			organization_id: organisationId,
		};
	});
}

function one<T>([first]: readonly T[]): T {
	if (first === undefined) throw new Error('no answer');
	return first;
}
