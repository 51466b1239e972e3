import {Counter, Gauge, type Registry} from 'prom-client';
import type {Limiter} from '../../core/limits/limiter.ts';
import type {Share} from '../../core/limits/local-limiter.ts';

/** Measures who decides about uses of keys that have limits. */
export function measureLimits(
	registry: Registry,
	limiter: Pick<Limiter, 'decided' | 'isRedisAsked' | 'quotas'>,
	share: () => Share,
): void {
	const registers = [registry];
	new Counter({
		name: 'latchkey_limits_with_redis_total',
		help: 'Uses of keys with limits that Redis decided about.',
		registers,
		collect() {
			this.reset();
			this.inc(limiter.decided.redis);
		},
	});
	new Counter({
		name: 'latchkey_limits_without_redis_total',
		help: 'Uses of keys with limits while Redis was away: decided by this server within its share, not limited, or refused.',
		labelNames: ['decision'],
		registers,
		collect() {
			this.reset();
			for (const decision of ['local', 'none', 'refused'] as const) {
				this.inc({decision}, limiter.decided[decision]);
			}
		},
	});
	new Gauge({
		name: 'latchkey_limits_redis_away',
		help: 'Server processes that keep limits without Redis now.',
		registers,
		collect() {
			this.set(limiter.isRedisAsked ? 0 : 1);
		},
	});
	new Gauge({
		name: 'latchkey_limits_servers',
		help: 'Among how many server processes limits are divided while Redis is away.',
		registers,
		aggregator: 'max',
		collect() {
			this.set(share().servers);
		},
	});
	new Gauge({
		name: 'latchkey_limits_known_quotas',
		help: 'Quotas of which this server knows what was counted.',
		registers,
		collect() {
			this.set(limiter.quotas.size);
		},
	});
}
