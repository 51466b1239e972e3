import type {Operation, Patched} from './history.ts';
import {endingsOf, ends, rotationOf, type ByKey} from './rotations.ts';
import {mayHaveCaused, mayHaveWorked, type State} from './states.ts';

/*
What the use of a key needs. In the order in which servers look: a key that is revoked and has no
plan is refused as revoked.
*/

/** By what is missing, the status of a refusal. */
export const refusals = {
	revocation: 401,
	suspension: 401,
	rotation: 401,
	plan: 403,
	address: 403,
	scope: 403,
	role: 403,
	roleScope: 403,
} as const;

export type Reason = keyof typeof refusals;

export const reasons = Object.keys(refusals) as Reason[];

/** Of one key: whether each allows its use. */
export type Access = Readonly<Record<Reason, State>>;

/**
 * @param byKey all operations on keys
 * @param changes those on the plan and the role of its organisation
 */
export function accessOf(key: string, byKey: ByKey, changes: readonly Operation[]): Access {
	const operations = byKey.get(key) ?? [];
	const worked = operations.filter((each) => each.key === key).filter(mayHaveWorked);
	const creations = worked.filter(({kind}) => kind === 'create');
	const suspensions = worked.filter(({kind}) => kind === 'suspend');
	const resumptions = worked.filter(({kind}) => kind === 'resume');
	const patches = worked.filter(({kind}) => kind === 'patch');
	const revocations = worked.filter(({kind}) => kind === 'revoke');
	const telling = operations.filter((each) => tellsOfEnd(each, key, byKey));
	const rotation = rotationOf(key, byKey);
	const patched = (what: Patched): State => ({
		opening: [...creations, ...patches.filter(({opens}) => opens === what)],
		closing: patches.filter(({shuts}) => shuts === what),
	});
	return {
		revocation: {
			opening: creations,
			closing: [...revocations, ...telling.filter((each) => !isOfRotation(each))],
		},
		suspension: {opening: [...creations, ...resumptions], closing: suspensions},
		rotation: {...rotation, closing: [...rotation.closing, ...telling.filter(isOfRotation)]},
		plan: planOf(changes),
		address: patched('address'),
		scope: patched('scope'),
		role: patched('role'),
		roleScope: creations.some(({isByRole}) => isByRole)
			? roleScopeOf(changes)
			: {opening: creations, closing: []},
	};
}

/** @param changes of the plan of an organisation, among others */
export function planOf(changes: readonly Operation[]): State {
	const worked = changes.filter(({kind}) => kind === 'plan').filter(mayHaveWorked);
	return {
		opening: worked.filter(({plan}) => plan === 'team'),
		closing: worked.filter(({plan}) => plan !== 'team'),
	};
}

function roleScopeOf(changes: readonly Operation[]): State {
	const worked = changes.filter(({kind}) => kind === 'role').filter(mayHaveWorked);
	return {
		opening: worked.filter(({opens}) => opens === 'roleScope'),
		closing: worked.filter(({shuts}) => shuts === 'roleScope'),
	};
}

/** Changes of a key that stays one. */
function isAlteration({kind}: Operation): boolean {
	return kind === 'suspend' || kind === 'resume' || kind === 'patch';
}

function isOfRotation({kind}: Operation): boolean {
	return kind === 'rotate' || kind === 'finish' || kind === 'cancel';
}

/** Whether a key was there to be changed, or to be ended. */
export function hasFoundKey(operation: Operation): boolean {
	const {kind, status} = operation;
	if (!isAlteration(operation) && !isOfRotation(operation) && kind !== 'revoke') return false;
	return status === 200 || status === 201;
}

/** Whether a change was refused since the key is gone, was rotated or is not being rotated any more. */
export function isTooLate(operation: Operation): boolean {
	const {kind, status} = operation;
	if (kind === 'revoke') return status === 404;
	return (isAlteration(operation) || isOfRotation(operation)) && status === 409;
}

/** Why a change may have come too late. */
export function causesOf(operation: Operation, byKey: ByKey): Operation[] {
	const {kind, key} = operation;
	const others = (byKey.get(key) ?? []).filter((each) => each.key === key);
	return [
		...endingsOf(key, byKey),
		...(kind === 'rotate' ? others.filter((each) => each.kind === 'rotate') : []),
		...(kind === 'finish' || kind === 'cancel'
			? others.filter((each) => each.kind === 'cancel')
			: []),
	].filter((cause) => mayHaveCaused(cause, operation));
}

/** Whether the answer says that somebody else has ended the key: that must hold, too. */
function tellsOfEnd(operation: Operation, key: string, byKey: ByKey): boolean {
	if (!isTooLate(operation)) return false;
	const causes = causesOf(operation, byKey);
	// What one server takes for the end of a grace need not be it for another.
	return causes.length === 0 ? operation.key === key : causes.every((cause) => ends(cause, key));
}
