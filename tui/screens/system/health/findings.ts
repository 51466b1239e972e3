import type {System} from '../../../../contract/system.ts';
import type {HealthReport} from './list.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {span} from '../../../text/time.ts';

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
/** So is a queue whose oldest job has been due for longer, in seconds. */
const queueBehind = 60;
/** A clock that is off by more is told of, in seconds. */
const clockOff = 2;

/** What is wrong, worst first. */
export function findingsOf({dependencies, system}: HealthReport): Finding[] {
	const found = [postgresqlFinding(dependencies), redisFinding(dependencies)].filter(
		(finding) => finding !== undefined,
	);
	return system === undefined
		? found
		: [...found, ...systemFindings(system), ...unknownFindings(dependencies, system)];
}

type Dependencies = HealthReport['dependencies'];

function postgresqlFinding({
	postgresql: {state, reason, detail},
}: Dependencies): Finding | undefined {
	if (state === 'ok') return undefined;
	if (reason === 'too_old') {
		return {
			state: 'down',
			what: 'This server is too old for what keys carry.',
			follows: 'It answers no check of a key (503); servers of a newer version do.',
			remedy: 'Start the version that runs elsewhere here, too: docs/upgrades.md.',
		};
	}
	if (state !== 'down') {
		return {
			state: 'degraded',
			what: sentence(detail?.split(';')[0] ?? 'PostgreSQL takes no writes'),
			follows:
				'Keys are checked, each with a question to PostgreSQL. Nothing can be made, changed or revoked; no use is written.',
			remedy: 'See its log and disk, or which server leads now. Nothing here has to be restarted.',
		};
	}
	return {
		state: 'down',
		what: 'PostgreSQL does not answer.',
		follows:
			'Keys that a server knows are accepted while its lease lasts (5 s), then checks answer 503. Nothing can be changed.',
		remedy: 'Start PostgreSQL, or see its log and disk. Nothing here has to be restarted.',
	};
}

/** The remedy where Redis answers but refuses what it is asked to do. */
const redisRemedies: Readonly<Record<string, string>> = {
	full: 'Raise its maxmemory, or see what else fills it.',
	unsaved: 'See its disk and log: it stops taking writes when it cannot save.',
	few_replicas: 'See its replicas, or min-replicas-to-write.',
	replica: 'LATCHKEY_REDIS_URL must lead to the Redis that leads now.',
	no_right: 'Give the user that right (ACL SETUSER); docs/database.md lists what is needed.',
	no_login: 'See LATCHKEY_REDIS_USERNAME and the password.',
	loading: 'Wait: it reads its data.',
	cluster_down: 'Start the nodes that are away, or give their slots to others.',
	slow: 'See what keeps it or the network busy: SLOWLOG GET, LATENCY DOCTOR.',
	slots_away: 'Start the nodes that are away, or give their slots to others.',
};

function redisFinding({redis: {state, reason, detail}}: Dependencies): Finding | undefined {
	if (state === 'ok') return undefined;
	return {
		state: 'degraded',
		what: sentence(detail?.split(';')[0] ?? 'Redis does not answer'),
		follows: withoutRedis[reason ?? ''] ?? withoutAll,
		remedy: `${redisRemedies[reason ?? ''] ?? 'Start Redis.'} What waits goes on by itself.`,
	};
}

const share = 'each server keeps its share of them, unless a key policy says otherwise';
const withoutAll = `Keys without limits are checked as ever; of limits and quotas, ${share}. Use is written to PostgreSQL by the servers; webhooks and time-driven work wait.`;

/** What follows where Redis does part of what it is there for. */
const withoutRedis: Readonly<Record<string, string>> = {
	slots_away: `Keys without limits are checked as ever. Limits and quotas of the organisations in these slots: ${share}.`,
	slow: `Keys without limits are checked as ever, use is counted, webhooks are sent. Limits and quotas: ${share}.`,
};

/** What is unknown although the dependency that should know it answers. */
function unknownFindings({postgresql, redis}: Dependencies, system: System): Finding[] {
	const isAsked = {
		workers: postgresql.state !== 'down',
		verifiers: postgresql.state !== 'down',
		webhooks: postgresql.state !== 'down',
		queues: redis.state === 'ok',
	};
	const unknown = (Object.keys(isAsked) as (keyof typeof isAsked)[]).filter(
		(part) => isAsked[part] && system[part] === null,
	);
	if (unknown.length === 0) return [];
	return [
		{
			state: 'degraded',
			what: `Not known: ${unknown.join(', ')}.`,
			follows: 'They could not be read in time. Whether they work cannot be told.',
			remedy: 'Look again in a moment; else see the log of the server and how busy PostgreSQL is.',
		},
	];
}

function sentence(text: string): string {
	return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function systemFindings(system: System): Finding[] {
	const {workers, verifiers, usage, webhooks, queues} = system;
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
			follows: 'They are in Redis, which the worker does not reach, or which refuses it.',
			remedy: 'See whether Redis runs, LATCHKEY_REDIS_URL of the worker, and its log.',
		});
	}
	const failing = [...new Set(running.flatMap(({failing_jobs}) => failing_jobs))].sort();
	if (failing.length > 0) {
		found.push({
			state: 'degraded',
			what: `Work of the worker fails: ${failing.join(', ')}.`,
			follows: 'It is tried again each time it is due; nothing is lost.',
			remedy: 'The log of the worker says why: `pass failed`.',
		});
	}
	const stuck = Object.entries(queues ?? {}).filter(
		([, {oldest_seconds}]) => oldest_seconds > queueBehind,
	);
	for (const [name, {waiting, oldest_seconds}] of running.length > 0 ? stuck : []) {
		found.push({
			state: 'degraded',
			what: `${plural(waiting, ['job waits', 'jobs wait'])} in the queue ${name}, the oldest for ${span(oldest_seconds)}.`,
			follows: 'The workers do not keep up, or do not take them.',
			remedy: 'See the log of the workers; another worker takes more at a time.',
		});
	}
	found.push(...clockFindings(system), ...upgradeFindings(system));
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
	if (webhooks !== null && webhooks.paused_endpoints > 0) {
		found.push({
			state: 'degraded',
			what: `${plural(webhooks.paused_endpoints, ['endpoint fails', 'endpoints fail'])} again and again.`,
			follows: 'Each is tried once in half a minute, until it takes something.',
			remedy: 'See what the receiver answers: 6.',
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

/** Old servers that keep newer ones from using a feature. */
function upgradeFindings({verifiers}: System): Finding[] {
	const live = (verifiers ?? []).filter(({holds_lease}) => holds_lease);
	const newest = Math.max(...live.map(({terms_version}) => terms_version));
	const older = live.filter(({terms_version}) => terms_version < newest);
	if (older.length === 0) return [];
	return [
		{
			state: 'degraded',
			what: `An older version still runs: ${older.map(({name}) => clean(name)).join(', ')}.`,
			follows:
				'Keys are checked as ever. What only the newer version knows cannot be given to keys.',
			remedy: 'Finish the upgrade: stop the servers named here, or start the newer version there.',
		},
	];
}

/** Machines whose own clock is off; a process that is gone does not count. */
function clockFindings({verifiers, workers}: System): Finding[] {
	const there = [
		...(verifiers ?? []).filter(({holds_lease}) => holds_lease),
		...(workers ?? []).filter(({state}) => state === 'running'),
	];
	const off = new Map<string, number>();
	for (const {name, clock_offset_seconds: seconds} of there) {
		if (seconds !== null && Math.abs(seconds) > clockOff)
			off.set(name.split('/')[0] ?? name, seconds);
	}
	return [...off].map(([host, seconds]) => ({
		state: 'degraded',
		what: `The clock of ${clean(host)} is ${span(Math.abs(seconds))} ${seconds > 0 ? 'ahead' : 'behind'}.`,
		follows:
			'Keys and tokens are judged rightly, by the clock of PostgreSQL. Log lines of that machine bear a wrong time.',
		remedy: 'Set it right, and keep it so (NTP).',
	}));
}
