import type {Knex} from 'knex';

/**
 * What Redis loses is sent again within a minute (UsageRecorder): whatever is there this long after it
 * was sent has reached PostgreSQL.
 */
const marginMs = 120_000;

/**
 * Until when all uses of keys are known to be in PostgreSQL. Each server says, beside its lease, until
 * when its own are sent; they are settled by whoever asks, then and once more after a while.
 */
export class KnownUsage {
	readonly #monotonic: () => number;
	/** What the servers said, and when, oldest first. */
	readonly #seen: {at: number; until: Date}[] = [];

	/** @param monotonic in milliseconds: never set */
	constructor(monotonic: () => number = () => performance.now()) {
		this.#monotonic = monotonic;
	}

	/**
	 * @param settle moves what is in Redis to PostgreSQL
	 * @returns undefined while nothing is known
	 * @throws what `settle` throws
	 */
	async until(db: Knex, settle: () => Promise<unknown>): Promise<Date | undefined> {
		const at = this.#monotonic();
		const until = await readSentUntil(db);
		await settle();
		const settled = this.#seen.findLast((seen) => at - seen.at >= marginMs);
		if (settled !== undefined) this.#seen.splice(0, this.#seen.indexOf(settled));
		if (until !== undefined) this.#seen.push({at, until});
		return settled?.until;
	}
}

/**
 * @returns undefined where a server does not say; one that was killed counts until its row is deleted,
 * an hour later
 */
async function readSentUntil(db: Knex): Promise<Date | undefined> {
	const {rows} = await db.raw<{rows: {until: Date | null}[]}>(
		`select case when count(*) = count(usage_sent_until)
			then coalesce(min(usage_sent_until), clock_timestamp()) end as until from verifiers`,
	);
	return rows[0]?.until ?? undefined;
}
