import {isIP} from 'node:net';
import type {ConnectionOptions} from 'node:tls';
import {Redis, type Cluster, type RedisOptions} from 'ioredis';
import type {RedisConfig} from '../config/config.ts';
import type {Log} from '../log.ts';
import {connectNodes, mastersOf, type ClusterClientOptions} from './cluster.ts';
import {redisTlsFault} from '../tls-fault.ts';
import {isDemoted} from './refusal.ts';
import {TlsConnector} from './tls-connector.ts';

/**
 * A single Redis, or the one that leads; or a Redis Cluster, as `isCluster` tells. In a Cluster all
 * keys of a command, script or pipeline must have the same part in braces (see names.ts).
 */
export type RedisClient = Redis | Cluster;

type Options = Omit<RedisOptions, 'replyMapping'>;

const connectTimeoutMs = 1000;
/** Nodes may move without telling: where all are is asked again this often. */
const slotsRefreshMs = 5000;

/** Settings of every connection, whichever way it is found. */
function common(config: RedisConfig) {
	return {
		...(config.username === undefined ? {} : {username: config.username}),
		...(config.password === undefined ? {} : {password: config.password}),
		connectTimeout: connectTimeoutMs,
		keepAlive: 10_000,
		reconnectOnError: reconnectWhenDemoted(),
	} satisfies RedisOptions;
}

/** Before this attempt to connect again, in milliseconds. */
function pauseMs(attempt: number): number {
	return Math.min(attempt * 50, 1000);
}

/** @param more settings that depend on what the client is for */
function connectOne(config: RedisConfig, more: Options): Redis {
	const host = 'host' in config.address ? config.address.host : undefined;
	return new Redis({
		...common(config),
		...whereabouts(config),
		...(config.tls === false ? {} : {tls: tlsOf(config.tls, host)}),
		...(config.tls === false || 'sentinels' in config.address ? {} : {Connector: TlsConnector}),
		db: config.database,
		// Called on the options of who connects again, also those that BullMQ makes from these.
		retryStrategy(this: RedisOptions, attempt: number) {
			if (config.readPassword !== undefined) this.password = config.readPassword();
			if (config.readTls !== undefined) this.tls = tlsOf(config.readTls(), host);
			return pauseMs(attempt);
		},
		...more,
	});
}

function whereabouts({address, sentinelLogin, tls, readTls}: RedisConfig): Options {
	if (!('sentinels' in address)) return 'cluster' in address ? {} : address;
	const {username, password, readPassword} = sentinelLogin ?? {};
	return {
		sentinels: [...address.sentinels],
		name: address.name,
		...(username === undefined ? {} : {sentinelUsername: username}),
		...(password === undefined ? {} : {sentinelPassword: password}),
		...(tls === false ? {} : {sentinelTLS: tlsOf(tls), enableTLSForSentinelMode: true}),
		sentinelCommandTimeout: connectTimeoutMs,
		sentinelRetryStrategy(this: RedisOptions, attempt: number) {
			if (readPassword !== undefined) this.sentinelPassword = readPassword();
			if (readTls !== undefined) this.sentinelTLS = tlsOf(readTls());
			return pauseMs(attempt);
		},
	};
}

/** @param more settings that depend on what the client is for; `redisOptions` are of each node */
function connectCluster(config: RedisConfig, more: ClusterClientOptions): Cluster {
	const nodes = 'cluster' in config.address ? config.address.cluster : [];
	const options: ClusterClientOptions = {
		// Names stay what they are: certificates are for them.
		dnsLookup: (host, callback) => callback(null, host),
		// Where some slots are served by nobody, the others still are.
		enableReadyCheck: false,
		clusterRetryStrategy: pauseMs,
		slotsRefreshTimeout: connectTimeoutMs,
		slotsRefreshInterval: slotsRefreshMs,
		...more,
		redisOptions: {
			...common(config),
			...(config.tls === false ? {} : {Connector: TlsConnector}),
			...more.redisOptions,
		},
	};
	return connectNodes(nodes, options, (node) => {
		const {readPassword, tls, readTls} = config;
		if (readPassword !== undefined) {
			// ioredis makes further connections from these options, whenever it likes.
			Object.defineProperty(node, 'password', {get: readPassword, enumerable: true});
		}
		if (tls === false) return;
		Object.defineProperty(node, 'tls', {
			get: () => tlsOf(readTls?.() ?? tls, node.host),
			enumerable: true,
		});
	});
}

/** Between two attempts to find out who leads now, in milliseconds. */
const lookForLeaderMs = 1000;

/**
 * After a failover old connections still lead to the Redis that was demoted: only a new one may reach
 * the one that leads. The command that was refused fails.
 */
function reconnectWhenDemoted(): (error: Error) => boolean {
	let lastAt = Number.NEGATIVE_INFINITY;
	return (error) => {
		if (!isDemoted(error) || performance.now() - lastAt < lookForLeaderMs) return false;
		lastAt = performance.now();
		return true;
	};
}

/** ioredis names no server to TLS by itself, and one address may serve several names. */
function tlsOf(tls: Exclude<RedisConfig['tls'], false>, host = ''): ConnectionOptions {
	const isNamed = host !== '' && isIP(host) === 0;
	const {ca, ...options} = {...(isNamed ? {servername: host} : {}), ...tls};
	return {...options, ...(ca === undefined ? {} : {ca: [...ca]})};
}

/**
 * The client for work that must not wait: with Redis away or stopped a command fails at once or
 * within `commandTimeoutMs`. A command that timed out may still be applied later, so only writes
 * that can be repeated go through it.
 *
 * @param commandTimeoutMs bounds logging in as well: whoever waits for less has a timer of their own
 */
export function connectRedis(config: RedisConfig, log: Log, commandTimeoutMs = 500): RedisClient {
	const impatient = {
		maxRetriesPerRequest: 0,
		autoResendUnfulfilledCommands: false,
		commandTimeout: commandTimeoutMs,
		// A connection on which nothing comes back is given up. Else every command that timed out
		// would stay in its queue, and memory would grow for as long as Redis stands still.
		socketTimeout: commandTimeoutMs + 100,
	} satisfies RedisOptions;
	const redis =
		'cluster' in config.address
			? connectCluster(config, {
					enableOfflineQueue: false,
					// It is followed where a slot has moved to; what cannot be done now is not tried again.
					maxRedirections: 3,
					retryDelayOnFailover: 0,
					retryDelayOnClusterDown: 0,
					redisOptions: impatient,
				})
			: connectOne(config, {...impatient, enableOfflineQueue: false});
	logConnection(redis, log);
	return redis;
}

/** Longer than BullMQ lets a command block, which is 10 s at most. */
const queueSocketTimeoutMs = 20_000;
/** A tenth of a second apart: longer than a Cluster usually takes to have a replica lead. */
const queueRedirections = 300;

/** The client for BullMQ, which waits for Redis to come back by itself. */
export function connectRedisForQueues(config: RedisConfig, log: Log): RedisClient {
	const patient = {
		maxRetriesPerRequest: null,
		// Half-open connections are found by this, not by TCP after a quarter of an hour.
		socketTimeout: queueSocketTimeoutMs,
	} satisfies RedisOptions;
	const redis =
		'cluster' in config.address
			? connectCluster(config, {maxRedirections: queueRedirections, redisOptions: patient})
			: connectOne(config, patient);
	logConnection(redis, log);
	return redis;
}

/**
 * One line when Redis, or a node of it, goes and one when it is back, not one for each attempt; and one
 * for what is wrong with TLS, which may show in a later attempt only.
 */
function logConnection(redis: RedisClient, log: Log): void {
	const away = new Map<string, string | undefined>();
	const goes = (what: string, cause: unknown) => {
		const remedy = redisTlsFault(cause);
		const error = remedy === undefined ? cause : new Error(remedy, {cause});
		const isNews = !away.has(what) || (remedy !== undefined && away.get(what) !== remedy);
		if (isNews) log.warn({error}, `${what} is away`);
		away.set(what, remedy ?? away.get(what));
	};
	const isBack = (what: string) => {
		if (away.delete(what)) log.info(`${what} is back`);
	};
	let ofSentinels: unknown;
	redis.on('sentinelError', (error: unknown) => {
		ofSentinels = error;
	});
	redis.on('error', (error: Error) => goes('Redis', reasonOf(error, ofSentinels)));
	redis.on('ready', () => {
		if (mastersOf(redis).length > 0) isBack('Redis');
	});
	if (!redis.isCluster) return;
	redis.on('reconnecting', () => goes('Redis', new Error('no node of the Cluster is known')));
	redis.on('+node', (node: Redis) => {
		const what = `the node ${node.options.host}:${node.options.port} of Redis`;
		node.on('error', (error) => goes(what, error));
		node.on('ready', () => isBack(what));
	});
}

/**
 * Where neither a node of a Cluster nor a sentinel could be asked, what the last one said.
 *
 * @param ofSentinels what the last sentinel said that did not help
 */
function reasonOf(error: Error, ofSentinels: unknown): unknown {
	if (error.message.startsWith('All sentinels are unreachable')) return ofSentinels ?? error;
	return ('lastNodeError' in error && error.lastNodeError) || error;
}
