import type {WhenRedisIsAway} from '../../contract/key-policies.ts';
import {quotaName, type Quota, type RateLimit} from '../../contract/rate-limits.ts';
import {createShared} from '../keys/shared.ts';

/*
What limits the uses of a key: its own limits and quota, and those that it shares with the other keys
of its owner or organisation. Compiled once for all keys that carry the same.
*/

/** By whom limits that keys share are counted: by their organisation (`o`), or their owner (`w`). */
export type SharedSubject = {
	readonly kind: 'o' | 'w';
	/** Of the owner, `type/id`; of the organisation, nothing. */
	readonly id: string;
};

type OfSubject = {
	/** Undefined: the key's own. */
	readonly shared: SharedSubject | undefined;
	/** As it is defined, for a use that names it. */
	readonly name: string;
	/** As answers call it: `burst`, `org:burst`, `owner:burst`. */
	readonly shown: string;
};

export type CompiledLimit = OfSubject & {
	/** It is none of the key: whoever asks about the key keeps it there. */
	readonly isAsked?: boolean;
	readonly limit: number;
	readonly windowSeconds: number;
	readonly burst: number;
	readonly cost: number;
	readonly auto: boolean;
	/**
	 * Between two uses that come evenly, in whole µs; rounded up, so that no rounding lets more uses in
	 * than the limit.
	 */
	readonly interval: number;
};

export type CompiledQuota = OfSubject & Quota;

/** What limits the uses of a key, in the order in which it is told: its own first. */
export type KeyLimits = {
	readonly limits: readonly CompiledLimit[];
	readonly quotas: readonly CompiledQuota[];
	readonly whenRedisIsAway: WhenRedisIsAway;
};

/** As a row of shared limits has them. */
export type SharedDefinition = {
	subject: SharedSubject;
	rate_limits: readonly RateLimit[];
	quota: Quota | null;
};

type Definitions = {
	rate_limits: readonly RateLimit[];
	quota: Quota | null;
	shared: readonly SharedDefinition[];
	whenRedisIsAway: WhenRedisIsAway;
};

const compiled = createShared((text) => compile(JSON.parse(text) as Definitions));

/** Of a key that nothing limits: what a caller keeps for it is kept as every server by itself, too. */
export const unlimited: KeyLimits = {limits: [], quotas: [], whenRedisIsAway: 'local'};

/** @returns undefined for a key that nothing limits, as `unlimited` */
export function limitsOf(definitions: Definitions): KeyLimits | undefined {
	const {rate_limits, quota, shared, whenRedisIsAway} = definitions;
	const isUnlimited = rate_limits.length === 0 && quota === null && shared.length === 0;
	if (isUnlimited && whenRedisIsAway === unlimited.whenRedisIsAway) return undefined;
	return compiled(JSON.stringify(definitions));
}

/** A limit that whoever asks about a key keeps for it, under a name of their own. */
export function askedLimit({
	name,
	limit,
	window_seconds: windowSeconds,
	burst = limit,
	cost = 1,
}: Pick<RateLimit, 'name' | 'limit' | 'window_seconds'> & {
	burst?: number | undefined;
	cost?: number | undefined;
}): CompiledLimit {
	const definition = {name, limit, window_seconds: windowSeconds, burst, cost, auto: true};
	return {...compileLimit(definition, undefined), isAsked: true};
}

function compile({rate_limits, quota, shared, whenRedisIsAway}: Definitions): KeyLimits {
	const all = [{subject: undefined, rate_limits, quota}, ...shared];
	return {
		limits: all.flatMap(({subject, rate_limits: limits}) =>
			limits.map((limit) => compileLimit(limit, subject)),
		),
		quotas: all.flatMap(({subject, quota: each}) =>
			each === null ? [] : [compileQuota(each, subject)],
		),
		whenRedisIsAway,
	};
}

function compileLimit(
	{name, limit, window_seconds: windowSeconds, burst, cost, auto}: RateLimit,
	shared: SharedSubject | undefined,
): CompiledLimit {
	return {
		...namesOf(name, shared),
		limit,
		windowSeconds,
		burst,
		cost,
		auto,
		interval: Math.ceil((windowSeconds * 1e6) / limit),
	};
}

function compileQuota(quota: Quota, shared: SharedSubject | undefined): CompiledQuota {
	return {...quota, ...namesOf(quotaName, shared)};
}

const prefixes = {o: 'org:', w: 'owner:'} as const;

function namesOf(name: string, shared: SharedSubject | undefined): OfSubject {
	return {shared, name, shown: `${shared === undefined ? '' : prefixes[shared.kind]}${name}`};
}
