import {randomUUID} from 'node:crypto';

/** Longest wait before the clock is looked at again: it may have been set. */
const lookAgainMs = 1000;

/** Work that is repeated, and how often. */
export type Repeated = {name: string; everyMs: number};

/** Work that has come due: its id follows from its time, so it is the same whoever plans it. */
export type Planned = {id: string; name: string; dueAt: number};

/**
 * Puts repeated work into the queue when its time comes. Time is cut into periods as long as the
 * work's cadence, by the clock that all workers share: whichever worker sees a period begin first
 * plans its work, and the others find it planned.
 *
 * No future time is kept anywhere, so that correcting a clock that was wrong delays nothing. Where
 * time goes back, periods that come again get other ids, since the work under theirs is done.
 *
 * @param now milliseconds since the epoch
 * @param add puts work into the queue; done twice with one id it does nothing. What it throws is
 *   tried again
 * @returns what ends it
 */
export function startPlanner(
	work: readonly Repeated[],
	now: () => number,
	add: (due: Planned[]) => Promise<void>,
): () => void {
	/** When the period began whose work was planned last, by name. */
	const planned = new Map<string, number>();
	/** The latest of them. */
	const latest = new Map<string, number>();
	let timer: NodeJS.Timeout | undefined;
	let isStopped = false;

	function idOf({name, dueAt}: {name: string; dueAt: number}): string {
		const isAgain = dueAt <= (latest.get(name) ?? Number.NEGATIVE_INFINITY);
		return `${name}_${dueAt}${isAgain ? `_${randomUUID()}` : ''}`;
	}

	async function plan(): Promise<void> {
		const at = now();
		const begun = work.map(({name, everyMs}) => ({
			name,
			dueAt: Math.floor(at / everyMs) * everyMs,
		}));
		const due = begun
			.filter(({name, dueAt}) => planned.get(name) !== dueAt)
			.map((period) => ({...period, id: idOf(period)}));
		if (due.length > 0) await add(due);
		for (const {name, dueAt} of due) {
			planned.set(name, dueAt);
			latest.set(name, Math.max(dueAt, latest.get(name) ?? dueAt));
		}
	}

	function again(): void {
		if (isStopped) return;
		const at = now();
		const left = work.map(({everyMs}) => everyMs - (at % everyMs));
		timer = setTimeout(look, Math.min(lookAgainMs, ...left));
	}

	function look(): void {
		plan().then(again, () => {
			if (!isStopped) timer = setTimeout(look, lookAgainMs);
		});
	}

	look();
	return () => {
		isStopped = true;
		clearTimeout(timer);
	};
}
