import {collectDefaultMetrics, Counter, Gauge, Histogram, Registry} from 'prom-client';
import {jobNames, type JobName} from '../core/jobs.ts';

/** Passes are quick, or have much to do. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A pass of a job that ended here; times in seconds. */
export type Pass = {
	/** Name of the job: one of few. */
	task: JobName;
	/** From when it was planned until it began. */
	waited: number;
	took: number;
	isDone: boolean;
	/** Since the epoch, by the clock that all programs share. */
	endedAt: number;
};

export type WorkerMetrics = {registry: Registry; note: (pass: Pass) => void};

/** What the worker measures of itself. Labels hold names of jobs, and nothing of what they work on. */
export function createWorkerMetrics(): WorkerMetrics {
	const registry = new Registry();
	collectDefaultMetrics({register: registry, prefix: 'latchkey_'});
	const registers = [registry];
	// Not `job`: Prometheus calls its own targets so.
	const labelNames = ['task'];
	const durations = new Histogram({
		name: 'latchkey_job_duration_seconds',
		help: 'How long passes of a job took.',
		labelNames,
		buckets: bounds,
		registers,
	});
	const passes = new Counter({
		name: 'latchkey_job_passes_total',
		help: 'Passes of a job that ended here, by whether they were done or failed.',
		labelNames: ['task', 'result'],
		registers,
	});
	const waits = new Gauge({
		name: 'latchkey_job_wait_seconds',
		help: 'How long the last pass of a job waited from when it was planned until it began.',
		labelNames,
		registers,
	});
	const ends = new Gauge({
		name: 'latchkey_job_last_done_timestamp_seconds',
		help: 'When a pass of a job was last done here, since the epoch; 0: not yet.',
		labelNames,
		registers,
	});
	for (const task of jobNames) {
		durations.zero({task});
		for (const result of ['done', 'failed']) passes.inc({task, result}, 0);
		ends.set({task}, 0);
	}
	return {
		registry,
		note({task, waited, took, isDone, endedAt}) {
			durations.observe({task}, took);
			passes.inc({task, result: isDone ? 'done' : 'failed'});
			waits.set({task}, Math.max(0, waited));
			if (isDone) ends.set({task}, endedAt);
		},
	};
}
