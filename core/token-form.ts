/*
 * What a JWT must look like whoever issued it, where jose is more lenient than we are: it takes
 * more than one spelling of a token, and any number as a time.
 */

const mostLength = 8192;
/** A token that is good for longer is refused: it could not be called back. */
const longestLifeSeconds = 86_400;

/**
 * Whether text is a signed token in compact form, of at most 8 KiB: three parts of base64url that
 * encode back to themselves, so that a token has one spelling (RFC 7515, 2).
 */
export function isCompactToken(text: string): boolean {
	if (text.length > mostLength) return false;
	const parts = text.split('.');
	return (
		parts.length === 3 &&
		parts.every(
			(part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part,
		)
	);
}

type Times = {iat: number; exp: number};

/**
 * Whether a token says when it was issued, not in the future, and ends within a day. That it has
 * not ended is left to jose.
 *
 * @param now milliseconds since the epoch
 */
export function hasSoundTimes<T extends {iat?: unknown; exp?: unknown}>(
	payload: T,
	now: number,
	skewSeconds: number,
): payload is T & Times {
	const {iat, exp} = payload;
	const seconds = now / 1000;
	return (
		isInstant(iat) &&
		isInstant(exp) &&
		iat <= seconds + skewSeconds &&
		exp <= seconds + longestLifeSeconds
	);
}

/** Whom a token is about: 1 to 255 characters (OpenID Connect Core, 2). */
export function isSubject(value: unknown): value is string {
	return (
		typeof value === 'string' &&
		value.length >= 1 &&
		value.length <= 255 &&
		value.isWellFormed() &&
		!/\p{Cc}/u.test(value)
	);
}

function isInstant(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
