import {timesUntilBack} from './availability.ts';
import type {Violation} from './checker.ts';
import type {Proof} from './driver.ts';

const mostViolations = 5;

/** What a proof has done and found, for people. */
export function summarise(proof: Proof, seed: number): string {
	const {report, operations, faults, barriers} = proof;
	const header = barriers.map((each) => each.header);
	const whole = barriers.map((each) => each.whole);
	const back = timesUntilBack(proof);
	const forbidden = Object.entries(report.forbiddenUses)
		.map(([reason, uses]) => `${uses} (${reason})`)
		.join(', ');
	return [
		`seed ${seed}`,
		`${operations.length} operations: ${counted(operations.map(({kind, status}) => `${kind} ${status ?? 'no answer'}`))}`,
		`${faults.length} faults: ${counted(faults.map(({kind}) => kind))}`,
		...(back.length === 0
			? []
			: [
					`PostgreSQL frozen for longer than a lease ${back.length} times: longest time without a decision once it was back ${Math.max(...back)} ms`,
				]),
		`after an answer that forbids them ${forbidden} uses, and ${report.forbiddenWrites} bodies`,
		`${report.validUses} uses of keys that are surely valid, ${report.restoredUses} of them again, ${report.outlivedUses} of them beyond the grace of a rotation that was cancelled`,
		`${report.lapsedUses} uses of keys whose grace was over`,
		`${barriers.length} barriers: p50 ${percentile(header, 0.5)} ms, p99 ${percentile(header, 0.99)} ms; whole answer p50 ${percentile(whole, 0.5)} ms, p99 ${percentile(whole, 0.99)} ms`,
		`${report.violations.length} violations`,
		...report.violations.slice(0, mostViolations).map(describe),
	].join('\n');
}

function describe({rule, operation, against}: Violation): string {
	return `${rule}\n  ${JSON.stringify(operation)}${against ? `\n  against ${JSON.stringify(against)}` : ''}`;
}

function counted(names: readonly string[]): string {
	return [...Map.groupBy(names, (name) => name)]
		.sort(([a], [b]) => a.localeCompare(b))
		.map(([name, each]) => `${name} ${each.length}`)
		.join(', ');
}

/** @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
}
