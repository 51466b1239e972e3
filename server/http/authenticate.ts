import type {Knex} from 'knex';
import type {Context} from 'koa';
import type {Deps} from '../../core/deps.ts';
import {outcomes} from '../../contract/outcomes.ts';
import type {Route} from '../../contract/route.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {isCrowded} from '../../core/db/crowd.ts';
import {holdKey} from '../../core/keys/facts.ts';
import type {Caller} from '../../core/people/caller.ts';
import {findCaller, holdCaller} from '../../core/people/standing.ts';
import type {Issuer} from '../../core/issuers/issuers.ts';
import {
	findFederatedUser,
	holdFederatedUser,
} from '../../core/people/federation/federated-users.ts';
import {limitHeaders} from '../present/limits.ts';
import {earlyFailureOf} from './early-failure.ts';
import {originOf} from './client-address.ts';
import {chooseCredential, type Credential} from './credentials.ts';
import {limited, setPairs} from './key-limits.ts';
import {neededFor} from './needed.ts';
import {methodAskedAbout, viaOf} from './via.ts';
import {byActor, type Principal} from './principal.ts';
import {challenge, needsScope, Problem} from './problem.ts';

/** A request is looked at once; again when its body came later. Only once it counts as a use. */
export type Look = 'first' | 'again';

export type Authenticated<P extends Principal = Principal> = {
	principal: P;
	/** Who is calling by the rows that a transaction finds, and holds until it ends. */
	again: (transaction: Knex.Transaction) => Promise<P | undefined>;
};

/**
 * From the headers of a request to who is calling.
 *
 * Every refusal of a credential is the same answer, byte for byte: an unauthenticated caller does
 * not learn whether a key is unknown, revoked or expired. The reason goes to the log.
 */
export async function authenticate(
	route: Route,
	ctx: Context,
	deps: Deps,
	look: Look,
): Promise<Authenticated | Problem> {
	const credential = chooseCredential(ctx.req.headersDistinct, deps.keys.prefix);
	switch (credential.kind) {
		case 'none':
		case 'malformed':
			return refuse(ctx, credential, credential.kind === 'none' ? 'none' : credential.reason);
		case 'api_key':
			return authenticateKey(route, ctx, credential, deps, look);
		case 'jwt':
			return authenticateCaller(ctx, credential, deps, look);
	}
}

async function authenticateKey(
	route: Route,
	ctx: Context,
	credential: Credential & {kind: 'api_key'},
	{verifier, config, tail, termsVersion}: Deps,
	look: Look,
): Promise<Authenticated | Problem> {
	const failure = earlyFailureOf(ctx.req);
	if (failure !== undefined) throw failure.error;
	const ip = ctx.state.clientAddress;
	const origin = originOf(ctx.req, config.trustedProxies, ip);
	// What is asked in a way that is refused costs nothing.
	const userAgent = ctx.req.headers['user-agent'];
	const asked: Asked = {
		ip,
		origin,
		userAgent,
		via: viaOf(route),
		method: tail.isWatched ? methodAskedAbout(route, ctx.req) : undefined,
		...neededFor(route, ctx.req, ctx.querystring),
	};
	const verdict = await (look === 'first'
		? verifier.verify(credential.value, asked)
		: verifier.verifyAgain(credential.value, asked));
	if (verdict.facts !== undefined) ctx.state.keyId = verdict.facts.keyId;
	if (verdict.limits !== undefined) setPairs(ctx, limitHeaders(verdict.limits));
	if (verdict.outcome !== 'valid') {
		const {error} = outcomes[verdict.outcome];
		if (verdict.limits !== undefined) return limited(error, verdict.limits);
		if (error === 'unauthorized') return refuse(ctx, credential, verdict.outcome);
		return error === 'insufficient_scope' ? needsScope(asked.scopes) : new Problem(error);
	}
	const {keyId, organisationId} = verdict.facts;
	ctx.state.organisationId = organisationId;
	return {
		principal: {auth_method: 'api_key', key: verdict.facts},
		async again(transaction) {
			const now = verifier.review(await holdKey(transaction, keyId, termsVersion), asked);
			return now.outcome === 'valid' ? {auth_method: 'api_key', key: now.facts} : undefined;
		},
	};
}

async function authenticateCaller(
	ctx: Context,
	credential: Credential & {kind: 'jwt'},
	deps: Deps,
	look: Look,
): Promise<Authenticated | Problem> {
	const issuer = deps.issuers.ofToken(credential.value);
	if (issuer !== undefined) return authenticateFederated(ctx, credential, deps, issuer);
	const claims = await deps.accessTokens.verify(credential.value);
	if (claims === undefined) return refuse(ctx, credential, 'token');
	if (look === 'first' && isCrowded(deps.db, deps.config.database.poolMax)) {
		return new Problem('overloaded');
	}
	const caller = await findCaller(deps.db, claims);
	if (caller === undefined) {
		return refuse(ctx, credential, claims.kind === 'user' ? 'session' : claims.kind);
	}
	if (caller.kind === 'user') ctx.state.userId = caller.userId;
	else ctx.state.serviceAccountId = caller.id;
	return authenticated(caller, (transaction) => holdCaller(transaction, claims));
}

/** A person with an access token of an identity provider. */
async function authenticateFederated(
	ctx: Context,
	credential: Credential & {kind: 'jwt'},
	deps: Deps,
	issuer: Issuer,
): Promise<Authenticated | Problem> {
	const by = byActor(ctx, {type: 'anonymous'});
	const found = await findFederatedUser(deps.db, by, issuer, credential.value);
	switch (found.kind) {
		case 'caller':
			ctx.state.userId = found.caller.userId;
			return authenticated(found.caller, (transaction) =>
				holdFederatedUser(transaction, by, issuer, found),
			);
		case 'unavailable':
			return new Problem('provider_unavailable', {headers: retryLater});
		case 'refused':
			await deps.noteFederatedRefusal(by, issuer.provider, found);
			return refuse(ctx, credential, found.reason);
	}
}

function authenticated(
	caller: Caller,
	hold: (transaction: Knex.Transaction) => Promise<Caller | undefined>,
): Authenticated {
	return {
		principal: {auth_method: 'jwt', caller},
		async again(transaction) {
			const now = await hold(transaction);
			return now && {auth_method: 'jwt', caller: now};
		},
	};
}

/** Keys of a provider are asked for again after this many seconds. */
const retryLater = {'Retry-After': '30'};

function refuse(ctx: Context, credential: Credential, reason: string): Problem {
	ctx.state.refusal = reason;
	return new Problem('unauthorized', {
		headers: {
			'WWW-Authenticate': challenge(credential.kind === 'none' ? undefined : 'invalid_token'),
		},
	});
}
