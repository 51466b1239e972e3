import type {DeviceLogin} from '../../contract/providers.ts';
import type {Client} from '../client/client.ts';
import {Failure} from '../failure.ts';

/** Each `slow_down` makes the time between two questions longer by this, ms (RFC 8628, 3.5). */
const slowDown = 5000;

/** Names of the identity providers; a server that has no such route has none. */
export async function providerNames(client: Client): Promise<string[]> {
	try {
		const {body} = await client.call('identityProviders', {});
		return body.map(({name}) => name);
	} catch (error) {
		if (error instanceof Failure && error.details.status === 404) return [];
		throw error;
	}
}

/** Where to approve a login; with the code in it, where the provider has that. */
export function addressOf(login: DeviceLogin): string {
	return login.verification_uri_complete ?? login.verification_uri;
}

/**
 * When to ask again whether a login is approved: most refusals mean to wait on.
 *
 * @param interval between two questions until now, ms
 * @returns undefined where it came to nothing
 */
export function askAgain(
	failure: Failure,
	interval: number,
): {interval: number; wait: number} | undefined {
	const {code, retryAfter = 0, status = 0} = failure.details;
	const goesOn =
		failure.kind === 'unreachable' ||
		code === 'slow_down' ||
		code === 'authorization_pending' ||
		status === 429 ||
		status >= 500;
	if (!goesOn) return undefined;
	const next = interval + (code === 'slow_down' ? slowDown : 0);
	return {interval: next, wait: Math.max(next, retryAfter)};
}
