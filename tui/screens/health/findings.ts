import type {System} from '../../../contract/system.ts';
import type {HealthReport} from '../../app/model.ts';
import {plural} from '../../text/plural.ts';
import {span} from '../../text/time.ts';

/** Something that is not as it should be: what, what follows from it, and what to do. */
export type Finding = {
	readonly state: 'down' | 'degraded';
	readonly what: string;
	readonly follows: string;
	readonly remedy: string;
};

/** Usage that is later than this is behind, in seconds; the worker writes it every two. */
const usageBehind = 30;
/** So are webhooks that have been due for longer, in seconds. */
const webhooksBehind = 60;

/** What is wrong, worst first. */
export function findingsOf({dependencies, system}: HealthReport): Finding[] {
	const found: Finding[] = [];
	if (dependencies.postgresql.state !== 'ok') {
		found.push({
			state: 'down',
			what: 'PostgreSQL does not answer.',
			follows:
				'Keys that a server knows are accepted while its lease lasts (5 s), then checks answer 503. Nothing can be changed.',
			remedy: 'Start PostgreSQL, or see its log and disk. Nothing here has to be restarted.',
		});
	}
	if (dependencies.redis.state !== 'ok') {
		found.push({
			state: 'degraded',
			what: 'Redis does not answer.',
			follows:
				'Keys are checked as ever. Use is written to PostgreSQL by the servers; webhooks and time-driven work wait.',
			remedy: 'Start Redis. What waits goes on by itself.',
		});
	}
	return system === undefined ? found : [...found, ...systemFindings(system)];
}

function systemFindings(system: System): Finding[] {
	const {workers, verifiers, usage, webhooks} = system;
	const found: Finding[] = [];
	const running = workers?.filter(({state}) => state === 'running') ?? [];
	if (workers !== null && running.length === 0) {
		found.push({
			state: 'degraded',
			what: 'No worker is running.',
			follows:
				'Keys are checked as ever. Last use stands still, webhooks are not sent, the audit trail is not signed; nothing is lost.',
			remedy:
				'Start one: `docker compose up -d worker`; without Docker, `npm start` runs it. Its log says why it ended.',
		});
	}
	if (running.length > 0 && !running.some(({takes_jobs}) => takes_jobs)) {
		found.push({
			state: 'degraded',
			what: 'No worker gets jobs.',
			follows: 'They are in Redis, which the worker does not reach.',
			remedy: 'See whether Redis runs, and LATCHKEY_REDIS_URL of the worker.',
		});
	}
	if (verifiers !== null && !verifiers.some(({holds_lease}) => holds_lease)) {
		found.push({
			state: 'degraded',
			what: 'No server holds a lease.',
			follows: 'Keys are checked as ever, but each check asks PostgreSQL and takes longer.',
			remedy: 'See LATCHKEY_DATABASE_DIRECT_URL: a pooler in between takes no LISTEN.',
		});
	}
	if (running.length > 0 && usage !== null && usage.lag_seconds > usageBehind) {
		found.push({
			state: 'degraded',
			what: `Use is ${span(usage.lag_seconds)} behind.`,
			follows: 'Last use and counts are shown as they were then; none is lost.',
			remedy: 'See the log of the worker for passes of flush-usage that failed.',
		});
	}
	if (webhooks !== null && webhooks.oldest_due_seconds > webhooksBehind) {
		found.push({
			state: 'degraded',
			what: `Webhooks are ${span(webhooks.oldest_due_seconds)} behind.`,
			follows: `${plural(webhooks.due, ['delivery', 'deliveries'])} should have been sent by now.`,
			remedy: 'Another worker sends more at a time. 6 shows how receivers answer.',
		});
	}
	if (webhooks !== null && webhooks.disabled_endpoints > 0) {
		found.push({
			state: 'degraded',
			what: `${plural(webhooks.disabled_endpoints, ['endpoint was', 'endpoints were'])} disabled for failing.`,
			follows: 'Nothing is sent to it any more.',
			remedy: 'Mend the receiver, then enable it and replay what it missed: 6.',
		});
	}
	return found;
}
