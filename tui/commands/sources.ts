import {all} from '../client.ts';
import {exitCodes} from '../failure.ts';
import {date} from '../text/time.ts';
import {type Command, organisationOption, textFlag} from './command.ts';
import {organisationId} from './organisation.ts';

export const listSources: Command = {
	path: ['sources', 'list'],
	summary: 'List the sources of an organisation',
	options: {...organisationOption},
	async run({client, flags, output}) {
		const wanted = textFlag(flags, 'org');
		const organisation = wanted === undefined ? undefined : await organisationId(client, wanted);
		const sources = await all(client, 'listSources', {organisation});
		if (flags['json'] === true) output.json(sources);
		else if (flags['quiet'] === true) output.lines(sources.map(({id}) => id));
		else if (sources.length === 0) output.say('No sources.');
		else {
			const rows = sources.map(({id, name, type, created_at}) => [
				id,
				name,
				type,
				date(created_at),
			]);
			output.table(['ID', 'NAME', 'TYPE', 'CREATED'], rows);
		}
		return exitCodes.done;
	},
};
