import {performance} from 'node:perf_hooks';

/** What the launcher says to whoever started it, a line at a time. */
export type Terminal = {
	line(text?: string): void;
	/**
	 * Runs a step and tells what came of it and how long it took; the step may announce long work
	 * before it.
	 */
	step<Result>(
		name: string,
		work: (announce: (text: string) => void) => Promise<{result: Result; said: string}>,
	): Promise<Result>;
};

export function createTerminal(stream: NodeJS.WriteStream): Terminal {
	// A terminal that is gone (closed window, broken pipe) must not stop the shutdown that follows.
	stream.on('error', () => undefined);
	const line = (text = '') => {
		stream.write(`${text}\n`);
	};
	return {
		line,
		async step(name, work) {
			const begun = performance.now();
			const {result, said} = await work((text) => line(`  ${name.padEnd(11)} ${text}`));
			line(`  ${name.padEnd(11)} ${said}  (${duration(performance.now() - begun)})`);
			return result;
		},
	};
}

export function duration(milliseconds: number): string {
	return milliseconds < 1000
		? `${Math.round(milliseconds)} ms`
		: `${(milliseconds / 1000).toFixed(1)} s`;
}
