import {ConnectError} from './faults.ts';

export type TurnReaderOptions<Asked, Found> = {
	/** Reads all of it in one statement. @returns what was found for each, in their order */
	read: (asked: readonly Asked[]) => Promise<readonly Found[]>;
	/** Of one statement. */
	mostPerRead: number;
	/** Statements on their way at once. */
	mostReads: number;
	/** What waits for one at most: as many as may be worked on. */
	mostWaiting: number;
};

type Waiting<Asked, Found> = {
	asked: Asked;
	resolve: (found: Found) => void;
	reject: (error: unknown) => void;
};

/**
 * What many requests read from PostgreSQL, each by itself: all that is asked for in one turn of the event
 * loop, and while the statements before are on their way, is one statement. Each sees what was committed
 * before it was asked.
 */
export class TurnReader<Asked, Found> {
	readonly #options: TurnReaderOptions<Asked, Found>;
	#waiting: Waiting<Asked, Found>[] = [];
	#reads = 0;
	#isScheduled = false;

	constructor(options: TurnReaderOptions<Asked, Found>) {
		this.#options = options;
	}

	/**
	 * @throws what `read` throws
	 * @throws {ConnectError} where too many wait already
	 */
	find(asked: Asked): Promise<Found> {
		if (this.#waiting.length >= this.#options.mostWaiting) {
			return Promise.reject(new ConnectError('too many rows wait to be read'));
		}
		const {promise, resolve, reject} = Promise.withResolvers<Found>();
		this.#waiting.push({asked, resolve, reject});
		if (!this.#isScheduled) {
			this.#isScheduled = true;
			// Behind all that this turn still brings.
			setImmediate(() => {
				this.#isScheduled = false;
				this.#begin();
			});
		}
		return promise;
	}

	#begin(): void {
		const {mostReads, mostPerRead} = this.#options;
		while (this.#reads < mostReads && this.#waiting.length > 0) {
			this.#reads++;
			void this.#read(this.#waiting.splice(0, mostPerRead));
		}
	}

	async #read(all: readonly Waiting<Asked, Found>[]): Promise<void> {
		try {
			const found = await this.#options.read(all.map(({asked}) => asked));
			for (const [index, {resolve}] of all.entries()) resolve(found[index] as Found);
		} catch (error) {
			for (const {reject} of all) reject(error);
		} finally {
			this.#reads--;
			this.#begin();
		}
	}
}
