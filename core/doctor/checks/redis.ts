import {redisFinding} from '../../../contract/dependency-findings.ts';
import type {HealthCheck, Seen} from '../check.ts';
import {missingCommands} from '../facts/redis.ts';
import {bytes, duration, enumerated, percent} from '../words.ts';
import {isNear} from './postgresql.ts';

export const redisChecks: readonly HealthCheck[] = [
	{
		id: 'redis.answers',
		title: 'Redis answers, lets the user in, and takes writes',
		follows:
			'Checks of keys without limits work as usual. Limits are kept by each server by itself; webhooks and time-driven work wait.',
		remedy: 'Start Redis. Queued work resumes by itself.',
		async look({settings, dependencies}) {
			if (settings.redis === undefined) {
				return [
					{
						level: 'failure',
						what: 'It is not known where Redis is.',
						remedy:
							'Give LATCHKEY_REDIS_URL, LATCHKEY_REDIS_HOST, LATCHKEY_REDIS_SENTINELS or LATCHKEY_REDIS_CLUSTER.',
					},
				];
			}
			const finding = redisFinding(await dependencies.redis());
			return finding === undefined ? [] : [finding];
		},
	},
	{
		id: 'redis.policy',
		title: 'Redis throws nothing away when it is full: noeviction',
		needs: ['redis'],
		follows: 'Jobs, limits and counts that wait there vanish silently.',
		remedy: 'CONFIG SET maxmemory-policy noeviction, and the same in its configuration.',
		async look({facts}) {
			return (await facts.redisNodes()).flatMap(({address, info}): Seen[] => {
				const policy = info.get('maxmemory_policy');
				if (policy === undefined || policy === 'noeviction') return [];
				return [{level: 'failure', what: `Redis at ${address} evicts data (${policy}).`}];
			});
		},
	},
	{
		id: 'redis.persistence',
		title: 'Redis keeps an append-only file, and can write it',
		needs: ['redis'],
		follows:
			'A restart forgets the use of the last moments and what time-driven work was due; limits start over.',
		remedy: 'CONFIG SET appendonly yes, and the same in its configuration.',
		async look({facts}) {
			return (await facts.redisNodes()).flatMap(({address, info}): Seen[] => {
				if (info.get('aof_enabled') === '0') {
					return [{level: 'warning', what: `Redis at ${address} keeps no append-only file.`}];
				}
				const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status'].find(
					(name) => (info.get(name) ?? 'ok') !== 'ok',
				);
				if (failed === undefined) return [];
				return [
					{
						level: 'failure',
						what: `Redis at ${address} could not write its append-only file (${failed}).`,
						follows: 'It takes no writes, or forgets them when it restarts.',
						remedy: 'See its disk and its log.',
					},
				];
			});
		},
	},
	{
		id: 'redis.role',
		title: 'Redis leads, and its replicas follow',
		needs: ['redis'],
		follows: 'It takes no writes: limits, usage and queues come to a halt.',
		remedy:
			'LATCHKEY_REDIS_URL must lead to the Redis that leads; with sentinels, name them instead.',
		async look({facts}) {
			return (await facts.redisNodes()).flatMap(({address, info}): Seen[] => {
				const role = info.get('role') ?? 'master';
				if (role !== 'master') {
					return [{level: 'failure', what: `Redis at ${address} is a replica.`}];
				}
				const late = [...info].filter(
					([name, value]) => /^slave\d+$/.test(name) && !value.includes('state=online'),
				);
				if (late.length === 0) return [];
				return [
					{
						level: 'warning',
						what: `${late.length === 1 ? 'A replica' : `${late.length} replicas`} of Redis at ${address} ${late.length === 1 ? 'is' : 'are'} not up to date.`,
						follows:
							'If it had to lead now, limits would start over and queued work would be queued again.',
						remedy: 'See the log of the replica, and the network between the two.',
					},
				];
			});
		},
	},
	{
		id: 'redis.rights',
		title: 'The Redis user may use every command and name that is needed',
		needs: ['redis'],
		follows: 'What uses the command fails: limits, use, webhooks or time-driven work.',
		remedy:
			'Give the user the right (ACL SETUSER … +command): docs/database.md lists what is needed.',
		async look({redis, names}) {
			const missing = await missingCommands(redis, names.probe);
			if (missing.length === 0) return [];
			return [{level: 'failure', what: `The Redis user has no right to ${enumerated(missing)}.`}];
		},
	},
	{
		id: 'redis.memory',
		title: 'Redis has a fifth of its memory left',
		needs: ['redis'],
		follows: 'When it is full it takes no writes: limits are kept by each server, webhooks wait.',
		remedy:
			'Raise maxmemory (LATCHKEY_REDIS_MAXMEMORY in the bundle): docs/docker.md says how much it needs.',
		async look({facts, thresholds}) {
			return (await facts.redisNodes()).flatMap(({address, info}): Seen[] => {
				const number = (name: string) => Number(info.get(name) ?? 0);
				const most = number('maxmemory') || number('total_system_memory');
				const used = number('used_memory');
				if (most === 0 || used < most * thresholds.usedWarning) return [];
				const level = used < most * thresholds.usedFailure ? 'warning' : 'failure';
				return [
					{
						level,
						what: `Redis at ${address} uses ${bytes(used)} of ${bytes(most)} (${percent(used / most)}).`,
					},
				];
			});
		},
	},
	{
		id: 'redis.queues',
		title: 'No job has waited for more than a minute',
		needs: ['redis'],
		follows: 'The workers do not keep up, or do not take them.',
		remedy: 'See the log of the workers; another worker takes more at a time.',
		async look({facts, thresholds}) {
			return Object.entries(await facts.queues()).flatMap(
				([name, {waiting, oldest_seconds: oldest}]): Seen[] =>
					oldest <= thresholds.queueBehindSeconds
						? []
						: [
								{
									level: 'warning',
									what: `${waiting === 1 ? '1 job waits' : `${waiting} jobs wait`} in the queue ${name}, the oldest for ${duration(oldest)}.`,
								},
							],
			);
		},
	},
	{
		id: 'redis.encryption',
		title: 'Redis on another machine is reached by TLS, and asks for a password',
		follows:
			'Anyone on the network path can read and change what is counted, or use Redis as their own.',
		remedy: 'Set LATCHKEY_REDIS_TLS=verify-full and a password: docs/database.md.',
		look({settings: {redis}}) {
			if (redis === undefined || 'path' in redis.address) return [];
			const places =
				'sentinels' in redis.address
					? redis.address.sentinels
					: 'cluster' in redis.address
						? redis.address.cluster
						: [redis.address];
			const far = places.find(({host}) => !isNear(host));
			if (far === undefined) return [];
			const lacking = [
				...(redis.tls === false ? ['TLS'] : []),
				...(redis.password === undefined ? ['a password'] : []),
			];
			if (lacking.length === 0) return [];
			return [
				{
					level: 'warning',
					what: `Redis at ${far.host} is reached without ${lacking.join(' and ')}.`,
				},
			];
		},
	},
];
