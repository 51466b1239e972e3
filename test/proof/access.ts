import type {Operation, Patched} from './history.ts';
import {mayHaveWorked, type State} from './states.ts';

/*
What the use of a key needs. In the order in which servers look: a key that is revoked and has no
plan is refused as revoked.
*/

/** By what is missing, the status of a refusal. */
export const refusals = {
	revocation: 401,
	suspension: 401,
	plan: 403,
	address: 403,
	scope: 403,
} as const;

export type Reason = keyof typeof refusals;

export const reasons = Object.keys(refusals) as Reason[];

/** Of one key: whether each allows its use. */
export type Access = Readonly<Record<Reason, State>>;

/** @param operations on the key, and on its organisation */
export function accessOf(operations: readonly Operation[], plans: readonly Operation[]): Access {
	const worked = operations.filter(mayHaveWorked);
	const creations = worked.filter(({kind}) => kind === 'create');
	const suspensions = worked.filter(({kind}) => kind === 'suspend');
	const resumptions = worked.filter(({kind}) => kind === 'resume');
	const patches = worked.filter(({kind}) => kind === 'patch');
	const revocations = worked.filter(({kind}) => kind === 'revoke');
	const patched = (what: Patched): State => ({
		opening: [...creations, ...patches.filter(({opens}) => opens === what)],
		closing: patches.filter(({shuts}) => shuts === what),
	});
	return {
		revocation: {
			opening: creations,
			closing: [...revocations, ...operations.filter(tellsOfRevocation)],
		},
		suspension: {opening: [...creations, ...resumptions], closing: suspensions},
		plan: planOf(plans),
		address: patched('address'),
		scope: patched('scope'),
	};
}

/** @param plans the changes of the plan of an organisation */
export function planOf(plans: readonly Operation[]): State {
	const worked = plans.filter(mayHaveWorked);
	return {
		opening: worked.filter(({plan}) => plan === 'team'),
		closing: worked.filter(({plan}) => plan !== 'team'),
	};
}

/** Changes of a key that stays one. */
export function isAlteration({kind}: Operation): boolean {
	return kind === 'suspend' || kind === 'resume' || kind === 'patch';
}

/** Whether the answer says that somebody else has revoked the key: that must hold, too. */
export function tellsOfRevocation(operation: Operation): boolean {
	const {kind, status} = operation;
	return (kind === 'revoke' && status === 404) || (isAlteration(operation) && status === 409);
}
