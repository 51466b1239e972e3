import {verifyRequest, type FullVerification} from '../../contract/verification.ts';
import {isReadOnly} from '../settings/environment.ts';
import {type Command, organisationOption} from './command.ts';
import {answerVerification, useHint, flagsOfUse, useOptions} from './explanation.ts';
import {checked} from './flags.ts';
import {wantedOrganisation} from './organisation.ts';
import {readKey} from './read-key.ts';
import {readOnly} from './read-only.ts';

const hint = `Pipe it: latchkey keys verify - ${useHint} < FILE`;

export const verifyKey: Command = {
	path: ['keys', 'verify'],
	arguments: '-',
	summary:
		'Check an API key that is read from stdin, or asked for on the terminal; exit 10 where it is refused',
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
		const key = await readKey(context, hint);
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
