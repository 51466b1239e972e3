import {lineWriter, type Log} from '../../core/log.ts';

/** One answered request. Every member was made or checked by us: nothing needs escaping. */
export type AccessRecord = {
	requestId: string;
	method: string;
	route: string;
	/** Of a request that no route took, reduced to words of the contract. */
	path?: string | undefined;
	status: number;
	ms: number;
	ip: string | undefined;
	authMethod?: string | undefined;
	keyId?: string | undefined;
	userId?: string | undefined;
	serviceAccountId?: string | undefined;
	/** Why a credential was refused. */
	refusal?: string | undefined;
	errorCode?: string | undefined;
};

/** Asked every few seconds by whoever watches: their good answers are no news. */
export const probes = new Set(['/livez', '/readyz', '/metrics']);

/**
 * The access log: one line a request. The line is put together as text; as an object, redacted and
 * scrubbed like the rest of the log, it costs more than a decision about a key.
 */
export function accessLog(log: Log): (record: AccessRecord) => void {
	const [debug, info, warn] = (['debug', 'info', 'warn'] as const).map((level) =>
		lineWriter(log, level),
	);
	return (record) => {
		const isFault = record.status >= 500 && record.status !== 501;
		const write = isFault ? warn : record.status < 400 && probes.has(record.route) ? debug : info;
		write?.(members(record));
	};
}

function members(record: AccessRecord): string {
	return (
		`"request_id":"${record.requestId}","method":"${record.method}","route":"${record.route}"` +
		optional('path', record.path) +
		`,"status":${record.status},"ms":${Math.round(record.ms * 100) / 100}` +
		optional('ip', record.ip) +
		optional('auth_method', record.authMethod) +
		optional('key_id', record.keyId) +
		optional('user_id', record.userId) +
		optional('service_account_id', record.serviceAccountId) +
		optional('refusal', record.refusal) +
		optional('error_code', record.errorCode) +
		',"msg":"request"'
	);
}

function optional(name: string, value: string | undefined): string {
	return value === undefined ? '' : `,"${name}":"${value}"`;
}
