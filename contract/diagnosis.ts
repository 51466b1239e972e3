import * as z from 'zod';
import {timestamp} from './text.ts';

/** How much is wrong. `unknown` could not be looked at: it is never taken for `ok`. */
export const checkLevels = ['ok', 'unknown', 'warning', 'failure'] as const;
export type CheckLevel = (typeof checkLevels)[number];

/** Something that is not as it should be: what, what follows from it, and what to do. */
export const healthFinding = z.strictObject({
	level: z.enum(['unknown', 'warning', 'failure']),
	what: z.string(),
	follows: z.string(),
	remedy: z.string(),
});

/** One check, by an id that stays; docs/doctor.md lists them. */
export const checkResult = z.strictObject({
	id: z.string(),
	group: z.string(),
	/** Of its worst finding. */
	level: z.enum(checkLevels),
	findings: z.array(healthFinding),
	/** Why nothing could be looked at, where another check has the finding. */
	unknown_because: z.string().optional(),
});

/** What `latchkey doctor` and a server find when they look at the appliance. */
export const diagnosis = z.strictObject({
	version: z.string(),
	checked_at: timestamp,
	/** Of the worst check. */
	level: z.enum(checkLevels),
	checks: z.array(checkResult),
});

export type HealthFinding = z.infer<typeof healthFinding>;
export type CheckResult = z.infer<typeof checkResult>;
export type Diagnosis = z.infer<typeof diagnosis>;

/** The worst of some levels. */
export function worstOf(levels: Iterable<CheckLevel>): CheckLevel {
	let worst = 0;
	for (const level of levels) worst = Math.max(worst, checkLevels.indexOf(level));
	return checkLevels[worst] ?? 'unknown';
}

/** Every finding, the worst first, each with the check that has it. */
export function worstFirst({checks}: Pick<Diagnosis, 'checks'>): (HealthFinding & {id: string})[] {
	return checks
		.flatMap(({id, findings}) => findings.map((found) => Object.assign({id}, found)))
		.toSorted((a, b) => checkLevels.indexOf(b.level) - checkLevels.indexOf(a.level));
}
