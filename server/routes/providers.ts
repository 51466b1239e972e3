import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {continueDeviceLogin, startDeviceLogin} from '../../core/people/federation/device-logins.ts';
import {ProviderFault} from '../../core/issuers/fetch.ts';
import {createAttemptLimiter, attemptOrigin} from '../http/attempt-limiter.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import {userAgent} from '../http/user-agent.ts';
import {presentTokens} from '../present/tokens.ts';

/** Logins through an identity provider. The caller talks to this server only. */
export function mountProviders(router: Router, deps: Deps): void {
	const {db, vault, issuers} = deps;
	// Each costs the provider a request; an office may stand behind one address.
	const starts = createAttemptLimiter({most: 60, windowMs: 60_000});

	mount(router, deps, 'identityProviders', async () => issuers.forLogin.map((name) => ({name})));

	mount(router, deps, 'startDeviceLogin', async ({ctx, body}) => {
		const issuer = issuers.named(body.provider);
		if (issuer?.provider.device === undefined) return new Problem('provider_not_found');
		const origin = attemptOrigin(ctx);
		if (!starts.take(origin)) return starts.refuse(origin);
		return reached(deps, async () => {
			const started = await startDeviceLogin(db, vault, issuer);
			return {
				device_code: started.code,
				user_code: started.userCode,
				verification_uri: started.verificationUri,
				...(started.verificationUriComplete === undefined
					? {}
					: {verification_uri_complete: started.verificationUriComplete}),
				expires_in: started.expiresInSeconds,
				interval: started.intervalSeconds,
			};
		});
	});

	mount(router, deps, 'deviceToken', async ({ctx, body, by}) =>
		reached(deps, async () => {
			const login = await continueDeviceLogin({db, vault, issuers}, by, {
				code: body.device_code,
				userAgent: userAgent(ctx, deps),
			});
			switch (login.kind) {
				case 'opened':
					ctx.state.userId = login.userId;
					return presentTokens(deps, login);
				case 'pending':
					return new Problem('authorization_pending');
				case 'slow down':
					return new Problem('slow_down');
				case 'expired':
					return new Problem('expired_token');
				case 'denied':
					ctx.state.refusal = login.refused.reason;
					await deps.noteFederatedRefusal(by, login.issuer.provider, login.refused);
					return new Problem('access_denied');
			}
		}),
	);
}

/** A provider that cannot be asked, or makes no sense, is a 503; why is in the log. */
async function reached<T>({log}: Deps, ask: () => Promise<T | Problem>): Promise<T | Problem> {
	try {
		return await ask();
	} catch (error) {
		if (!(error instanceof ProviderFault)) throw error;
		log.warn({reason: error.message}, 'a login through an identity provider could not go on');
		return new Problem('provider_unavailable', {headers: {'Retry-After': '5'}});
	}
}
