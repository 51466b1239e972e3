import type {Dependency} from './health.ts';
import type {HealthFinding} from './diagnosis.ts';

/*
What follows where PostgreSQL or Redis is not as it should be, and what to do, in words: for the doctor,
and for a console that can ask for nothing but readiness.
*/

/** @returns undefined where nothing is wrong */
export function postgresqlFinding({state, reason, detail}: Dependency): HealthFinding | undefined {
	if (state === 'ok') return undefined;
	if (reason === 'too_old') {
		return {
			level: 'failure',
			what: 'This server is too old for what keys carry.',
			follows: 'It answers no check of a key (503); servers of a newer version do.',
			remedy: 'Start the version that runs elsewhere here, too: docs/upgrades.md.',
		};
	}
	if (state !== 'down') {
		return {
			level: 'failure',
			what: sentence(detail?.split(';')[0] ?? 'PostgreSQL takes no writes'),
			follows:
				'Keys are checked, each with a question to PostgreSQL. Nothing can be made, changed or revoked; no use is written.',
			remedy:
				"See its log and disk, or which server leads now. You don't need to restart Latchkey.",
		};
	}
	return {
		level: 'failure',
		what: 'PostgreSQL does not answer.',
		follows:
			'Keys that a server knows are accepted while its lease lasts (5 s), then checks answer 503. Nothing can be changed.',
		remedy: "Start PostgreSQL, or see its log and disk. You don't need to restart Latchkey.",
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

/** @returns undefined where nothing is wrong */
export function redisFinding({state, reason, detail}: Dependency): HealthFinding | undefined {
	if (state === 'ok') return undefined;
	return {
		level: 'failure',
		what: sentence(detail?.split(';')[0] ?? 'Redis does not answer'),
		follows: withoutRedis[reason ?? ''] ?? withoutAll,
		remedy: `${redisRemedies[reason ?? ''] ?? 'Start Redis.'} Queued work resumes by itself.`,
	};
}

const share = 'each server keeps its share of them, unless a key policy says otherwise';
const withoutAll = `Checks of keys without limits work as usual; of limits and quotas, ${share}. Servers write usage straight to PostgreSQL; webhooks and time-driven work wait.`;

/** What follows where Redis does part of what it is there for. */
const withoutRedis: Readonly<Record<string, string>> = {
	slots_away: `Checks of keys without limits work as usual. Limits and quotas of the organisations in these slots: ${share}.`,
	slow: `Checks of keys without limits work as usual, use is counted, webhooks are sent. Limits and quotas: ${share}.`,
};

function sentence(text: string): string {
	return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
