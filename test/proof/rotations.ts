import type {Operation} from './history.ts';
import {mayHaveWorked, type State} from './states.ts';

/*
What rotations do to the keys that they are of. A grace ends by the clock: like an operation that nobody
sends, and that takes effect between two instants.
*/

/**
 * By so much servers may be off the clock that all share, in milliseconds: one that has just started
 * knows the time by the first answer of PostgreSQL alone, and is off by at most half of what that took.
 */
export const offClockMs = 1500;

/** Operations by the key that they are about, be it the old or the new one of a rotation. */
export type ByKey = ReadonlyMap<string, readonly Operation[]>;

export function groupByKey(operations: readonly Operation[]): ByKey {
	const byKey = new Map<string, Operation[]>();
	for (const operation of operations) {
		for (const key of [operation.key, operation.successor]) {
			if (key === undefined || key === '') continue;
			const group = byKey.get(key);
			if (group === undefined) byKey.set(key, [operation]);
			else group.push(operation);
		}
	}
	return byKey;
}

/** What has ended a key for good, or may have, or does so by the clock. */
export function endingsOf(key: string, byKey: ByKey): Operation[] {
	const operations = byKey.get(key) ?? [];
	return operations.filter(mayHaveWorked).flatMap((operation) => {
		if (operation.kind === 'rotate' && operation.key === key) {
			return endOfGrace(operation, operations);
		}
		return ends(operation, key) ? [operation] : [];
	});
}

/** Whether an operation ends a key, where it takes effect, when it does. */
export function ends({kind, key: own, successor, graceUntil}: Operation, key: string): boolean {
	if (kind === 'cancel') return successor === key;
	if (own !== key) return false;
	return kind === 'revoke' || kind === 'finish' || (kind === 'rotate' && graceUntil === null);
}

/** Whether a key is not ended by a rotation that it has a part in. */
export function rotationOf(key: string, byKey: ByKey): State {
	const operations = byKey.get(key) ?? [];
	const own = operations.filter((operation) => operation.key === key);
	const creations = own.filter(({kind}) => kind === 'create').filter(mayHaveWorked);
	const cancelled = own.filter(({kind, status}) => kind === 'cancel' && status === 200);
	return {
		opening: [...creations, ...cancelled],
		closing: [
			...endingsOf(key, byKey).filter(({kind}) => kind !== 'revoke'),
			...own.flatMap((rotation) => whileNotCancelled(rotation, cancelled)),
		],
	};
}

function endOfGrace(rotation: Operation, operations: readonly Operation[]): Operation[] {
	const {graceUntil} = rotation;
	// At once, or nobody knows when.
	if (graceUntil === null || graceUntil === undefined) return [rotation];
	const cancellations = operations.filter((operation) => isCancellation(operation, rotation));
	if (cancellations.some(({status}) => status === 200)) return [];
	const sentAt = graceUntil - offClockMs;
	if (cancellations.some(mayHaveWorked)) return [{...rotation, sentAt, status: undefined}];
	return [{...rotation, sentAt, answeredAt: graceUntil + offClockMs}];
}

/** The end of a grace that was to come until the rotation was cancelled, or came while that was done. */
function whileNotCancelled(rotation: Operation, cancelled: readonly Operation[]): Operation[] {
	const cancellation = cancelled.find((operation) => isCancellation(operation, rotation));
	if (cancellation === undefined) return [];
	const {sentAt: answeredAt} = cancellation;
	const sentAt = Math.min(answeredAt, (rotation.graceUntil ?? Infinity) - offClockMs);
	return [{...rotation, sentAt, answeredAt}];
}

function isCancellation({kind, key, successor}: Operation, rotation: Operation): boolean {
	return (
		kind === 'cancel' &&
		rotation.kind === 'rotate' &&
		key === rotation.key &&
		successor === rotation.successor
	);
}
