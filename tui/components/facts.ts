import {wrap} from '../text/width.ts';
import type {Role} from '../theme.ts';
import type {Part} from './line.tsx';

const labelWidth = 12;

/** Lines of a label and a value each, no wider than `columns`; text must be clean already. */
export function factsOf(columns: number) {
	const lines: Part[][] = [];
	const add = (label: string, text: string, role: Role = 'plain') => {
		for (const [index, line] of wrap(text, columns - labelWidth).entries()) {
			lines.push([
				[(index === 0 ? label : '').padEnd(labelWidth), 'dim'],
				[line, role],
			]);
		}
	};
	return {lines, add};
}
