import {mostWatches, mostWatchesOfOrganisation, watchSeconds} from '../../contract/decisions.ts';
import type {RedisClient} from '../redis/connect.ts';
import type {RedisNames} from '../redis/names.ts';
import {nameOfWatch, type Watch} from './watch.ts';

/* Watches, and what servers tell them, as Redis has it for some seconds. All of it by its own clock. */

type Store = {redis: RedisClient; names: RedisNames};

/** How many seconds of servers a watch keeps: what is older was not read in time. */
const mostBatches = 100;

/**
 * KEYS: watches, batches and facts of this one. ARGV: its name, how long it lasts in ms, most watches,
 * most of an organisation, whose names begin with this; when the watch began that was read before, and its
 * last batch; all of them empty for whoever begins.
 * Returns when the watch began, what it has seen, its last batch, and the batches that follow; nothing
 * where there is no room for one more.
 */
const lookScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('EXISTS', KEYS[3]) == 0 then
	local watches = redis.call('ZRANGE', KEYS[1], 0, -1)
	local own = 0
	for _, name in ipairs(watches) do
		if string.sub(name, 1, #ARGV[5]) == ARGV[5] then own = own + 1 end
	end
	if #watches >= tonumber(ARGV[3]) or own >= tonumber(ARGV[4]) then return {} end
	redis.call('DEL', KEYS[2], KEYS[3])
	redis.call('HSET', KEYS[3], 'since', string.format('%.0f', now), 'seen', 0)
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
local facts = redis.call('HMGET', KEYS[3], 'since', 'seen')
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local batches = {}
if ARGV[6] == facts[1] then
	batches = redis.call('XRANGE', KEYS[2], '(' .. ARGV[7], '+')
elseif ARGV[6] ~= '' then
	batches = redis.call('XRANGE', KEYS[2], '-', '+')
end
return {facts[1], facts[2], last[1] and last[1][1] or '0-0', batches}`;

/** How far a watch was read. */
export type WatchPlace = {
	/** When the watch began, in ms since the epoch: later it is another one of the same name. */
	since: number;
	/** How many decisions there were until then. */
	seen: number;
	/** Of the last batch that was read. */
	batch: string;
};

export type LookedAt = {place: WatchPlace; batches: string[]};

/**
 * Renews a watch, or begins it, and reads what servers told it since it was read last.
 *
 * @param before where that was; undefined: what was told before is not read
 * @returns undefined where as many watches are open as may be
 */
export async function lookAt(
	{redis, names}: Store,
	watch: Watch,
	before: WatchPlace | undefined,
): Promise<LookedAt | undefined> {
	const name = nameOfWatch(watch);
	const answer = (await redis.eval(
		lookScript,
		3,
		names.watches,
		names.watchBatches(name),
		names.watchFacts(name),
		name,
		watchSeconds * 1000,
		mostWatches,
		mostWatchesOfOrganisation,
		watch.organisationId,
		before?.since ?? '',
		before?.batch ?? '',
	)) as [string, string, string, [id: string, fields: string[]][]] | [];
	if (answer.length === 0) return undefined;
	const [since, seen, batch, batches] = answer;
	return {
		place: {since: Number(since), seen: Number(seen), batch},
		batches: batches.map(([, [, text = '']]) => text),
	};
}

/**
 * KEYS: watches, batches and facts of one. ARGV: its name, how many decisions there were, those that are
 * told, most batches. A watch that nobody asks for any more is told nothing.
 */
const tellScript = `
if redis.call('EXISTS', KEYS[3]) == 0 then return redis.call('ZREM', KEYS[1], ARGV[1]) end
redis.call('HINCRBY', KEYS[3], 'seen', ARGV[2])
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[4], '*', 'decisions', ARGV[3])
return redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[3]))`;

/** What one server has for a watch. */
export type WatchBatch = {name: string; seen: number; text: string};

/**
 * Tells watches what there was for them.
 *
 * @returns the names of all watches there are now
 * @throws when Redis does not take or say something
 */
export async function tellWatches(
	{redis, names}: Store,
	batches: readonly WatchBatch[],
): Promise<string[]> {
	const pipeline = redis.pipeline();
	for (const {name, seen, text} of batches) {
		const keys = [names.watches, names.watchBatches(name), names.watchFacts(name)] as const;
		pipeline.eval(tellScript, 3, ...keys, name, seen, text, mostBatches);
	}
	pipeline.zrange(names.watches, 0, '-1');
	const answers = (await pipeline.exec()) ?? [];
	for (const [error] of answers) if (error !== null) throw error;
	return answers.at(-1)?.[1] as string[];
}
