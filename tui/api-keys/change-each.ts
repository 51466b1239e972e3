import type {Client} from '../client/client.ts';
import type {Input} from '../client/request.ts';
import {askEach} from '../client/each.ts';
import type {Failure} from '../failure.ts';

/** What can be done to several keys, and what each is then. */
export const keyChanges = {
	revoke: {doing: 'Revoking', done: 'revoked', did: 'Revoked'},
	suspend: {doing: 'Suspending', done: 'suspended', did: 'Suspended'},
	resume: {doing: 'Resuming', done: 'resumed', did: 'Resumed'},
} as const;
export type KeyChange = keyof typeof keyChanges;

/** What became of one of several keys. */
export type KeyOutcome<
	Key extends {readonly id: string} = {readonly id: string; readonly name: string},
> = {
	readonly key: Key;
	readonly outcome: (typeof keyChanges)[KeyChange]['done'] | 'failed' | 'not tried';
	readonly detail?: string;
	/** Of a change that was made: where it is in force, the header `Latchkey-Revocation`. */
	readonly revocation?: string;
};

/** Why keys are changed: as a revocation takes it, and as a suspension does. */
export type WhyChanged = {
	readonly query?: Input<'revokeKey'>['query'];
	readonly reason?: string;
};

/** A key, and the organisation that it is of. */
type Place = {readonly id: string; readonly org_id: string};

/** Revokes several keys of one organisation, as `changeEach` does. @param query why */
export async function revokeEach<Key extends {readonly id: string}>(
	client: Pick<Client, 'call'>,
	org_id: string,
	keys: readonly Key[],
	onDone: (key: Key, failure?: Failure) => void,
	query: Input<'revokeKey'>['query'] = {},
): Promise<KeyOutcome<Key>[]> {
	const places = keys.map((key) => ({id: key.id, org_id, key}));
	const outcomes = await changeEach(client, 'revoke', places, ({key}, of) => onDone(key, of), {
		query,
	});
	return outcomes.map((outcome) => ({...outcome, key: outcome.key.key}));
}

/** Changes several keys, as `askEach` does. */
export async function changeEach<Key extends Place>(
	client: Pick<Client, 'call'>,
	what: KeyChange,
	keys: readonly Key[],
	onDone: (key: Key, failure?: Failure) => void,
	{query = {}, reason}: WhyChanged = {},
): Promise<KeyOutcome<Key>[]> {
	const {done} = keyChanges[what];
	const call = ({id: key_id, org_id}: Place) => {
		if (what === 'revoke') return client.call('revokeKey', {org_id, key_id, query});
		if (what === 'resume') return client.call('resumeKey', {org_id, key_id, body: {}});
		return client.call('suspendKey', {org_id, key_id, body: reason === undefined ? {} : {reason}});
	};
	const revocations = new Map<Key, string>();
	const ask = async (key: Key) => {
		const {'latchkey-revocation': revocation} = (await call(key)).headers;
		if (typeof revocation === 'string') revocations.set(key, revocation);
	};
	const outcomes = await askEach(keys, ask, onDone);
	return outcomes.map(({item: key, outcome, ...detail}) => {
		const revocation = revocations.get(key);
		return {
			key,
			outcome: outcome === 'done' ? done : outcome,
			...detail,
			...(revocation === undefined ? {} : {revocation}),
		};
	});
}
