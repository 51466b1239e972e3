import {counterId, type QuotaCounter} from './quota-store.ts';

type Read = (counters: readonly QuotaCounter[]) => Promise<ReadonlyMap<string, number>>;

/** Reads what PostgreSQL knows of quotas: all that are asked for in one turn of the event loop in one statement. */
export class QuotaReader {
	readonly #read: Read;
	#waiting = new Map<string, QuotaCounter>();
	#reading: Promise<ReadonlyMap<string, number>> | undefined;

	/** @param read gives what is known, by `counterId` */
	constructor(read: Read) {
		this.#read = read;
	}

	/** @returns 0 for what PostgreSQL knows nothing of */
	async read(counter: QuotaCounter): Promise<number> {
		const id = counterId(counter);
		this.#waiting.set(id, counter);
		this.#reading ??= new Promise((resolve, reject) => {
			setImmediate(() => {
				const waiting = [...this.#waiting.values()];
				this.#waiting = new Map();
				this.#reading = undefined;
				this.#read(waiting).then(resolve, reject);
			});
		});
		return (await this.#reading).get(id) ?? 0;
	}
}
