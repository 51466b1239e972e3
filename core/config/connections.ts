import {checkServerIdentity, type PeerCertificate} from 'node:tls';
import type {ConnectionUrl, HostPort} from './parse.ts';
import {present} from './present.ts';
import {usesRedisTls} from './rules.ts';
import type {Settings} from './settings.ts';

/** Options of `tls.connect`. */
export type TlsConfig = {
	rejectUnauthorized: boolean;
	/** In place of the well-known authorities. */
	ca?: readonly string[];
	cert?: string;
	key?: string;
	servername?: string;
	checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
};

/** What is in files that may change while programs run, as it is now. */
export type Rereading = {
	readPassword?: () => string;
	readTls?: () => TlsConfig;
};

export type DatabaseConfig = Rereading & {
	host: string;
	port: number;
	database: string;
	user: string;
	/** As it was at the start. */
	password: string | undefined;
	ssl: false | TlsConfig;
	/** Longest wait for PostgreSQL to let a connection in, its log-in included, in milliseconds. */
	connectTimeoutMs: number;
	/** Longest time of a statement that a request waits for, in milliseconds. */
	statementTimeoutMs?: number;
	poolMax: number;
	/** A pooler in transaction mode stands in front: no session state, no prepared statements. */
	isPooled: boolean;
};

/** A unix socket, a host, a group whose sentinels say which host leads, or some nodes of a Cluster. */
export type RedisAddress =
	| {path: string}
	| HostPort
	| {sentinels: readonly HostPort[]; name: string}
	| {cluster: readonly HostPort[]};

/** Who logs in; the password is as it was at the start, and as it is now. */
export type RedisLogin = Pick<Rereading, 'readPassword'> & {
	username: string | undefined;
	password: string | undefined;
};

export type RedisConfig = RedisLogin &
	Pick<Rereading, 'readTls'> & {
		address: RedisAddress;
		/** At the sentinels, which are not told what is for Redis. */
		sentinelLogin?: RedisLogin;
		database: number;
		tls: false | TlsConfig;
		prefix: string;
	};

/** The PostgreSQL of an operator, or a pooler in front of it. */
export function chooseDatabase(settings: Settings): DatabaseConfig {
	const {databaseUrl: url, databasePassword} = settings;
	const isPooled = settings.databaseDirectUrl !== undefined;
	if (url !== undefined) return {...fromUrl(url, settings), isPooled};
	return {
		...databaseDefaults(settings),
		host: settings.databaseHost ?? '',
		password: databasePassword,
		isPooled,
	};
}

/** PostgreSQL itself: who it is that connects has the same password there as at the pooler. */
export function chooseDirectDatabase(settings: Settings, pooled: DatabaseConfig): DatabaseConfig {
	if (settings.databaseDirectUrl === undefined) return pooled;
	const direct = fromUrl(settings.databaseDirectUrl, settings);
	const isSameRole = direct.user === pooled.user;
	return isSameRole ? {...direct, password: direct.password ?? pooled.password} : direct;
}

/**
 * A URL says where and who; what it leaves out is taken from the separate variables. A password that
 * lies in a folder of secrets is none of them: it is for the PostgreSQL that was set up with it.
 */
function fromUrl(url: ConnectionUrl, settings: Settings): DatabaseConfig {
	const defaults = databaseDefaults(settings);
	return {
		...defaults,
		host: url.host ?? url.parameters.get('host') ?? '',
		port: url.port ?? (Number(url.parameters.get('port')) || defaults.port),
		database: url.path.replace(/^\//, '') || defaults.database,
		user: url.user ?? url.parameters.get('user') ?? defaults.user,
		password: url.password ?? besideUrl('databasePassword', settings),
	};
}

function databaseDefaults(settings: Settings): Omit<DatabaseConfig, 'host' | 'password'> {
	return {
		port: present(settings.databasePort),
		database: present(settings.databaseName),
		user: present(settings.databaseUser),
		ssl:
			settings.databaseSsl !== 'disable' &&
			tlsConfig({
				mode: present(settings.databaseSsl),
				ca: settings.databaseSslCa,
				cert: settings.databaseSslCert,
				key: settings.databaseSslKey,
				serverName: settings.databaseSslServerName,
			}),
		connectTimeoutMs: present(settings.databaseConnectTimeoutMs),
		statementTimeoutMs: present(settings.databaseStatementTimeoutMs),
		poolMax: present(settings.databasePoolMax),
		isPooled: false,
	};
}

export function chooseRedis(settings: Settings): RedisConfig {
	const {redisUrl: url, redisHost} = settings;
	return {
		address: redisAddress(settings),
		username: url?.user ?? settings.redisUsername,
		password:
			redisHost === undefined
				? (url?.password ?? besideUrl('redisPassword', settings))
				: settings.redisPassword,
		database: url?.host === undefined ? 0 : Number(url.path.replace(/^\//, '') || 0),
		tls:
			usesRedisTls(settings) &&
			tlsConfig({
				mode: settings.redisTls ?? 'verify-full',
				ca: settings.redisTlsCa,
				cert: settings.redisTlsCert,
				key: settings.redisTlsKey,
				serverName: settings.redisTlsServerName,
			}),
		prefix: present(settings.redisPrefix),
	};
}

function redisAddress(settings: Settings): RedisAddress {
	const {redisUrl: url, redisSentinels: sentinels, redisCluster: cluster} = settings;
	if (sentinels !== undefined) return {sentinels, name: present(settings.redisSentinelName)};
	if (cluster !== undefined) return {cluster};
	if (url !== undefined && url.host === undefined) return {path: url.path};
	return {
		host: url?.host ?? settings.redisHost ?? '',
		port: url?.port ?? present(settings.redisPort),
	};
}

export function chooseSentinelLogin(settings: Settings): RedisLogin {
	return {username: settings.redisSentinelUsername, password: settings.redisSentinelPassword};
}

function besideUrl(
	name: 'databasePassword' | 'redisPassword',
	settings: Settings,
): string | undefined {
	return settings.given.has(name) ? settings[name] : undefined;
}

function tlsConfig(given: {
	mode: 'disable' | 'require' | 'verify-full';
	ca: readonly string[] | undefined;
	cert: string | undefined;
	key: string | undefined;
	serverName: string | undefined;
}): TlsConfig {
	const {mode, ca, cert, key, serverName} = given;
	return {
		rejectUnauthorized: mode === 'verify-full',
		...(ca === undefined ? {} : {ca}),
		...(cert === undefined ? {} : {cert}),
		...(key === undefined ? {} : {key}),
		...(serverName === undefined
			? {}
			: {
					servername: serverName,
					// node-postgres asks for the name of the host, whatever is said here.
					checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
						checkServerIdentity(serverName, certificate),
				}),
	};
}
