import {explainKeyRequest} from '../../contract/verification.ts';
import {type Command, organisationOption} from './command.ts';
import {answerVerification, useHint, flagsOfUse, useOptions} from './explanation.ts';
import {checked, onlyArgument} from './flags.ts';
import {findKeyId} from './key-id.ts';
import {organisationId} from './organisation.ts';

export const explainKey: Command = {
	path: ['keys', 'explain'],
	arguments: 'ID|NAME',
	summary:
		'Say whether a use of an API key would be accepted, step by step; nothing is counted, exit 10 where it would not',
	examples: [
		'latchkey keys explain billing-prod --ip 10.20.3.4',
		'latchkey keys explain billing-prod --scopes "orders.read AND eu" --json',
	],
	options: {...organisationOption, ...useOptions},
	async run(context) {
		const wanted = onlyArgument(context, 'key');
		const {client, flags} = context;
		const body = checked(
			explainKeyRequest,
			flagsOfUse(flags),
			`latchkey keys explain ID|NAME ${useHint}`,
		);
		const org_id = await organisationId(context);
		const key_id = await findKeyId(client, org_id, wanted);
		const {body: told} = await client.call('explainKey', {org_id, key_id, body});
		return answerVerification(context, told);
	},
};
