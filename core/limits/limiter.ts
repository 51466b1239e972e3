import type {Quota} from '../../contract/rate-limits.ts';
import type {Log} from '../log.ts';
import type {KeyFacts} from '../keys/policy.ts';
import type {RedisClient} from '../redis/connect.ts';
import {Refusals} from '../redis/refusal.ts';
import type {RedisNames} from '../redis/names.ts';
import {chargesOf, readingUse, type Charges, type LimitsAsked} from './charges.ts';
import {limitsOf, type KeyLimits} from './definitions.ts';
import {
	away,
	defineLimitsScripts,
	Lane,
	type LimitsRedis,
	type ScriptAnswer,
	type ScriptUse,
} from './lane.ts';
import {LocalLimiter, type Share} from './local-limiter.ts';
import {periodAt, type Period} from './periods.ts';
import {QuotaMemory, type EndingCounter, type KnownQuota} from './quota-memory.ts';
import {QuotaReader} from './quota-reader.ts';
import type {QuotaCounter} from './quota-store.ts';
import {limitSubject} from './subjects.ts';
import {verdictOf, type LimitsSource, type LimitsVerdict, type QuotaUse} from './verdict.ts';

/** Redis is away, and what was asked needs it, or the key policy says to refuse then: worth a 503. */
export class LimitsUnavailable extends Error {
	constructor() {
		super('limits cannot be kept or read while Redis is away');
		this.name = 'LimitsUnavailable';
	}
}

/** A key that limits concern. */
export type LimitedKey = Pick<
	KeyFacts,
	'keyId' | 'lineageId' | 'organisationId' | 'quotaAdjustments' | 'limits'
>;

export type LimiterOptions = {
	redis: RedisClient;
	names: RedisNames;
	log: Log;
	/** The time by the clock that all servers share, in ms since the epoch: see Clock. */
	now: () => number;
	/** Which of how many servers this is. */
	share: () => Share;
	/** What PostgreSQL knows of quotas, by `counterId`. */
	readCounts: (counters: readonly QuotaCounter[]) => Promise<ReadonlyMap<string, number>>;
	/** Told of each limit or quota that refuses a use. */
	noteRefused: (keyId: string, name: string, now: number) => void;
	/** How long Redis is waited for, in ms. */
	answerMs: number;
};

/** What is kept of limits and quotas at most, each, in this process. */
const mostKept = 100_000;
/** Quotas that are added to Redis at once after an outage. */
const mostAdditions = 500;
/** A count stays in Redis so long after its period: the clocks of Redis and of the servers may differ. */
const marginMs = 10 * 60_000;
/** Of a count that never ends: it is begun anew from PostgreSQL when it is next used. */
const endlessMs = 30 * 86_400_000;

/**
 * Holds uses of keys against their limits and quotas: on the clock and counts of Redis, so that it makes
 * no difference on which server a key is used; by itself, within its share, while Redis is away.
 */
export class Limiter {
	/** How many uses were decided by whom, for metrics. */
	readonly decided: Record<LimitsSource | 'refused', number> = {
		redis: 0,
		local: 0,
		none: 0,
		refused: 0,
	};

	readonly #options: LimiterOptions;
	readonly #redis: LimitsRedis;
	readonly #local = new LocalLimiter(mostKept);
	readonly #refusals: Refusals;
	readonly #reader: QuotaReader;
	/** By organisation in a Cluster, which has their names in different places; else one. */
	readonly #lanes = new Map<string, Lane>();
	/** What this process has seen of quotas. */
	readonly quotas = new QuotaMemory(mostKept);

	constructor(options: LimiterOptions) {
		this.#options = options;
		this.#redis = defineLimitsScripts(options.redis);
		this.#refusals = new Refusals(options.log, 'limits');
		this.#reader = new QuotaReader(options.readCounts);
	}

	/** Whether Redis decides: false where it is away for anybody. */
	get isRedisAsked(): boolean {
		return ![...this.#lanes.values()].some((lane) => !lane.isOpen);
	}

	/**
	 * Decides about a use, and charges it where it fits all limits and quotas of its key.
	 *
	 * @returns undefined where none of them is for such a use
	 * @throws {LimitsUnavailable}
	 * @throws where PostgreSQL must be asked about a quota and cannot be
	 */
	use(key: LimitedKey, limits: KeyLimits, asked: LimitsAsked): Promise<LimitsVerdict> | undefined {
		const charges = chargesOf(limits, asked);
		return charges === null ? undefined : this.#decide(key, charges);
	}

	/**
	 * How the limits and quotas of a key are now, all of them: nothing is charged.
	 *
	 * @returns undefined where it has none
	 * @throws where PostgreSQL must be asked about a quota and cannot be
	 */
	read(key: LimitedKey): Promise<LimitsVerdict> | undefined {
		return key.limits && this.use(key, key.limits, readingUse);
	}

	/**
	 * What all servers have counted of the quota of a key itself, in the period that is running.
	 *
	 * @throws {LimitsUnavailable} while Redis is away
	 */
	async readCount(
		key: Omit<LimitedKey, 'limits' | 'quotaAdjustments'>,
		quota: Quota,
	): Promise<{counted: number; period: Period}> {
		const limits = limitsOf({rate_limits: [], quota, shared: [], whenRedisIsAway: 'refuse'});
		const charges = limits && chargesOf(limits, readingUse);
		if (!charges) throw new Error('a quota that limits nothing');
		const reader = {...key, limits, quotaAdjustments: undefined};
		const {names, now} = this.#options;
		const use = new Use(reader, charges, now(), names);
		const answer = await this.#ask(this.#laneOf(key.organisationId), use);
		const [own] = use.quotas;
		if (answer === away || own === undefined) throw new LimitsUnavailable();
		this.#conclude(use, answer, 'redis');
		return {counted: answer.values[0] ?? 0, period: own.period};
	}

	stop(): void {
		for (const lane of this.#lanes.values()) lane.stop();
	}

	async #decide(key: LimitedKey, charges: Charges): Promise<LimitsVerdict> {
		const now = this.#options.now();
		const use = new Use(key, charges, now, this.#options.names);
		const lane = this.#laneOf(key.organisationId);
		const answer = await this.#ask(lane, use);
		const verdict =
			answer === away
				? await this.#decideAlone(use, lane.outages)
				: this.#conclude(use, answer, 'redis');
		if (!charges.isDryRun) this.decided[verdict.source]++;
		if (verdict.outcome !== 'valid') this.#note(key, verdict);
		return verdict;
	}

	async #ask(lane: Lane, use: Use): Promise<ScriptAnswer | typeof away> {
		const answer = await lane.ask(use.forScript(this.quotas));
		if (answer === away || answer.verdict >= 0) return answer;
		await this.#begin(use);
		return lane.ask(use.forScript(this.quotas, true));
	}

	/** Reads what is to be begun with from PostgreSQL: Redis may have lost it. */
	async #begin(use: Use): Promise<void> {
		await Promise.all(
			use.counters.map(async ({name, counter}) => {
				this.quotas.learn(name, counter, await this.#reader.read(counter));
			}),
		);
	}

	#conclude(
		use: Use,
		{verdict, values}: {verdict: number; values: readonly number[]},
		source: LimitsSource,
	): LimitsVerdict {
		const {charges, quotas, now} = use;
		const isCharged = verdict === 1 && !charges.isReading;
		const counts = values.slice(charges.limits.length);
		for (const [place, {name, counter}] of use.counters.entries()) {
			const known = this.quotas.learn(name, counter, counts[place] ?? 0);
			if (isCharged) markUsed(this.quotas, known, quotas[place]);
		}
		const aheads = values.slice(0, charges.limits.length);
		return verdictOf(charges, quotas, {aheads, counts, isCharged}, {source, at: now});
	}

	/** Redis does not answer: what the policy of the key says. */
	async #decideAlone(use: Use, outage: number): Promise<LimitsVerdict> {
		const whenRedisIsAway = use.key.limits?.whenRedisIsAway;
		const {isReading, isDryRun} = use.charges;
		if (whenRedisIsAway === 'refuse' && (!isReading || isDryRun)) {
			if (!isDryRun) this.decided.refused++;
			throw new LimitsUnavailable();
		}
		await this.#catchUp(use, outage);
		const share = this.#options.share();
		const known = use.counters.map(({name, counter}) => this.quotas.learn(name, counter, 0));
		const isFree = whenRedisIsAway === 'allow';
		const hasRoom = use.quotas.every((quota, place) => fitsShare(quota, known[place], share));
		const states = this.#local.charge(use.charges, use.limitNames, share, hasRoom || isFree);
		const isCharged = states.isCharged || (isFree && !use.charges.isReading);
		if (isCharged) {
			for (const [place, {cost}] of use.quotas.entries()) {
				const quota = known[place];
				if (quota === undefined) continue;
				const {of, adjustment} = use.quotas[place] ?? {};
				quota.limit = of?.limit ?? quota.limit;
				quota.used = quota.counted + quota.pending + cost + (adjustment ?? 0);
				this.quotas.addPending(quota, cost);
			}
		}
		const counts = known.map(({counted, pending}) => counted + pending);
		const source = isFree ? 'none' : 'local';
		return verdictOf(
			use.charges,
			use.quotas,
			// Of what would be let in whatever is left, nothing is exceeded.
			{...states, counts, isCharged: isCharged || (isFree && isDryRun)},
			{source, at: use.now},
		);
	}

	/**
	 * Learns what other servers have counted: they tell PostgreSQL. Once in each outage, of each quota.
	 *
	 * @throws where nothing is known of one, and PostgreSQL cannot be asked
	 */
	async #catchUp({counters}: Use, outage: number): Promise<void> {
		for (const {name, counter} of counters) {
			const known = this.quotas.get(name);
			if (known?.readIn === outage) continue;
			try {
				const counted = await this.#reader.read(counter);
				this.quotas.learn(name, counter, counted).readIn = outage;
			} catch (error) {
				if (known === undefined) throw error;
			}
		}
	}

	#note({keyId}: LimitedKey, {limits, quotas, at}: LimitsVerdict): void {
		for (const {of, isExceeded} of [...limits, ...quotas]) {
			if (isExceeded) this.#options.noteRefused(keyId, of.shown, at);
		}
	}

	#laneOf(organisationId: string): Lane {
		const name = this.#redis.isCluster ? organisationId : '';
		let lane = this.#lanes.get(name);
		if (lane !== undefined) return lane;
		lane = new Lane({
			redis: this.#redis,
			answerMs: this.#options.answerMs,
			onAway: (error) => this.#tellAway(error),
			onBack: () => this.#tellBack(),
			beforeBack: () => this.#addPending(name),
			onIdle: () => this.#forget(name),
		});
		this.#lanes.set(name, lane);
		return lane;
	}

	#tellBack(): void {
		this.#refusals.clear();
		this.#options.log.info('Redis keeps limits again');
	}

	/** Of many organisations in a Cluster, those that are not used need no way to Redis. */
	#forget(name: string): void {
		if (!this.#redis.isCluster || this.#pendingOf(name).length > 0) return;
		this.#lanes.get(name)?.stop();
		this.#lanes.delete(name);
	}

	#pendingOf(lane: string): KnownQuota[] {
		return this.quotas
			.pendingAt(this.#options.now())
			.filter(({organisationId}) => lane === '' || lane === organisationId);
	}

	#tellAway(error: unknown): void {
		this.#refusals.note(error);
		this.#options.log.warn({error}, 'Redis does not keep limits: the key policy says what holds');
	}

	/** Whether Redis takes writes of a lane: an allowance of a microsecond that is full again in a moment. */
	async #probe(lane: string): Promise<void> {
		const name = this.#options.names.limit(lane, 'probe:', 'probe');
		await this.#redis.latchkeyCharge(1, name, 1, 0, 0, 1_000_000, 1);
	}

	/** Adds to Redis what was let in while it was away, before it is asked again. Shows that it answers. */
	async #addPending(lane: string): Promise<void> {
		const {names, now} = this.#options;
		await this.#probe(lane);
		const at = now();
		const pending = this.#pendingOf(lane);
		for (let i = 0; i < pending.length; i += mostAdditions) {
			await Promise.all(
				pending.slice(i, i + mostAdditions).map(async (quota) => {
					const {organisationId, name, periodEnd} = quota;
					const stored = await this.#reader.read(quota);
					const {id, sum} = this.quotas.beginAdding(quota);
					const counted = await this.#redis.latchkeyAddToQuota(
						name,
						names.quotaAdded(organisationId, id),
						sum,
						Math.max(quota.counted, stored),
						lifetimeOf(periodEnd, at),
					);
					this.quotas.added(quota, counted);
					this.quotas.markUsed(quota, quota.limit, quota.used);
				}),
			);
		}
	}
}

/** One use of a key: what it takes, and under which names that is kept. */
class Use {
	readonly key: LimitedKey;
	readonly charges: Charges;
	readonly now: number;
	readonly limitNames: readonly string[];
	readonly quotas: readonly QuotaUse[] = [];
	readonly counters: readonly {name: string; counter: EndingCounter}[] = [];

	constructor(key: LimitedKey, charges: Charges, now: number, names: RedisNames) {
		const {organisationId} = key;
		this.key = key;
		this.charges = charges;
		this.now = now;
		this.limitNames = charges.limits.map(({of}) =>
			names.limit(organisationId, limitSubject(of, key), of.name),
		);
		if (charges.quotas.length === 0) return;
		this.quotas = charges.quotas.map(({of, cost}): QuotaUse => {
			const period = periodAt(of, now);
			// Those of a key are changed by hand; what is shared is not.
			const changed = of.shared === undefined ? key.quotaAdjustments : undefined;
			const adjustment = changed?.find(({start}) => start === period.start)?.amount ?? 0;
			return {of, cost, period, adjustment};
		});
		this.counters = this.quotas.map(({of, period}) => {
			const subject = limitSubject(of, key);
			return {
				name: names.quota(organisationId, subject, period.start),
				counter: {organisationId, subject, periodStart: period.start, periodEnd: period.end},
			};
		});
	}

	/** @param mayBegin whether a count that Redis lacks is begun with what is known */
	forScript(memory: QuotaMemory, mayBegin = false): ScriptUse {
		const {charges, quotas, counters} = this;
		if (quotas.length === 0) {
			return {keys: this.limitNames, arguments: charges.scriptArguments};
		}
		const args: (string | number)[] = [...charges.scriptArguments];
		for (const [place, {of, cost, period, adjustment}] of quotas.entries()) {
			const known = memory.get(counters[place]?.name ?? '')?.counted ?? 0;
			const lifetime = lifetimeOf(period.end, this.now);
			args.push(of.limit - adjustment, cost, lifetime, known, mayBegin ? 1 : 0);
		}
		return {keys: [...this.limitNames, ...counters.map(({name}) => name)], arguments: args};
	}
}

function lifetimeOf(end: number | undefined, now: number): number {
	return end === undefined ? endlessMs : Math.max(end - now, 0) + marginMs;
}

function markUsed(memory: QuotaMemory, known: KnownQuota, quota: QuotaUse | undefined): void {
	if (quota === undefined) return;
	memory.markUsed(known, quota.of.limit, known.counted + quota.adjustment);
}

/** Whether a use fits into the part of what is left of a quota that is one server's. */
function fitsShare(
	{of, cost, adjustment}: QuotaUse,
	known: KnownQuota | undefined,
	{servers}: Share,
): boolean {
	const {counted, pending} = known ?? {counted: 0, pending: 0};
	const left = Math.floor(Math.max(of.limit - adjustment - counted, 0) / servers);
	return pending + cost <= left;
}
