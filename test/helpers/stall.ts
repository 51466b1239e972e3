import {setTimeout as sleep} from 'node:timers/promises';
import {call} from './http.ts';

/** Checks of keys that come whether the ones before are answered or not. */
export type Traffic = {
	/** Longest time in which no decision began after `since`, of any server; up to now where it lasts. */
	longestGapMs: (since: number) => number;
	/** Decisions (200) of the server that has had fewest, of those that began after `since`. */
	fewest: (since: number) => number;
	/** How many of each status there have been; 0: no answer. */
	statuses: ReadonlyMap<number, number>;
	/** The slowest answer, in milliseconds. */
	slowestMs: () => number;
	stop: () => Promise<void>;
};

/**
 * @param urls servers, asked in turn
 * @param keys asked for in turn
 * @param perSecond checks, of all servers together
 */
export function startTraffic(
	urls: readonly string[],
	keys: readonly string[],
	perSecond: number,
): Traffic {
	const decided = urls.map((): number[] => []);
	const statuses = new Map<number, number>();
	const open = new Set<Promise<void>>();
	let slowest = 0;
	let isStopped = false;

	async function ask(turn: number): Promise<void> {
		const server = turn % urls.length;
		const bearer = keys[Math.floor(turn / urls.length) % keys.length] ?? '';
		const sentAt = performance.now();
		const status = await call(urls[server] ?? '', '/api/v1/keys/self', {bearer}).then(
			(answer) => answer.status,
			() => 0,
		);
		slowest = Math.max(slowest, performance.now() - sentAt);
		statuses.set(status, (statuses.get(status) ?? 0) + 1);
		if (status === 200) decided[server]?.push(sentAt);
	}

	const running = (async () => {
		const startedAt = performance.now();
		for (let turn = 0; !isStopped;) {
			const due = ((performance.now() - startedAt) / 1000) * perSecond;
			for (; turn < due; turn++) {
				const asked = ask(turn).finally(() => open.delete(asked));
				open.add(asked);
			}
			await sleep(5);
		}
	})();

	const since = (from: number) =>
		decided.map((times) => times.filter((at) => at >= from).sort((a, b) => a - b));
	return {
		longestGapMs(from) {
			const gaps = since(from).flatMap((times) => {
				const all = [from, ...times, performance.now()];
				return all.slice(1).map((at, i) => at - (all[i] ?? at));
			});
			return Math.round(Math.max(...gaps));
		},
		fewest: (from) => Math.min(...since(from).map((times) => times.length)),
		statuses,
		slowestMs: () => Math.round(slowest),
		async stop() {
			isStopped = true;
			await running;
			await Promise.all(open);
		},
	};
}
