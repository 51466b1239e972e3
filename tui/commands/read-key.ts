import {Failure} from '../failure.ts';
import {ask, readAll} from '../terminal/terminal.ts';
import type {LocalContext} from './command.ts';

/**
 * An API key from stdin, or asked for without showing it. Never from an argument, which others can read.
 *
 * @throws {Failure} usage, which does not tell what was given
 */
export async function readKey(
	{positionals, terminal}: Pick<LocalContext, 'positionals' | 'terminal'>,
	hint: string,
): Promise<string> {
	const [first, ...others] = positionals;
	if (others.length > 0 || (first !== undefined && first !== '-')) throw keyAsArgument(hint);
	const isPiped = first === '-' && terminal.stdin.isTTY !== true;
	const text = isPiped
		? await readAll(terminal.stdin)
		: await ask(terminal, 'API key: ', {secret: true, otherwise: hint});
	if (text.trim() === '') throw new Failure('usage', 'No key was given', {hint});
	return text.trim();
}

export function keyAsArgument(hint: string): Failure {
	return new Failure('usage', 'A key is never an argument: others could read it', {hint});
}
