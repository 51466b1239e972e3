import {verifyRequest, type FullVerification} from '../../contract/verification.ts';
import {Failure} from '../failure.ts';
import {isReadOnly} from '../settings/environment.ts';
import {ask, readAll} from '../terminal/terminal.ts';
import {type Command, type LocalContext, organisationOption} from './command.ts';
import {answerVerification, useHint, flagsOfUse, useOptions} from './explanation.ts';
import {checked} from './flags.ts';
import {wantedOrganisation} from './organisation.ts';
import {readOnly} from './read-only.ts';

const hint = `Pipe it: latchkey keys verify - ${useHint} < FILE`;

export const verifyKey: Command = {
	path: ['keys', 'verify'],
	arguments: '-',
	summary:
		'Check an API key that is read from stdin, or asked for on the terminal; exit 10 where it is refused',
	examples: ['latchkey keys verify - < key', 'latchkey keys verify - --ip 10.20.3.4 --count < key'],
	options: {
		...organisationOption,
		...useOptions,
		count: {
			type: 'boolean',
			unasked: true,
			help: 'as a service checks it: it is a use, which counts and takes of its limits',
		},
	},
	async run(context) {
		const {client, flags, environment} = context;
		const isCounted = flags['count'] === true;
		if (isCounted && isReadOnly(environment)) throw readOnly();
		const key = await readKey(context);
		const use = {...flagsOfUse(flags), ...(isCounted ? {} : {dry_run: true})};
		const body = checked(verifyRequest, {key, ...use}, hint);
		const organisation = await wantedOrganisation(context);
		const {body: told} = await client.call('verifyKey', {
			organisation,
			query: {view: 'full'},
			body,
		});
		return answerVerification(context, told as FullVerification);
	},
};

/** Never from an argument, which others can read. @throws {Failure} usage, which does not tell what was given */
async function readKey({positionals, terminal}: LocalContext): Promise<string> {
	const [first, ...others] = positionals;
	if (others.length > 0 || (first !== undefined && first !== '-')) {
		throw new Failure('usage', 'A key is never an argument: others could read it', {hint});
	}
	const isPiped = first === '-' && terminal.stdin.isTTY !== true;
	const text = isPiped
		? await readAll(terminal.stdin)
		: await ask(terminal, 'API key: ', {secret: true, otherwise: hint});
	if (text.trim() === '') throw new Failure('usage', 'There is no key to check', {hint});
	return text.trim();
}
