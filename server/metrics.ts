import cluster from 'node:cluster';
import {
	AggregatorRegistry,
	collectDefaultMetrics,
	Counter,
	Gauge,
	Registry,
	type RegistryContentType,
} from 'prom-client';
import type {Router} from '@koa/router';
import type {Deps} from '../core/deps.ts';
import {routes, type RouteName} from '../contract/routes.ts';
import {isSameSecret} from '../core/secrets/compare.ts';
import {measureAudit} from './audit-metrics.ts';
import {challenge} from './http/authenticate.ts';
import {Problem, respondProblem} from './http/problem.ts';
import {RequestDurations} from './request-durations.ts';
import type {Context} from 'koa';
import {measureWebhooks} from './webhook-metrics.ts';

export type Metrics = {
	registry: Registry;
	requestSeconds: RequestDurations;
	connectionsDropped: Counter;
};

/** What the server measures. No label holds a key, a user or an organisation. */
export function createMetrics(
	deps: Pick<Deps, 'coherence' | 'db' | 'memory' | 'usage' | 'verificationPool'>,
): Metrics {
	const registry = new Registry();
	collectDefaultMetrics({register: registry, prefix: 'latchkey_'});
	// Of several processes: lets the first one collect from this.
	if (cluster.isWorker) {
		new AggregatorRegistry();
		AggregatorRegistry.setRegistries(registry);
	}
	const registers = [registry];
	new Gauge({
		name: 'latchkey_known_keys',
		help: 'Keys that can be decided about from memory.',
		registers,
		collect() {
			this.set(deps.memory.size);
		},
	});
	new Gauge({
		name: 'latchkey_lease_held',
		help: 'Server processes that may decide from memory now.',
		registers,
		collect() {
			this.set(deps.coherence.isHeld() ? 1 : 0);
		},
	});
	new Gauge({
		name: 'latchkey_lease_gains',
		help: 'Times a lease was gained anew since the start, and memory emptied for it.',
		registers,
		collect() {
			this.set(deps.coherence.gains);
		},
	});
	new Gauge({
		name: 'latchkey_usage_entries',
		help: 'Keys and hours whose usage is held in memory.',
		registers,
		collect() {
			this.set(deps.usage.size);
		},
	});
	new Gauge({
		name: 'latchkey_usage_dropped',
		help: 'Checks of keys that could not be counted since the start.',
		registers,
		collect() {
			this.set(deps.usage.dropped);
		},
	});
	new Gauge({
		name: 'latchkey_verification_pool_waiting',
		help: 'Verifications that wait for a connection to PostgreSQL.',
		registers,
		collect() {
			this.set(deps.verificationPool.waitingCount);
		},
	});
	measureAudit(registry, deps.db);
	measureWebhooks(registry, deps.db);
	return {
		registry,
		requestSeconds: new RequestDurations(registry),
		connectionsDropped: new Counter({
			name: 'latchkey_connections_dropped_total',
			help: 'Connections closed at once because too many were open.',
			registers,
		}),
	};
}

/** `GET /metrics` in the Prometheus text format; with a token where one is configured. */
export function mountMetrics(router: Router, deps: Deps, metrics: Metrics): void {
	router.get('metrics' satisfies RouteName, routes.metrics.path, async (ctx) => {
		const context = ctx as unknown as Context;
		if (!isAllowed(context.get('Authorization'), deps.config.metricsToken)) {
			respondProblem(
				context,
				new Problem('unauthorized', {headers: {'WWW-Authenticate': challenge(undefined)}}),
			);
			return;
		}
		ctx.set('Content-Type', metrics.registry.contentType);
		ctx.body = await collectAll(metrics.registry);
	});
}

function isAllowed(authorization: string, token: string | undefined): boolean {
	return token === undefined || isSameSecret(authorization, `Bearer ${token}`);
}

type MetricsMessage = {latchkey: 'metrics'; request: number; text?: string};

/** In the first of several processes: sums up the metrics of all for whichever was asked. */
export function answerMetricsRequests(registry: AggregatorRegistry<RegistryContentType>): void {
	cluster.on('message', (worker, message: MetricsMessage) => {
		if (message?.latchkey !== 'metrics') return;
		void registry
			.clusterMetrics()
			.catch(() => '')
			.then((text) => worker.send({...message, text} satisfies MetricsMessage));
	});
}

let lastRequest = 0;

/** The metrics of the server: of this process, or of all that share the port. */
async function collectAll(registry: Registry): Promise<string> {
	if (!cluster.isWorker) return registry.metrics();
	const request = ++lastRequest;
	const answer = Promise.withResolvers<string>();
	const listen = (message: MetricsMessage) => {
		if (message?.latchkey === 'metrics' && message.request === request)
			answer.resolve(message.text ?? '');
	};
	process.on('message', listen);
	process.send?.({latchkey: 'metrics', request} satisfies MetricsMessage);
	try {
		return await answer.promise;
	} finally {
		process.off('message', listen);
	}
}
