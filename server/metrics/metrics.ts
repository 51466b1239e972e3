import cluster from 'node:cluster';
import {AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Registry} from 'prom-client';
import type {Deps} from '../../core/deps.ts';
import {lostLines} from '../../core/log-pieces.ts';
import {measureAudit} from './audit.ts';
import {measureChecks} from './checks.ts';
import {measureKeys} from './keys.ts';
import {RequestDurations} from './request-durations.ts';
import {measureLimits} from './limits.ts';
import {measureMaintenance} from './maintenance.ts';
import {measureWebhooks} from './webhooks.ts';
import {measureWorkers} from './workers.ts';

export type Metrics = {
	registry: Registry;
	requestSeconds: RequestDurations;
	connectionsDropped: Counter;
};

/** What the server measures. No label holds a key, a user or an organisation. */
export function createMetrics(
	deps: Pick<
		Deps,
		'clock' | 'coherence' | 'db' | 'limiter' | 'memory' | 'usage' | 'verificationPool' | 'verifier'
	>,
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
		name: 'latchkey_too_old',
		help: 'Server processes that are too old for what keys carry, and answer no check of a key.',
		registers,
		collect() {
			this.set(deps.coherence.isTooOld ? 1 : 0);
		},
	});
	new Gauge({
		name: 'latchkey_clock_offset_seconds',
		help: "How far the clock of this machine is ahead of PostgreSQL's, which is the one that counts.",
		registers,
		// Processes of one machine have one clock.
		aggregator: 'first',
		collect() {
			this.set((deps.clock.offset()?.ms ?? 0) / 1000);
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
		name: 'latchkey_usage_details',
		help: 'Clients, tags and scopes of them that are told apart in memory; bounded.',
		registers,
		collect() {
			this.set(deps.usage.details);
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
		name: 'latchkey_usage_unsent_seconds',
		help: 'How long ago all checks until then were sent on, by the server process that is most behind.',
		registers,
		aggregator: 'max',
		collect() {
			this.set(deps.usage.sentMsAgo() / 1000);
		},
	});
	new Gauge({
		name: 'latchkey_verification_pool_waiting',
		help: 'Verifications that wait for a connection to PostgreSQL.',
		registers,
		collect() {
			this.set(deps.verificationPool.numPendingAcquires());
		},
	});
	new Gauge({
		name: 'latchkey_log_lines_lost',
		help: 'Log lines that could not be written since the start: a full disk, a log nobody takes.',
		registers,
		collect() {
			this.set(lostLines());
		},
	});
	measureChecks(registry, deps.verifier);
	measureLimits(registry, deps.limiter, () => deps.coherence.share);
	measureAudit(registry, deps.db);
	measureKeys(registry, deps.db);
	measureWebhooks(registry, deps.db);
	measureWorkers(registry, deps.db);
	measureMaintenance(registry, deps.db);
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
