import fs from 'node:fs';
import {exitCodes, Failure} from '../failure.ts';
import {
	type Profile,
	profileNamed,
	readProfiles,
	withProfile,
	writeProfiles,
} from '../settings/profiles.ts';
import {sessionFileAt} from '../settings/credential-store.ts';
import {answerItems, type Column} from './answer.ts';
import {type Command, listOptions} from './command.ts';
import {numberFlag, onlyArgument} from './flags.ts';

type Listed = Profile & {name: string; current: boolean};

const columns: readonly Column<Listed>[] = [
	['name', ({name}) => name],
	['server', ({url}) => url],
	['organisation', ({organization}) => organization ?? '-'],
	['', ({current}) => (current ? 'current' : '')],
];

/** What `login` and `use` have written; none of it needs a server. */
export const commands: readonly Command[] = [
	{
		path: ['profiles', 'list'],
		summary: 'List the servers you logged in to, by profile',
		options: listOptions,
		runHere(context) {
			const {current, profiles} = readProfiles(context.environment);
			const listed = Object.entries(profiles).map(([name, profile]): Listed => {
				return {name, ...profile, current: name === current};
			});
			answerItems(context, listed.slice(0, numberFlag(context.flags, 'limit')), {
				columns,
				id: ({name}) => name,
				none: 'No profiles. Make one with `latchkey login --profile NAME --url URL`.',
			});
			return exitCodes.done;
		},
	},
	{
		path: ['profiles', 'use'],
		arguments: 'NAME',
		summary: 'Choose the server that commands talk to from now on',
		options: {},
		runHere(context) {
			const {environment, output} = context;
			const name = onlyArgument(context, 'profile');
			const profiles = readProfiles(environment);
			const {url} = profileNamed(profiles, name);
			writeProfiles({...profiles, current: name}, environment);
			output.say(`Commands talk to ${url}.`);
			return exitCodes.done;
		},
	},
	{
		path: ['profiles', 'remove'],
		arguments: 'NAME',
		summary: 'Forget a server you have logged out of',
		options: {},
		runHere(context) {
			const {environment, output} = context;
			const name = onlyArgument(context, 'profile');
			const profiles = readProfiles(environment);
			const {url} = profileNamed(profiles, name);
			const rest = withProfile(profiles, name, undefined);
			const isShared = Object.values(rest.profiles).some((other) => other.url === url);
			if (!isShared && fs.existsSync(sessionFileAt(new URL(url), environment))) {
				throw new Failure('usage', `You are still logged in to ${url}`, {
					hint: `Run \`latchkey logout --profile ${name}\` first.`,
				});
			}
			const {current} = profiles;
			writeProfiles({...rest, current: current === name ? undefined : current}, environment);
			output.say(`Forgot ${name}.`);
			return exitCodes.done;
		},
	},
];
