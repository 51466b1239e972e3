import {minPasswordLength} from '../../contract/people.ts';
import {defaultRetrySeconds} from '../webhooks/retry.ts';
import {identityProviders} from './identity-providers.ts';
import * as parse from './parse.ts';

/**
 * The programs that read the environment; `start` is the launcher without Docker, `operate` a command
 * at the machine such as `latchkey secrets`.
 */
export type Program =
	| 'server'
	| 'worker'
	| 'migrate'
	| 'init'
	| 'operate'
	| 'start'
	| 'console'
	| 'compose';

export type Setting<T> = {
	variable: `LATCHKEY_${string}`;
	/** What it does, for the reference page and for error reports. */
	description: string;
	/** Text form of the default; absent: no value unless given. */
	default?: string;
	/** Never shown, only its length. */
	secret?: true;
	/** File of this name in LATCHKEY_SECRETS_DIR is read when the variable is not given. */
	secretFile?: string;
	/** What to do when it is missing; absent: may be missing. */
	required?: string;
	programs: readonly Program[];
	parse: parse.Parse<T>;
};

const all = ['server', 'worker', 'migrate', 'operate'] as const;

function setting<T>(setting: Setting<T>): Setting<T> {
	return setting;
}

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
		parse: parse.address,
	}),
	publicUrl: setting({
		variable: 'LATCHKEY_PUBLIC_URL',
		description: 'Where callers reach the API. It is the issuer and audience of access tokens.',
		default: 'http://localhost:8080',
		programs: ['server'],
		parse: parse.origin,
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
	databaseUrl: setting({
		variable: 'LATCHKEY_DATABASE_URL',
		description:
			'PostgreSQL 15 or newer, as one URL. Excludes the separate LATCHKEY_DATABASE_* parts.',
		secret: true,
		programs: [...all, 'start'],
		parse: parse.connectionUrl(['postgresql', 'postgres']),
	}),
	databaseHost: setting({
		variable: 'LATCHKEY_DATABASE_HOST',
		description: 'PostgreSQL host, or the folder of its unix socket.',
		programs: [...all, 'start'],
		parse: parse.text,
	}),
	databasePort: setting({
		variable: 'LATCHKEY_DATABASE_PORT',
		description: 'PostgreSQL port.',
		default: '5432',
		programs: [...all, 'start'],
		parse: parse.integer(1, 65_535),
	}),
	databaseName: setting({
		variable: 'LATCHKEY_DATABASE_NAME',
		description: 'Database name.',
		default: 'latchkey',
		programs: [...all, 'start'],
		parse: parse.text,
	}),
	databaseUser: setting({
		variable: 'LATCHKEY_DATABASE_USER',
		description: 'Database role of server and worker.',
		default: 'latchkey',
		programs: [...all, 'start'],
		parse: parse.text,
	}),
	databasePassword: setting({
		variable: 'LATCHKEY_DATABASE_PASSWORD',
		description: 'Password of that role. Not needed on a unix socket that trusts its folder.',
		secret: true,
		secretFile: 'database_password',
		programs: [...all, 'start'],
		parse: parse.secret(1),
	}),
	databaseMigrationUser: setting({
		variable: 'LATCHKEY_DATABASE_MIGRATION_USER',
		description:
			'Database role that owns the schema, for `latchkey migrate` alone: server and worker then can neither change the schema nor what was audited (docs/database.md). Host, port and database are those of server and worker. Unset: one role for everything.',
		programs: ['migrate'],
		parse: parse.text,
	}),
	databaseMigrationPassword: setting({
		variable: 'LATCHKEY_DATABASE_MIGRATION_PASSWORD',
		description: 'Password of that role. Keep it from server and worker.',
		secret: true,
		programs: ['migrate'],
		parse: parse.secret(1),
	}),
	databaseSsl: setting({
		variable: 'LATCHKEY_DATABASE_SSL',
		description: 'disable, require (encrypt only), or verify-full (check certificate and name).',
		default: 'disable',
		programs: all,
		parse: parse.oneOf('disable', 'require', 'verify-full'),
	}),
	databaseSslCa: setting({
		variable: 'LATCHKEY_DATABASE_SSL_CA',
		description: 'Certificate authority of PostgreSQL, in PEM.',
		programs: all,
		parse: parse.pattern(/-----BEGIN CERTIFICATE-----/, 'a certificate in PEM'),
	}),
	databasePoolMax: setting({
		variable: 'LATCHKEY_DATABASE_POOL_MAX',
		description: 'Most connections a process keeps to PostgreSQL for management calls.',
		default: '10',
		programs: all,
		parse: parse.integer(1, 100),
	}),
	databaseDirectUrl: setting({
		variable: 'LATCHKEY_DATABASE_DIRECT_URL',
		description:
			'PostgreSQL itself, where LATCHKEY_DATABASE_URL leads to a pooler in transaction mode (pgbouncer). Migrations and the connection that keeps memories coherent need a session of their own.',
		secret: true,
		programs: all,
		parse: parse.connectionUrl(['postgresql', 'postgres']),
	}),
	redisUrl: setting({
		variable: 'LATCHKEY_REDIS_URL',
		description:
			'Redis 6.2 or Valkey 7.2 or newer, as one URL: redis://, rediss:// (TLS) or unix:///path. Excludes the separate LATCHKEY_REDIS_* parts.',
		secret: true,
		programs: ['server', 'worker', 'start'],
		parse: parse.connectionUrl(['redis', 'rediss', 'unix']),
	}),
	redisHost: setting({
		variable: 'LATCHKEY_REDIS_HOST',
		description: 'Redis host.',
		programs: ['server', 'worker', 'start'],
		parse: parse.text,
	}),
	redisPort: setting({
		variable: 'LATCHKEY_REDIS_PORT',
		description: 'Redis port.',
		default: '6379',
		programs: ['server', 'worker', 'start'],
		parse: parse.integer(1, 65_535),
	}),
	redisUsername: setting({
		variable: 'LATCHKEY_REDIS_USERNAME',
		description: 'Redis ACL user.',
		programs: ['server', 'worker', 'start'],
		parse: parse.text,
	}),
	redisPassword: setting({
		variable: 'LATCHKEY_REDIS_PASSWORD',
		description: 'Password of that user.',
		secret: true,
		secretFile: 'redis_password',
		programs: ['server', 'worker', 'start'],
		parse: parse.secret(1),
	}),
	redisPrefix: setting({
		variable: 'LATCHKEY_REDIS_PREFIX',
		description: 'First part of every Redis key, so that one Redis can serve several appliances.',
		default: 'latchkey',
		programs: ['server', 'worker'],
		parse: parse.pattern(/^[a-z0-9_-]{1,40}$/, 'lower-case letters, digits, - and _'),
	}),
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
			'Folder with the passwords of PostgreSQL and Redis, where it is another than LATCHKEY_SECRETS_DIR: the database containers mount this one and never see the master key.',
		programs: [...all, 'init'],
		parse: parse.text,
	}),
	migrationSecretsDirectory: setting({
		variable: 'LATCHKEY_DATABASE_MIGRATION_SECRETS_DIR',
		description:
			'Folder in which `init` makes the password of the role that owns the schema, where it is another than LATCHKEY_DATABASE_SECRETS_DIR: server and worker do not mount this one.',
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
	masterKeys: setting({
		variable: 'LATCHKEY_ENCRYPTION_KEY',
		description:
			'Master key (32 bytes, base64url) from which the key of each purpose is derived. Several, one a line: the first encrypts, the older ones below it still decrypt (docs/secrets.md).',
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
			'Identity providers of your own whose people may log in, as JSON; usually given as LATCHKEY_IDENTITY_PROVIDERS_FILE. See identity-providers.md.',
		secret: true,
		programs: ['server'],
		parse: identityProviders,
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
			'Most keys a server process knows from memory: those used last. Plan 0.7 KB for each, its usage included; with 100,000 a process stays below 200 MB.',
		default: '100000',
		programs: ['server'],
		parse: parse.integer(2, 5_000_000),
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
		description: 'Most requests worked on at once; further ones are answered 503.',
		default: '1000',
		programs: ['server'],
		parse: parse.integer(1, 100_000),
	}),
	metricsToken: setting({
		variable: 'LATCHKEY_METRICS_TOKEN',
		description: 'When set, GET /metrics needs `Authorization: Bearer` with it.',
		secret: true,
		programs: ['server'],
		parse: parse.secret(16),
	}),
	webhookAllowedNetworks: setting({
		variable: 'LATCHKEY_WEBHOOK_ALLOWED_NETWORKS',
		description:
			'Networks beside the public internet that webhooks may be sent to, also without TLS: CIDRs, or loopback, private, comma-separated. A network that this appliance is itself in must be named as narrowly as it is. Link-local and metadata addresses, PostgreSQL and Redis stay closed.',
		programs: ['server', 'worker'],
		parse: parse.networks,
	}),
	webhookAllowedPorts: setting({
		variable: 'LATCHKEY_WEBHOOK_ALLOWED_PORTS',
		description: 'Ports below 1024 that webhooks may be sent to, beside 80 and 443.',
		programs: ['server', 'worker'],
		parse: parse.integers(1, 1023),
	}),
	webhookCa: setting({
		variable: 'LATCHKEY_WEBHOOK_CA',
		description:
			'Certificate authorities of webhook receivers, in PEM, beside the well-known ones; usually given as LATCHKEY_WEBHOOK_CA_FILE.',
		programs: ['server', 'worker'],
		parse: parse.certificates,
	}),
	webhookKeepPrivateAnswers: setting({
		variable: 'LATCHKEY_WEBHOOK_KEEP_PRIVATE_ANSWERS',
		description:
			'1: keep and show what receivers in LATCHKEY_WEBHOOK_ALLOWED_NETWORKS answer, as for public ones. Whoever may create webhooks can then read from services in those networks.',
		default: '0',
		programs: ['server', 'worker'],
		parse: parse.flag,
	}),
	webhookRetrySeconds: setting({
		variable: 'LATCHKEY_WEBHOOK_RETRY_SECONDS',
		description:
			'Seconds between the attempts of a delivery, comma-separated; each is made up to a fifth longer or shorter. Ten attempts over 75 hours by default.',
		default: defaultRetrySeconds.join(','),
		programs: ['worker'],
		parse: parse.integers(1, 604_800),
	}),
	webhookRetentionDays: setting({
		variable: 'LATCHKEY_WEBHOOK_RETENTION_DAYS',
		description: 'How long events, deliveries and their attempts are kept, in days.',
		default: '30',
		programs: ['worker'],
		parse: parse.integer(4, 3650),
	}),
	usageFlushMs: setting({
		variable: 'LATCHKEY_USAGE_FLUSH_MS',
		description:
			'How often the worker moves last-used times and counts to PostgreSQL, in milliseconds.',
		default: '2000',
		programs: ['worker'],
		parse: parse.integer(200, 60_000),
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
		description: 'Port of the worker for /livez, /readyz and /metrics, on 127.0.0.1. 0: none.',
		default: '0',
		programs: ['worker'],
		parse: parse.integer(0, 65_535),
	}),
	drainDelayMs: setting({
		variable: 'LATCHKEY_DRAIN_DELAY_MS',
		description:
			'Between SIGTERM and refusing connections, for balancers to notice, in milliseconds.',
		default: '0',
		programs: ['server'],
		parse: parse.integer(0, 60_000),
	}),
	shutdownTimeoutMs: setting({
		variable: 'LATCHKEY_SHUTDOWN_TIMEOUT_MS',
		description: 'Longest wait for work in hand after SIGTERM; then the process ends with 1.',
		default: '25000',
		programs: ['server', 'worker'],
		parse: parse.integer(100, 600_000),
	}),
} as const;

/** Variables that other parts read by themselves: known here, so that they are no misspellings. */
export const foreignVariables: readonly {
	variable: `LATCHKEY_${string}`;
	description: string;
	program: Program;
}[] = [
	{
		variable: 'LATCHKEY_DATA_DIR',
		program: 'start',
		description: 'Where `npm start` keeps its data. Default `.latchkey`.',
	},
	{
		variable: 'LATCHKEY_NO_DOWNLOAD',
		program: 'start',
		description: '1: `npm start` never fetches a Redis from Debian’s packages.',
	},
	{
		variable: 'LATCHKEY_BIND',
		program: 'compose',
		description: 'Address of the host on which the bundle publishes the API. Default 127.0.0.1.',
	},
	{
		variable: 'LATCHKEY_SERVER_MEMORY',
		program: 'compose',
		description: 'Memory of one server container of the bundle. Default 512m.',
	},
	{
		variable: 'LATCHKEY_SERVERS',
		program: 'compose',
		description: 'Servers behind the balancer of the bundle. Default 3.',
	},
	{
		variable: 'LATCHKEY_DOMAIN',
		program: 'compose',
		description:
			'Name under which that balancer serves HTTPS, with a certificate of its own. Unset: plain HTTP.',
	},
	{
		variable: 'LATCHKEY_URL',
		program: 'console',
		description: 'Address of the appliance that the console talks to.',
	},
	{
		variable: 'LATCHKEY_PROFILE',
		program: 'console',
		description: 'Profile of an earlier login, which has the address; see docs/console.md.',
	},
	{
		variable: 'LATCHKEY_CA',
		program: 'console',
		description:
			'Certificate authority of that appliance, in PEM; usually given as LATCHKEY_CA_FILE.',
	},
	{
		variable: 'LATCHKEY_TOKEN',
		program: 'console',
		description: 'Access token for scripts; usually given as LATCHKEY_TOKEN_FILE.',
	},
	{
		variable: 'LATCHKEY_CLIENT_ID',
		program: 'console',
		description: 'Service account that commands act as; see docs/machines.md.',
	},
	{
		variable: 'LATCHKEY_CLIENT_SECRET',
		program: 'console',
		description: 'Its client secret; usually given as LATCHKEY_CLIENT_SECRET_FILE.',
	},
	{
		variable: 'LATCHKEY_ASCII',
		program: 'console',
		description: '1: the console draws with ASCII only.',
	},
	{
		variable: 'LATCHKEY_READONLY',
		program: 'console',
		description: '1: the console offers nothing that changes anything.',
	},
];

export type SettingName = keyof typeof settings;
