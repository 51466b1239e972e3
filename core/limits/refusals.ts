import type {Knex} from 'knex';
import type {Log} from '../log.ts';

const writeEveryMs = 1000;
/** Keys and limits in memory: a few megabytes, whatever is refused while PostgreSQL is away. */
const mostEntries = 10_000;
/** Rows of one statement, as of usage. */
const chunkSize = 1000;

type Entry = {readonly keyId: string; readonly name: string; count: number; lastAt: number};

export type LimitRefusalsOptions = {db: Knex; log: Log; maxEntries?: number};

/**
 * Counts uses that were refused for a limit or quota in this process, by key and limit. `note` is all
 * that the request path does: nothing is awaited. Once a second what was counted is added to what
 * PostgreSQL has; what it does not take is kept and added next time.
 *
 * It is for people, who are told of it and shown it: a process that is killed loses its last second,
 * and with more keys and limits refused than memory has room for, some are left out.
 */
export class LimitRefusals {
	/** Refusals that were left out because memory was full. */
	dropped = 0;

	readonly #options: Required<LimitRefusalsOptions>;
	readonly #entries = new Map<string, Entry>();
	#timer: NodeJS.Timeout | undefined;
	#writing: Promise<void> | undefined;

	constructor(options: LimitRefusalsOptions) {
		this.#options = {maxEntries: mostEntries, ...options};
	}

	/** Keys and limits in memory. */
	get size(): number {
		return this.#entries.size;
	}

	start(): void {
		this.#timer = setInterval(() => void this.write(), writeEveryMs);
		this.#timer.unref();
	}

	/**
	 * Counts one use that was refused.
	 *
	 * @param name of the limit as answers call it: `burst`, `org:burst`, `quota`
	 * @param now in ms since the epoch
	 */
	note(keyId: string, name: string, now: number): void {
		const id = `${keyId} ${name}`;
		const entry = this.#entries.get(id);
		if (entry !== undefined) {
			entry.count++;
			entry.lastAt = Math.max(entry.lastAt, now);
		} else if (this.size < this.#options.maxEntries) {
			this.#entries.set(id, {keyId, name, count: 1, lastAt: now});
		} else {
			this.dropped++;
		}
	}

	/** Adds what was counted to what PostgreSQL has. Never throws. */
	write(): Promise<void> {
		this.#writing ??= this.#write().finally(() => {
			this.#writing = undefined;
		});
		return this.#writing;
	}

	/** Writes for the last time. @returns whether PostgreSQL has taken all of it */
	async drain(): Promise<boolean> {
		clearInterval(this.#timer);
		await this.#writing;
		await this.write();
		return this.size === 0;
	}

	async #write(): Promise<void> {
		const counted = [...this.#entries].map(([id, entry]) => ({id, entry, count: entry.count}));
		for (let i = 0; i < counted.length; i += chunkSize) {
			const chunk = counted.slice(i, i + chunkSize);
			try {
				await addRefusals(
					this.#options.db,
					chunk.map(({entry, count}) => ({...entry, count})),
				);
			} catch (error) {
				this.#options.log.debug({error}, 'refusals by limits wait in memory');
				return;
			}
			for (const {id, entry, count} of chunk) {
				entry.count -= count;
				if (entry.count === 0) this.#entries.delete(id);
			}
		}
	}
}

/** In the order of their rows, so that two servers cannot deadlock. */
async function addRefusals(db: Knex, rows: readonly Entry[]): Promise<void> {
	await db.raw(
		`insert into key_limit_refusals as r (key_id, name, refused, untold, last_at)
		select key_id, name, count, count, least(to_timestamp(at / 1000.0), now())
		from unnest(?::uuid[], ?::text[], ?::bigint[], ?::bigint[]) as t (key_id, name, count, at)
		where exists (select from api_keys k where k.id = key_id)
		order by key_id, name
		on conflict (key_id, name) do update set
			refused = r.refused + excluded.refused,
			untold = r.untold + excluded.untold,
			last_at = greatest(r.last_at, excluded.last_at)`,
		[
			rows.map(({keyId}) => keyId),
			rows.map(({name}) => name),
			rows.map(({count}) => count),
			rows.map(({lastAt}) => Math.floor(lastAt)),
		],
	);
}
