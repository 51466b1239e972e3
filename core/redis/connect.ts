import {isIP} from 'node:net';
import type {ConnectionOptions} from 'node:tls';
import {Redis, type RedisOptions} from 'ioredis';
import type {RedisConfig} from '../config/config.ts';
import type {Log} from '../log.ts';
import {isDemoted} from './refusal.ts';

function settings(config: RedisConfig) {
	return {
		...('path' in config.address
			? {path: config.address.path}
			: {host: config.address.host, port: config.address.port}),
		db: config.database,
		...(config.username === undefined ? {} : {username: config.username}),
		...(config.password === undefined ? {} : {password: config.password}),
		...(config.tls === false ? {} : {tls: tlsOf(config)}),
		connectTimeout: 1000,
		keepAlive: 10_000,
		// Called on the options of who connects again, also those that BullMQ makes from these.
		retryStrategy(this: RedisOptions, attempt: number) {
			if (config.readPassword !== undefined) this.password = config.readPassword();
			return Math.min(attempt * 50, 1000);
		},
		reconnectOnError: reconnectWhenDemoted(),
	};
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
function tlsOf({tls, address}: RedisConfig): ConnectionOptions {
	const isNamed = 'host' in address && isIP(address.host) === 0;
	const {ca, ...options} = {...(isNamed ? {servername: address.host} : {}), ...tls};
	return {...options, ...(ca === undefined ? {} : {ca: [...ca]})};
}

/**
 * The client for work that must not wait: with Redis away or stopped a command fails at once or
 * within `commandTimeoutMs`. A command that timed out may still be applied later, so only writes
 * that can be repeated go through it.
 */
export function connectRedis(config: RedisConfig, log: Log, commandTimeoutMs = 500): Redis {
	const redis = new Redis({
		...settings(config),
		enableOfflineQueue: false,
		maxRetriesPerRequest: 0,
		autoResendUnfulfilledCommands: false,
		commandTimeout: commandTimeoutMs,
		// A connection on which nothing comes back is given up. Else every command that timed out
		// would stay in its queue, and memory would grow for as long as Redis stands still.
		socketTimeout: commandTimeoutMs + 100,
	});
	logConnection(redis, log);
	return redis;
}

/** Longer than BullMQ lets a command block, which is 10 s at most. */
const queueSocketTimeoutMs = 20_000;

/** The client for BullMQ, which waits for Redis to come back by itself. */
export function connectRedisForQueues(config: RedisConfig, log: Log): Redis {
	const redis = new Redis({
		...settings(config),
		maxRetriesPerRequest: null,
		// Half-open connections are found by this, not by TCP after a quarter of an hour.
		socketTimeout: queueSocketTimeoutMs,
	});
	logConnection(redis, log);
	return redis;
}

/** One line when Redis goes and one when it is back, not one for each attempt. */
function logConnection(redis: Redis, log: Log): void {
	let away = false;
	redis.on('error', (error) => {
		if (!away) log.warn({error}, 'Redis is away');
		away = true;
	});
	redis.on('ready', () => {
		if (away) log.info('Redis is back');
		away = false;
	});
}
