import {styleText} from 'node:util';
import {
	worstOf,
	type CheckLevel,
	type CheckResult,
	type Diagnosis,
	type HealthFinding,
} from '../../contract/diagnosis.ts';
import {checkGroups, type CheckGroup} from '../../core/doctor/check.ts';
import {clean} from '../../tui/text/clean.ts';
import {wrap} from '../../tui/text/width.ts';

type Style = Parameters<typeof styleText>[0];

const marks: Readonly<Record<CheckLevel, readonly [mark: string, style: Style]>> = {
	ok: ['ok', 'green'],
	unknown: ['? ', 'yellow'],
	warning: ['! ', 'yellow'],
	failure: ['x ', 'red'],
};

const widest = 100;

/** The report for people: one line for a group about which nothing is to be said, its findings below it. */
export function reportOf(
	diagnosis: Diagnosis,
	{isColoured, columns}: {isColoured: boolean; columns: number},
): string {
	const paint = (style: Style, text: string) =>
		isColoured ? styleText(style, text, {validateStream: false}) : text;
	const width = Math.max(40, Math.min(columns, widest)) - 4;
	const mark = (level: CheckLevel) => paint(marks[level][1], marks[level][0]);
	const paragraph = (text: string, style?: Style) =>
		wrap(clean(text), width - 4).map((line) => `       ${style ? paint(style, line) : line}`);

	const lines = [`Latchkey ${diagnosis.version}, ${diagnosis.checked_at}`, ''];
	for (const [group, title] of Object.entries(checkGroups) as [CheckGroup, string][]) {
		const checks = diagnosis.checks.filter((check) => check.group === group);
		if (checks.length === 0) continue;
		const level = worstOf(checks.map((check) => check.level));
		lines.push(`${mark(level)} ${paint('bold', title)}${summary(checks)}`);
		for (const {id, findings} of checks) {
			for (const {level: of, what, follows, remedy} of findings) {
				const [first = '', ...rest] = wrap(clean(what), width - 4);
				lines.push(`    ${mark(of)} ${first}`, ...rest.map((line) => `       ${line}`));
				lines.push(...paragraph(follows), ...paragraph(remedy, 'bold'));
				lines.push(paint('dim', `       ${id}`));
			}
		}
	}
	lines.push('', `${mark(diagnosis.level)} ${verdict(diagnosis)}`);
	return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** How much of a group was looked at, where not all of it was, and why. */
function summary(checks: readonly CheckResult[]): string {
	const unseen = checks.filter((check) => check.unknown_because !== undefined);
	const seen = checks.length - unseen.length;
	if (unseen.length === 0) return seen === 1 ? ': 1 check' : `: ${seen} checks`;
	const reasons = [...new Set(unseen.map((check) => check.unknown_because))].join('; ');
	return `: ${unseen.length} of ${checks.length} not looked at: ${reasons}`;
}

const names = {
	failure: ['failure', 'failures'],
	warning: ['warning', 'warnings'],
	unknown: ['check could not be made', 'checks could not be made'],
} as const;

function verdict({checks}: Diagnosis): string {
	const count = (level: HealthFinding['level']) =>
		level === 'unknown'
			? checks.filter((check) => check.level === 'unknown').length
			: checks.flatMap(({findings}) => findings).filter((found) => found.level === level).length;
	const told = (['failure', 'warning', 'unknown'] as const).flatMap((level) => {
		const amount = count(level);
		return amount === 0 ? [] : [`${amount} ${names[level][amount === 1 ? 0 : 1]}`];
	});
	return told.length === 0 ? 'Nothing is wrong.' : `${told.join(', ')}.`;
}
