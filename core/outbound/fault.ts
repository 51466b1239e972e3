/** At what an attempt to reach somebody failed. `blocked`: nothing may be sent there. */
export type FaultKind = 'dns' | 'refused' | 'tls' | 'timeout' | 'reset' | 'blocked';

/** Why somebody could not be reached. The text holds no part of a URL but its address. */
export class OutboundFault extends Error {
	readonly kind: FaultKind;

	constructor(kind: FaultKind, detail: string) {
		super(detail);
		this.name = 'OutboundFault';
		this.kind = kind;
	}
}

/** The short name of an error, which holds nothing from outside. */
export function codeOf(error: unknown): string {
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
	return /^\w{1,60}$/.test(code) ? code : 'unknown';
}

/**
 * Waits for something no longer than a signal allows.
 *
 * @param fault what is thrown once the signal aborts
 */
export async function orAborted<T>(
	promise: Promise<T>,
	signal: AbortSignal,
	fault: () => Error,
): Promise<T> {
	const aborted = Promise.withResolvers<never>();
	const abort = () => aborted.reject(fault());
	if (signal.aborted) abort();
	signal.addEventListener('abort', abort, {once: true});
	try {
		return await Promise.race([promise, aborted.promise]);
	} finally {
		signal.removeEventListener('abort', abort);
	}
}
