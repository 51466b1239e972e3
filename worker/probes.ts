import {createServer, type ServerResponse} from 'node:http';
import type {Redis} from 'ioredis';
import type {Knex} from 'knex';
import type {WorkerConfig} from '../core/config/config.ts';
import {readiness} from '../core/health/readiness.ts';
import {version} from '../core/version.ts';
import type {Runner} from './runner.ts';

/**
 * `/livez` and `/readyz` of the worker, on the loopback address only.
 *
 * @returns what closes it; nothing is opened when the port is 0
 */
export async function listenForProbes(deps: {
	config: Readonly<WorkerConfig>;
	db: Knex;
	redis: Redis;
	runner: Runner;
}): Promise<() => Promise<void>> {
	const {config, runner} = deps;
	if (config.workerPort === 0) return async () => {};
	const state = readiness(deps);

	const server = createServer((request, response) => {
		if (request.url === '/livez') return send(response, 200, {status: 'ok'});
		if (request.url !== '/readyz') return send(response, 404, {error: 'Not found'});
		void Promise.all([state.postgresql(), state.redis()]).then(([postgresql, redis]) => {
			const isReady = runner.isRunning() && postgresql.state === 'ok';
			const lastFlush = runner.lastFlush();
			send(response, isReady ? 200 : 503, {
				status: isReady ? 'ready' : 'unavailable',
				version,
				last_flush_at: lastFlush === 0 ? null : new Date(lastFlush).toISOString(),
				dependencies: {postgresql, redis},
			});
		});
	});
	server.headersTimeout = 5000;
	server.requestTimeout = 5000;
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(config.workerPort, '127.0.0.1', resolve);
	});
	return () =>
		new Promise((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
}

function send(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, {'Content-Type': 'application/json; charset=utf-8'});
	response.end(JSON.stringify(body));
}
