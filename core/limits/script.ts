/**
 * Decides about all uses that limits concern in one turn of the event loop, by the clock of Redis: each
 * by itself, in their order, and all or nothing. Of one use, every limit and quota is looked at before any
 * is written to.
 *
 * KEYS: the states of all uses in turn, limits before quotas.
 * ARGV: of each use how many limits and quotas it has, and 1 where it only reads; then of each limit
 * how far ahead its TAT may lie at most and what the use takes, in µs; of each quota how much may be
 * counted at most, what the use takes, its lifetime in ms, what is known to have been counted, and 1
 * where it may be begun with that.
 *
 * Returns the time in µs, then of each use 1 where all fits, 0 where it does not, -1 where a quota that
 * Redis lacks may not be begun; and of each of its limits how far ahead the TAT lies, of each of its
 * quotas what was counted, as they are then.
 */
export const chargeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer, last = {now}, 1
local at, key = 1, 1
while at < #ARGV do
	local limits, quotas, reading = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), ARGV[at + 2] == '1'
	local first, firstArg = key, at + 3
	local verdict = 1
	local values = {}
	at = firstArg
	for i = 1, limits do
		local most, cost = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
		local ahead = (tonumber(redis.call('GET', KEYS[key]) or 0)) - now
		if ahead < 0 then ahead = 0 elseif ahead > most then ahead = most end
		if ahead + cost > most and verdict == 1 then verdict = 0 end
		values[i] = ahead
		at, key = at + 2, key + 1
	end
	for i = limits + 1, limits + quotas do
		local counted, known = tonumber(redis.call('GET', KEYS[key]) or -1), tonumber(ARGV[at + 3])
		if counted < 0 and ARGV[at + 4] ~= '1' then verdict = -1 end
		if counted < known then counted = known end
		if counted + tonumber(ARGV[at + 1]) > tonumber(ARGV[at]) and verdict == 1 then verdict = 0 end
		values[i] = counted
		at, key = at + 5, key + 1
	end
	if verdict == 1 and not reading then
		key, at = first, firstArg
		for i = 1, limits do
			local cost = tonumber(ARGV[at + 1])
			if cost > 0 then
				values[i] = values[i] + cost
				redis.call('SET', KEYS[key], now + values[i], 'PX', math.ceil(values[i] / 1000) + 1000)
			end
			at, key = at + 2, key + 1
		end
		for i = limits + 1, limits + quotas do
			values[i] = values[i] + tonumber(ARGV[at + 1])
			redis.call('SET', KEYS[key], values[i], 'PX', ARGV[at + 2])
			at, key = at + 5, key + 1
		end
	end
	answer[last + 1] = verdict
	for i = 1, limits + quotas do answer[last + 1 + i] = values[i] end
	last = last + 1 + limits + quotas
end
return answer`;

/**
 * Adds to a quota what was let in while Redis was away: once, however often it is asked for.
 *
 * KEYS: the quota, a name that says that it was added. ARGV: the sum, what is known to have been counted,
 * the lifetime in ms of both. Returns what is counted then.
 */
export const addScript = `
local counted, known = tonumber(redis.call('GET', KEYS[1]) or -1), tonumber(ARGV[2])
if counted < known then counted = known end
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3]) then
	counted = counted + tonumber(ARGV[1])
	redis.call('SET', KEYS[1], counted, 'PX', ARGV[3])
end
return counted`;
