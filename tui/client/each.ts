import {asFailure, type Failure} from '../failure.ts';

/** How many calls are under way at a time. */
const atOnce = 5;

/** What became of one of several things that were asked for. */
export type EachOutcome<Item> = {
	readonly item: Item;
	readonly outcome: 'done' | 'failed' | 'not tried';
	readonly detail?: string;
};

/**
 * Asks for several things, a few at a time. What is refused for one alone (it is gone) goes on with the
 * rest; when the session or the server is gone, or has enough of it, the rest is not tried.
 *
 * @param onDone hears of each that was tried, in the order they were given in
 * @returns what became of each, in the order they were given in
 */
export async function askEach<Item>(
	items: readonly Item[],
	ask: (item: Item) => Promise<unknown>,
	onDone: (item: Item, failure?: Failure) => void,
): Promise<EachOutcome<Item>[]> {
	const outcomes = items.map((item): EachOutcome<Item> => ({item, outcome: 'not tried'}));
	const left = [...items.entries()];
	const news: (() => void)[] = [];
	let told = 0;
	const tell = (index: number, item: Item, failure?: Failure) => {
		news[index] = () => onDone(item, failure);
		for (let next = news[told]; next !== undefined; next = news[told]) {
			told++;
			next();
		}
	};
	let stopped = false;
	const work = async () => {
		for (let next = left.shift(); next !== undefined && !stopped; next = left.shift()) {
			const [index, item] = next;
			const failure = await failureOf(ask(item));
			stopped ||= failure !== undefined && !isOfOneAlone(failure);
			outcomes[index] =
				failure === undefined
					? {item, outcome: 'done'}
					: {item, outcome: 'failed', detail: failure.message};
			tell(index, item, failure);
		}
	};
	await Promise.all(Array.from({length: Math.min(atOnce, items.length)}, work));
	return outcomes;
}

async function failureOf(call: Promise<unknown>): Promise<Failure | undefined> {
	try {
		await call;
		return undefined;
	} catch (error) {
		return asFailure(error);
	}
}

/** Whether the next one may fare better. */
function isOfOneAlone({kind, details: {status = 500}}: Failure): boolean {
	return kind === 'refused' && status < 500 && status !== 429;
}
