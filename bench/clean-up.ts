export type CleanUp = {
	/** To be undone at the end, the last thing added first. */
	add: (undo: () => Promise<void>) => void;
	/** Goes through all of it, whatever fails. @returns what failed */
	run: () => Promise<unknown[]>;
};

/** Remembers how to undo what a run has done. */
export function createCleanUp(): CleanUp {
	const steps: (() => Promise<void>)[] = [];
	return {
		add: (undo) => void steps.push(undo),
		async run() {
			const faults: unknown[] = [];
			for (const undo of steps.splice(0).toReversed()) {
				await undo().catch((fault: unknown) => faults.push(fault));
			}
			return faults;
		},
	};
}
