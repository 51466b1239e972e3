export type FailureKind =
	/** The server answered, and said no. */
	| 'refused'
	/** No credential, or one that the server no longer takes and that could not be renewed. */
	| 'signed_out'
	/** No answer: name, connection, TLS, timeout. Whether a change was made is unknown. */
	| 'unreachable'
	/** An answer that is not of this API. */
	| 'unexpected'
	/** The command line, or a file it names, is wrong. Nothing was sent. */
	| 'usage';

type Details = {
	status?: number | undefined;
	code?: string | undefined;
	field?: string | undefined;
	/** Of what it is about, where that was not asked for by it. */
	id?: string | undefined;
	requestId?: string | undefined;
	/** Milliseconds the server asked to wait. */
	retryAfter?: number | undefined;
	hint?: string | undefined;
	/** Why the session is over, where the server has told. */
	sessionEnd?: string | undefined;
	/** Why there was no answer, without the sentence around it. */
	reason?: string | undefined;
};

/** Anything that keeps the console or a command from doing what was asked. */
export class Failure extends Error {
	override name = 'Failure';
	readonly kind: FailureKind;
	readonly details: Details;

	constructor(kind: FailureKind, message: string, details: Details = {}) {
		super(message);
		this.kind = kind;
		this.details = details;
	}
}

/** `error` as a Failure; what nobody foresaw becomes `unexpected` with its own message. */
export function asFailure(error: unknown): Failure {
	if (error instanceof Failure) return error;
	return new Failure('unexpected', error instanceof Error ? error.message : String(error));
}

/** What happened, in one sentence with what helps to find it in the server's log. */
export function reasonOf(failure: Failure): string {
	const {requestId, retryAfter, hint} = failure.details;
	const wait = retryAfter === undefined ? '' : `; try again in ${Math.ceil(retryAfter / 1000)} s`;
	const request =
		requestId === undefined || failure.kind === 'refused' ? '' : ` (request ${requestId})`;
	return `${failure.message}${wait}${request}${hint === undefined ? '' : `. ${hint}`}`;
}

/** Exit status of the scripting commands; documented in docs/console.md, never changed. */
export const exitCodes = {
	done: 0,
	failed: 1,
	usage: 2,
	notFound: 3,
	signedOut: 4,
	forbidden: 5,
	conflict: 6,
	unreachable: 7,
	rateLimited: 8,
	partly: 9,
	/** An API key that was asked about would be refused. */
	keyRefused: 10,
	interrupted: 130,
} as const;

/** The exit status that tells a script what went wrong. */
export function exitCode(failure: Failure): number {
	switch (failure.kind) {
		case 'usage':
			return exitCodes.usage;
		case 'signed_out':
			return exitCodes.signedOut;
		case 'unreachable':
			return exitCodes.unreachable;
		case 'unexpected':
			return exitCodes.failed;
		case 'refused':
			return statusExitCodes[failure.details.status ?? 0] ?? exitCodes.failed;
	}
}

const statusExitCodes: Record<number, number> = {
	400: exitCodes.usage,
	401: exitCodes.signedOut,
	402: exitCodes.forbidden,
	403: exitCodes.forbidden,
	404: exitCodes.notFound,
	409: exitCodes.conflict,
	412: exitCodes.conflict,
	413: exitCodes.usage,
	422: exitCodes.usage,
	429: exitCodes.rateLimited,
};
