import type {Router} from '@koa/router';
import type {Knex} from 'knex';
import {isUuid} from '../../contract/text.ts';
import {headers} from '../../contract/errors.ts';
import type {OrganisationRow} from '../../core/db/tables.ts';
import type {Deps} from '../../core/deps.ts';
import {findOrganisation} from '../../core/organisations/store.ts';
import type {UserCaller} from '../../core/people/caller.ts';
import {roleOf} from '../../core/people/standing.ts';
import {logIn} from '../../core/people/login.ts';
import {endSession, exchangeRefreshToken} from '../../core/people/sessions.ts';
import {setUp} from '../../core/setup.ts';
import {hasUsers} from '../../core/people/store.ts';
import {isSameSecret} from '../../core/secrets/compare.ts';
import {createAttemptLimiter, attemptOrigin} from '../http/attempt-limiter.ts';
import type {Guesses} from '../http/guesses.ts';
import {enterOrganisation, namedOrganisation} from '../http/organisation.ts';
import {byActor} from '../http/principal.ts';
import {badPassword, challenge, Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import {userAgent} from '../http/user-agent.ts';
import {presentOrganisation} from '../present/organisation.ts';
import {presentTokens} from '../present/tokens.ts';

/** @param guesses bounds what is tried without a session */
export function mountPeople(router: Router, deps: Deps, guesses: Guesses): void {
	const {db} = deps;
	const setupAttempts = createAttemptLimiter({most: 5, windowMs: 60_000});

	mount(router, deps, 'setupState', async () => ({required: !(await hasUsers(db))}));

	mount(router, deps, 'setup', async ({ctx, body}) => {
		if (await hasUsers(db)) return new Problem('setup_complete');
		if (!setupAttempts.take('setup')) return setupAttempts.refuse('setup');
		const {setupToken} = deps.config;
		if (setupToken === undefined || !isSameSecret(ctx.get(headers.setupToken), setupToken)) {
			return new Problem('setup_token_invalid');
		}
		const made = await setUp(db, byActor(ctx, {type: 'system', name: 'setup'}), body);
		if (made.kind === 'complete') return new Problem('setup_complete');
		if (made.kind === 'bad password') return badPassword('password', made.fault);
		deps.log.info({user_id: made.userId}, 'the first administrator was made');
		return {
			id: made.userId,
			email: made.email,
			organization: presentOrganisation(made.organisation),
		};
	});

	mount(router, deps, 'login', async ({ctx, body, by}) => {
		const attempt = async () => {
			const wanted = body.organization_id;
			if (wanted !== undefined && !isUuid(wanted)) return new Problem('organization_not_found');
			const login = await logIn(db, by, {
				email: body.email,
				password: body.password,
				organisationId: wanted,
				userAgent: userAgent(ctx, deps),
			});
			switch (login.kind) {
				case 'opened':
					ctx.state.userId = login.userId;
					return presentTokens(deps, login);
				case 'no such organisation':
					return new Problem('organization_not_found');
				case 'refused':
					ctx.state.refusal = login.reason;
					return new Problem('invalid_login');
			}
		};
		const origin = attemptOrigin(ctx);
		return guesses.count(origin, attempt, () => deps.noteThrottled(by, origin, body.email));
	});

	mount(router, deps, 'refresh', async ({ctx, body, by}) => {
		const exchange = await exchangeRefreshToken(db, by, body.refresh_token, deps.refreshTokenKey);
		if (exchange.kind === 'exchanged') return presentTokens(deps, exchange);
		ctx.state.refusal = exchange.kind;
		if (exchange.kind === 'reused') {
			deps.log.warn(
				{session_id: exchange.sessionId},
				'a refresh token was reused; its session is ended',
			);
		}
		// Whoever has a token that was good may know; to everybody else the answer is as it is to all.
		const end = exchange.kind === 'reused' ? 'refresh_token_reused' : exchange.end;
		return new Problem('unauthorized', {
			headers: {
				'WWW-Authenticate': challenge('invalid_token'),
				...(end === undefined ? {} : {[headers.sessionEnd]: end}),
			},
		});
	});

	mount(router, deps, 'logout', async ({principal: {caller}, by}) => {
		const {sessionId, userId} = caller;
		if (sessionId === null) return new Problem('session_required');
		await endSession(db, by, {id: sessionId, userId}, 'logout');
		return {message: 'Logged out successfully'};
	});

	mount(router, deps, 'me', async ({ctx, principal}) => {
		const {caller} = principal;
		const {userId, email, isOperator} = caller;
		const named = namedOrganisation(ctx);
		const entered = named && (await enterOrganisation(ctx, named, principal, db));
		if (entered instanceof Problem) return entered;
		// Of a session whose organisation is not theirs any more, its user is told nothing.
		const organisation = entered ? entered.organisation : await ownOrganisation(db, caller);
		const role = organisation && (await roleOf(db, caller, organisation.id));
		const isVisible = organisation !== undefined && (isOperator || role !== undefined);
		return {
			id: userId,
			email,
			operator: isOperator,
			organization: isVisible ? presentOrganisation(organisation) : null,
			role: role ?? null,
		};
	});
}

/** The organisation of a caller's session. */
async function ownOrganisation(
	db: Knex,
	{organisationId}: UserCaller,
): Promise<OrganisationRow | undefined> {
	return organisationId === null ? undefined : findOrganisation(db, organisationId);
}
