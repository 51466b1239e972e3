import {createOrganisationRequest} from '../../contract/organisations.ts';
import {exitCodes, Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {date} from '../text/time.ts';
import {type Command, textFlag} from './command.ts';

export const listOrganisations: Command = {
	path: ['orgs', 'list'],
	summary: 'List the organisations you can see',
	options: {},
	async run({client, flags, output}) {
		const {body: organisations} = await client.call('listOrganisations', {});
		if (flags['json'] === true) output.json(organisations);
		else if (flags['quiet'] === true) output.lines(organisations.map(({id}) => id));
		else if (organisations.length === 0) output.say('You can see no organisation.');
		else {
			const rows = organisations.map((organisation) => [
				organisation.id,
				organisation.name,
				organisation.plan,
				date(organisation.created_at),
			]);
			output.table(['ID', 'NAME', 'PLAN', 'CREATED'], rows);
		}
		return exitCodes.done;
	},
};

export const createOrganisation: Command = {
	path: ['orgs', 'create'],
	summary: 'Create an organisation (operators)',
	changes: true,
	options: {
		name: {type: 'string', value: 'NAME', help: 'what it is called (required)'},
		plan: {
			type: 'string',
			value: 'PLAN',
			help: 'free (default), pro or team; only team has API keys',
		},
	},
	async run({client, flags, output}) {
		const parsed = createOrganisationRequest.safeParse({
			name: textFlag(flags, 'name'),
			...(flags['plan'] === undefined ? {} : {plan: flags['plan']}),
		});
		if (!parsed.success) {
			throw new Failure('usage', parsed.error.issues[0]?.message ?? 'not valid', {
				hint: 'latchkey orgs create --name NAME [--plan team]',
			});
		}
		const {body} = await client.call('createOrganisation', {body: parsed.data});
		if (flags['json'] === true) output.json(body);
		else {
			output.say(`Created ${clean(body.name)} on the ${clean(body.plan)} plan:`);
			output.lines([body.id]);
		}
		return exitCodes.done;
	},
};
