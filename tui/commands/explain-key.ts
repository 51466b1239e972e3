import {explainKeyRequest} from '../../contract/verification.ts';
import type {Client} from '../client/client.ts';
import {all} from '../client/pages.ts';
import {type Command, organisationOption} from './command.ts';
import {answerVerification, useHint, flagsOfUse, useOptions} from './explanation.ts';
import {checked, onlyArgument} from './flags.ts';
import {isId, theOneNamed} from './named.ts';
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

/** Of a name the key that still works, where others that had it are revoked. @throws {Failure} */
async function findKeyId(client: Client, org_id: string, wanted: string): Promise<string> {
	if (isId(wanted)) return wanted.toLowerCase();
	const keys = await all(client, 'listKeys', {org_id, query: {q: wanted}});
	const isNamed = ({name}: {name: string}) => name.toLowerCase() === wanted.toLowerCase();
	const live = keys.filter((key) => isNamed(key) && key.revoked_at === null);
	return theOneNamed(live.length > 0 ? live : keys, wanted, {
		one: 'API key',
		many: 'API keys',
		code: 'api_key_not_found',
		list: 'latchkey keys list',
	});
}
