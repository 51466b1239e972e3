import type {Context} from 'koa';
import type {ClientForm} from '../../contract/oauth.ts';
import type {Route} from '../../contract/route.ts';
import {isUuid} from '../../contract/text.ts';
import {isCrowded} from '../../core/db/crowd.ts';
import {isUnavailable} from '../../core/db/faults.ts';
import type {Deps} from '../../core/deps.ts';
import {findClient, holdGranted, noteUse, type Grant} from '../../core/people/machines/grant.ts';
import {createGrantRefusalRecorder} from '../../core/people/machines/refusals.ts';
import {attemptOrigin, createAttemptLimiter} from './attempt-limiter.ts';
import {authenticate, type Authenticated} from './authenticate.ts';
import {clientCredentials, invalidClient, type ClientCredentials} from './client-credentials.ts';
import {decideAbout, type Decision} from './decide.ts';
import {byActor} from './principal.ts';
import {Problem} from './problem.ts';

type Refused = Grant & {kind: 'refused'};

/**
 * OAuth clients: service accounts that send their secret, and whoever has a Bearer credential. Wrong
 * secrets are counted together, wherever they are sent.
 */
export class OAuthClients {
	readonly #deps: Deps;
	readonly #noteRefusal: ReturnType<typeof createGrantRefusalRecorder>;
	// Of one client at one address, so that one bad pipeline does not lock the others out behind it.
	readonly #clientFailures = createAttemptLimiter({most: 20, windowMs: 60_000});
	readonly #originFailures = createAttemptLimiter({most: 100, windowMs: 60_000});

	constructor(deps: Deps) {
		this.#deps = deps;
		this.#noteRefusal = createGrantRefusalRecorder(deps.db, deps.log);
	}

	/** Checks a client id and a secret as `find` does, or refuses: 401, and 429 after too many wrong ones. */
	async check<Found extends {kind: string}>(
		ctx: Context,
		credentials: ClientCredentials,
		find: (credentials: ClientCredentials) => Promise<Found | Refused>,
	): Promise<Exclude<Found, {kind: 'refused'}> | Problem> {
		const origin = attemptOrigin(ctx);
		const clientId = isUuid(credentials.clientId) ? credentials.clientId.toLowerCase() : undefined;
		const client = `${origin} ${clientId ?? ''}`;
		if (this.#clientFailures.isSpent(client)) return this.#clientFailures.refuse(client);
		if (this.#originFailures.isSpent(origin)) return this.#originFailures.refuse(origin);
		const found: Found | Refused =
			clientId === undefined
				? {kind: 'refused', reason: 'unknown', account: undefined}
				: await find({clientId, secret: credentials.secret});
		if (!isRefused(found)) return found as Exclude<Found, {kind: 'refused'}>;
		this.#clientFailures.take(client);
		this.#originFailures.take(origin);
		ctx.state.refusal = found.reason;
		await this.#noteRefusal(byActor(ctx, {type: 'anonymous'}), found);
		return invalidClient();
	}

	/**
	 * Who calls a route of OAuth clients, and what they may do: credential (400, 401, 429), role (403).
	 *
	 * @returns undefined where nobody says who they are
	 */
	async decide(
		route: Route,
		ctx: Context,
		form: ClientForm,
	): Promise<Decision | Problem | undefined> {
		const presented = presentedBy(ctx, form);
		if (presented === undefined || presented instanceof Problem) return presented;
		const isSecret = presented === 'secret';
		const found = isSecret
			? await this.#authenticateSecret(ctx, form)
			: await this.#authenticateBearer(route, ctx);
		if (found instanceof Problem) return found;
		const decision = await decideAbout(found, route, ctx, {}, this.#deps);
		if (isSecret) ctx.state.authMethod = 'client_secret';
		return decision;
	}

	async #authenticateSecret(ctx: Context, form: ClientForm): Promise<Authenticated | Problem> {
		const {db, config} = this.#deps;
		const credentials = clientCredentials(ctx.req, form);
		if (credentials instanceof Problem) return credentials;
		if (isCrowded(db, config.database.poolMax)) return new Problem('overloaded');
		const found = await this.check(ctx, credentials, (client) => findClient(db, client));
		if (found instanceof Problem) return found;
		const {caller, secretId} = found;
		ctx.state.serviceAccountId = caller.id;
		if (found.isUseDue) await this.#noteUse(secretId);
		const token = {accountId: caller.id, secretId, organisationId: caller.organisationId};
		return {
			// What a token that it had asked for first would be: a caller by what a secret granted.
			principal: {auth_method: 'jwt', caller},
			async again(transaction) {
				const now = await holdGranted(transaction, token);
				return now && {auth_method: 'jwt', caller: now};
			},
		};
	}

	/** Where PostgreSQL takes no writes, keys are verified all the same. */
	async #noteUse(secretId: string): Promise<void> {
		try {
			await noteUse(this.#deps.db, secretId);
		} catch (error) {
			if (!isUnavailable(error)) throw error;
			this.#deps.log.debug({error}, 'the last use of a client secret could not be noted');
		}
	}

	async #authenticateBearer(route: Route, ctx: Context): Promise<Authenticated | Problem> {
		const found = await authenticate(route, ctx, this.#deps, 'first');
		if (!(found instanceof Problem) || found.code !== 'unauthorized') return found;
		return new Problem('invalid_client', {
			message: 'The API key or access token of the client is not valid',
			headers: found.headers,
		});
	}
}

function isRefused(found: {kind: string}): found is Refused {
	return found.kind === 'refused';
}

/** How a client says who it is; undefined: not at all, as a `client_id` alone is no credential. */
function presentedBy(ctx: Context, form: ClientForm): 'secret' | 'bearer' | Problem | undefined {
	const {authorization: authorizations = [], 'x-api-key': apiKeys = []} = ctx.req.headersDistinct;
	const isBasic = authorizations.some((line) => /^basic\b/i.test(line));
	const isBearer = apiKeys.length > 0 || (authorizations.length > 0 && !isBasic);
	const isSecret = isBasic || form.client_secret !== undefined;
	if (isBearer && isSecret) {
		return new Problem('invalid_request', {message: 'The client says twice who it is'});
	}
	if (isBearer) return 'bearer';
	return isSecret ? 'secret' : undefined;
}
