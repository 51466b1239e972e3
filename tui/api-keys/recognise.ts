import type {Organisation} from '../../contract/organisations.ts';
import type {FullVerification} from '../../contract/verification.ts';
import type {Client} from '../client/client.ts';
import {Failure} from '../failure.ts';
import type {PastedKey} from './pasted.ts';

type Place = Pick<Organisation, 'id' | 'name'>;

/** What the server knows of a key that somebody has. */
export type Recognition =
	/** A key of this organisation, and what its use would come to. */
	| {
			readonly kind: 'known';
			readonly id: string;
			readonly name: string;
			readonly code: FullVerification['code'];
			readonly place: Place;
	  }
	/** None of the organisations that were asked about has it; `unasked` of them could not be. */
	| {readonly kind: 'unknown'; readonly asked: number; readonly unasked: number}
	/** Mistyped, or cut off: its checksum is not that of a key. */
	| {readonly kind: 'malformed'};

/** How many organisations are asked about at a time, and at all. */
const [atOnce, mostAsked] = [5, 100];

/**
 * Asks whose key it is: the first of `places` is where one works. Nothing is counted or charged by it.
 *
 * @throws {Failure} where even the first one could not be asked about
 */
export async function recogniseKey(
	client: Pick<Client, 'call'>,
	key: PastedKey,
	places: readonly Place[],
): Promise<Recognition> {
	const [here, ...others] = places;
	if (here === undefined) return {kind: 'unknown', asked: 0, unasked: 0};
	const first = await ask(client, key, here);
	if (first !== undefined) return first;
	const left = others.slice(0, mostAsked - 1);
	let unasked = others.length - left.length;
	let found: Recognition | undefined;
	const work = async () => {
		for (let next = left.shift(); next !== undefined && found === undefined; next = left.shift()) {
			try {
				found ??= await ask(client, key, next);
			} catch (error) {
				// One's role there may not let one ask.
				if (!(error instanceof Failure) || error.kind !== 'refused') throw error;
				unasked++;
			}
		}
	};
	await Promise.all(Array.from({length: atOnce}, work));
	return found ?? {kind: 'unknown', asked: places.length - unasked, unasked};
}

/** Undefined: the organisation has no such key. */
async function ask(
	client: Pick<Client, 'call'>,
	key: PastedKey,
	place: Place,
): Promise<Recognition | undefined> {
	const {body} = await client.call('verifyKey', {
		organisation: place.id,
		query: {view: 'full'},
		body: {key: key.reveal(), dry_run: true},
	});
	if (body.code === 'MALFORMED') return {kind: 'malformed'};
	const {key_id: id, name, code} = body;
	return id === null ? undefined : {kind: 'known', id, name: name ?? '', code, place};
}
