import type {ListedLimitedKey} from '../../contract/key-limits.ts';
import {writeQuota} from '../../contract/limits-in-words.ts';
import type {ListedSharedLimits, SharedLimits} from '../../contract/shared-limits.ts';
import {owner} from '../api-keys/labels.ts';
import {pages} from '../client/pages.ts';
import {Failure} from '../failure.ts';
import {quota} from '../limits/quota.ts';
import {rateLimits} from '../limits/rate-limits.ts';
import {keysOf, limitsText, ownerText, sharers, usedText} from '../limits/shared.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {ago, moment} from '../text/time.ts';
import {answerDone, answerItem, type Column, listing, removal} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {typedFlag} from './flags.ts';
import {inForce} from './in-force.ts';
import {organisationId} from './organisation.ts';

const columns: readonly Column<SharedLimits>[] = [
	['rate limits', limitsText],
	['quota', ({quota: of}) => (of === null ? 'none' : writeQuota(of))],
	['used', (item) => usedText(item) ?? ''],
	['resets', ({quota_resets_at: at}) => (at === null ? '' : moment(at))],
];

const placeOptions = {
	...organisationOption,
	owner: {
		type: 'string',
		value: 'TYPE/ID',
		read: owner.read,
		help: 'of the keys of an owner, such as team/payments, if not of all keys',
	},
} as const;

const hint =
	'latchkey limits set [--owner TYPE/ID] [--rate-limit LIMITS] [--quota QUOTA]: none removes one';

export const commands: readonly Command[] = [
	listing<ListedLimitedKey>({
		path: ['limits', 'now'],
		summary: 'List the API keys that were refused for a limit or quota in the last minute',
		options: organisationOption,
		columns: [
			['id', ({id}) => id],
			['name', ({name}) => clean(name)],
			['refused for', ({limits}) => limits.map(refusalText).join(', ')],
			['last', ({last_at}, now) => ago(last_at, now)],
		],
		id: ({id}) => id,
		none: 'No key was refused for a limit in the last minute.',
		most: 100,
		async *pages(context, most) {
			const org_id = await organisationId(context);
			yield* pages(context.client, 'listLimitedKeys', {org_id}, most);
		},
	}),
	listing<ListedSharedLimits>({
		path: ['limits', 'list'],
		summary: 'List the limits that keys of an organisation share',
		options: organisationOption,
		columns: [
			['shared by', sharers],
			...columns,
			['changed', ({updated_at}, now) => ago(updated_at, now)],
		],
		id: idOf,
		none: 'No shared limits. Set some with `latchkey limits set --rate-limit LIMITS`.',
		async *pages(context, most) {
			const org_id = await organisationId(context);
			yield* pages(context.client, 'listSharedLimits', {org_id}, most);
		},
	}),
	{
		path: ['limits', 'show'],
		summary: 'Show the limits that all keys share, or those of an owner',
		options: placeOptions,
		async run(context) {
			const of = ownerIn(context);
			const facts = [['shared by', () => sharers(of)], ...columns] as const;
			return answerItem(context, await read(context, of), {facts, id: idOf(of)});
		},
	},
	{
		path: ['limits', 'set'],
		summary: 'Set limits that keys share; what is not named stays as it is',
		changes: true,
		options: {
			...placeOptions,
			'rate-limit': {
				type: 'string',
				value: 'LIMITS',
				read: rateLimits.read,
				help: 'how often they are accepted together, such as "requests 100/min, writes 10/s burst 5"',
			},
			quota: {
				type: 'string',
				value: 'QUOTA',
				read: quota.read,
				help: 'how often in each period, such as "50k/month in Europe/Berlin"',
			},
		},
		async run(context) {
			const of = ownerIn(context);
			const limits = typedFlag(context, 'rate-limit', rateLimits);
			const wanted = typedFlag(context, 'quota', quota);
			if (limits === undefined && wanted === undefined) {
				throw new Failure('usage', 'Nothing to change', {hint});
			}
			const before = await read(context, of).catch(unlessNone);
			const body = {
				rate_limits: limits ?? before?.rate_limits ?? [],
				quota: wanted === undefined ? (before?.quota ?? null) : wanted,
			};
			if (body.rate_limits.length === 0 && body.quota === null) {
				const remedy = '`latchkey limits remove` takes them away.';
				throw new Failure('usage', 'No limit would be left', {hint: remedy});
			}
			const answer = await set(context, of, body);
			const said = `Set what ${keysOf(of)} share: in force ${inForce(answer)}.`;
			return answerDone(context, answer.body, said);
		},
	},
	removal({
		path: ['limits', 'remove'],
		summary: 'Remove the limits that all keys share, or those of an owner',
		options: placeOptions,
		doing: 'Removing shared limits',
		question: (context) => `Remove the limits that ${keysOf(ownerIn(context))} share?`,
		async remove(context) {
			const of = ownerIn(context);
			const answer = await removeShared(context, of);
			const said = `Removed the limits that ${keysOf(of)} shared: in force ${inForce(answer)}.`;
			return {document: answer.body, said};
		},
	}),
];

/** `burst (1,532 times)`. */
function refusalText({name, refused}: ListedLimitedKey['limits'][number]): string {
	return `${clean(name)} (${plural(refused, ['time', 'times'])})`;
}

type Sharing = Pick<ListedSharedLimits, 'owner'>;

/** @throws {Failure} usage */
function ownerIn(context: Context): Sharing {
	return {owner: typedFlag(context, 'owner', owner) ?? null};
}

/** What `--quiet` prints: as a path names it. */
function idOf(of: Sharing): string {
	return ownerText(of) || 'organization';
}

/** @throws {Failure} */
async function read(context: Context, of: Sharing): Promise<SharedLimits> {
	const place = await placeOf(context, of);
	const {body} = await ('owner_id' in place
		? context.client.call('getOwnerLimits', place)
		: context.client.call('getOrganisationLimits', place));
	return body;
}

async function set(
	context: Context,
	of: Sharing,
	body: Pick<SharedLimits, 'rate_limits' | 'quota'>,
) {
	const place = await placeOf(context, of);
	return 'owner_id' in place
		? context.client.call('setOwnerLimits', {...place, body})
		: context.client.call('setOrganisationLimits', {...place, body});
}

async function removeShared(context: Context, of: Sharing) {
	const place = await placeOf(context, of);
	return 'owner_id' in place
		? context.client.call('deleteOwnerLimits', place)
		: context.client.call('deleteOrganisationLimits', place);
}

type Place = {org_id: string} | {org_id: string; owner_type: string; owner_id: string};

async function placeOf(context: Context, {owner: of}: Sharing): Promise<Place> {
	const org_id = await organisationId(context);
	return of === null ? {org_id} : {org_id, owner_type: of.type, owner_id: of.id};
}

function unlessNone(error: unknown): undefined {
	const isNone = error instanceof Failure && error.details.code === 'shared_limits_not_found';
	if (!isNone) throw error;
}
