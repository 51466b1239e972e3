import {wrap} from '../text/width.ts';
import type {Command, Option} from './command.ts';
import {ask, EndOfInput, type Terminal} from '../terminal/terminal.ts';

/** Thrown where a person goes back instead of answering. */
export class Back extends Error {}

type Choice = readonly [word: string, help: string];

/** Something said in lines of their own, broken between words. */
export function say({stdout, stderr}: Terminal, text: string): void {
	stderr.write(`${wrap(text, stdout.columns || 80).join('\n')}\n`);
}

/**
 * What a person answers; an empty answer only where that will do.
 *
 * @throws {Back | Interrupted}
 */
export async function answerTo(
	terminal: Terminal,
	question: string,
	need: 'required' | 'optional',
): Promise<string> {
	const prompt = need === 'required' ? `${question} (required): ` : `${question}: `;
	for (;;) {
		const answer = (await ask(terminal, prompt, {otherwise: 'Use the commands.'})).trim();
		if (answer === '0' || answer === 'back') throw new Back();
		if (answer === 'quit') throw new EndOfInput();
		if (answer !== '' || need === 'optional') return answer;
		say(terminal, 'This cannot be left out; 0 goes back.');
	}
}

/** One of several, by its number or its word. @throws {Back | Interrupted} */
export async function choose(
	terminal: Terminal,
	question: string,
	choices: readonly Choice[],
	need: 'required' | 'optional',
	/** It is where one comes by again and again: the choices are told once; and what else will do there. */
	menu?: {isOther: (answer: string) => boolean},
): Promise<string> {
	const list = () => {
		for (const [at, [word, help]] of choices.entries()) {
			say(terminal, `${at + 1}. ${word}${help === '' ? '' : `: ${help}`}`);
		}
	};
	say(terminal, question);
	// What was heard once is told again only on request.
	const heard = terminal.spoken?.heard ?? new Set();
	if (menu === undefined || !heard.has(question)) list();
	else say(terminal, 'menu lists what there is.');
	heard.add(question);
	for (;;) {
		const answer = await answerTo(terminal, 'Number', need);
		if (answer === 'menu') {
			list();
			continue;
		}
		if (menu?.isOther(answer) === true) return answer;
		const found = choices.find(([word], at) => answer === word || answer === String(at + 1));
		if (found !== undefined) return found[0];
		if (answer === '') return '';
		say(terminal, `${answer} is none of them: answer with a number from 1 to ${choices.length}.`);
	}
}

/** What follows the words of a command, asked for one after the other. @throws {Back | Interrupted} */
export async function askFor(
	terminal: Terminal,
	command: Command,
	/** What stands for the number of something that was listed. */
	numbered: (word: string) => string = (word) => word,
): Promise<string[]> {
	const values: string[] = [];
	const {assignments, options} = command;
	for (const place of assignments === undefined ? placesOf(command) : []) {
		values.push(...(await askForArgument(terminal, place)).map(numbered));
	}
	const flags: string[] = [];
	for (const [name, option] of Object.entries(options)) {
		if (option.unasked === true) continue;
		flags.push(...(await askForOption(terminal, name, option)).map((given) => `--${given}`));
	}
	for (const [name, option] of Object.entries(assignments ?? {})) {
		values.push(...(await askForOption(terminal, name, option)));
	}
	return [...flags, '--', ...values];
}

/** `ID… | -` is one place, `-` alone none: whoever is asked has no other stdin to read from. */
function placesOf({arguments: places = ''}: Command): string[] {
	return places.split(' ').filter((place) => !['', '|', '-'].includes(place));
}

async function askForArgument(terminal: Terminal, place: string): Promise<string[]> {
	const name = place.replaceAll(/[[\]…]/gu, '');
	if (name === name.toLowerCase()) {
		return [await choose(terminal, 'Which one?', wordsOnly(name.split('|')), 'required')];
	}
	const takesMany = place.includes('…');
	const question = name.replaceAll('|', ' or ') + (takesMany ? ', or several with spaces' : '');
	const need = place.startsWith('[') ? 'optional' : 'required';
	const answer = await answerTo(terminal, question, need);
	const answers = takesMany ? answer.split(/\s+/u) : [answer];
	return answers.filter((each) => each !== '' && each !== '-');
}

/** `name=value`, or the name alone of an option that has none. */
async function askForOption(terminal: Terminal, name: string, option: Option): Promise<string[]> {
	const question = `${name}: ${option.help}`;
	const need = option.required === true ? 'required' : 'optional';
	if (option.type === 'boolean') {
		const answer = await choose(terminal, question, wordsOnly(['yes', 'no']), need);
		return answer === 'yes' ? [name] : [];
	}
	const answer =
		option.choices === undefined
			? await answerTo(terminal, question, need)
			: await choose(terminal, question, wordsOnly(option.choices), need);
	if (option.grave?.includes(answer) === true && !(await isMeant(terminal, answer))) {
		return askForOption(terminal, name, option);
	}
	if (answer === '') return [];
	const reading = option.read?.(answer, Date.now());
	if (reading === undefined) return [`${name}=${answer}`];
	if ('value' in reading) {
		say(terminal, `${name} is ${reading.means}.`);
		return [`${name}=${answer}`];
	}
	say(terminal, `${name}: ${reading.problem}.`);
	return askForOption(terminal, name, option);
}

/** Asked once more: one number beside another gives much more. */
async function isMeant(terminal: Terminal, word: string): Promise<boolean> {
	const question = `${word}: is that what you mean?`;
	return (await choose(terminal, question, wordsOnly(['yes', 'no']), 'required')) === 'yes';
}

function wordsOnly(words: readonly string[]): Choice[] {
	return words.map((word) => [word, '']);
}
