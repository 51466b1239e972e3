import {Failure} from '../failure.ts';
import type {LocalContext} from './command.ts';
import {ask} from '../terminal/terminal.ts';

/**
 * Whether a command that cannot be undone was confirmed on the command line. If not, somebody must
 * be there to ask: silence is never taken for a yes.
 *
 * @param why it must be confirmed, where that is not that it cannot be undone
 * @throws {Failure} usage
 */
export function confirmedByFlag(
	{flags, terminal}: LocalContext,
	doing: string,
	why = 'cannot be undone',
): boolean {
	if (flags['yes'] === true) return true;
	if (terminal.stdin.isTTY === true && terminal.stderr.isTTY === true) return false;
	throw new Failure('usage', `${doing} ${why}, and there is no terminal to ask on`, {
		hint: 'Add --yes to do it without asking.',
	});
}

export async function agrees({terminal}: LocalContext, question: string): Promise<boolean> {
	const answer = await ask(terminal, `${question} [y/N] `, {otherwise: 'Add --yes.'});
	return /^y(?:es)?$/i.test(answer.trim());
}

/** Whether somebody types the word that a question names; whoever types another is told. */
export async function typesWord(
	{terminal, output}: LocalContext,
	question: string,
	word: string,
): Promise<boolean> {
	const answer = (await ask(terminal, question, {otherwise: 'Add --yes.'})).trim();
	if (answer === word) return true;
	if (answer !== '') output.say(`That is not ${word}.`);
	return false;
}
