import type {Choice} from './job.ts';

/**
 * @returns what gives the index of the next request, from 0 to below `count`; undefined: no more
 */
export function chooser(choice: Choice, count: number): () => number | undefined {
	let sent = 0;
	switch (choice) {
		case 'once':
			return () => (sent < count ? sent++ : undefined);
		case 'zipf':
			// The n-th has a likelihood of log((n + 1) / n) / log(count + 1), which is about 1/n of the
			// first's.
			return () => Math.min(count, Math.floor((count + 1) ** Math.random())) - 1;
		case 'random':
			return () => Math.floor(Math.random() * count);
	}
}
