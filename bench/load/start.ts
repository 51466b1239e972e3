import {fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import type {Job, JobResult, Measurement} from './job.ts';

export type Load = {
	/** @throws when `signal` is aborted, or when the process cannot do the job */
	measure: (job: Job, signal: AbortSignal) => Promise<Measurement>;
	stop: () => Promise<void>;
};

/** Starts the process that makes the load; one job at a time. */
export function startLoad(): Load {
	const child = fork(fileURLToPath(import.meta.resolve('./generator.js')), {
		// Ctrl-C is the bench's to act on.
		detached: true,
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	});
	const exited = once(child, 'exit');
	return {
		async measure(job, signal) {
			const waiting = new AbortController();
			const either = AbortSignal.any([signal, waiting.signal]);
			child.send(job);
			try {
				const [result] = (await Promise.race([
					once(child, 'message', {signal: either}),
					exited.then(() => [{error: 'the load process ended'}]),
				])) as [JobResult];
				if ('error' in result) throw new Error(result.error);
				return result.measurement;
			} finally {
				waiting.abort();
			}
		},
		async stop() {
			child.kill('SIGKILL');
			await exited;
		},
	};
}
