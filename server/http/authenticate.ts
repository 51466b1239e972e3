import type {Context} from 'koa';
import {headers} from '../../contract/errors.ts';
import type {Credentials} from '../../contract/route.ts';
import type {Deps} from '../../core/deps.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {findCaller, type Caller} from '../../core/people/caller.ts';
import type {Issuer} from '../../core/people/issuers/issuers.ts';
import {findOutsider} from '../../core/people/outsiders.ts';
import {byActor} from './by.ts';
import {chooseCredential, type Credential} from './credentials.ts';
import {Problem} from './problem.ts';

/** Who is calling. `auth_method` is what the request context and the log carry. */
export type Principal =
	| {auth_method: 'api_key'; key: KeyFacts}
	| {auth_method: 'jwt'; caller: Caller};

/**
 * From the headers of a request to who is calling.
 *
 * Every refusal of a credential is the same answer, byte for byte: an unauthenticated caller does
 * not learn whether a key is unknown, revoked or expired. The reason goes to the log.
 */
export async function authenticate(ctx: Context, deps: Deps): Promise<Principal | Problem> {
	const credential = chooseCredential(ctx.req.headersDistinct, deps.keys.prefix);
	switch (credential.kind) {
		case 'none':
		case 'malformed':
			return refuse(ctx, credential, credential.kind === 'none' ? 'none' : credential.reason);
		case 'api_key':
			return authenticateKey(ctx, credential, deps);
		case 'jwt':
			return authenticateCaller(ctx, credential, deps);
	}
}

/** Whether an endpoint takes the kind of credential that a caller has. */
export function accept(
	principal: Principal,
	accepted: Exclude<Credentials, 'none'>,
): Problem | undefined {
	if (accepted === 'any') return undefined;
	if (accepted === 'api_key') {
		return principal.auth_method === 'api_key' ? undefined : new Problem('api_key_required');
	}
	if (principal.auth_method !== 'jwt') return new Problem('jwt_required');
	const isUser = principal.caller.kind === 'user';
	return accepted === 'user' && !isUser ? new Problem('user_required') : undefined;
}

async function authenticateKey(
	ctx: Context,
	credential: Credential & {kind: 'api_key'},
	deps: Deps,
): Promise<Principal | Problem> {
	const verdict = await deps.verifier.verify(credential.value, ctx.state.clientAddress);
	if (verdict.facts !== undefined) ctx.state.keyId = verdict.facts.keyId;
	if (verdict.outcome === 'plan_inactive') return new Problem('plan_required');
	if (verdict.outcome !== 'valid') return refuse(ctx, credential, verdict.outcome);
	ctx.state.organisationId = verdict.facts.organisationId;
	return {auth_method: 'api_key', key: verdict.facts};
}

async function authenticateCaller(
	ctx: Context,
	credential: Credential & {kind: 'jwt'},
	deps: Deps,
): Promise<Principal | Problem> {
	const issuer = deps.issuers.ofToken(credential.value);
	if (issuer !== undefined) return authenticateOutsider(ctx, credential, deps, issuer);
	const claims = await deps.accessTokens.verify(credential.value);
	if (claims === undefined) return refuse(ctx, credential, 'token');
	const caller = await findCaller(deps.db, claims);
	if (caller === undefined) {
		return refuse(ctx, credential, claims.kind === 'user' ? 'session' : claims.kind);
	}
	if (caller.kind === 'user') ctx.state.userId = caller.userId;
	else ctx.state.serviceAccountId = caller.id;
	return {auth_method: 'jwt', caller};
}

/** A person with an access token of an identity provider. */
async function authenticateOutsider(
	ctx: Context,
	credential: Credential & {kind: 'jwt'},
	deps: Deps,
	issuer: Issuer,
): Promise<Principal | Problem> {
	const by = byActor(ctx, {type: 'anonymous'});
	const found = await findOutsider(deps.db, by, issuer, credential.value);
	switch (found.kind) {
		case 'caller':
			ctx.state.userId = found.caller.userId;
			return {auth_method: 'jwt', caller: found.caller};
		case 'unavailable':
			return new Problem('provider_unavailable', {headers: retryLater});
		case 'refused':
			await deps.noteOutsider(by, issuer.provider, found);
			return refuse(ctx, credential, found.reason);
	}
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

/** What a refusal asks for (RFC 6750, 3); no error code where no credential was sent (3.1). */
export function challenge(error: 'invalid_token' | undefined): string {
	return `Bearer realm="latchkey"${error === undefined ? '' : `, error="${error}"`}`;
}

/** The organisation that a request names for itself in a header, if any. */
export function namedOrganisation(ctx: Context): string | undefined {
	const named = ctx.get(headers.organization).trim();
	return named === '' ? undefined : named;
}
