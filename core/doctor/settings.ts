import type {Network} from '../../contract/network.ts';
import type {DatabaseConfig, RedisConfig, ServerConfig} from '../config/config.ts';
import {
	chooseDatabase,
	chooseDirectDatabase,
	chooseRedis,
	chooseSentinelLogin,
} from '../config/connections.ts';
import {inspectSettings, type Environment} from '../config/load.ts';
import {
	bootstrapAdminRule,
	databaseRules,
	migrationRoleRule,
	redisRules,
	type Rule,
} from '../config/rules.ts';
import type {Program} from '../config/setting.ts';
import {settings, type SettingName, type Settings} from '../config/settings.ts';
import type {IdentityProvider} from '../issuers/provider.ts';
import type {Proxy} from '../outbound/proxy.ts';

/** What the programs are set up with; what nobody gave, or was refused, is undefined. */
export type DoctorSettings = {
	database: DatabaseConfig | undefined;
	/** Past any pooler. */
	directDatabase: DatabaseConfig | undefined;
	redis: RedisConfig | undefined;
	publicUrl: string | undefined;
	/** Where the port is open: on the host, where a container publishes it and that is known. */
	listenHost: string | undefined;
	/** Nothing is listened on, where that is not known either. */
	isListenHostKnown: boolean;
	trustedProxies: readonly Network[];
	processes: number;
	/** How long a server goes on after it was told to end, and how long a program finishes what it has. */
	drainDelayMs: number;
	shutdownTimeoutMs: number;
	cacheMaxKeys: number;
	/** 0: never; undefined: only the worker knows. */
	signingKeyDays: number | undefined;
	identityProviders: readonly IdentityProvider[];
	outboundProxy: Proxy | undefined;
	/** Folders that hold secrets, the one with the master key first. */
	secretsDirectories: readonly string[];
	allowEphemeralSecrets: boolean;
	/** Where `npm start` keeps its data. */
	dataDirectory: string | undefined;
	masterKeys: readonly Buffer[];
	/** Secrets that somebody may have chosen, by the variable that gives them. */
	chosenSecrets: ReadonlyMap<string, string>;
	/** Certificates that are given as PEM, by the variable that gives them. */
	certificates: ReadonlyMap<string, string>;
};

/** Those that are compared with samples; the master key is looked at by itself. */
const comparable = [
	'databasePassword',
	'databaseMigrationPassword',
	'redisPassword',
	'redisSentinelPassword',
	'setupToken',
	'bootstrapAdminPassword',
	'metricsToken',
] as const satisfies readonly SettingName[];

const withCertificates = [
	'databaseSslCa',
	'databaseSslCert',
	'redisTlsCa',
	'redisTlsCert',
	'webhookCa',
] as const satisfies readonly SettingName[];

const inspected: readonly (readonly [Program, readonly Rule[]])[] = [
	['server', [...databaseRules, ...redisRules, bootstrapAdminRule]],
	['worker', [...databaseRules, ...redisRules]],
	['migrate', [...databaseRules, migrationRoleRule]],
];

/**
 * Reads what can be read of an environment that may be wrong: whatever is at fault is taken out, and the
 * rest is what it would be without.
 *
 * @returns every fault that the programs would refuse to start with
 */
export function settingsOf(environment: Environment): {
	faults: readonly string[];
	settings: DoctorSettings;
} {
	const found = inspected.map(([program, rules]) => inspectSettings(program, environment, rules));
	const faults = [...new Set(found.flatMap((each) => each.faults))];
	const faulty = new Set(
		faults.map((fault) => (/^\w+/.exec(fault)?.[0] ?? '').replace(/_FILE$/, '')),
	);
	const rest = Object.fromEntries(
		Object.entries(environment).filter(([name]) => !faulty.has(name.replace(/_FILE$/, ''))),
	);
	const [server, worker, migrate] = inspected.map(
		([program]) => inspectSettings(program, rest).values,
	) as [Settings, Settings, Settings];
	return {faults, settings: chosen({...migrate, ...worker, ...server, given: server.given}, rest)};
}

function chosen(values: Settings, environment: Environment): DoctorSettings {
	const isDatabaseGiven = values.databaseUrl !== undefined || values.databaseHost !== undefined;
	const database = isDatabaseGiven ? chooseDatabase(values) : undefined;
	const {redisUrl, redisHost, redisSentinels, redisCluster} = values;
	const isRedisGiven = [redisUrl, redisHost, redisSentinels, redisCluster].some(Boolean);
	const published = environment['LATCHKEY_BIND'];
	const chosenSecrets = new Map(
		comparable.flatMap((name) => {
			const value = values[name];
			return value === undefined ? [] : [[settings[name].variable, value] as const];
		}),
	);
	for (const name of ['databaseUrl', 'databaseDirectUrl', 'redisUrl'] as const) {
		const password = values[name]?.password;
		if (password !== undefined) chosenSecrets.set(settings[name].variable, password);
	}
	return {
		database,
		directDatabase: database && chooseDirectDatabase(values, database),
		redis: isRedisGiven
			? {
					...chooseRedis(values),
					...(redisSentinels === undefined ? {} : {sentinelLogin: chooseSentinelLogin(values)}),
				}
			: undefined,
		publicUrl: values.publicUrl,
		listenHost: published || values.listenHost,
		isListenHostKnown: Boolean(published || values.listenHost),
		trustedProxies: values.trustedProxies ?? [],
		processes: values.processes ?? 1,
		drainDelayMs: values.drainDelayMs ?? 0,
		shutdownTimeoutMs: values.shutdownTimeoutMs ?? 0,
		cacheMaxKeys: values.cacheMaxKeys ?? 0,
		signingKeyDays: values.signingKeyDays,
		identityProviders: values.identityProviders ?? [],
		outboundProxy: values.outboundProxy,
		secretsDirectories: [
			...new Set(
				[
					values.secretsDirectory,
					values.databaseSecretsDirectory,
					values.redisSecretsDirectory,
				].filter((directory) => directory !== undefined),
			),
		],
		allowEphemeralSecrets: values.allowEphemeralSecrets ?? false,
		dataDirectory: environment['LATCHKEY_DATA_DIR'] || undefined,
		masterKeys: values.masterKeys ?? [],
		chosenSecrets,
		certificates: new Map(
			withCertificates.flatMap((name) => {
				const value = values[name];
				if (value === undefined) return [];
				return [[settings[name].variable, typeof value === 'string' ? value : value.join('\n')]];
			}),
		),
	};
}

/** The same of a server, which has refused whatever was at fault. */
export function settingsOfServer(config: Readonly<ServerConfig>): DoctorSettings {
	const chosenSecrets = new Map<string, string>();
	for (const [variable, value] of [
		['LATCHKEY_DATABASE_PASSWORD', config.database.password],
		['LATCHKEY_REDIS_PASSWORD', config.redis.password],
		['LATCHKEY_METRICS_TOKEN', config.metricsToken],
		['LATCHKEY_SETUP_TOKEN', config.setupToken],
	] as const) {
		if (value !== undefined) chosenSecrets.set(variable, value);
	}
	return {
		database: config.database,
		directDatabase: config.directDatabase,
		redis: config.redis,
		publicUrl: config.publicUrl,
		listenHost: config.listenHost,
		isListenHostKnown: config.listenHost !== undefined,
		trustedProxies: config.trustedProxies ?? [],
		processes: config.processes,
		drainDelayMs: config.drainDelayMs,
		shutdownTimeoutMs: config.shutdownTimeoutMs,
		cacheMaxKeys: config.cacheMaxKeys,
		signingKeyDays: undefined,
		identityProviders: config.identityProviders,
		outboundProxy: config.outboundProxy,
		secretsDirectories: [config.secretsDirectory],
		allowEphemeralSecrets: config.allowEphemeralSecrets,
		dataDirectory: undefined,
		masterKeys: [],
		chosenSecrets,
		certificates: certificatesOf(config),
	};
}

function certificatesOf({database, redis, webhooks}: Readonly<ServerConfig>): Map<string, string> {
	const found = new Map<string, string>();
	const add = (variable: string, pem: readonly string[] | string | undefined) => {
		const text = typeof pem === 'string' ? pem : pem?.join('\n');
		if (text) found.set(variable, text);
	};
	if (database.ssl !== false) {
		add('LATCHKEY_DATABASE_SSL_CA', database.ssl.ca);
		add('LATCHKEY_DATABASE_SSL_CERT', database.ssl.cert);
	}
	if (redis.tls !== false) {
		add('LATCHKEY_REDIS_TLS_CA', redis.tls.ca);
		add('LATCHKEY_REDIS_TLS_CERT', redis.tls.cert);
	}
	add('LATCHKEY_WEBHOOK_CA', webhooks.ca);
	return found;
}
