/** Most that are remembered; beyond it the oldest is forgotten. */
const mostRemembered = 10_000;

/**
 * Holds repeats back, so that nobody can fill the trail, or hold its lock, by doing the same again
 * and again: of what has one key, one is told of in a window of time, and how many were held back
 * goes with the next.
 */
export function createRepeatFilter(options: {windowMs: number; now?: () => number}) {
	const {windowMs, now = () => performance.now()} = options;
	const noted = new Map<string, {until: number; repeats: number}>();

	/** @returns undefined: not now; else how many were held back since the last one, if there was one */
	return function tell(key: string): {repeats: number | undefined} | undefined {
		const before = noted.get(key);
		if (before !== undefined && now() < before.until) {
			before.repeats++;
			return undefined;
		}
		noted.delete(key);
		if (noted.size >= mostRemembered) {
			const [oldest] = noted.keys();
			if (oldest !== undefined) noted.delete(oldest);
		}
		noted.set(key, {until: now() + windowMs, repeats: 0});
		return {repeats: before?.repeats};
	};
}
