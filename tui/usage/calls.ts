import type {KeyClient, UsageSeries} from '../../contract/usage.ts';
import type {Client} from '../client/client.ts';
import {type UsageRange, rangeOf} from './ranges.ts';

/* What is asked of the server for pictures of usage. */

/** So many addresses, keys or owners are told by themselves; the rest together. */
const most = {addresses: '50', keys: '20', owners: '5'};

type Asked = {readonly client: Client; readonly org_id: string};

/** How a key was used over a range, and from where. `now` in ms. @throws {Failure} */
export async function readKeyUsage(
	{client, org_id}: Asked,
	key_id: string,
	range: UsageRange,
	now: number,
): Promise<{byOutcome: UsageSeries; byAddress: UsageSeries; clients: readonly KeyClient[]}> {
	const {step, detailStep, from} = rangeOf(range);
	const period = fromOf(from(now));
	const [byOutcome, byAddress, clients] = await Promise.all([
		client.call('keyUsage', {org_id, key_id, query: {...period, step, group_by: 'outcome'}}),
		client.call('keyUsage', {
			org_id,
			key_id,
			query: {...period, step: detailStep, group_by: 'address', top: most.addresses},
		}),
		client.call('listKeyClients', {org_id, key_id}),
	]);
	return {
		// Asked for a series, the route answers no list of hours.
		byOutcome: byOutcome.body as UsageSeries,
		byAddress: byAddress.body as UsageSeries,
		clients: clients.body,
	};
}

/** How the keys of an organisation were used over a range, and by whom. @throws {Failure} */
export async function readOverview(
	{client, org_id}: Asked,
	range: UsageRange,
	now: number,
): Promise<{byOutcome: UsageSeries; byKey: UsageSeries; byOwner: UsageSeries}> {
	const {step, detailStep, from} = rangeOf(range);
	const period = fromOf(from(now));
	const ask = async (query: object) =>
		(await client.call('organisationUsage', {org_id, query: {...period, ...query}})).body;
	const [byOutcome, byKey, byOwner] = await Promise.all([
		ask({step, group_by: 'outcome'}),
		ask({step: detailStep, group_by: 'key', top: most.keys}),
		ask({step: detailStep, group_by: 'owner', top: most.owners}),
	]);
	return {byOutcome, byKey, byOwner};
}

/** How keys were used in the last 24 hours, in one call. @throws {Failure} */
export async function readUseOf(
	{client, org_id}: Asked,
	ids: readonly string[],
): Promise<UsageSeries> {
	const query = {keys: ids.join(','), group_by: 'key', step: 'hour'} as const;
	return (await client.call('organisationUsage', {org_id, query})).body;
}

function fromOf(from: string | undefined): {from?: string} {
	return from === undefined ? {} : {from};
}
