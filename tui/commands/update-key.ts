import {updateKeyRequest} from '../../contract/keys.ts';
import {everyTerm, type Term, terms} from '../api-keys/terms.ts';
import {clean} from '../text/clean.ts';
import {answerChange} from './answer.ts';
import {
	type Command,
	confirmOption,
	type LocalContext,
	type Options,
	organisationOption,
} from './command.ts';
import {checkedChange, textFlag, typedFlag} from './flags.ts';
import {keyOf, keyPlace} from './key-id.ts';
import {inForce} from './in-force.ts';
import {mayLift} from './unrestricted.ts';
import {exitCodes} from '../failure.ts';

const termOptions = Object.fromEntries(
	everyTerm.map(({option: {name, value, help}, none}) => [
		name,
		{type: 'string', value, help: `${help}; or ${none}`} as const,
	]),
);

/** What can be changed of a key. */
export const changeOptions: Options = {
	name: {type: 'string', value: 'NAME', help: 'what the key is for'},
	...termOptions,
};

/** What the key shall carry from now on; null: none of it. @throws {Failure} usage */
export function changedTerms(context: LocalContext): Record<string, unknown> {
	const given = Object.entries<Term>(terms).map(([member, term]) => {
		const {name} = term.option;
		const isLifted = textFlag(context.flags, name)?.trim().toLowerCase() === term.none;
		return [member, isLifted ? null : typedFlag(context, name, term)];
	});
	return Object.fromEntries(given);
}

export const updateKey: Command = {
	path: ['keys', 'update'],
	arguments: keyPlace,
	summary: 'Change what an API key carries; the rest stays as it is',
	changes: true,
	options: {
		...organisationOption,
		...changeOptions,
		...confirmOption,
	},
	async run(context) {
		const given = {name: context.flags['name'], ...changedTerms(context)};
		const hint = 'latchkey keys update ID|NAME [--name NAME] [--expires 90d]';
		const body = checkedChange(updateKeyRequest, given, hint);
		const {org_id, key_id} = await keyOf(context);
		const {agreed, tag} = await mayLift(context, {org_id, key_id}, body);
		if (!agreed) {
			context.output.say('Nothing was changed.');
			return exitCodes.usage;
		}
		const asRead = tag === undefined ? {} : {ifMatch: tag};
		const answer = await context.client.call('updateKey', {org_id, key_id, body, ...asRead});
		const said = `Updated ${clean(answer.body.name)}: in force`;
		return answerChange(context, answer.body, `${said} ${inForce(answer)}`);
	},
};
