import * as parse from './parse.ts';
import {setting} from './setting.ts';
import {redisTlsSettings} from './tls-settings.ts';

/** How Redis is reached. */
export const redisSettings = {
	redisUrl: setting({
		variable: 'LATCHKEY_REDIS_URL',
		description:
			'Redis 6.2 or Valkey 7.2 or newer, as one URL: redis://, rediss:// (TLS) or unix:///path. Excludes LATCHKEY_REDIS_HOST, LATCHKEY_REDIS_SENTINELS and LATCHKEY_REDIS_CLUSTER; a user or password that it leaves out is taken from the separate parts.',
		secret: true,
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.connectionUrl(['redis', 'rediss', 'unix']),
	}),
	redisHost: setting({
		variable: 'LATCHKEY_REDIS_HOST',
		description: 'Redis host.',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.text,
	}),
	redisPort: setting({
		variable: 'LATCHKEY_REDIS_PORT',
		description: 'Redis port, with LATCHKEY_REDIS_HOST or a URL without one.',
		default: '6379',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.integer(1, 65_535),
	}),
	redisSentinels: setting({
		variable: 'LATCHKEY_REDIS_SENTINELS',
		description:
			'Sentinels that say which Redis leads, as host:port, comma-separated; they name each other, so some are enough. Needs LATCHKEY_REDIS_SENTINEL_NAME; in place of LATCHKEY_REDIS_URL.',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.hostPorts,
	}),
	redisSentinelName: setting({
		variable: 'LATCHKEY_REDIS_SENTINEL_NAME',
		description: 'Name under which the sentinels watch that Redis, such as mymaster.',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.pattern(/^[\w.-]{1,100}$/, 'a name of letters, digits, . - and _'),
	}),
	redisSentinelUsername: setting({
		variable: 'LATCHKEY_REDIS_SENTINEL_USERNAME',
		description: 'ACL user of the sentinels themselves, where they ask for one.',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.text,
	}),
	redisSentinelPassword: setting({
		variable: 'LATCHKEY_REDIS_SENTINEL_PASSWORD',
		description:
			'Password of the sentinels themselves, where they ask for one: they are not told the one of Redis.',
		secret: true,
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.secret(1),
	}),
	redisCluster: setting({
		variable: 'LATCHKEY_REDIS_CLUSTER',
		description:
			'Nodes of a Redis Cluster, as host:port, comma-separated; they name all others, so some are enough. In place of LATCHKEY_REDIS_URL.',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.hostPorts,
	}),
	redisUsername: setting({
		variable: 'LATCHKEY_REDIS_USERNAME',
		description: 'Redis ACL user.',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.text,
	}),
	redisPassword: setting({
		variable: 'LATCHKEY_REDIS_PASSWORD',
		description:
			'Password of that user. The file is used with LATCHKEY_REDIS_HOST only: it is for a Redis that was set up with it.',
		secret: true,
		secretFile: 'redis_password',
		programs: ['server', 'worker', 'backup', 'start'],
		parse: parse.secret(1),
	}),
	...redisTlsSettings,
	redisPrefix: setting({
		variable: 'LATCHKEY_REDIS_PREFIX',
		description: 'First part of every Redis key, so that one Redis can serve several appliances.',
		default: 'latchkey',
		programs: ['server', 'worker', 'backup'],
		parse: parse.pattern(/^[a-z0-9_-]{1,40}$/, 'lower-case letters, digits, - and _'),
	}),
} as const;
