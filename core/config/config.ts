import type {BlockList} from 'node:net';
import {join} from 'node:path';
import type {IdentityProvider} from '../people/issuers/provider.ts';
import {ConfigurationError, loadSetting, loadSettings, type Settings} from './load.ts';
import type {ConnectionUrl, Network} from './parse.ts';
import {bootstrapAdminRule, databaseRule, migrationRoleRule, redisRule} from './rules.ts';
import {settings, type Program} from './settings.ts';

export type DatabaseConfig = {
	host: string;
	port: number;
	database: string;
	user: string;
	password: string | undefined;
	ssl: false | {rejectUnauthorized: boolean; ca?: string};
	poolMax: number;
	/** A pooler in transaction mode stands in front: no session state, no prepared statements. */
	isPooled: boolean;
};

export type RedisConfig = {
	/** `{path}` of a unix socket, or `{host, port}`. */
	address: {path: string} | {host: string; port: number};
	username: string | undefined;
	password: string | undefined;
	database: number;
	tls: boolean;
	prefix: string;
};

/** Where webhooks may be sent. */
export type WebhookConfig = {
	allowedNetworks: readonly Network[];
	allowedPorts: readonly number[];
	/** Certificate authorities beside the well-known ones, in PEM. */
	ca: readonly string[];
	keepsPrivateAnswers: boolean;
};

/** What every program has. */
export type BaseConfig = {
	program: Program;
	logLevel: string;
	keyPrefix: string;
	database: DatabaseConfig;
	/** PostgreSQL itself, past any pooler. */
	directDatabase: DatabaseConfig;
	secretsDirectory: string;
	allowEphemeralSecrets: boolean;
};

export type MigrateConfig = BaseConfig & {
	/** PostgreSQL itself, as the role that owns the schema. */
	ownerDatabase: DatabaseConfig;
};

export type WorkerConfig = BaseConfig & {
	redis: RedisConfig;
	usageFlushMs: number;
	webhooks: WebhookConfig;
	/** Between attempts. */
	webhookRetrySeconds: readonly number[];
	webhookRetentionDays: number;
	/** 0: never. */
	signingKeyDays: number;
	workerPort: number;
	shutdownTimeoutMs: number;
};

export type ServerConfig = BaseConfig & {
	redis: RedisConfig;
	port: number;
	listenHost: string | undefined;
	publicUrl: string;
	trustedProxies: BlockList | undefined;
	webhooks: WebhookConfig;
	setupToken: string | undefined;
	bootstrapAdmin: {email: string; password: string} | undefined;
	clockSkewSeconds: number;
	identityProviders: readonly IdentityProvider[];
	processes: number;
	cacheMaxKeys: number;
	maxConnections: number;
	maxInFlight: number;
	metricsToken: string | undefined;
	drainDelayMs: number;
	shutdownTimeoutMs: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {ConfigurationError} */
export function loadServerConfig(environment: Environment): Readonly<ServerConfig> {
	const settings = loadSettings('server', environment, [
		databaseRule,
		redisRule,
		bootstrapAdminRule,
	]);
	refuseOwnIssuer(settings);
	return Object.freeze({
		...base('server', settings),
		redis: redis(settings),
		port: present(settings.port),
		listenHost: settings.listenHost,
		publicUrl: present(settings.publicUrl),
		trustedProxies: settings.trustedProxies,
		webhooks: webhooks(settings),
		setupToken: settings.setupToken,
		bootstrapAdmin: bootstrapAdmin(settings),
		clockSkewSeconds: present(settings.clockSkewSeconds),
		identityProviders: settings.identityProviders ?? [],
		processes: present(settings.processes),
		cacheMaxKeys: present(settings.cacheMaxKeys),
		maxConnections: present(settings.maxConnections),
		maxInFlight: present(settings.maxInFlight),
		metricsToken: settings.metricsToken,
		drainDelayMs: present(settings.drainDelayMs),
		shutdownTimeoutMs: present(settings.shutdownTimeoutMs),
	});
}

/** @throws {ConfigurationError} */
export function loadWorkerConfig(environment: Environment): Readonly<WorkerConfig> {
	const settings = loadSettings('worker', environment, [databaseRule, redisRule]);
	return Object.freeze({
		...base('worker', settings),
		redis: redis(settings),
		usageFlushMs: present(settings.usageFlushMs),
		webhooks: webhooks(settings),
		webhookRetrySeconds: present(settings.webhookRetrySeconds),
		webhookRetentionDays: present(settings.webhookRetentionDays),
		signingKeyDays: present(settings.signingKeyDays),
		workerPort: present(settings.workerPort),
		shutdownTimeoutMs: present(settings.shutdownTimeoutMs),
	});
}

/** @throws {ConfigurationError} */
export function loadMigrateConfig(environment: Environment): Readonly<MigrateConfig> {
	const settings = loadSettings('migrate', environment, [databaseRule, migrationRoleRule]);
	const common = base('migrate', settings);
	const direct = common.directDatabase;
	const owner = settings.databaseMigrationUser;
	return Object.freeze({
		...common,
		ownerDatabase:
			owner === undefined || owner === direct.user
				? direct
				: {...direct, user: owner, password: settings.databaseMigrationPassword},
	});
}

/** @throws {ConfigurationError} */
export function loadOperateConfig(environment: Environment): Readonly<BaseConfig> {
	return Object.freeze(base('operate', loadSettings('operate', environment, [databaseRule])));
}

/** Where the master keys are kept, unless a variable gives them: only there can one be added. */
export function masterKeyFile(environment: Environment): string | undefined {
	const {variable, secretFile = ''} = settings.masterKeys;
	if (environment[variable] || environment[`${variable}_FILE`]) return undefined;
	return join(present(loadSetting('secretsDirectory', environment)), secretFile);
}

/**
 * The master keys as they are now, the current one first: their file may get a new one while
 * programs run.
 *
 * @throws {ConfigurationError}
 */
export function readMasterKeys(environment: Environment): readonly Buffer[] {
	return present(loadSetting('masterKeys', environment));
}

function base(program: Program, settings: Settings): BaseConfig {
	const direct = settings.databaseDirectUrl;
	const database = {...chooseDatabase(settings), isPooled: direct !== undefined};
	return {
		program,
		logLevel: present(settings.logLevel),
		keyPrefix: present(settings.keyPrefix),
		database,
		directDatabase: direct === undefined ? database : fromUrl(direct, settings),
		secretsDirectory: present(settings.secretsDirectory),
		allowEphemeralSecrets: present(settings.allowEphemeralSecrets),
	};
}

function chooseDatabase(settings: Settings): DatabaseConfig {
	const url = settings.databaseUrl;
	if (url !== undefined) return fromUrl(url, settings);
	return {
		...databaseDefaults(settings),
		host: settings.databaseHost ?? '',
		password: settings.databasePassword,
	};
}

/** A URL says where and who; what it leaves out is taken from the separate variables' defaults. */
function fromUrl(url: ConnectionUrl, settings: Settings): DatabaseConfig {
	const defaults = databaseDefaults(settings);
	return {
		...defaults,
		host: url.host ?? url.parameters.get('host') ?? '',
		port: url.port ?? (Number(url.parameters.get('port')) || defaults.port),
		database: url.path.replace(/^\//, '') || defaults.database,
		user: url.user ?? url.parameters.get('user') ?? defaults.user,
		password: url.password,
	};
}

function databaseDefaults(settings: Settings): Omit<DatabaseConfig, 'host' | 'password'> {
	const ca = settings.databaseSslCa;
	const mode = settings.databaseSsl;
	return {
		port: present(settings.databasePort),
		database: present(settings.databaseName),
		user: present(settings.databaseUser),
		ssl:
			mode === 'disable'
				? false
				: {rejectUnauthorized: mode === 'verify-full', ...(ca === undefined ? {} : {ca})},
		poolMax: present(settings.databasePoolMax),
		isPooled: false,
	};
}

function redis(settings: Settings): RedisConfig {
	const url = settings.redisUrl;
	const isSocket = url !== undefined && url.host === undefined;
	return {
		address: isSocket
			? {path: url.path}
			: {
					host: url?.host ?? settings.redisHost ?? '',
					port: url?.port ?? present(settings.redisPort),
				},
		username: url === undefined ? settings.redisUsername : url.user,
		password: url === undefined ? settings.redisPassword : url.password,
		database: isSocket ? 0 : Number(url?.path.replace(/^\//, '') || 0),
		tls: url?.tls ?? false,
		prefix: present(settings.redisPrefix),
	};
}

function webhooks(settings: Settings): WebhookConfig {
	return {
		allowedNetworks: settings.webhookAllowedNetworks ?? [],
		allowedPorts: settings.webhookAllowedPorts ?? [],
		ca: settings.webhookCa ?? [],
		keepsPrivateAnswers: present(settings.webhookKeepPrivateAnswers),
	};
}

/** @throws {ConfigurationError} tokens of ours would be taken for those of a provider */
function refuseOwnIssuer({identityProviders, publicUrl}: Settings): void {
	const own = identityProviders?.find(({issuer}) => issuer === publicUrl);
	if (own === undefined) return;
	throw new ConfigurationError([
		`LATCHKEY_IDENTITY_PROVIDERS: ${own.name}: issuer: is LATCHKEY_PUBLIC_URL, where tokens are our own`,
	]);
}

function bootstrapAdmin(settings: Settings) {
	const {bootstrapAdminEmail: email, bootstrapAdminPassword: password} = settings;
	return email === undefined || password === undefined ? undefined : {email, password};
}

/** A setting with a default or marked required: load.ts has already refused its absence. */
function present<T>(value: T | undefined): T {
	if (value === undefined) throw new Error('setting without value reached the configuration');
	return value;
}
