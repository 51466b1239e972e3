import * as parse from './parse.ts';
import {certificates, clientCertificate, privateKey} from './pem.ts';
import {all, setting} from './setting.ts';

const redisPrograms = ['backup', 'server', 'worker'] as const;
const modes = parse.oneOf('disable', 'require', 'verify-full');
const hostName = parse.pattern(/^[\w.-]{1,253}$/, 'a host name');

/** TLS to PostgreSQL. Files are given with `_FILE`, as everywhere. */
export const databaseTlsSettings = {
	databaseSsl: setting({
		variable: 'LATCHKEY_DATABASE_SSL',
		description: 'disable, require (encrypt only), or verify-full (check certificate and name).',
		default: 'disable',
		programs: all,
		parse: modes,
	}),
	databaseSslCa: setting({
		variable: 'LATCHKEY_DATABASE_SSL_CA',
		description:
			'Certificate authorities of PostgreSQL, in PEM, in place of the well-known ones; usually given as LATCHKEY_DATABASE_SSL_CA_FILE.',
		programs: all,
		parse: certificates,
	}),
	databaseSslCert: setting({
		variable: 'LATCHKEY_DATABASE_SSL_CERT',
		description:
			'Client certificate for PostgreSQL, in PEM, followed by those between it and its authority; usually given as LATCHKEY_DATABASE_SSL_CERT_FILE. For `migrate` that of the role that owns the schema.',
		programs: all,
		parse: clientCertificate,
	}),
	databaseSslKey: setting({
		variable: 'LATCHKEY_DATABASE_SSL_KEY',
		description:
			'Private key of that certificate, in PEM; usually given as LATCHKEY_DATABASE_SSL_KEY_FILE.',
		secret: true,
		programs: all,
		parse: privateKey,
	}),
	databaseSslServerName: setting({
		variable: 'LATCHKEY_DATABASE_SSL_SERVER_NAME',
		description:
			'Name that the certificate of PostgreSQL must be for, where it differs from the host.',
		programs: all,
		parse: hostName,
	}),
} as const;

/** TLS to Redis. */
export const redisTlsSettings = {
	redisTls: setting({
		variable: 'LATCHKEY_REDIS_TLS',
		description:
			'disable, require (encrypt only), or verify-full (check certificate and name). Unset: verify-full with rediss://, else disable.',
		programs: redisPrograms,
		parse: modes,
	}),
	redisTlsCa: setting({
		variable: 'LATCHKEY_REDIS_TLS_CA',
		description:
			'Certificate authorities of Redis, in PEM, in place of the well-known ones; usually given as LATCHKEY_REDIS_TLS_CA_FILE.',
		programs: redisPrograms,
		parse: certificates,
	}),
	redisTlsCert: setting({
		variable: 'LATCHKEY_REDIS_TLS_CERT',
		description:
			'Client certificate for Redis, in PEM, followed by those between it and its authority; usually given as LATCHKEY_REDIS_TLS_CERT_FILE.',
		programs: redisPrograms,
		parse: clientCertificate,
	}),
	redisTlsKey: setting({
		variable: 'LATCHKEY_REDIS_TLS_KEY',
		description:
			'Private key of that certificate, in PEM; usually given as LATCHKEY_REDIS_TLS_KEY_FILE.',
		secret: true,
		programs: redisPrograms,
		parse: privateKey,
	}),
	redisTlsServerName: setting({
		variable: 'LATCHKEY_REDIS_TLS_SERVER_NAME',
		description: 'Name that the certificate of Redis must be for, where it differs from the host.',
		programs: redisPrograms,
		parse: hostName,
	}),
} as const;
