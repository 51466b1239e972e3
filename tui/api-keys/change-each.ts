import type {Client} from '../client/client.ts';
import type {Input} from '../client/request.ts';
import {asFailure, type Failure} from '../failure.ts';

/** What can be done to several keys, and what each is then. */
export const keyChanges = {
	revoke: {doing: 'Revoking', done: 'revoked', did: 'Revoked'},
	suspend: {doing: 'Suspending', done: 'suspended', did: 'Suspended'},
} as const;
export type KeyChange = keyof typeof keyChanges;

/** What became of one of several keys. */
export type KeyOutcome<
	Key extends {readonly id: string} = {readonly id: string; readonly name: string},
> = {
	readonly key: Key;
	readonly outcome: (typeof keyChanges)[KeyChange]['done'] | 'failed' | 'not tried';
	readonly detail?: string;
};

/** A key, and the organisation that it is of. */
type Place = {readonly id: string; readonly org_id: string};

/** How many calls are under way at a time. */
const atOnce = 5;

/** Revokes several keys of one organisation, as `changeEach` does. @param query why */
export async function revokeEach<Key extends {readonly id: string}>(
	client: Pick<Client, 'call'>,
	org_id: string,
	keys: readonly Key[],
	onDone: (key: Key, failure?: Failure) => void,
	query?: Input<'revokeKey'>['query'],
): Promise<KeyOutcome<Key>[]> {
	const places = keys.map((key) => ({id: key.id, org_id, key}));
	const outcomes = await changeEach(
		client,
		'revoke',
		places,
		({key}, of) => onDone(key, of),
		query,
	);
	return outcomes.map((outcome) => ({...outcome, key: outcome.key.key}));
}

/**
 * Changes several keys, a few at a time. What is refused for one key alone (it is gone) goes on with
 * the rest; when the session or the server is gone, or has enough of it, the rest is not tried.
 *
 * @param onDone hears of each that was tried, in the order they were given in
 * @param query why they are revoked
 * @returns what became of each, in the order they were given in
 */
export async function changeEach<Key extends Place>(
	client: Pick<Client, 'call'>,
	what: KeyChange,
	keys: readonly Key[],
	onDone: (key: Key, failure?: Failure) => void,
	query?: Input<'revokeKey'>['query'],
): Promise<KeyOutcome<Key>[]> {
	const {done} = keyChanges[what];
	const ask = async ({id: key_id, org_id}: Place): Promise<unknown> =>
		what === 'suspend'
			? client.call('suspendKey', {org_id, key_id, body: {}})
			: client.call('revokeKey', {org_id, key_id, ...(query === undefined ? {} : {query})});
	const outcomes = keys.map((key): KeyOutcome<Key> => ({key, outcome: 'not tried'}));
	const left = [...keys.entries()];
	const news: (() => void)[] = [];
	let told = 0;
	const tell = (index: number, key: Key, failure?: Failure) => {
		news[index] = () => onDone(key, failure);
		for (let next = news[told]; next !== undefined; next = news[told]) {
			told++;
			next();
		}
	};
	let stopped = false;
	const work = async () => {
		for (let next = left.shift(); next !== undefined && !stopped; next = left.shift()) {
			const [index, key] = next;
			const failure = await failureOf(ask(key));
			stopped ||= failure !== undefined && !isOfOneKey(failure);
			outcomes[index] =
				failure === undefined
					? {key, outcome: done}
					: {key, outcome: 'failed', detail: failure.message};
			tell(index, key, failure);
		}
	};
	await Promise.all(Array.from({length: Math.min(atOnce, keys.length)}, work));
	return outcomes;
}

async function failureOf(call: Promise<unknown>): Promise<Failure | undefined> {
	try {
		await call;
		return undefined;
	} catch (error) {
		return asFailure(error);
	}
}

/** Whether the next key may fare better. */
function isOfOneKey({kind, details: {status = 500}}: Failure): boolean {
	return kind === 'refused' && status < 500 && status !== 429;
}
