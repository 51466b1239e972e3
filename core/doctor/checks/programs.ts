import type {HealthCheck, Seen} from '../check.ts';
import {duration, enumerated} from '../words.ts';

export const programsChecks: readonly HealthCheck[] = [
	{
		id: 'programs.servers',
		title: 'A server holds its lease, and none disappeared without notice',
		needs: ['schema'],
		follows: 'Key checks work as usual, but each check asks PostgreSQL and takes longer.',
		remedy: 'See LATCHKEY_DATABASE_DIRECT_URL: a pooler in between takes no LISTEN.',
		async look({facts, place}) {
			const verifiers = await facts.verifiers();
			const lapsed = verifiers.filter(({holds_lease: holds}) => !holds);
			if (verifiers.length > lapsed.length) {
				if (lapsed.length === 0) return [];
				return [
					{
						level: 'warning',
						what: `Within the last hour a server disappeared without notice: ${enumerated(lapsed.map(({name}) => name))}.`,
						follows: 'It was killed, or does not reach PostgreSQL. The others go on.',
						remedy: 'See its log and whether it runs; after an hour it is forgotten.',
					},
				];
			}
			if (place === 'server') return [{level: 'warning', what: 'No server holds a lease.'}];
			return [
				{
					level: 'failure',
					what: 'No server runs.',
					follows: 'Nothing answers whether a key is valid.',
					remedy:
						'Start one: `docker compose up -d server`; without Docker, `npm start` runs it. Its log says why it ended.',
				},
			];
		},
	},
	{
		id: 'programs.workers',
		title: 'A worker runs, takes jobs, and none of them fails',
		needs: ['schema'],
		follows:
			'Key checks work as usual. Last-used times stop updating, webhooks are not sent, the audit trail is not signed; nothing is lost.',
		remedy:
			'Start one: `docker compose up -d worker`; without Docker, `npm start` runs it. Its log says why it ended.',
		async look({facts}) {
			const workers = await facts.workers();
			const running = workers.filter(({state}) => state === 'running');
			if (running.length === 0) return [{level: 'failure', what: 'No worker is running.'}];
			const seen: Seen[] = [];
			if (!running.some(({takes_jobs: takes}) => takes)) {
				seen.push({
					level: 'failure',
					what: 'No worker gets jobs.',
					follows: 'They are in Redis, which the worker does not reach, or which refuses it.',
					remedy: 'See whether Redis runs, LATCHKEY_REDIS_URL of the worker, and its log.',
				});
			}
			const failing = [...new Set(running.flatMap((worker) => worker.failing_jobs))].sort();
			if (failing.length > 0) {
				seen.push({
					level: 'warning',
					what: `Work of the worker fails: ${failing.join(', ')}.`,
					follows: 'It is tried again each time it is due; nothing is lost.',
					remedy: 'The log of the worker says why: `pass failed`.',
				});
			}
			return seen;
		},
	},
	{
		id: 'programs.usage',
		title: 'Use is written to PostgreSQL within 30 s',
		needs: ['schema'],
		follows: 'Last use and counts are shown as they were then; none is lost.',
		remedy: 'See the log of the worker for passes of flush-usage that failed.',
		async look({facts, thresholds}) {
			const workers = await facts.workers();
			const running = workers.filter(({state}) => state === 'running');
			const flushes = workers.flatMap(({flushed_at: at}) => (at ? [at.getTime()] : []));
			// Without a worker, or before its first pass, another check says so.
			if (running.length === 0 || flushes.length === 0) return [];
			const asOf = Math.max(...workers.map(({seen_at: at}) => at.getTime()));
			const behind = (asOf - Math.max(...flushes)) / 1000;
			if (behind <= thresholds.usageBehindSeconds) return [];
			return [{level: 'warning', what: `Use is ${duration(behind)} behind.`}];
		},
	},
	{
		id: 'programs.setup',
		title: 'The first administrator is made',
		needs: ['schema'],
		follows: 'Anyone who has the setup token can become the administrator.',
		remedy: 'Make yours now: `docker compose run --rm tui`, or `npm run console`.',
		async look({facts}) {
			const {hasUsers} = await facts.appliance();
			return hasUsers ? [] : [{level: 'warning', what: 'Nobody has set up this appliance yet.'}];
		},
	},
];

export const webhooksChecks: readonly HealthCheck[] = [
	{
		id: 'webhooks.backlog',
		title: 'Webhooks are sent within a minute of being due',
		needs: ['schema'],
		follows: 'Receivers hear of changes later than they should.',
		remedy:
			'Another worker sends more at a time. Webhooks in the console show how receivers answer.',
		async look({facts, thresholds}) {
			const {due, oldestDueSeconds} = await facts.webhooks();
			if (oldestDueSeconds <= thresholds.queueBehindSeconds) return [];
			return [
				{
					level: 'warning',
					what: `Webhooks are ${duration(oldestDueSeconds)} behind: ${due === 1 ? '1 delivery' : `${due} deliveries`} should have been sent by now.`,
				},
			];
		},
	},
	{
		id: 'webhooks.endpoints',
		title: 'Every endpoint takes what it is sent',
		needs: ['schema'],
		follows: 'What it is sent waits and is tried again; what it missed for too long is given up.',
		remedy: 'Fix the receiver, then enable it and replay what it missed: docs/webhooks.md.',
		async look({facts}) {
			const {pausedEndpoints: paused, disabledEndpoints: disabled} = await facts.webhooks();
			const seen: Seen[] = [];
			if (paused > 0) {
				seen.push({
					level: 'warning',
					what: `${paused === 1 ? '1 endpoint keeps' : `${paused} endpoints keep`} failing.`,
					follows: 'Each is tried every 30 seconds, until it accepts something.',
					remedy: 'See what the receiver answers: Webhooks in the console.',
				});
			}
			if (disabled > 0) {
				seen.push({
					level: 'warning',
					what: `${disabled === 1 ? '1 endpoint was' : `${disabled} endpoints were`} disabled for failing.`,
					follows: 'Nothing more is sent to it.',
				});
			}
			return seen;
		},
	},
];

export const auditChecks: readonly HealthCheck[] = [
	{
		id: 'audit.heads',
		title: 'No entry of the audit trail has waited for its signature for more than an hour',
		needs: ['schema'],
		follows: 'What was written since then could be taken away from its end without a trace.',
		remedy:
			'The worker signs every ten minutes: see its log for sign-audit-heads. `latchkey audit verify` says whether the trail is as it was written.',
		async look({facts, thresholds}) {
			const {unsigned} = await facts.appliance();
			if (unsigned.oldestSeconds <= thresholds.unsignedSeconds) return [];
			const chains = unsigned.chains === 1 ? '1 chain' : `${unsigned.chains} chains`;
			return [
				{
					level: 'warning',
					what: `${chains} of the audit trail ${unsigned.chains === 1 ? 'has' : 'have'} entries without a signature, the oldest for ${duration(unsigned.oldestSeconds)}.`,
				},
			];
		},
	},
];
