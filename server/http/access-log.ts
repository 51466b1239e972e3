import {createLineWriter, type Log} from '../../core/log.ts';

/** What is the same for all requests that went one way. Nothing of it needs escaping. */
export type AccessKind = {
	method: string;
	route: string;
	/** Of a request that no route took, reduced to words of the contract. */
	path?: string | undefined;
	status: number;
	authMethod?: string | undefined;
	/** Why a credential was refused. */
	refusal?: string | undefined;
	errorCode?: string | undefined;
};

/** What one request adds. Every member was made or checked by us: nothing needs escaping. */
type AccessDetails = {
	requestId: string;
	ms: number;
	ip: string | undefined;
	keyId?: string | undefined;
	userId?: string | undefined;
	serviceAccountId?: string | undefined;
};

/** One answered request. */
export type AccessRecord = AccessKind & AccessDetails;

type WriteLine = (details: AccessDetails) => void;

/** Asked every few seconds by whoever watches: an answer that is good is not worth a line. */
export const probes = new Set(['/livez', '/readyz', '/metrics']);

/**
 * The access log: one line a request. The line is put together as text; as an object, redacted and
 * scrubbed like the rest of the log, it costs more than a decision about a key.
 *
 * @returns what writes the lines of one kind, prepared as far as they are the same
 */
export function createAccessLog(log: Log): (kind: AccessKind) => WriteLine {
	const [debug, info, warn] = (['debug', 'info', 'warn'] as const).map((level) =>
		createLineWriter(log, level),
	);
	return (kind) => {
		const isFault = kind.status >= 500 && kind.status !== 501;
		const write = isFault ? warn : kind.status < 400 && probes.has(kind.route) ? debug : info;
		if (write === undefined) return () => undefined;
		const way =
			`","method":"${kind.method}","route":"${kind.route}"` +
			optional('path', kind.path) +
			`,"status":${kind.status},"ms":`;
		const authMethod = optional('auth_method', kind.authMethod);
		const end =
			optional('refusal', kind.refusal) +
			optional('error_code', kind.errorCode) +
			',"msg":"request"';
		const endBehindKey = `"${end}`;
		// Mostly the same from line to line, as of one proxy: each part that is put together costs as much again.
		let from = authMethod;
		let lastIp: string | undefined;
		return ({requestId, ms, ip, keyId, userId, serviceAccountId}) => {
			if (ip !== lastIp) {
				lastIp = ip;
				from = optional('ip', ip) + authMethod;
			}
			const line = `"request_id":"${requestId}${way}${inMs(ms)}${from}`;
			if (keyId !== undefined && userId === undefined && serviceAccountId === undefined) {
				return write(`${line},"key_id":"${keyId}${endBehindKey}`);
			}
			write(
				line +
					optional('key_id', keyId) +
					optional('user_id', userId) +
					optional('service_account_id', serviceAccountId) +
					end,
			);
		};
	};
}

/** By hundredths of a millisecond: most answers take few of them. */
const shortTimes: string[] = [];
const mostShortTimes = 1000;

/** To two digits. */
function inMs(ms: number): string {
	const hundredths = Math.round(ms * 100);
	if (hundredths >= mostShortTimes) return String(hundredths / 100);
	return (shortTimes[hundredths] ??= String(hundredths / 100));
}

function optional(name: string, value: string | undefined): string {
	return value === undefined ? '' : `,"${name}":"${value}"`;
}
