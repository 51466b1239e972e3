import {suspendKeyRequest} from '../../contract/keys.ts';
import {clean} from '../text/clean.ts';
import {answerChange} from './answer.ts';
import {type Command, organisationOption} from './command.ts';
import {checked} from './flags.ts';
import {inForce} from './in-force.ts';
import {keyOf, keyPlace} from './key-id.ts';

export const suspendKey: Command = {
	path: ['keys', 'suspend'],
	arguments: keyPlace,
	summary: 'Suspend an API key: it is refused until it is resumed',
	changes: true,
	options: {
		...organisationOption,
		reason: {type: 'string', value: 'TEXT', help: 'why, for whoever comes across the key later'},
	},
	async run(context) {
		const given = {reason: context.flags['reason']};
		const body = checked(suspendKeyRequest, given, 'latchkey keys suspend ID|NAME [--reason TEXT]');
		const {org_id, key_id} = await keyOf(context);
		const answer = await context.client.call('suspendKey', {org_id, key_id, body});
		const said = `Suspended ${clean(answer.body.name)}: refused`;
		return answerChange(context, answer.body, `${said} ${inForce(answer)}`);
	},
};

export const resumeKey: Command = {
	path: ['keys', 'resume'],
	arguments: keyPlace,
	summary: 'Resume a suspended API key: it is accepted again',
	changes: true,
	options: organisationOption,
	async run(context) {
		const {org_id, key_id} = await keyOf(context);
		const answer = await context.client.call('resumeKey', {org_id, key_id, body: {}});
		const said = `Resumed ${clean(answer.body.name)}: accepted`;
		return answerChange(context, answer.body, `${said} ${inForce(answer)}`);
	},
};
