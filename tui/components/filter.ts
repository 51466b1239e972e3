import type {Part} from './line.tsx';
import {emptyField, type TextField} from './text-field/state.ts';

/** A filter as it is typed, and what of it is applied. */
export type Filter = {
	readonly text: TextField;
	readonly open: boolean;
	readonly applied: string;
	readonly problem?: string;
	/** When `applied` was applied, which times such as `1h` in it are counted from. */
	readonly since?: number;
};

/**
 * A filter with another text, as of `now` (ms). Kept (not `open`) it is only where all of it could
 * be read: else it stays open, and what it could not read is told beside it.
 */
export function filterOf(
	text: TextField,
	{open, problem, now}: {open: boolean; problem: string | undefined; now: number},
): Filter {
	const read = {text, applied: text.value.trim(), since: now};
	return problem === undefined ? {...read, open} : {...read, open: true, problem};
}

export const noFilter: Filter = {text: emptyField, open: false, applied: ''};

/** What is wrong with a filter while it is typed, or what it takes while nothing is. */
export function filterHelp(
	{open, problem, text}: Filter,
	takes: string | undefined,
): Part | undefined {
	if (!open) return undefined;
	if (problem !== undefined) return [`! ${problem}`, 'warning'];
	return text.value === '' && takes !== undefined ? [takes, 'dim'] : undefined;
}
