import {emitKeypressEvents, type Key} from 'node:readline';
import type {ReadStream, WriteStream} from 'node:tty';
import {
	emptyField,
	reduceTextField,
	type TextAction,
	type TextField,
	textFieldKey,
} from '../components/text-field/state.ts';
import {Failure} from '../failure.ts';
import type {Numbers} from '../commands/numbers.ts';
import {stopUntilContinued} from './suspend.ts';
import {graphemes, width} from '../text/width.ts';

/** The three streams of a program, so that tests can give their own. */
export type Terminal = {
	stdin: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;
	stdout: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;
	stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>;
	/** How the program was started, where that is not `latchkey`: what is said to do is said so. */
	calledAs?: string;
	/** What is written is heard, not looked at: columns mean nothing, and nothing is cut. */
	spoken?: Numbers;
};

/** Thrown when a person presses Ctrl-C at a prompt. */
export class Interrupted extends Error {}

/** Thrown when nothing more will be answered: the terminal is gone, or Ctrl-D. */
export class EndOfInput extends Interrupted {}

/**
 * Asks on the terminal; questions go to stderr, so that stdout stays the answer of the command.
 *
 * @throws {Failure} usage, without a terminal: nothing ever waits for an answer nobody can give.
 */
export async function ask(
	terminal: Terminal,
	question: string,
	options: {secret?: boolean; otherwise: string},
): Promise<string> {
	const {stdin, stderr} = terminal;
	if (stdin.isTTY !== true || stdin.setRawMode === undefined) {
		throw new Failure(
			'usage',
			`${question.replace(/[: ]+$/, '')} is needed, and there is no terminal to ask on`,
			{
				hint: options.otherwise,
			},
		);
	}
	const input = stdin as NodeJS.ReadStream;
	// Before the question: what is typed the moment it is read must not be shown by the terminal.
	if (!input.readableEnded) input.setRawMode(true);
	stderr.write(question);
	// It ended between two questions: nothing would tell of it again.
	if (input.readableEnded) throw new EndOfInput();
	input.resume();
	try {
		return await readLine(input, {
			echo: (text) => void (options.secret === true || stderr.write(text)),
			askAgain: () => void stderr.write(`\n${question}`),
		});
	} finally {
		input.setRawMode(false);
		input.pause();
		stderr.write('\n');
	}
}

/** Keys that a field knows by another name, or that shells have. */
const lineKeys: Readonly<Record<string, string>> = {'ctrl-h': 'backspace', 'ctrl-a': 'home'};

/** One line, edited where `echo` shows it; after the program was stopped it is asked for again. */
function readLine(
	input: NodeJS.ReadStream,
	{echo, askAgain}: {echo: (text: string) => void; askAgain: () => void},
): Promise<string> {
	let field = emptyField;
	let isStopped = false;
	emitKeypressEvents(input);
	return new Promise((resolve, reject) => {
		const finish = (answer: () => void) => {
			input.off('keypress', onKey);
			input.off('end', onEnd);
			answer();
		};
		const onEnd = () => finish(() => reject(new EndOfInput()));
		const change = (action: TextAction) => {
			const next = reduceTextField(field, action);
			echo(redrawn(field, next));
			field = next;
		};
		const stop = async () => {
			isStopped = true;
			input.setRawMode(false);
			await stopUntilContinued();
			input.setRawMode(true);
			isStopped = false;
			askAgain();
			echo(redrawn(emptyField, field));
		};
		const onKey = (text: string | undefined, key: Key) => {
			if (isStopped) return;
			const name = `${key.ctrl === true ? 'ctrl-' : ''}${key.name ?? ''}`;
			if (name === 'return' || name === 'enter') finish(() => resolve(field.value));
			else if (name === 'ctrl-c') finish(() => reject(new Interrupted()));
			else if (name === 'ctrl-d') {
				if (field.value === '') onEnd();
			} else if (name === 'ctrl-z') void stop();
			else {
				// Arrows and their like have no text, or one that begins with Escape.
				const typedText = text ?? textAfterEscape(key);
				const action = textFieldKey(lineKeys[name] ?? name);
				if (action !== undefined && action.type !== 'insert') change(action);
				else if (typedText !== '' && key.ctrl !== true) change({type: 'insert', text: typedText});
			}
		};
		input.on('keypress', onKey);
		input.on('end', onEnd);
	});
}

/** Of Escape and a letter in one read, the letter; nothing of the sequence of a key. */
function textAfterEscape({sequence = ''}: Key): string {
	const [escape = '', letter = '', ...more] = graphemes(sequence);
	const isLetter = escape === '\u001B' && more.length === 0 && !'[O\u001B'.includes(letter);
	return isLetter ? letter : '';
}

/** What turns one text on the line into another; no more of it is written than has changed. */
function redrawn(before: TextField, after: TextField): string {
	const [from, to] = [graphemes(before.value), graphemes(after.value)];
	const differs = to.findIndex((character, at) => character !== from[at]);
	const same = differs === -1 ? to.length : differs;
	const rest = to.slice(same).join('');
	const left = Math.max(0, width(from.slice(same).join('')) - width(rest));
	return [
		moved(from, before.cursor, same),
		rest,
		' '.repeat(left),
		'\b'.repeat(left),
		moved(to, to.length, after.cursor),
	].join('');
}

function moved(characters: readonly string[], from: number, to: number): string {
	if (to >= from) return characters.slice(from, to).join('');
	return '\b'.repeat(width(characters.slice(to, from).join('')));
}

/** All of stdin, without the line end that `echo` and editors add. */
export async function readAll(stdin: Terminal['stdin']): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
	return Buffer.concat(chunks)
		.toString('utf8')
		.replace(/\r?\n$/, '');
}
