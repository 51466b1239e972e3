import {join} from 'node:path';
import type {Network} from '../../contract/network.ts';
import type {Proxy} from '../outbound/proxy.ts';
import type {IdentityProvider} from '../issuers/provider.ts';
import {
	chooseDatabase,
	chooseDirectDatabase,
	chooseRedis,
	chooseSentinelLogin,
	type DatabaseConfig,
	type RedisConfig,
} from './connections.ts';
import {ConfigurationError, loadSetting, loadSettings, type Environment} from './load.ts';
import {rereading} from './rereading.ts';
import {bootstrapAdminRule, databaseRules, migrationRoleRule, redisRules} from './rules.ts';
import type {HostPort} from './parse.ts';
import {present} from './present.ts';
import type {Program} from './setting.ts';
import {settings, type Settings} from './settings.ts';

export type {DatabaseConfig, HostPort, RedisConfig};

/** Where webhooks may be sent. */
export type WebhookConfig = {
	allowedNetworks: readonly Network[];
	allowedPorts: readonly number[];
	/** Certificate authorities beside the well-known ones, in PEM. */
	ca: readonly string[];
	keepsPrivateAnswers: boolean;
};

/** What one organisation may have of each thing. */
export type Limits = {
	members: number;
	invitations: number;
	serviceAccounts: number;
	keyRoles: number;
	sharedLimits: number;
	sources: number;
	webhookEndpoints: number;
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
	usageRetentionDays: number;
	webhooks: WebhookConfig;
	/** What the public internet is reached through, by webhooks and for identity providers. */
	outboundProxy: Proxy | undefined;
	/** Between attempts. */
	webhookRetrySeconds: readonly number[];
	webhookRetentionDays: number;
	/** 0: never. */
	signingKeyDays: number;
	workerPort: number;
	workerListenHost: string;
	metricsToken: string | undefined;
	shutdownTimeoutMs: number;
};

export type ServerConfig = BaseConfig & {
	redis: RedisConfig;
	port: number;
	listenHost: string | undefined;
	publicUrl: string;
	/** Undefined: looked at on loopback addresses only. */
	allowedHosts: readonly string[] | undefined;
	trustedProxies: readonly Network[] | undefined;
	webhooks: WebhookConfig;
	/** What the public internet is reached through, by webhooks and for identity providers. */
	outboundProxy: Proxy | undefined;
	setupToken: string | undefined;
	bootstrapAdmin: {email: string; password: string} | undefined;
	clockSkewSeconds: number;
	identityProviders: readonly IdentityProvider[];
	processes: number;
	cacheMaxKeys: number;
	limitsTimeoutMs: number;
	maxConnections: number;
	maxInFlight: number;
	limits: Limits;
	/** Whether clients of Unkey are answered. */
	unkeyCompat: boolean;
	keepAliveSeconds: number;
	metricsToken: string | undefined;
	drainDelayMs: number;
	shutdownTimeoutMs: number;
};

/** @throws {ConfigurationError} */
export function loadServerConfig(environment: Environment): Readonly<ServerConfig> {
	const settings = loadSettings('server', environment, [
		...databaseRules,
		...redisRules,
		bootstrapAdminRule,
	]);
	refuseOwnIssuer(settings);
	return Object.freeze({
		...base('server', settings, environment),
		redis: redis(settings, environment),
		port: present(settings.port),
		listenHost: settings.listenHost,
		publicUrl: present(settings.publicUrl),
		allowedHosts: settings.allowedHosts,
		trustedProxies: settings.trustedProxies,
		webhooks: webhooks(settings),
		outboundProxy: settings.outboundProxy,
		setupToken: settings.setupToken,
		bootstrapAdmin: bootstrapAdmin(settings),
		clockSkewSeconds: present(settings.clockSkewSeconds),
		identityProviders: settings.identityProviders ?? [],
		processes: present(settings.processes),
		cacheMaxKeys: present(settings.cacheMaxKeys),
		limitsTimeoutMs: present(settings.limitsTimeoutMs),
		maxConnections: present(settings.maxConnections),
		maxInFlight: present(settings.maxInFlight),
		limits: {
			members: present(settings.maxMembers),
			invitations: present(settings.maxInvitations),
			serviceAccounts: present(settings.maxServiceAccounts),
			keyRoles: present(settings.maxKeyRoles),
			sharedLimits: present(settings.maxSharedLimits),
			sources: present(settings.maxSources),
			webhookEndpoints: present(settings.maxWebhookEndpoints),
		},
		unkeyCompat: present(settings.unkeyCompat),
		keepAliveSeconds: present(settings.keepAliveSeconds),
		metricsToken: settings.metricsToken,
		drainDelayMs: present(settings.drainDelayMs),
		shutdownTimeoutMs: present(settings.shutdownTimeoutMs),
	});
}

/** @throws {ConfigurationError} */
export function loadWorkerConfig(environment: Environment): Readonly<WorkerConfig> {
	const settings = loadSettings('worker', environment, [...databaseRules, ...redisRules]);
	return Object.freeze({
		...base('worker', settings, environment),
		redis: redis(settings, environment),
		usageFlushMs: present(settings.usageFlushMs),
		usageRetentionDays: present(settings.usageRetentionDays),
		webhooks: webhooks(settings),
		outboundProxy: settings.outboundProxy,
		webhookRetrySeconds: present(settings.webhookRetrySeconds),
		webhookRetentionDays: present(settings.webhookRetentionDays),
		signingKeyDays: present(settings.signingKeyDays),
		workerPort: present(settings.workerPort),
		workerListenHost: present(settings.workerListenHost),
		metricsToken: settings.metricsToken,
		shutdownTimeoutMs: present(settings.shutdownTimeoutMs),
	});
}

/** @throws {ConfigurationError} */
export function loadMigrateConfig(environment: Environment): Readonly<MigrateConfig> {
	const settings = loadSettings('migrate', environment, [...databaseRules, migrationRoleRule]);
	return Object.freeze({
		...base('migrate', settings, environment),
		ownerDatabase: ownerDatabase(settings, environment),
	});
}

export type BackupConfig = MigrateConfig & {
	/** Undefined where none is told: what it holds begins anew by itself, or is emptied by hand. */
	redis: RedisConfig | undefined;
	backupDirectory: string | undefined;
	recipient: string | undefined;
	passphrase: string | undefined;
	/** Where the programs of PostgreSQL are. */
	postgresPrograms: string | undefined;
};

/** @throws {ConfigurationError} */
export function loadBackupConfig(environment: Environment): Readonly<BackupConfig> {
	const isRedisTold = ['URL', 'HOST', 'SENTINELS', 'CLUSTER'].some(
		(part) => environment[`LATCHKEY_REDIS_${part}`] || environment[`LATCHKEY_REDIS_${part}_FILE`],
	);
	const settings = loadSettings('backup', environment, [
		...databaseRules,
		...(isRedisTold ? redisRules : []),
		migrationRoleRule,
	]);
	return Object.freeze({
		...base('backup', settings, environment),
		ownerDatabase: ownerDatabase(settings, environment),
		redis: isRedisTold ? redis(settings, environment) : undefined,
		backupDirectory: settings.backupDirectory,
		recipient: settings.backupRecipient,
		passphrase: settings.backupPassphrase,
		postgresPrograms: settings.postgresPrograms,
	});
}

function ownerDatabase(settings: Settings, environment: Environment): DatabaseConfig {
	const {directDatabase: direct} = base('migrate', settings, environment);
	const owner = settings.databaseMigrationUser;
	return owner === undefined || owner === direct.user
		? direct
		: ownerOf(direct, owner, settings.databaseMigrationPassword);
}

/** Migrations are over soon: their password is not read again. */
function ownerOf(
	{readPassword: _ofAnother, ...direct}: DatabaseConfig,
	user: string,
	password: string | undefined,
): DatabaseConfig {
	return {...direct, user, password};
}

/** @throws {ConfigurationError} */
export function loadOperateConfig(environment: Environment): Readonly<BaseConfig> {
	return Object.freeze(
		base('operate', loadSettings('operate', environment, databaseRules), environment),
	);
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

function base(program: Program, settings: Settings, environment: Environment): BaseConfig {
	const tlsOf = ({ssl}: DatabaseConfig) => ssl;
	const database = rereading(settings, environment, chooseDatabase, tlsOf);
	const chooseDirect = (now: Settings) => chooseDirectDatabase(now, chooseDatabase(now));
	return {
		program,
		logLevel: present(settings.logLevel),
		keyPrefix: present(settings.keyPrefix),
		database,
		directDatabase:
			settings.databaseDirectUrl === undefined
				? database
				: rereading(settings, environment, chooseDirect, tlsOf),
		secretsDirectory: present(settings.secretsDirectory),
		allowEphemeralSecrets: present(settings.allowEphemeralSecrets),
	};
}

function redis(settings: Settings, environment: Environment): RedisConfig {
	return {
		...rereading(settings, environment, chooseRedis, ({tls}) => tls),
		...(settings.redisSentinels === undefined
			? {}
			: {sentinelLogin: rereading(settings, environment, chooseSentinelLogin)}),
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
