import type {FullVerification} from '../../contract/verification.ts';
import {checkTitles, detailOf, useFields, verdictOf} from '../api-keys/explanation.ts';
import {exitCodes} from '../failure.ts';
import {answerItem, type Column} from './answer.ts';
import type {Flags, LocalContext, Options} from './command.ts';
import {textFlag} from './flags.ts';
import {limitFacts} from './limit-facts.ts';

/** What may be said of a use. */
export const useOptions: Options = Object.fromEntries(
	Object.entries(useFields).map(([name, {value, help}]) => [name, {type: 'string', value, help}]),
);

export const useHint = Object.entries(useFields)
	.map(([name, {value}]) => `[--${name} ${value}]`)
	.join(' ');

export function flagsOfUse(flags: Flags): Record<string, string | undefined> {
	return Object.fromEntries(Object.keys(useFields).map((name) => [name, textFlag(flags, name)]));
}

/**
 * Answers what becomes of a use, with each step where that was asked for, and what the limits have left.
 *
 * @returns the exit status, by which scripts know whether it is accepted
 */
export function answerVerification(context: LocalContext, told: FullVerification): number {
	const {verdict, answered} = verdictOf(told.code);
	const {checks = [], key_id: id, name} = told;
	const facts: Column<FullVerification>[] = [
		['verdict', () => verdict],
		...fact('answered', answered),
		...fact('key', name),
		...fact('id', id),
		...checks.map((check): Column<FullVerification> => [
			checkTitles[check.check],
			(_, now) => [check.outcome, detailOf(check, now)].filter((text) => text !== '').join(': '),
		]),
		...(told.limits_source === null ? [] : limitFacts(told)),
	];
	answerItem(context, told, {facts, id: id ?? told.code});
	return told.valid ? exitCodes.done : exitCodes.keyRefused;
}

function fact(title: string, text: string | null | undefined): Column<FullVerification>[] {
	return text === null || text === undefined ? [] : [[title, () => text]];
}
