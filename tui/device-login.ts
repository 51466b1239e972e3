import type {DeviceLogin} from '../contract/providers.ts';
import type {Failure} from './failure.ts';

/** Each `slow_down` makes the time between two questions longer by this, ms (RFC 8628, 3.5). */
const slowDown = 5000;

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
