import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {Knex} from 'knex';
import type {WorkerConfig} from '../core/config/config.ts';
import {errors} from '../contract/errors.ts';
import {refuseMetrics} from '../core/health/metrics-access.ts';
import {createReadiness} from '../core/health/readiness.ts';
import type {RedisClient} from '../core/redis/connect.ts';
import type {RedisNames} from '../core/redis/names.ts';
import {version} from '../core/version.ts';
import {webhookLag} from '../core/webhooks/deliveries/lag.ts';
import {withTimeout} from '../core/with-timeout.ts';
import type {WorkerMetrics} from './metrics.ts';
import type {Runner} from './runner.ts';
import type {WebhookWorker} from './webhooks/run.ts';

/** Longest wait for how far webhooks are behind, in milliseconds. */
const lagTimeoutMs = 1000;

/**
 * `/livez`, `/readyz` and `/metrics` of the worker, where LATCHKEY_WORKER_LISTEN_HOST says.
 *
 * @returns what closes it; nothing is opened when the port is 0
 */
export async function listenForProbes(deps: {
	config: Readonly<WorkerConfig>;
	db: Knex;
	redis: RedisClient;
	names: RedisNames;
	runner: Runner;
	webhooks: WebhookWorker;
	metrics: WorkerMetrics;
}): Promise<() => Promise<void>> {
	const {config, db, runner, webhooks, metrics} = deps;
	if (config.workerPort === 0) return async () => {};
	const state = createReadiness(deps);
	const askLag = () => withTimeout(webhookLag(db), lagTimeoutMs).catch(() => undefined);

	const server = createServer((request, response) => {
		if (request.url === '/livez') return send(response, 200, {status: 'ok'});
		if (request.url === '/metrics') return void sendMetrics(request, response);
		if (request.url !== '/readyz') return send(response, 404, {error: 'Not found'});
		void Promise.all([state.postgresql(), state.redis(), askLag()]).then(
			([postgresql, redis, lag]) => {
				const isReady = runner.isRunning() && webhooks.isRunning() && postgresql.state === 'ok';
				send(response, isReady ? 200 : 503, {
					status: isReady ? 'ready' : 'unavailable',
					version,
					last_flush_at: instant(runner.lastFlush()),
					failing_jobs: runner.failing(),
					webhooks: {
						last_pass_at: instant(webhooks.lastPass()),
						lag: lag && {
							due: lag.due,
							oldest_due_seconds: lag.oldestDueSeconds,
							in_flight: lag.inFlight,
							paused_endpoints: lag.pausedEndpoints,
						},
					},
					dependencies: {postgresql, redis},
				});
			},
		);
	});
	const sendMetrics = async (request: IncomingMessage, response: ServerResponse) => {
		const refusal = refuseMetrics(config.metricsToken, {
			authorization: request.headers.authorization ?? '',
			address: request.socket.remoteAddress,
		});
		if (refusal !== undefined) {
			const {status, message} = errors[refusal];
			if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
			return send(response, status, {error: message});
		}
		const text = await metrics.registry.metrics();
		response.writeHead(200, {'Content-Type': metrics.registry.contentType}).end(text);
	};
	server.headersTimeout = 5000;
	server.requestTimeout = 5000;
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(config.workerPort, config.workerListenHost, resolve);
	});
	return () =>
		new Promise((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
}

/** @param ms since the epoch; 0: never */
function instant(ms: number): string | null {
	return ms === 0 ? null : new Date(ms).toISOString();
}

function send(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, {'Content-Type': 'application/json; charset=utf-8'});
	response.end(JSON.stringify(body));
}
