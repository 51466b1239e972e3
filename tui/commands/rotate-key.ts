import {rotateKeyRequest} from '../../contract/rotation.ts';
import {clean} from '../text/clean.ts';
import {moment} from '../text/time.ts';
import {answerChange} from './answer.ts';
import {
	type Command,
	confirmOption,
	type Context,
	organisationOption,
	secretOption,
} from './command.ts';
import {agrees, confirmedByFlag} from './confirm.ts';
import {checked, durationFlag} from './flags.ts';
import {inForce} from './in-force.ts';
import {makingSecret} from './making-secret.ts';
import {keyOf, keyPlace} from './key-id.ts';
import {mayLift} from './unrestricted.ts';
import {changedTerms, changeOptions} from './update-key.ts';
import {exitCodes} from '../failure.ts';

export const rotateKey: Command = {
	path: ['keys', 'rotate'],
	arguments: keyPlace,
	summary: 'Replace an API key by a new one and print that once',
	changes: true,
	options: {
		...organisationOption,
		grace: {
			type: 'string',
			value: 'SPAN',
			help: 'how long the old key goes on: 0s (it is revoked) to 30d (1d)',
		},
		unused: {
			type: 'string',
			value: 'SPAN',
			help: 'end that earlier, once the old key was not used for so long: 1h or more',
		},
		'finish-previous': {
			type: 'boolean',
			help: 'end the key before it first, if that still goes on',
		},
		reason: {type: 'string', value: 'TEXT', help: 'why, for the audit trail'},
		...changeOptions,
		...confirmOption,
		...secretOption,
	},
	async run(context) {
		const {flags} = context;
		const given = {
			name: flags['name'],
			...changedTerms(context),
			grace_seconds: seconds(context, 'grace'),
			finish_when_unused_seconds: seconds(context, 'unused'),
			finish_previous: flags['finish-previous'],
			reason: flags['reason'],
		};
		const body = checked(rotateKeyRequest, given, 'latchkey keys rotate ID|NAME [--grace 7d]');
		const {org_id, key_id} = await keyOf(context);
		const {agreed} = await mayLift(context, {org_id, key_id}, body);
		if (!agreed) {
			context.output.say('Nothing was changed.');
			return exitCodes.usage;
		}
		return makingSecret(context, async () => {
			const {body: made} = await context.client.call('rotateKey', {org_id, key_id, body});
			const {id, previous} = made;
			const until = previous.grace_until;
			const old =
				until === null
					? `${clean(previous.hint)}… is refused from now on.`
					: `${clean(previous.hint)}… goes on until ${moment(until)}.`;
			return {
				document: made,
				secret: 'key',
				id,
				said: `Rotated ${clean(made.name)} (${id}): ${old} This is the only time the new key is shown:`,
				...(until === null
					? {}
					: {
							async undo() {
								await context.client.call('cancelRotation', {org_id, key_id: id, body: {}});
								return 'the rotation was cancelled';
							},
						}),
				otherwise: `Rotate the new one: \`latchkey keys rotate ${id} --finish-previous\`.`,
			};
		});
	},
};

function seconds({flags}: Context, name: string): number | undefined {
	const ms = durationFlag(flags, name);
	return ms === undefined ? undefined : ms / 1000;
}

export const finishRotation = ending('finish', {
	summary: 'End the old key of a rotation now, by the id of either',
	route: 'finishRotation',
	question: (name) => `End the old key of ${name} now? Whoever still uses it gets 401.`,
	said: (name) => `Finished the rotation of ${name}: the old key is refused`,
});

export const cancelRotation = ending('cancel', {
	summary: 'Keep the old key of a rotation and revoke the new one, by the id of either',
	route: 'cancelRotation',
	question: (name) => `Cancel the rotation of ${name}? The new key is revoked for good.`,
	said: (name) => `Cancelled the rotation of ${name}: the new key is refused`,
});

type Ending = {
	summary: string;
	route: 'finishRotation' | 'cancelRotation';
	question: (name: string) => string;
	said: (name: string) => string;
};

function ending(verb: string, {summary, route, question, said}: Ending): Command {
	return {
		path: ['keys', verb],
		arguments: keyPlace,
		summary,
		changes: true,
		options: {...organisationOption, ...confirmOption},
		async run(context) {
			const isConfirmed = confirmedByFlag(context, 'This');
			const {org_id, key_id} = await keyOf(context);
			if (!isConfirmed) {
				const {body: key} = await context.client.call('getKey', {org_id, key_id});
				if (!(await agrees(context, question(clean(key.name))))) {
					context.output.say('Nothing was changed.');
					return exitCodes.usage;
				}
			}
			const answer = await context.client.call(route, {org_id, key_id, body: {}});
			return answerChange(
				context,
				answer.body,
				`${said(clean(answer.body.name))} ${inForce(answer)}`,
			);
		},
	};
}
