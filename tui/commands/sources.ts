import {createSourceRequest, type Source, updateSourceRequest} from '../../contract/sources.ts';
import {pages} from '../client/pages.ts';
import {clean} from '../text/clean.ts';
import {date, moment} from '../text/time.ts';
import {answerChange, answerItem, type Column, listing, removal} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {checked, checkedChange, onlyArgument} from './flags.ts';
import {answerExisting, existing, ifNotExistsOption} from './if-not-exists.ts';
import {wantedOrganisation} from './organisation.ts';
import {findSourceId, namedPlace} from './resource-ids.ts';

const facts: readonly Column<Source>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['type', ({type}) => type],
	['created', ({created_at}) => moment(created_at)],
	['updated', ({updated_at}) => moment(updated_at)],
];

const members = {
	name: {type: 'string', value: 'NAME', help: 'what it is called'},
	type: {type: 'string', value: 'TYPE', help: 'what kind of source it is'},
} as const;

/** A new one needs them all. */
const required = {
	name: {...members.name, required: true},
	type: {...members.type, required: true},
} as const;

export const commands: readonly Command[] = [
	listing({
		path: ['sources', 'list'],
		summary: 'List the sources of an organisation',
		options: organisationOption,
		columns: [...facts.slice(0, 3), ['created', ({created_at}) => date(created_at)]],
		id: ({id}) => id,
		none: 'No sources. Make one with `latchkey sources create --name NAME --type TYPE`.',
		async *pages(context, most) {
			const organisation = await wantedOrganisation(context);
			yield* pages(context.client, 'listSources', {organisation}, most);
		},
	}),
	{
		path: ['sources', 'show'],
		arguments: namedPlace,
		summary: 'Show one source',
		options: organisationOption,
		async run(context) {
			const source = await findSource(context);
			return answerItem(context, source, {facts, id: source.id});
		},
	},
	{
		path: ['sources', 'create'],
		summary: 'Create a source',
		changes: true,
		options: {...organisationOption, ...required, ...ifNotExistsOption},
		async run(context) {
			const {client, flags} = context;
			const given = {name: flags['name'], type: flags['type']};
			const hint = 'latchkey sources create --name NAME --type TYPE';
			const body = checked(createSourceRequest, given, hint);
			const organisation = await wantedOrganisation(context);
			const lists = pages(client, 'listSources', {organisation});
			const before = await existing(context, lists, ({name}) => name === body.name);
			if (before !== undefined) return answerExisting(context, before, body.name);
			const {body: source} = await client.call('createSource', {organisation, body});
			return answerChange(context, source, `Created ${clean(source.name)}`);
		},
	},
	{
		path: ['sources', 'update'],
		arguments: namedPlace,
		summary: 'Change the name or type of a source',
		changes: true,
		options: {...organisationOption, ...members},
		async run(context) {
			const {client, flags} = context;
			const given = {name: flags['name'], type: flags['type']};
			const hint = 'latchkey sources update ID|NAME [--name NAME] [--type TYPE]';
			const body = checkedChange(updateSourceRequest, given, hint);
			const place = await placeOf(context);
			const {body: source} = await client.call('updateSource', {...place, body});
			return answerChange(context, source, `Updated ${clean(source.name)}`);
		},
	},
	removal({
		path: ['sources', 'delete'],
		arguments: namedPlace,
		summary: 'Delete a source',
		options: organisationOption,
		doing: 'Deleting a source',
		question: async (context) => `Delete ${clean((await findSource(context)).name)}?`,
		async remove(context) {
			const {body} = await context.client.call('deleteSource', await placeOf(context));
			return {document: body, said: `Deleted ${clean(body.name)}.`};
		},
	}),
];

async function findSource(context: Context): Promise<Source> {
	return (await context.client.call('getSource', await placeOf(context))).body;
}

/** The source that the one argument is for, and the organisation that it is of. @throws {Failure} */
async function placeOf(context: Context) {
	const wanted = onlyArgument(context, 'source');
	const organisation = await wantedOrganisation(context);
	return {organisation, id: await findSourceId(context.client, organisation, wanted)};
}
