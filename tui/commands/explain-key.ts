import {explainKeyRequest} from '../../contract/verification.ts';
import {type Command, organisationOption} from './command.ts';
import {answerVerification, useHint, flagsOfUse, useOptions} from './explanation.ts';
import {checked} from './flags.ts';
import {keyOf, keyPlace} from './key-id.ts';

export const explainKey: Command = {
	path: ['keys', 'explain'],
	arguments: keyPlace,
	summary:
		'Say whether a use of an API key would be accepted, step by step; nothing is counted, exit 10 where it would not',
	options: {...organisationOption, ...useOptions},
	async run(context) {
		const {client, flags} = context;
		const body = checked(
			explainKeyRequest,
			flagsOfUse(flags),
			`latchkey keys explain ID|NAME ${useHint}`,
		);
		const {org_id, key_id} = await keyOf(context);
		const {body: told} = await client.call('explainKey', {org_id, key_id, body});
		return answerVerification(context, told);
	},
};
