import fs from 'node:fs';
import {minPasswordLength} from '../../contract/people.ts';
import {type CodeKind, kindOfCode} from '../people/code.ts';
import {Failure} from '../failure.ts';
import type {LocalContext, Options} from './command.ts';
import {textFlag} from './flags.ts';
import {ask, readAll} from '../terminal/terminal.ts';

/** Options of what takes a one-time code: neither it nor a password is ever an argument. */
export const codeOptions = {
	'code-file': {type: 'string', value: 'FILE', help: 'read the code from a file'},
	'password-stdin': {type: 'boolean', unasked: true, help: 'read the password from stdin'},
} as const satisfies Options;

/** What each kind of code is, and where it is used. */
const kinds: Record<CodeKind, {is: string; command: string; password: string}> = {
	invitation: {
		is: 'an invitation',
		command: 'latchkey invitations accept',
		password: 'The password of your account here or, if you have none, one for a new account:',
	},
	password: {
		is: 'a code for a new password',
		command: 'latchkey password reset',
		password: 'The new password:',
	},
};

/**
 * A one-time code of a kind and the password that goes with it: from where the options say, or
 * asked for on the terminal.
 *
 * @throws {Failure} usage, also where the code is of another kind: nothing was sent.
 */
export async function codeAndPassword(context: LocalContext, kind: CodeKind) {
	const {terminal, flags, output} = context;
	const file = textFlag(flags, 'code-file');
	const fromStdin = flags['password-stdin'] === true;
	if (file === undefined && fromStdin) {
		throw new Failure('usage', '--password-stdin needs --code-file');
	}
	const code =
		file === undefined
			? await ask(terminal, 'Code: ', {secret: true, otherwise: 'Give --code-file.'})
			: readCode(file);
	checkKind(code.trim(), kind);
	if (fromStdin) return {code: code.trim(), password: await readAll(terminal.stdin)};
	const options = {secret: true, otherwise: 'Give --password-stdin.'};
	output.say(`${kinds[kind].password} ${minPasswordLength} characters or more.`);
	const password = await ask(terminal, 'Password: ', options);
	if ((await ask(terminal, 'Once more: ', options)) !== password) {
		throw new Failure('usage', 'The passwords do not match', {field: 'password'});
	}
	return {code: code.trim(), password};
}

function readCode(file: string): string {
	try {
		return fs.readFileSync(file, 'utf8');
	} catch (error) {
		throw new Failure('usage', `--code-file: cannot read ${file}: ${(error as Error).message}`);
	}
}

function checkKind(code: string, wanted: CodeKind): void {
	const kind = kindOfCode(code);
	if (kind === wanted) return;
	if (kind === undefined) {
		throw new Failure('usage', `This is not ${kinds[wanted].is}`, {
			field: 'code',
			hint: 'Give the whole code, as it was shown.',
		});
	}
	throw new Failure('usage', `This is ${kinds[kind].is}`, {
		field: 'code',
		hint: `Use it with \`${kinds[kind].command}\`.`,
	});
}
