import type {HealthCheck, Seen} from '../check.ts';
import type {Thresholds} from '../thresholds.ts';
import {redisClockOffset} from '../facts/redis.ts';
import {duration} from '../words.ts';

const remedy = 'Set it right, and keep it so: `timedatectl set-ntp true`, or chrony.';

export const clocksChecks: readonly HealthCheck[] = [
	{
		id: 'clocks.postgresql',
		title: 'The clock of this machine agrees with that of PostgreSQL, to 2 s; 30 s are a failure',
		needs: ['postgresql'],
		follows:
			'Keys and tokens are still judged correctly, by the clock of PostgreSQL. Log lines carry a wrong time, and certificates are judged by it.',
		remedy,
		async look({facts, thresholds}) {
			return seenOffset('The clock of this machine', await facts.clockOffset(), thresholds);
		},
	},
	{
		id: 'clocks.redis',
		title: 'The clock of Redis agrees with that of PostgreSQL, to 2 s; 30 s are a failure',
		needs: ['postgresql', 'redis'],
		follows: 'Work that is to be done later is done too early or too late.',
		remedy,
		async look({facts, redis, thresholds}) {
			const [own, ahead] = [await facts.clockOffset(), await redisClockOffset(redis)];
			return seenOffset('The clock of Redis', own - ahead, thresholds);
		},
	},
	{
		id: 'clocks.programs',
		title:
			'The clocks of servers and workers agree with that of PostgreSQL, to 2 s; 30 s are a failure',
		needs: ['schema'],
		follows:
			'Keys and tokens are still judged correctly, by the clock of PostgreSQL. Log lines of that machine carry a wrong time.',
		remedy,
		async look({facts, thresholds}) {
			const [verifiers, workers] = await Promise.all([facts.verifiers(), facts.workers()]);
			// A process that is gone does not count.
			const there = [
				...verifiers.filter(({holds_lease: holds}) => holds),
				...workers.filter(({state}) => state === 'running'),
			];
			const byMachine = new Map(
				there.map(({name, clock_offset_ms: ms}) => [name.split('/')[0] ?? name, ms ?? 0]),
			);
			return [...byMachine].flatMap(([machine, ms]) =>
				seenOffset(`The clock of ${machine}`, ms, thresholds),
			);
		},
	},
];

/** @param ms by how much it is ahead of PostgreSQL's */
function seenOffset(whose: string, ms: number, thresholds: Thresholds): Seen[] {
	const off = Math.abs(ms);
	if (off <= thresholds.clockWarningMs) return [];
	const level = off > thresholds.clockFailureMs ? 'failure' : 'warning';
	const what = `${whose} is ${duration(off / 1000)} ${ms > 0 ? 'ahead of' : 'behind'} PostgreSQL's.`;
	return [{level, what}];
}
