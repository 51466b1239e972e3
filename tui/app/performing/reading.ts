import {mostAround} from '../../screens/keys/key/around.ts';
import type {FullKey, FullUsageBucket} from '../../../contract/keys.ts';
import {requestOfUse} from '../../api-keys/explanation.ts';
import {recogniseKey} from '../../api-keys/recognise.ts';
import {Failure} from '../../failure.ts';
import {readPolicy} from '../../key-policies/calls.ts';
import {tightened} from '../../key-policies/state.ts';
import {tryPolicy} from '../../key-policies/trial.ts';
import type {Effect, Event} from '../effect.ts';
import {readKeyUsage, readOverview, readUseOf} from '../../usage/calls.ts';
import {lists, type LoadedAnswer} from '../lists.ts';
import type {ListSource} from '../list-source.ts';
import {download} from './download.ts';
import type {EffectContext, Emit, Performers} from './performer.ts';

/* What is read and changes nothing. */

export const reading: Performers<
	| 'load'
	| 'readKey'
	| 'readKeyLimits'
	| 'readKeyUsage'
	| 'readOverview'
	| 'readSparks'
	| 'readKeyClients'
	| 'readKeyAround'
	| 'readKeysOfLeavers'
	| 'recogniseKey'
	| 'searchKeys'
	| 'readDecisions'
	| 'explainKey'
	| 'readToChange'
	| 'readRoleToChange'
	| 'readPolicyToChange'
	| 'tryPolicy'
	| 'readReliance'
	| 'readDelivery'
	| 'countReplay'
	| 'download'
> = {
	load,
	async readKey({organisation: org_id, id: key_id, epoch}, {client}, emit) {
		const [detail, hours, days] = await Promise.all([
			client.call('getKey', {org_id, key_id}),
			client.call('keyUsage', {org_id, key_id, query: {by: 'hour', view: 'full'}}),
			client.call('keyUsage', {org_id, key_id, query: {by: 'day', view: 'full'}}),
		]);
		type Counts = readonly FullUsageBucket[];
		const use = {
			detail: detail.body,
			hours: hours.body as Counts,
			days: days.body as Counts,
		};
		emit({type: 'keyRead', id: key_id, use, epoch});
	},
	async readKeyLimits({organisation: org_id, id, epoch}, {client}, emit) {
		const {body: state} = await client.call('getKeyLimits', {org_id, key_id: id});
		emit({type: 'keyLimitsRead', id, state, epoch});
	},
	async readKeyUsage({organisation: org_id, id, range, epoch}, {client, now}, emit) {
		const began = now();
		const read = {range, ...(await readKeyUsage({client, org_id}, id, range, began))};
		emit({type: 'keyUsageRead', id, read, took: now() - began, epoch});
	},
	async readSparks({organisation: org_id, ids, epoch}, {client}, emit) {
		emit({type: 'sparksRead', ids, series: await readUseOf({client, org_id}, ids), epoch});
	},
	async readKeyAround({organisation: org_id, id, clients, entries, epoch}, {client}, emit) {
		// An older server has one of them perhaps, and what cannot be read is left out.
		const read = async <Body>(isWanted: boolean, ask: () => Promise<{body: Body}>) =>
			isWanted ? ask().then(({body}) => body, refusedOnly) : undefined;
		const query = {target: id, limit: String(mostAround)};
		const [from, done] = await Promise.all([
			read(clients, () => client.call('listKeyClients', {org_id, key_id: id})),
			read(entries, () => client.call('listAudit', {org_id, query})),
		]);
		emit({type: 'keyAroundRead', id, clients: from?.slice(0, mostAround), entries: done, epoch});
	},
	async readKeyClients({organisation: org_id, id, epoch}, {client}, emit) {
		const {body: clients} = await client.call('listKeyClients', {org_id, key_id: id});
		emit({type: 'keyClientsRead', id, clients, epoch});
	},
	async readKeysOfLeavers({organisation: org_id, epoch}, {client}, emit) {
		const ids: string[] = [];
		let cursor: string | undefined;
		do {
			const from = cursor === undefined ? {} : {cursor};
			const query = {finding: 'maker_left', limit: '500', ...from} as const;
			const {body, next} = await client.call('getKeyHygiene', {org_id, query});
			ids.push(...body.keys.map(({id}) => id));
			cursor = next;
		} while (cursor !== undefined);
		emit({type: 'keysOfLeaversRead', ids, epoch});
	},
	async searchKeys({organisation: org_id, q, epoch}, {client}, emit) {
		const query = {view: 'full', q, limit: '20'} as const;
		const {body} = await client.call('listKeys', {org_id, query});
		// `view=full` is answered with full keys; the route's type also has the published ones.
		emit({type: 'keysFound', q, keys: body as readonly FullKey[], epoch});
	},
	async recogniseKey({secret, places, epoch}, {client}, emit) {
		const told = await recogniseKey(client, secret, places);
		emit({type: 'keyRecognised', secret, told, epoch});
	},
	async readOverview({organisation: org_id, range, epoch}, {client, now}, emit) {
		const began = now();
		const read = {range, ...(await readOverview({client, org_id}, range, began))};
		emit({type: 'overviewRead', read, took: now() - began, epoch});
	},
	async readDecisions(of, {client}, emit) {
		const {organisation: org_id, query, after, epoch} = of;
		const asked = {...query, ...(after === undefined ? {} : {after})};
		const {body: told} = await client.call('listDecisions', {org_id, query: asked});
		emit({type: 'decisionsRead', of, told, epoch});
	},
	async explainKey({organisation: org_id, id, use, epoch}, {client}, emit) {
		const asked = {org_id, key_id: id, body: requestOfUse(use)};
		const {body: explanation} = await client.call('explainKey', asked);
		emit({type: 'keyExplained', id, use, explanation, epoch});
	},
	async readToChange({organisation: org_id, id: key_id, proposed}, {client}, emit) {
		const {body: key, tag = '*'} = await client.call('getKey', {org_id, key_id});
		const filledIn = proposed === undefined ? {} : {proposed};
		emit({type: 'readToChange', read: {key, tag}, ...filledIn});
	},
	async readRoleToChange({organisation: org_id, id: role_id}, {client}, emit) {
		const {body: role, tag = '*'} = await client.call('getKeyRole', {org_id, role_id});
		emit({type: 'roleReadToChange', read: {role, tag}});
	},
	async readPolicyToChange({list, place}, {client}, emit) {
		const {body: state, tag = '*'} = await readPolicy(client, place);
		emit({type: 'policyReadToChange', read: {list, place, state, tag}});
	},
	async tryPolicy(of, {client}, emit) {
		const {policy, body} = of;
		const names = tightened(policy.state.own, body);
		const trial = await tryPolicy(client, policy.place, body, names).catch((error: unknown) => {
			// The question stands without it, and says that it is not known.
			const isFault = error instanceof Failure && (error.details.status ?? 0) >= 500;
			if (isFault) return undefined;
			throw error;
		});
		emit({type: 'policyTried', of, ...(trial === undefined ? {} : {trial})});
	},
	async readReliance({organisation}, {client}, emit) {
		// The question stands without it, and says that it is not known.
		const answer = await client.call('getReliance', {org_id: organisation}).catch(() => undefined);
		const known = answer === undefined ? {} : {reliance: answer.body};
		emit({type: 'relianceRead', organisation, ...known});
	},
	async readDelivery({organisation: org_id, id}, {client}, emit) {
		const {body} = await client.call('getDelivery', {org_id, delivery_id: id});
		emit({type: 'deliveryRead', detail: body});
	},
	async countReplay({organisation: org_id, endpoint, replay}, {client}, emit) {
		const asked = {org_id, webhook_id: endpoint, body: {...replay, dry_run: true}};
		const {body} = await client.call('replayDeliveries', asked);
		emit({type: 'replayCounted', endpoint, replay, count: body.count});
	},
	async download(effect, context, emit) {
		const {file, lines} = await download(effect, context, (some) =>
			emit({type: 'downloading', lines: some, of: effect}),
		);
		emit({type: 'downloaded', file, lines, of: effect});
	},
};

/** Reads a list, or a page of it. */
async function load(
	{list, organisation, query, epoch, cursor, after}: Extract<Effect, {do: 'load'}>,
	{client, now}: EffectContext,
	emit: Emit,
): Promise<void> {
	const began = now();
	const from = {client, org_id: organisation ?? '', query};
	const send = (
		items: readonly unknown[],
		partial: boolean,
		page?: Extract<Event, {type: 'loaded'}>['page'],
	) =>
		emit({
			type: 'loaded',
			// Each reader gives the items of its own list.
			answer: {list, items} as LoadedAnswer,
			query,
			partial,
			took: now() - began,
			epoch,
			...(page === undefined ? {} : {page}),
		});
	const source: ListSource<unknown> = lists[list];
	if ('readPage' in source) {
		const {items, ...page} = await source.readPage({...from, cursor, after});
		send(items, false, page);
		return;
	}
	send(await source.read(from, (some) => send(some, true)), false);
}

/** A refusal is no answer; that the server is away, or the session over, is told as ever. */
function refusedOnly(error: unknown): undefined {
	if (!(error instanceof Failure) || error.kind !== 'refused') throw error;
}
