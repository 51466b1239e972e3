import type {Tokens} from '../../contract/people.ts';
import {exitCodes, Failure} from '../failure.ts';
import {rememberLogIn} from '../settings/remember.ts';
import {clean} from '../text/clean.ts';
import type {Context, Options} from './command.ts';
import {authorityFlag} from './flags.ts';

/** Options of what logs in. */
export const logInOptions = {
	'ca-file': {type: 'string', value: 'FILE', unasked: true, help: 'earlier name of --ca'},
} as const satisfies Options;

/** @throws {Failure} usage, where a credential of the environment comes before any session. */
export function refuseGiven({given}: Context['settings']): void {
	if (given === undefined) return;
	throw new Failure('usage', `${given} is set, and a session would not be used`, {
		hint: 'Unset it to log in.',
	});
}

/** Keeps a session that has just begun, and answers whose it is. */
export async function beginSession(context: Context, pair: Tokens): Promise<number> {
	const {client, session, settings, environment, flags, output} = context;
	session.begin(pair);
	rememberLogIn(settings, authorityFlag(flags), environment);
	const {body: me} = await client.call('me', {});
	if (flags['json'] === true) output.json(me);
	else output.say(`Logged in to ${settings.url.origin} as ${clean(me.email)}.`);
	return exitCodes.done;
}
