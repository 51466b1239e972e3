import type {CountedOutcome} from '../../contract/outcomes.ts';
import type {Asked} from '../keys/asked.ts';
import type {KeyFacts} from '../keys/policy.ts';
import type {Log} from '../log.ts';
import type {RedisClient} from '../redis/connect.ts';
import type {RedisNames} from '../redis/names.ts';
import {Sample, writeSample, type Cleaning} from './sample.ts';
import {isWatchedBy, watchNamed, type Watch} from './watch.ts';
import {tellWatches} from './watch-store.ts';

const tellEveryMs = 1000;

export type TailOptions = {
	redis: RedisClient;
	names: RedisNames;
	log: Log;
	/** Id of this server. */
	server: string;
	/** How what is told is made fit for that. */
	cleaning: Cleaning;
};

type Watched = Watch & {name: string; sample: Sample};

/**
 * Tells people who look on what this process decides about keys. Who that is, Redis says once a second; until
 * somebody does, a check costs one look at `isWatched`. What was decided in a second is then told in one
 * piece, and what Redis does not take is lost: it is for looking at, what counts is in usage.
 */
export class DecisionTail {
	/** Whether anybody looks on: else `note` need not be called. */
	isWatched = false;

	readonly #options: TailOptions;
	#watches = new Map<string, Watched>();
	#byOrganisation = new Map<string, Watched[]>();
	#timer: NodeJS.Timeout | undefined;
	#telling: Promise<void> | undefined;

	constructor(options: TailOptions) {
		this.#options = options;
	}

	start(): void {
		this.#timer = setInterval(() => void this.tell(), tellEveryMs);
		this.#timer.unref();
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#watch([]);
	}

	/** Takes up one check of a key that exists, decided at `at`, for those who look at such. */
	note(facts: KeyFacts, outcome: CountedOutcome, asked: Asked, at: number): void {
		const watches = this.#byOrganisation.get(facts.organisationId);
		if (watches === undefined) return;
		for (const watch of watches) {
			if (isWatchedBy(watch, facts.keyId, outcome)) watch.sample.add(facts, outcome, asked, at);
		}
	}

	/** Tells what there was since the last time, and learns who looks on now. Never throws. */
	tell(): Promise<void> {
		this.#telling ??= this.#tell().finally(() => {
			this.#telling = undefined;
		});
		return this.#telling;
	}

	async #tell(): Promise<void> {
		const {server, cleaning, log} = this.#options;
		const batches = [...this.#watches.values()].flatMap((watch) => {
			const {name, sample} = watch;
			if (sample.seen === 0) return [];
			watch.sample = new Sample();
			return [{name, seen: sample.seen, text: writeSample(sample, server, cleaning)}];
		});
		try {
			this.#watch(await tellWatches(this.#options, batches));
		} catch (error) {
			log.debug({error}, 'who looks at decisions is not known while Redis is away');
			this.#watch([]);
		}
	}

	#watch(names: readonly string[]): void {
		const watches = names.flatMap((name): Watched[] => {
			const watch = watchNamed(name);
			if (watch === undefined) return [];
			return [this.#watches.get(name) ?? {...watch, name, sample: new Sample()}];
		});
		this.#watches = new Map(watches.map((watch) => [watch.name, watch]));
		this.#byOrganisation = Map.groupBy(watches, ({organisationId}) => organisationId);
		this.isWatched = watches.length > 0;
	}
}
