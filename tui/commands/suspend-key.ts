import {suspendKeyRequest} from '../../contract/keys.ts';
import {clean} from '../text/clean.ts';
import {answerChange} from './answer.ts';
import {type Command, organisationOption} from './command.ts';
import {checked, onlyArgument} from './flags.ts';
import {inForce} from './in-force.ts';
import {organisationId} from './organisation.ts';

export const suspendKey: Command = {
	path: ['keys', 'suspend'],
	arguments: 'ID',
	summary: 'Have an API key refused until it is resumed',
	changes: true,
	options: {
		...organisationOption,
		reason: {type: 'string', value: 'TEXT', help: 'why, for whoever meets the key later'},
	},
	async run(context) {
		const key_id = onlyArgument(context, 'key').toLowerCase();
		const given = {reason: context.flags['reason']};
		const body = checked(suspendKeyRequest, given, 'latchkey keys suspend ID [--reason TEXT]');
		const org_id = await organisationId(context);
		const answer = await context.client.call('suspendKey', {org_id, key_id, body});
		const said = `Suspended ${clean(answer.body.name)}: refused`;
		return answerChange(context, answer.body, `${said} ${inForce(answer)}`);
	},
};

export const resumeKey: Command = {
	path: ['keys', 'resume'],
	arguments: 'ID',
	summary: 'Have a suspended API key accepted again',
	changes: true,
	options: organisationOption,
	async run(context) {
		const key_id = onlyArgument(context, 'key').toLowerCase();
		const org_id = await organisationId(context);
		const answer = await context.client.call('resumeKey', {org_id, key_id, body: {}});
		const said = `Resumed ${clean(answer.body.name)}: accepted`;
		return answerChange(context, answer.body, `${said} ${inForce(answer)}`);
	},
};
