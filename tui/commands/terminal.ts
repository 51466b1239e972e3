import type {ReadStream, WriteStream} from 'node:tty';
import {Failure} from '../failure.ts';
import {typed} from '../text/clean.ts';

/** The three streams of a program, so that tests can give their own. */
export type Terminal = {
	stdin: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;
	stdout: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;
	stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>;
	/** What is written is heard, not looked at: columns mean nothing, and nothing is cut. */
	spoken?: true;
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
	input.setEncoding('utf8');
	input.resume();
	try {
		return await readLine(input, (text) => {
			if (options.secret !== true) stderr.write(text);
		});
	} finally {
		input.setRawMode(false);
		input.pause();
		stderr.write('\n');
	}
}

function readLine(input: NodeJS.ReadStream, echo: (text: string) => void): Promise<string> {
	let line: string[] = [];
	return new Promise((resolve, reject) => {
		const finish = (settle: () => void) => {
			input.off('data', onData);
			input.off('end', onEnd);
			settle();
		};
		const onEnd = () => finish(() => reject(new EndOfInput()));
		const onData = (chunk: string) => {
			for (const character of chunk) {
				if (character === '\r' || character === '\n') {
					finish(() => resolve(line.join('')));
					return;
				}
				if (character === '\u0003') {
					finish(() => reject(new Interrupted()));
					return;
				}
				if (character === '\u0004' && line.length === 0) {
					onEnd();
					return;
				}
				if (character === '\u007F' || character === '\b') {
					if (line.pop() !== undefined) echo('\b \b');
				} else if (character === '\u0015') {
					echo('\b \b'.repeat(line.length));
					line = [];
				} else if (typed(character) !== '') {
					line.push(character);
					echo(character);
				}
			}
		};
		input.on('data', onData);
		input.on('end', onEnd);
	});
}

/** All of stdin, without the line end that `echo` and editors add. */
export async function readAll(stdin: Terminal['stdin']): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
	return Buffer.concat(chunks)
		.toString('utf8')
		.replace(/\r?\n$/, '');
}
