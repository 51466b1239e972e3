import type {Knex} from 'knex';
import {Gauge, type Registry} from 'prom-client';
import {webhookLag, type WebhookLag} from '../../core/webhooks/deliveries/lag.ts';

const gauges: readonly {name: string; help: string; member: keyof WebhookLag}[] = [
	{
		name: 'latchkey_webhook_due',
		help: 'Deliveries of webhooks that should have been sent by now, counted up to 10,000.',
		member: 'due',
	},
	{
		name: 'latchkey_webhook_oldest_due_seconds',
		help: 'How long the oldest of them has been due.',
		member: 'oldestDueSeconds',
	},
	{
		name: 'latchkey_webhook_in_flight',
		help: 'Deliveries of webhooks that are queued or being sent.',
		member: 'inFlight',
	},
	{
		name: 'latchkey_webhook_paused_endpoints',
		help: 'Endpoints that are left alone for a while after failures in a row.',
		member: 'pausedEndpoints',
	},
	{
		name: 'latchkey_webhook_disabled_endpoints',
		help: 'Endpoints that were disabled by what they answered, or for failing for days.',
		member: 'disabledEndpoints',
	},
	{
		name: 'latchkey_webhook_dead',
		help: 'Deliveries of webhooks that were given up and are still kept, counted up to 10,000.',
		member: 'dead',
	},
];

/** How far webhooks are behind, as PostgreSQL tells when it is asked for; nothing where it is away. */
export function measureWebhooks(registry: Registry, db: Knex): void {
	let asked: Promise<WebhookLag | undefined> | undefined;
	// One question for all gauges of a scrape.
	const ask = () =>
		(asked ??= webhookLag(db)
			.catch(() => undefined)
			.finally(() => {
				asked = undefined;
			}));
	for (const {name, help, member} of gauges) {
		new Gauge({
			name,
			help,
			registers: [registry],
			// Every process of a server tells the same.
			aggregator: 'max',
			async collect() {
				const lag = await ask();
				if (lag === undefined) this.reset();
				else this.set(lag[member]);
			},
		});
	}
}
