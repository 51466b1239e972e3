import {
	worstOf,
	type CheckResult,
	type Diagnosis,
	type HealthFinding,
} from '../../contract/diagnosis.ts';
import {toTimestamp} from '../../contract/text.ts';
import {version} from '../version.ts';
import {withTimeout} from '../with-timeout.ts';
import {groupOf, type Examined, type HealthCheck, type Need, type Patient} from './check.ts';
import {allHealthChecks} from './checks.ts';

/** What a check has not found out by then is not known. */
const patienceMs = 5000;
/** The same of all of them together. */
const wholeMs = 14_000;
/** Checks that are under way at once: a server has other things to do. */
const lanes = {machine: 6, server: 2};

/**
 * Looks at a patient. Never throws, never waits for long, and changes nothing, but for a name in Redis that
 * is written to see whether that can be done, and ends after a minute.
 *
 * @param checks of them, those that can be made from there
 */
export async function examine(
	patient: Patient,
	checks: readonly HealthCheck[] = allHealthChecks,
): Promise<Diagnosis> {
	const endsAt = performance.now() + wholeMs;
	const fitting = checks.filter(
		(check) =>
			!(check.onlyAtMachine && patient.place !== 'machine') &&
			!(check.onlyInServer && patient.place !== 'server') &&
			!(check.onlyOfBundle && patient.bundle === undefined) &&
			!(check.onlyOnline && !patient.isOnline),
	);
	const lacks = lackOf(patient);
	const results = new Map<HealthCheck, CheckResult>();
	const waiting = [...fitting];
	const work = async () => {
		for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
			const leftMs = Math.max(1, endsAt - performance.now());
			results.set(check, await resultOf(check, patient, {lacks, leftMs}));
		}
	};
	await Promise.all(Array.from({length: lanes[patient.place]}, work));
	const inOrder = fitting.flatMap((check) => results.get(check) ?? []);
	return {
		version,
		checked_at: toTimestamp(new Date()),
		level: worstOf(inOrder.map(({level}) => level)),
		checks: inOrder,
	};
}

type Lack = (need: Need) => Promise<string | undefined>;

async function resultOf(
	check: HealthCheck,
	patient: Patient,
	{lacks, leftMs}: {lacks: Lack; leftMs: number},
): Promise<CheckResult> {
	const named = {id: check.id, group: groupOf(check)};
	const unknown = (because: string): CheckResult => ({
		...named,
		level: 'unknown',
		findings: [],
		unknown_because: because,
	});
	try {
		return await withTimeout(
			(async (): Promise<CheckResult> => {
				for (const need of check.needs ?? []) {
					const lack = await lacks(need);
					if (lack !== undefined) return unknown(lack);
				}
				const seen = await check.look(patient as Examined);
				const findings = seen.map(({level, what, follows, remedy}): HealthFinding => ({
					level,
					what,
					follows: follows ?? check.follows,
					remedy: remedy ?? check.remedy,
				}));
				return {...named, level: worstOf(findings.map(({level}) => level)), findings};
			})(),
			Math.min(patienceMs, leftMs),
		);
	} catch (error) {
		return {...named, level: 'unknown', findings: [notSeen(check, error)]};
	}
}

/** That a check could not be made, though what it needs is there. */
function notSeen(check: HealthCheck, error: unknown): HealthFinding {
	const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
	const message = error instanceof Error ? error.message : '';
	const refused = /\bNOPERM\b/.test(message) || code === '42501';
	const why = refused
		? 'no right to'
		: message === 'took too long' || code === '57014'
			? 'no answer in time'
			: (code ?? 'it failed');
	return {
		level: 'unknown',
		what: `Not looked at: ${check.title} (${why}).`,
		follows: 'It is not known whether that is so.',
		remedy: refused
			? check.needs?.includes('redis') === true
				? 'Give the Redis user the right to ask: ACL SETUSER … +info.'
				: 'Give the role the right to ask.'
			: 'Look again in a moment; else see how busy the machine, PostgreSQL and Redis are.',
	};
}

/** Why something that checks need is not there; each is asked once. */
function lackOf({db, redis, dependencies, facts}: Patient): Lack {
	const ask: Record<Need, () => Promise<string | undefined>> = {
		async postgresql() {
			if (db === undefined) return 'it is not known where PostgreSQL is';
			const {state, reason} = await dependencies.postgresql();
			return state === 'down' && reason !== 'too_old' ? 'PostgreSQL does not answer' : undefined;
		},
		async schema() {
			const lack = await asked.postgresql();
			if (lack !== undefined) return lack;
			const {missing} = await facts.schema();
			return missing.length > 0 ? 'the schema is not that of this version' : undefined;
		},
		async redis() {
			if (redis === undefined) return 'it is not known where Redis is';
			const {state, reason} = await dependencies.redis();
			const isSilent = state !== 'ok' && ['away', 'no_login', 'loading'].includes(reason ?? '');
			return isSilent ? 'Redis does not answer' : undefined;
		},
	};
	const answers = new Map<Need, Promise<string | undefined>>();
	const asked = Object.fromEntries(
		(Object.keys(ask) as Need[]).map((need) => [
			need,
			() => {
				const answer = answers.get(need) ?? ask[need]();
				answers.set(need, answer);
				return answer;
			},
		]),
	) as Record<Need, () => Promise<string | undefined>>;
	return (need) => asked[need]();
}
