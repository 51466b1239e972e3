import {
	createOrganisationRequest,
	type Organisation,
	plans,
	updateOrganisationRequest,
} from '../../contract/organisations.ts';
import {exitCodes} from '../failure.ts';
import {confirmation} from '../text/confirmation.ts';
import {relianceText} from '../api-keys/reliance.ts';
import {clean} from '../text/clean.ts';
import {date, moment} from '../text/time.ts';
import {answerChange, answerItem, type Column, listing} from './answer.ts';
import {type Command, confirmOption, type Context} from './command.ts';
import {confirmedByFlag, typesWord} from './confirm.ts';
import {answerExisting, existing, ifNotExistsOption} from './if-not-exists.ts';
import {checked, checkedChange, onlyArgument} from './flags.ts';
import {findOrganisation} from './organisation.ts';

const facts: readonly Column<Organisation>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['plan', ({plan}) => plan],
	['created', ({created_at}) => moment(created_at)],
];

const name = {type: 'string', value: 'NAME'} as const;
const plan = {type: 'string', value: 'PLAN', choices: plans} as const;

export const commands: readonly Command[] = [
	listing({
		path: ['orgs', 'list'],
		summary: 'List the organisations you can see',
		options: {},
		columns: [...facts.slice(0, 3), ['created', ({created_at}) => date(created_at)]],
		id: ({id}) => id,
		none: 'You can see no organisation.',
		pages: ({client}) => every(client),
	}),
	{
		path: ['orgs', 'show'],
		arguments: 'ID|NAME',
		summary: 'Show one organisation',
		options: {},
		async run(context) {
			const organisation = await get(context);
			return answerItem(context, organisation, {facts, id: organisation.id});
		},
	},
	{
		path: ['orgs', 'create'],
		summary: 'Create an organisation (operators)',
		changes: true,
		options: {
			name: {...name, required: true, help: 'what it is called'},
			plan: {...plan, help: 'free unless given; only team has API keys'},
			...ifNotExistsOption,
		},
		async run(context) {
			const {client, flags} = context;
			const given = {name: flags['name'], plan: flags['plan']};
			const hint = 'latchkey orgs create --name NAME [--plan team]';
			const body = checked(createOrganisationRequest, given, hint);
			const before = await existing(
				context,
				every(client),
				({name: called}) => called === body.name,
			);
			if (before !== undefined) return answerExisting(context, before, body.name);
			const {body: made} = await client.call('createOrganisation', {body});
			return answerChange(
				context,
				made,
				`Created ${clean(made.name)} on the ${clean(made.plan)} plan`,
			);
		},
	},
	{
		path: ['orgs', 'update'],
		arguments: 'ID|NAME',
		summary: 'Rename an organisation, or (operators) change its plan',
		changes: true,
		options: {
			name: {...name, help: 'what it is called from now on'},
			plan: {...plan, help: 'off the team plan its keys are refused at once'},
			...confirmOption,
		},
		async run(context) {
			const {client, flags, output} = context;
			const wanted = onlyArgument(context, 'organisation');
			const given = {name: flags['name'], plan: flags['plan']};
			const hint = 'latchkey orgs update ID [--name NAME] [--plan PLAN]';
			const body = checkedChange(updateOrganisationRequest, given, hint);
			const org_id = await findOrganisation(client, wanted);
			if (!(await mayStop(context, body.plan))) {
				output.say('Nothing was changed.');
				return exitCodes.usage;
			}
			const {body: updated} = await client.call('updateOrganisation', {org_id, body});
			return answerChange(
				context,
				updated,
				`${clean(updated.name)} is on the ${clean(updated.plan)} plan`,
			);
		},
	},
];

async function* every(client: Context['client']) {
	yield await client.call('listOrganisations', {});
}

async function get(context: Context): Promise<Organisation> {
	const org_id = await findOrganisation(context.client, onlyArgument(context, 'organisation'));
	return (await context.client.call('getOrganisation', {org_id})).body;
}

/** Off the team plan every key is refused at once: only that change of plan is asked about. */
async function mayStop(context: Context, plan: string | undefined): Promise<boolean> {
	if (plan === undefined || plan === 'team') return true;
	const organisation = await get(context);
	if (organisation.plan !== 'team') return true;
	if (confirmedByFlag(context, 'What callers miss while their keys are refused')) return true;
	const {id, name: called} = organisation;
	const {body: reliance} = await context.client.call('getReliance', {org_id: id});
	const word = confirmation({name: called, id});
	const question = `${clean(called)} has ${relianceText(reliance)}. All of its keys get 403 immediately. Type ${word} to move it to ${plan}: `;
	return typesWord(context, question, word);
}
