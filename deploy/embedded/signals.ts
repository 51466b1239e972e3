/** One Ctrl-C may arrive twice, from the terminal and from npm; a person is slower. */
const echoWithinMs = 700;

export type StopSignals = {
	/** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
	stop: AbortSignal;
	/** Aborted by a second one: no more waiting. */
	hurry: AbortSignal;
};

export function listenForSignals(say: (text: string) => void): StopSignals {
	const stop = new AbortController();
	const hurry = new AbortController();
	let firstAt = 0;

	const onSignal = (signal: NodeJS.Signals) => {
		if (!stop.signal.aborted) {
			firstAt = performance.now();
			say(`${signal}: stopping. Requests in hand are finished first; once more to hurry.`);
			stop.abort();
		} else if (!hurry.signal.aborted && performance.now() - firstAt > echoWithinMs) {
			say('Hurrying.');
			hurry.abort();
		}
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
	return {stop: stop.signal, hurry: hurry.signal};
}

/** Resolves when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
	const {promise, resolve} = Promise.withResolvers<void>();
	signal.addEventListener('abort', () => resolve(), {once: true});
	if (signal.aborted) resolve();
	await promise;
}
