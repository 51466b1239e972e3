import {createKeyRequest, type Key} from '../../contract/keys.ts';
import {everyTerm, type Term, terms} from '../api-keys/terms.ts';
import {pages} from '../client/pages.ts';
import {clean} from '../text/clean.ts';
import {
	type Command,
	type LocalContext,
	type Options,
	organisationOption,
	secretOption,
} from './command.ts';
import {checked, typedFlag} from './flags.ts';
import {answerExisting, existing, ifNotExistsOption} from './if-not-exists.ts';
import {makingSecret} from './making-secret.ts';
import {organisationId} from './organisation.ts';

const termOptions: Options = Object.fromEntries(
	everyTerm.map(({read, option: {name, ...described}}) => [
		name,
		{type: 'string', read, ...described},
	]),
);

/** What the new key shall carry. @throws {Failure} usage */
function termFlags(context: LocalContext): Record<string, unknown> {
	const given = Object.entries<Term>(terms).map(([member, term]) => [
		member,
		typedFlag(context, term.option.name, term),
	]);
	return Object.fromEntries(given);
}

export const createKey: Command = {
	path: ['keys', 'create'],
	summary: 'Create an API key and print it once',
	changes: true,
	options: {
		...organisationOption,
		name: {type: 'string', value: 'NAME', required: true, help: 'what the key is for'},
		...termOptions,
		...ifNotExistsOption,
		...secretOption,
	},
	async run(context) {
		const given = {name: context.flags['name'], ...termFlags(context)};
		const hint = 'latchkey keys create --name NAME [--expires 90d]';
		const body = checked(createKeyRequest, given, hint);
		const org_id = await organisationId(context);
		const {name} = body;
		const lists = pages(context.client, 'listKeys', {org_id, query: {q: name}});
		const isIt = (key: Key) => key.name === name && key.revoked_at === null;
		const before = await existing(context, lists, isIt);
		if (before !== undefined) return answerExisting(context, before, name, 'The key');
		return makingSecret(context, async () => {
			const {body: key} = await context.client.call('createKey', {org_id, body});
			const said = `Created ${clean(key.name)} (${key.id}). This is the only time the key is shown:`;
			return {
				document: key,
				secret: 'key',
				id: key.id,
				said,
				async undo() {
					await context.client.call('revokeKey', {org_id, key_id: key.id});
					return 'the key was revoked';
				},
				otherwise: `Revoke it: \`latchkey keys revoke ${key.id}\`.`,
			};
		});
	},
};
