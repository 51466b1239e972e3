import cluster, {type Worker} from 'node:cluster';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {AggregatorRegistry} from 'prom-client';
import {loadServerConfig} from '../core/config/config.ts';
import {exitConfiguration} from '../core/config/load.ts';
import {createLog, type Log} from '../core/log.ts';
import {requireLastingSecrets} from '../core/secrets/lasting.ts';
import {stopSignals} from '../core/start.ts';
import {main as serve} from './main.ts';
import {answerMetricsRequests} from './metrics/processes.ts';

const firstPauseMs = 200;
const mostPauseMs = 10_000;
/** A process that ran this long had started well: the next pause is short again. */
const goodRunMs = 10_000;

/**
 * The server, in as many processes as LATCHKEY_PROCESSES says; returns when they are started. They
 * share nothing but the port: a verifier each, coherent through PostgreSQL like those of other
 * machines. One that dies is replaced.
 *
 * @throws {ConfigurationError | SecretsError | SchemaError}
 */
export async function main(migrationsDirectory: string): Promise<void> {
	if (cluster.isWorker) return serve(migrationsDirectory);
	const config = loadServerConfig(process.env);
	if (config.processes === 1) return serve(migrationsDirectory);
	requireLastingSecrets(config);
	const log = createLog(config);
	answerMetricsRequests(new AggregatorRegistry());

	let isStopping = false;
	const stop = (signal: NodeJS.Signals) => {
		isStopping = true;
		for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
	};
	for (const signal of stopSignals) process.on(signal, stop);

	const ended = Array.from({length: config.processes}, () =>
		keepRunning(log, () => isStopping, stop),
	);
	void Promise.all(ended).then((statuses) => process.exit(Math.max(...statuses)));
}

/**
 * Runs one process, and another one when it dies, until the server is told to stop.
 *
 * @returns the exit status of the last one
 */
async function keepRunning(
	log: Log,
	isStopping: () => boolean,
	stop: (signal: NodeJS.Signals) => void,
): Promise<number> {
	for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, mostPauseMs)) {
		const startedAt = performance.now();
		const worker: Worker = cluster.fork();
		const [code, signal] = (await once(worker, 'exit')) as [number | null, string | null];
		if (isStopping()) return statusAtStop(code);
		if (code === exitConfiguration) {
			stop('SIGTERM');
			return code;
		}
		log.error(
			{pid: worker.process.pid, code, signal},
			'a server process ended; another one starts',
		);
		if (performance.now() - startedAt > goodRunMs) pause = firstPauseMs;
		await sleep(pause);
		if (isStopping()) return 0;
	}
}

/** One that was still starting ends by the signal itself (128 + its number): it had nothing in hand. */
function statusAtStop(code: number | null): number {
	return code === null || [129, 130, 143].includes(code) ? 0 : code;
}
