import {setTimeout as sleep} from 'node:timers/promises';
import {Worker, type Job, type Processor, type WorkerOptions} from 'bullmq';
import type {Log} from '../core/log.ts';
import {Refusals} from '../core/redis/refusal.ts';

/** Pause after Redis refused to hand out a job. */
const pauseMs = 1000;

/**
 * A BullMQ worker that pauses after Redis refused to hand out a job (it is full, a replica, or lacks
 * a right): BullMQ itself would ask again at once, endlessly.
 */
export class PatientWorker<Data> extends Worker<Data> {
	readonly #refusals: Refusals;

	constructor(log: Log, name: string, process: Processor<Data>, options: WorkerOptions) {
		// In a Cluster a command can fail as its node goes; BullMQ would pause for a quarter of a minute.
		super(name, process, {runRetryDelay: pauseMs, ...options});
		this.#refusals = new Refusals(log, `no jobs of ${name} are taken`);
		// Connection faults are logged once by the connections themselves.
		this.on('error', (error) => {
			log.debug({error, queue: name}, 'queue worker');
			this.#refusals.note(error);
		});
	}

	/** Whether Redis refused what this worker needs when it was last asked. */
	isRefused(): boolean {
		return this.#refusals.isRefused();
	}

	protected override async moveToActive(token: string, name?: string): Promise<Job<Data>> {
		try {
			const job = await super.moveToActive(token, name);
			this.#refusals.clear();
			return job;
		} catch (error) {
			if (this.closing === undefined) await sleep(pauseMs);
			throw error;
		}
	}
}
