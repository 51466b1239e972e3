import {minPasswordLength} from '../../contract/people.ts';
import {backupSettings} from './backup-settings.ts';
import {databaseSettings} from './database-settings.ts';
import {configuredProviders} from './identity-providers.ts';
import {limitSettings} from './limit-settings.ts';
import {outboundSettings} from './outbound-settings.ts';
import * as parse from './parse.ts';
import {redisSettings} from './redis-settings.ts';
import {all, setting, type Setting} from './setting.ts';

/** Every setting that a program of ours reads, in the order of the reference page. */
export const settings = {
	port: setting({
		variable: 'LATCHKEY_PORT',
		description: 'TCP port of the API.',
		default: '8080',
		programs: ['server', 'start', 'console', 'compose'],
		parse: parse.integer(1, 65_535),
	}),
	listenHost: setting({
		variable: 'LATCHKEY_LISTEN_HOST',
		description:
			'Address the API listens on. Unset: 127.0.0.1 with `npm start`; every address inside the container, of which the bundle publishes only 127.0.0.1 of the host.',
		programs: ['server', 'start'],
		parse: parse.listenAddress,
	}),
	publicUrl: setting({
		variable: 'LATCHKEY_PUBLIC_URL',
		description: 'Where callers reach the API. It is the issuer and audience of access tokens.',
		default: 'http://localhost:8080',
		programs: ['server'],
		parse: parse.origin,
	}),
	allowedHosts: setting({
		variable: 'LATCHKEY_ALLOWED_HOSTS',
		description:
			'Names besides that of LATCHKEY_PUBLIC_URL under which the API may be called, comma-separated; `any` for all. Addresses, localhost and names without a dot are always allowed. Others are answered 421, so that no web page reaches an API on the machine of its reader under a name of its own (DNS rebinding). Unset: checked on loopback addresses only.',
		programs: ['server'],
		parse: parse.hostNames,
	}),
	trustedProxies: setting({
		variable: 'LATCHKEY_TRUSTED_PROXIES',
		description:
			'Reverse proxies whose X-Forwarded-For is believed: CIDRs, or loopback, linklocal, private, comma-separated. Unset: nobody.',
		programs: ['server'],
		parse: parse.proxies,
	}),
	keyPrefix: setting({
		variable: 'LATCHKEY_KEY_PREFIX',
		description:
			'What every API key starts with. Keys made under another prefix stop being recognised.',
		default: 'hklst_',
		programs: [...all, 'init'],
		parse: parse.pattern(
			/^[a-z][a-z0-9]{1,14}_$/,
			'2 to 15 lower-case letters and digits, then an underscore, such as acme_',
		),
	}),
	logLevel: setting({
		variable: 'LATCHKEY_LOG_LEVEL',
		description: 'Least severe log line written.',
		default: 'info',
		programs: [...all, 'init'],
		parse: parse.oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace'),
	}),
	...databaseSettings,
	...redisSettings,
	secretsDirectory: setting({
		variable: 'LATCHKEY_SECRETS_DIR',
		description: 'Folder with the secrets that were made at first start.',
		default: '/run/latchkey/secrets',
		programs: [...all, 'init', 'start', 'console'],
		parse: parse.text,
	}),
	databaseSecretsDirectory: setting({
		variable: 'LATCHKEY_DATABASE_SECRETS_DIR',
		description:
			'Folder with the passwords of PostgreSQL and Redis, where it differs from LATCHKEY_SECRETS_DIR: the database containers mount this one and never see the master key.',
		programs: [...all, 'init'],
		parse: parse.text,
	}),
	redisSecretsDirectory: setting({
		variable: 'LATCHKEY_REDIS_SECRETS_DIR',
		description:
			'Folder with the password of Redis, where it differs from LATCHKEY_DATABASE_SECRETS_DIR: Redis mounts this one and never sees the password of PostgreSQL, nor PostgreSQL that of Redis.',
		programs: ['server', 'worker', 'backup', 'init'],
		parse: parse.text,
	}),
	consoleSecretsDirectory: setting({
		variable: 'LATCHKEY_CONSOLE_SECRETS_DIR',
		description:
			'Folder in which `init` puts another copy of the setup token, for a console that mounts this one and never sees the master key.',
		programs: ['init'],
		parse: parse.text,
	}),
	grafanaSecretsDirectory: setting({
		variable: 'LATCHKEY_GRAFANA_SECRETS_DIR',
		description:
			'Folder in which `init` makes the password of the Grafana of the bundle (docs/monitoring.md).',
		programs: ['init'],
		parse: parse.text,
	}),
	checkout: setting({
		variable: 'LATCHKEY_CHECKOUT',
		description:
			'Where the bundle is started from. `init` warns when that is not the same place as before: a second checkout under the same project name takes over the volumes of the first.',
		programs: ['init', 'compose'],
		parse: parse.text,
	}),
	migrationSecretsDirectory: setting({
		variable: 'LATCHKEY_DATABASE_MIGRATION_SECRETS_DIR',
		description:
			'Folder in which `init` makes the password of the role that owns the schema, where it differs from LATCHKEY_DATABASE_SECRETS_DIR: server and worker do not mount this one.',
		programs: ['init'],
		parse: parse.text,
	}),
	allowEphemeralSecrets: setting({
		variable: 'LATCHKEY_ALLOW_EPHEMERAL_SECRETS',
		description: 'Start although LATCHKEY_SECRETS_DIR would vanish with the container.',
		default: '0',
		programs: [...all, 'init', 'compose'],
		parse: parse.flag,
	}),
	...backupSettings,
	masterKeys: setting({
		variable: 'LATCHKEY_ENCRYPTION_KEY',
		description:
			'Master key (32 bytes, base64url) from which the key of each purpose is derived. Several, one per line: the first encrypts, the older ones below it still decrypt (docs/secrets.md).',
		secret: true,
		secretFile: 'encryption_key',
		required: 'mount the secrets volume, or run `latchkey init` to make one',
		programs: all,
		parse: parse.keys256,
	}),
	setupToken: setting({
		variable: 'LATCHKEY_SETUP_TOKEN',
		description: 'Proves, once, that the caller may make the first administrator.',
		secret: true,
		secretFile: 'setup_token',
		programs: ['server', 'console'],
		parse: parse.secret(16),
	}),
	bootstrapAdminEmail: setting({
		variable: 'LATCHKEY_BOOTSTRAP_ADMIN_EMAIL',
		description:
			'First administrator, made at the first start; needs LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD.',
		programs: ['server', 'start', 'compose'],
		parse: parse.pattern(/^[^\s@]+@[^\s@]+$/, 'an email address'),
	}),
	bootstrapAdminPassword: setting({
		variable: 'LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD',
		description:
			'Password of the first administrator, of 15 characters or more; see docs/people.md. Read at the first start only.',
		secret: true,
		programs: ['server', 'start', 'compose'],
		parse: parse.secret(minPasswordLength),
	}),
	clockSkewSeconds: setting({
		variable: 'LATCHKEY_CLOCK_SKEW_SECONDS',
		description: 'How far the clocks of token issuer and server may differ, in seconds.',
		default: '30',
		programs: ['server'],
		parse: parse.integer(0, 300),
	}),
	identityProviders: setting({
		variable: 'LATCHKEY_IDENTITY_PROVIDERS',
		description:
			'Your own identity providers, through which people may log in, as JSON; usually given as LATCHKEY_IDENTITY_PROVIDERS_FILE. See identity-providers.md.',
		secret: true,
		programs: ['server'],
		parse: configuredProviders,
	}),
	processes: setting({
		variable: 'LATCHKEY_PROCESSES',
		description:
			'Server processes that share the port; about one for each core that the server may use. Each has its own memory and pools.',
		default: '1',
		programs: ['server'],
		parse: parse.integer(1, 64),
	}),
	cacheMaxKeys: setting({
		variable: 'LATCHKEY_CACHE_MAX_KEYS',
		description:
			'Most keys a server process knows from memory: those in use, and of more than that those used most. Plan 0.6 KB for each, its usage included, and as much again where it carries scopes, networks or times; with 100,000 that carry nothing a process stays below 180 MB. Networks that keys are bound to take up to 1 KB for each key more, where few share them.',
		default: '100000',
		programs: ['server'],
		parse: parse.integer(2, 5_000_000),
	}),
	limitsTimeoutMs: setting({
		variable: 'LATCHKEY_LIMITS_TIMEOUT_MS',
		description:
			'How long the check of a key that has limits waits for Redis, in milliseconds; then the key policy says what holds, and nobody waits until Redis answers again. More where Redis is far away.',
		default: '50',
		programs: ['server'],
		parse: parse.integer(5, 10_000),
	}),
	maxConnections: setting({
		variable: 'LATCHKEY_MAX_CONNECTIONS',
		description: 'Most open client connections; further ones are closed at once.',
		default: '10000',
		programs: ['server'],
		parse: parse.integer(1, 1_000_000),
	}),
	maxInFlight: setting({
		variable: 'LATCHKEY_MAX_IN_FLIGHT',
		description:
			'Most requests worked on at once; further ones are answered 503. A request whose body is still to come is not counted.',
		default: '1000',
		programs: ['server'],
		parse: parse.integer(1, 100_000),
	}),
	...limitSettings,
	unkeyCompat: setting({
		variable: 'LATCHKEY_UNKEY_COMPAT',
		description:
			'1: services may also ask about keys as clients of Unkey do, by POST /v2/keys.verifyKey. See services.md.',
		default: '0',
		programs: ['server'],
		parse: parse.flag,
	}),
	keepAliveSeconds: setting({
		variable: 'LATCHKEY_KEEP_ALIVE_SECONDS',
		description:
			'How long a client may leave a connection idle and use it again, in seconds: longer than a balancer in front keeps it, so that the balancer is the one that closes it (docs/proxies.md). It is kept 10 s longer than clients are told.',
		default: '960',
		programs: ['server'],
		parse: parse.integer(1, 86_400),
	}),
	metricsToken: setting({
		variable: 'LATCHKEY_METRICS_TOKEN',
		description:
			'When set, GET /metrics needs `Authorization: Bearer` with it. Unset: only loopback and private addresses get an answer.',
		secret: true,
		programs: ['server', 'worker'],
		parse: parse.secret(16),
	}),
	...outboundSettings,
	usageFlushMs: setting({
		variable: 'LATCHKEY_USAGE_FLUSH_MS',
		description:
			'How often the worker moves last-used times and counts to PostgreSQL, in milliseconds.',
		default: '2000',
		programs: ['worker'],
		parse: parse.integer(200, 60_000),
	}),
	usageRetentionDays: setting({
		variable: 'LATCHKEY_USAGE_RETENTION_DAYS',
		description:
			'How long counts of checks are kept, in days; they go by whole months, once the last day of one is as old.',
		default: '400',
		programs: ['worker'],
		parse: parse.integer(31, 3650),
	}),
	signingKeyDays: setting({
		variable: 'LATCHKEY_SIGNING_KEY_DAYS',
		description:
			'Days after which the worker replaces a signing key; tokens in use stay valid. 0: never.',
		default: '90',
		programs: ['worker'],
		parse: parse.integer(0, 3650),
	}),
	workerPort: setting({
		variable: 'LATCHKEY_WORKER_PORT',
		description: 'Port of the worker for /livez, /readyz and /metrics. 0: none.',
		default: '0',
		programs: ['worker'],
		parse: parse.integer(0, 65_535),
	}),
	workerListenHost: setting({
		variable: 'LATCHKEY_WORKER_LISTEN_HOST',
		description:
			'Address that LATCHKEY_WORKER_PORT is opened on: another one lets Prometheus read /metrics from outside the machine or container (docs/monitoring.md).',
		default: '127.0.0.1',
		programs: ['worker'],
		parse: parse.listenAddress,
	}),
	drainDelayMs: setting({
		variable: 'LATCHKEY_DRAIN_DELAY_MS',
		description:
			'Time between SIGTERM (SIGINT and SIGHUP do the same) and refusing connections, for balancers to notice, in milliseconds.',
		default: '0',
		programs: ['server'],
		parse: parse.integer(0, 60_000),
	}),
	shutdownTimeoutMs: setting({
		variable: 'LATCHKEY_SHUTDOWN_TIMEOUT_MS',
		description: 'Longest wait for work in hand after SIGTERM; then the process exits with 1.',
		default: '25000',
		programs: ['server', 'worker'],
		parse: parse.integer(100, 600_000),
	}),
} as const;

export type SettingName = keyof typeof settings;

type Value<S> = S extends Setting<infer T> ? T : never;

/** Settings that a program does not read are undefined, as are those that nobody set. */
export type Settings = {[N in SettingName]: Value<(typeof settings)[N]> | undefined} & {
	/** Those that a variable or its file gives: no default, and nothing from the folders of secrets. */
	given: ReadonlySet<SettingName>;
};
