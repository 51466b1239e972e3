/**
 * No connection to PostgreSQL could be made or had, whatever the reason: not there, full, another
 * password, a certificate that does not fit. Worth a 503 and a retry.
 */
export class ConnectError extends Error {
	/** Of PostgreSQL (SQLSTATE) or of the system, where there is one. */
	readonly code?: string;

	constructor(message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : {cause});
		this.name = 'ConnectError';
		if (cause instanceof Error && 'code' in cause) this.code = String(cause.code);
	}

	/** @param remedy what is said beside what the other side, or TLS, says itself */
	static of(error: unknown, remedy?: string): ConnectError {
		if (error instanceof ConnectError) return error;
		const said = error instanceof Error ? error.message : String(error);
		return new ConnectError(remedy === undefined ? said : `${remedy} (${said})`, error);
	}
}

/** Whether a fault is PostgreSQL not being had, read-only or full: worth a 503 and a retry. */
export function isUnavailable(error: unknown): boolean {
	// Class 28: behind a pooler another password shows at the first statement only.
	return error instanceof ConnectError || codeOf(error).startsWith('28') || isAway(error);
}

/**
 * Whether PostgreSQL is away, stopped, full or read-only: it comes back by itself, and a program
 * that starts waits for it. Not so where it is there and refuses this role, password or TLS.
 */
export function isAway(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const code = codeOf(error);
	if (/^(08|53|57P|58)/.test(code) || /^(25006|3D000|55000|55P03|57014)$/.test(code)) return true;
	// EAGAIN: the queue of a unix socket is full, as that of a stopped PostgreSQL is after a while.
	if (
		/^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EAGAIN|EACCES)/.test(
			code,
		)
	)
		return true;
	return /timeout|Connection terminated|not queryable|Client has encountered a connection error|Unable to acquire/i.test(
		error.message,
	);
}

/** Whether nothing can be changed in PostgreSQL now, as in a standby. */
export function isReadOnly(error: unknown): boolean {
	return codeOf(error) === '25006';
}

/** Whether a fault is a value that PostgreSQL does not take (class 22): the caller's mistake. */
export function isBadValue(error: unknown): boolean {
	return error instanceof Error && /^22[0-9A-Z]{3}$/.test(codeOf(error));
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}
