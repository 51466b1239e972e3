import {headers} from '../../contract/errors.ts';
import type {FullKey} from '../../contract/keys.ts';
import type {Client} from '../client/client.ts';
import {pages} from '../client/pages.ts';
import {plural} from '../text/plural.ts';

/* The live keys of somebody who leaves: a key belongs to its organisation, and outlives its maker. */

/** Who made keys, and in which organisation; undefined: in any. */
export type Maker = {readonly id: string; readonly name: string; readonly org_id?: string};

/** A key, and the organisation that it is of. */
export type KeyLeft = FullKey & {readonly org_id: string; readonly organisation: string};

/** How many there are, as far as an answer tells. */
export function keysLeftIn({headers: received}: {headers: object}): number | undefined {
	const text = (received as Readonly<Record<string, unknown>>)[headers.keysLeft.toLowerCase()];
	return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** `3 live keys go on working`. @param whose stands behind the keys */
export function keysLeftText(count: number, whose: string): string {
	const go = count === 1 ? 'goes' : 'go';
	return `${plural(count, ['live key', 'live keys'])}${whose} ${go} on working`;
}

/** How many organisations are asked at a time. */
const atOnce = 5;

/** Reads them: of one organisation, or of every one that the caller can see. */
export async function readKeysLeft(client: Client, {id, org_id}: Maker): Promise<KeyLeft[]> {
	const {body: all} = await client.call('listOrganisations', {});
	const organisations = all.filter((each) => org_id === undefined || each.id === org_id);
	const found: KeyLeft[][] = [];
	const left = [...organisations.entries()];
	const work = async () => {
		for (let next = left.shift(); next !== undefined; next = left.shift()) {
			const [index, organisation] = next;
			found[index] = await liveIn(client, organisation, id);
		}
	};
	await Promise.all(Array.from({length: atOnce}, work));
	return found.flat();
}

async function liveIn(
	client: Client,
	{id: org_id, name}: {id: string; name: string},
	created_by: string,
): Promise<KeyLeft[]> {
	const keys: KeyLeft[] = [];
	const query = {view: 'full', created_by} as const;
	for await (const {body} of pages(client, 'listKeys', {org_id, query})) {
		// `view=full` is answered with full keys; the route's type also has the published ones.
		for (const key of body as readonly FullKey[]) {
			if (!dead.has(key.status)) keys.push({...key, org_id, organisation: name});
		}
	}
	return keys;
}

/** As the server judges, by its clock and its policies. */
const dead: ReadonlySet<string> = new Set<FullKey['status']>(['revoked', 'rotated', 'expired']);
