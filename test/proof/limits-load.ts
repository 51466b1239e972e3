import {setImmediate as turn, setTimeout as sleep} from 'node:timers/promises';
import {writeFileSync} from 'node:fs';
import {createRedisNames} from '../../core/redis/names.ts';
import {connectRedis} from '../../core/redis/connect.ts';
import type {RedisConfig} from '../../core/config/config.ts';
import {createLog} from '../../core/log.ts';
import {plainUse} from '../../core/limits/charges.ts';
import {limitsOf} from '../../core/limits/definitions.ts';
import type {LimitsRedis} from '../../core/limits/lane.ts';
import {Limiter} from '../../core/limits/limiter.ts';
import {counterId} from '../../core/limits/quota-store.ts';
import {limitedKeys, organisationId, ownLimits, type Record} from './limits-keys.ts';

/*
One of several processes that use the same keys: each use is decided by the limiter that ships, and
written down as it came to Redis. Started by limits.ts, with what it needs in PROOF_LIMITS.
*/

type Task = {redis: RedisConfig; uses: number; seed: number; output: string};

const task = JSON.parse(process.env['PROOF_LIMITS'] ?? '') as Task;
const log = createLog({program: 'server', logLevel: 'warn', keyPrefix: 'hklst_'});
const redis = connectRedis(task.redis, log, 60_000);
await new Promise((resolve) => redis.once('ready', resolve));

const limiter = new Limiter({
	redis,
	names: createRedisNames(task.redis.prefix),
	log,
	now: () => Date.now(),
	share: () => ({servers: 1, place: 0}),
	// Nothing was counted before.
	readCounts: async (counters) => new Map(counters.map((counter) => [counterId(counter), 0])),
	noteRefused: () => {},
	// However busy the machine is: what it comes to is asked here, not how soon.
	answerMs: 60_000,
});

/** What each command of the script was asked, and what it answered, in the order of this process. */
const records: Record[] = [];
const scripts = redis as LimitsRedis;
const charge = scripts.latchkeyCharge.bind(redis);
scripts.latchkeyCharge = async (count, ...rest) => {
	const answer = await charge(count, ...rest);
	const keys = rest.slice(0, count).map(String);
	const args = rest.slice(count).map(Number);
	const verdicts: [string[], number][] = [];
	for (let at = 0, key = 0, place = 1; at < args.length;) {
		const [limits = 0, quotas = 0] = [args[at], args[at + 1]];
		verdicts.push([keys.slice(key, key + limits + quotas), Number(answer[place])]);
		at += 3 + 2 * limits + 5 * quotas;
		key += limits + quotas;
		place += 1 + limits + quotas;
	}
	records.push({at: Number(answer[0]), verdicts});
	return answer;
};

/** A generator of its own, so that a run can be repeated (mulberry32). */
let state = task.seed;
function random(): number {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const limits = limitsOf(ownLimits);
if (limits === undefined) throw new Error('nothing is limited');
let wrong = 0;
let decided = 0;
const tryKey = async (lineageId: string) => {
	const key = {keyId: lineageId, lineageId, organisationId, quotaAdjustments: undefined};
	const verdict = await limiter.use(key, limits, plainUse);
	if (verdict === undefined || verdict.source !== 'redis') wrong++;
	else decided++;
};

for (let left = task.uses; left > 0;) {
	// Now alone, now a crowd in one turn of the event loop.
	const crowd = Math.min(left, 1 + Math.floor(random() ** 3 * 400));
	left -= crowd;
	const uses = [];
	for (let i = 0; i < crowd; i++) {
		uses.push(tryKey(limitedKeys[Math.floor(random() ** 2 * limitedKeys.length)] ?? ''));
		if (random() < 0.05) await turn();
	}
	if (random() < 0.8) await Promise.all(uses);
	if (random() < 0.05) await sleep(random() * 20);
}
while (decided + wrong < task.uses) await turn();
writeFileSync(task.output, JSON.stringify({records, wrong}));
redis.disconnect();
limiter.stop();
