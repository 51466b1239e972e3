/*
 * TLS says what it met, in words of OpenSSL. Here that becomes the setting that is wrong or missing.
 */

type Side = {
	what: 'PostgreSQL' | 'Redis';
	/** The setting that turns TLS on, and first part of the others. */
	prefix: 'LATCHKEY_DATABASE_SSL' | 'LATCHKEY_REDIS_TLS';
	/** What turns TLS on there. */
	isOn: string;
};

/** Codes of Node and of OpenSSL. */
const faults: readonly [codes: RegExp, sentence: (side: Side) => string][] = [
	[
		/^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|CERT_(SIGNATURE_FAILURE|UNTRUSTED)|INVALID_CA)/,
		({what, prefix}) =>
			`The certificate of ${what} is not from an authority that is trusted here: give its own with ${prefix}_CA_FILE`,
	],
	[
		/^ERR_TLS_CERT_ALTNAME_INVALID$/,
		({what, prefix}) =>
			`The certificate of ${what} is for another name: reach it by a name that it is for, or give that with ${prefix}_SERVER_NAME`,
	],
	[
		/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
		({what}) => `The certificate of ${what} is not valid now: renew it there, or set the clock`,
	],
	[/ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/, missingCertificate],
	[
		/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED)|UNSUPPORTED_CERTIFICATE)|ALERT_DECRYPT_ERROR/,
		({what, prefix}) =>
			`${what} does not accept the client certificate of ${prefix}_CERT_FILE: give one of an authority that it trusts`,
	],
	[
		/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
		({what, isOn, prefix}) =>
			`${what} does not speak TLS at this port: name the port that does (${isOn}), or set ${prefix}=disable`,
	],
];

const database: Side = {
	what: 'PostgreSQL',
	prefix: 'LATCHKEY_DATABASE_SSL',
	isOn: 'ssl = on',
};
const redis: Side = {what: 'Redis', prefix: 'LATCHKEY_REDIS_TLS', isOn: 'tls-port'};

/** @returns what to do about TLS to PostgreSQL, where an error is of that */
export function databaseTlsFault(error: unknown): string | undefined {
	if (!(error instanceof Error)) return undefined;
	if (error.message === 'The server does not support SSL connections') {
		return 'PostgreSQL takes no TLS: turn it on there (ssl = on), or set LATCHKEY_DATABASE_SSL=disable';
	}
	// Its own refusals are told by their text, as 28000 is that of every log-in.
	if (codeOf(error) === '28000') {
		if (/valid client certificate/.test(error.message)) return missingCertificate(database);
		if (error.message.startsWith('certificate authentication failed')) {
			return 'The client certificate of LATCHKEY_DATABASE_SSL_CERT_FILE is not for this role: its common name must be the name of the role';
		}
		if (/no encryption/.test(error.message)) {
			return 'PostgreSQL wants TLS: set LATCHKEY_DATABASE_SSL=verify-full';
		}
	}
	return sentenceOf(error, database);
}

/** @returns the same about TLS to Redis, or to its sentinels */
export function redisTlsFault(error: unknown): string | undefined {
	return error instanceof Error ? sentenceOf(error, redis) : undefined;
}

function sentenceOf(error: Error, side: Side): string | undefined {
	const code = codeOf(error);
	return faults.find(([codes]) => codes.test(code))?.[1](side);
}

function missingCertificate({what, prefix}: Side): string {
	return `${what} asks for a client certificate: give one with ${prefix}_CERT_FILE and ${prefix}_KEY_FILE`;
}

function codeOf(error: Error): string {
	return 'code' in error ? String(error.code) : '';
}
