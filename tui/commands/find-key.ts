import type {FullKey, KeyDetail} from '../../contract/keys.ts';
import {verdictOf} from '../api-keys/explanation.ts';
import {pastedKey, type PastedKey, prefixesOf} from '../api-keys/pasted.ts';
import {recogniseKey, type Recognition} from '../api-keys/recognise.ts';
import {isOver, stateOf} from '../api-keys/state.ts';
import {pages} from '../client/pages.ts';
import {exitCodes, Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {ago} from '../text/time.ts';
import {answerItem, answerItems, type Column} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {textFlag} from './flags.ts';
import {isId} from './named.ts';
import {organisationId} from './organisation.ts';
import {keyAsArgument, readKey} from './read-key.ts';
import {factsOfKey} from './show-key.ts';

const hint = 'Pipe it: latchkey keys find - < FILE';

const columns: readonly Column<FullKey>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['hint', ({hint: begins}) => begins],
	['status', stateOf],
	['last used', ({last_used_at}, now) => ago(last_used_at, now)],
];

export const findKey: Command = {
	path: ['keys', 'find'],
	arguments: '[TEXT] | -',
	summary:
		'Say which API key it is that somebody found, whose, whether it works, and what to do; `-` reads the key from stdin, and nobody sees it. By a part of its name, id or beginning: those it can be',
	options: organisationOption,
	async run(context) {
		const [first, ...others] = context.positionals;
		if (first === undefined || first === '-')
			return recognise(context, await readKey(context, hint));
		if (others.length > 0) throw new Failure('usage', 'One text at a time', {hint});
		if (pastedKey(first, prefixesOf([])) !== undefined) throw keyAsArgument(hint);
		return search(context, first);
	},
};

/** What was piped may be a line of a log with a key in it, or the beginning of one. */
async function recognise(context: Context, text: string): Promise<number> {
	const {client} = context;
	const secret = pastedKey(text, prefixesOf([]));
	if (secret === undefined && /^[\w…-]{3,80}$/.test(text)) return search(context, text);
	if (secret === undefined) throw notFound('There is no API key in it');
	if (!secret.isWhole) return search(context, secret.hint, secret);
	const places = await placesOf(context);
	const told = await recogniseKey(client, secret, places);
	if (told.kind !== 'known') throw notFound(whyUnknown(told, secret));
	const {id: key_id, place, code} = told;
	const {body: key} = await client.call('getKey', {org_id: place.id, key_id});
	const {verdict} = verdictOf(code);
	const {id, name} = place;
	// What is told is not what was given: the key is in none of it.
	const document = {...key, code, organization: {id, name}};
	return answerItem(context, document, {
		facts: [
			['key', () => secret.masked('*')],
			['use', () => verdict],
			['organisation', () => name],
			...(await factsOfKey(context, id, key)),
			...waysOut(key, context, id === places[0]?.id ? '' : ` --org ${id}`),
		],
		id: key.id,
	});
}

/** Where it may be from: the organisation that commands act in first, then the others that one sees. */
async function placesOf(context: Context): Promise<{id: string; name: string}[]> {
	const here = await organisationId(context);
	const {body: seen} = await context.client.call('listOrganisations', {});
	const [first, others] = [seen.filter(({id}) => id === here), seen.filter(({id}) => id !== here)];
	const named = first.length > 0 ? first : [{id: here, name: here}];
	return textFlag(context.flags, 'org') === undefined ? [...named, ...others] : named;
}

function whyUnknown(told: Exclude<Recognition, {kind: 'known'}>, secret: PastedKey): string {
	const masked = secret.masked('*');
	if (told.kind === 'malformed') {
		return `${masked} is not an API key: its checksum is wrong, so it was mistyped or cut off`;
	}
	const were = plural(told.asked, ['organisation was', 'organisations were']);
	const not = told.unasked === 0 ? '' : `, ${told.unasked} could not be`;
	return `${masked} is of none of your organisations: ${were} asked about${not}`;
}

function notFound(message: string): Failure {
	return new Failure('refused', message, {status: 404, code: 'api_key_not_found'});
}

/** The keys that a text can stand for. */
async function search(context: Context, text: string, begun?: PastedKey): Promise<number> {
	const {client, output} = context;
	const org_id = await organisationId(context);
	const wanted = isId(text) ? text.toLowerCase() : text.replace(/…$/, '');
	const found: FullKey[] = [];
	const query = {q: wanted, view: 'full'} as const;
	for await (const {body} of pages(client, 'listKeys', {org_id, query})) {
		found.push(...(body as FullKey[]));
	}
	if (found.length === 0) {
		throw notFound(`No API key has ${clean(begun?.masked('*') ?? wanted)} in its name, id or hint`);
	}
	if (begun !== undefined) {
		output.say('Only the beginning of a key was given. By that it can be:');
	}
	answerItems(context, found, {columns, id: ({id}) => id, none: ''});
	return exitCodes.done;
}

/** From what can be taken back to what cannot. */
function waysOut(key: KeyDetail, {now}: Context, place: string): Column<KeyDetail>[] {
	if (isOver(key, now)) return [];
	const can = (verb: string, text: string): Column<KeyDetail> => [
		verb,
		() => `latchkey keys ${verb} ${key.id}${place}   ${text}`,
	];
	return [
		stateOf(key, now) === 'suspended'
			? can('resume', 'accepted again')
			: can('suspend', 'refused at once; can be taken back'),
		can('rotate', 'a new key now; this one goes on for a while'),
		can('revoke', 'refused at once, for good'),
	];
}
