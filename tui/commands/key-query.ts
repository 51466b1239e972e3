import * as z from 'zod';
import {keyFilters} from '../../contract/key-list.ts';
import {keyStatuses} from '../../contract/key-status.ts';
import type {LocalContext, Options} from './command.ts';
import {checked, daysFlag, textFlag, timeToComeFlag} from './flags.ts';

/* Which keys `latchkey keys list` asks the server for. */

/** Not asked for where nothing was typed: the one question for a filter is enough. */
const option = (value: string, help: string) =>
	({type: 'string', value, help, unasked: true}) as const;

export const queryOptions = {
	status: {...option('STATUS', 'those of one status'), choices: keyStatuses},
	tag: option('TAG', 'those with a tag, such as env:prod'),
	owner: option('TYPE/ID', 'those of an owner, such as team/payments'),
	role: option('ROLE', 'those with a key role'),
	scope: option('SCOPE', 'those whose scopes cover it, or that have none'),
	q: option('TEXT', 'those with it in name, id or hint'),
	'expires-before': option('TIME', 'those that end before, such as 30d or 2030-01-15'),
	'expires-after': option('TIME', 'those that end after it'),
	'idle-days': option('SPAN', 'those not used for so long, such as 90d'),
	'rotation-due': {
		type: 'boolean',
		help: 'those that the key policy has replaced by now',
		unasked: true,
	},
	'created-by': option('WHO', 'those that a user (email, id) or service account (name, id) made'),
} as const satisfies Options;

const query = z.strictObject(keyFilters);

/** @throws {Failure} usage */
export function keyQuery(context: Pick<LocalContext, 'flags' | 'now'>): z.input<typeof query> {
	const {flags} = context;
	const given = Object.keys(queryOptions).map((name) => [
		name.replace('-', '_'),
		flags[name] === true ? 'true' : textFlag(flags, name),
	]);
	const spans = {
		idle_days: daysFlag(flags, 'idle-days'),
		expires_before: timeToComeFlag(context, 'expires-before', '00:00:00'),
		expires_after: timeToComeFlag(context, 'expires-after', '23:59:59'),
	};
	const members = {...Object.fromEntries(given), ...spans};
	return checked(query, members, 'latchkey keys list --help');
}
