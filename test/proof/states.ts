import type {Operation} from './history.ts';

/**
 * Whether something is allowed, as operations change it to and fro. Only those that have taken
 * effect, or may have: one without a definite answer may do so at any time after it was sent.
 */
export type State = {opening: readonly Operation[]; closing: readonly Operation[]};

/** @returns an answered closing that no opening can have undone before the use was answered */
export function findClosed({opening, closing}: State, use: Operation): Operation | undefined {
	return closing.find(
		(away) =>
			isAnsweredBefore(away, use) &&
			!isExcused(away, use) &&
			!opening.some(
				(back) =>
					back.sentAt < use.answeredAt && (!isDefinite(back) || back.answeredAt > away.sentAt),
			),
	);
}

/** Whether it is certain to have been open from the sending of the use to its answer. */
export function isOpen({opening, closing}: State, use: Operation): boolean {
	const backs = opening.filter(
		(back) => isDefinite(back) && back.answeredAt <= use.sentAt && !isExcused(back, use),
	);
	return (
		backs.length > 0 &&
		closing.every(
			(away) =>
				away.sentAt >= use.answeredAt ||
				(isDefinite(away) && backs.some((back) => back.sentAt >= away.answeredAt)),
		)
	);
}

/** Whether an operation was certain to be in force when the other was sent. */
export function isAnsweredBefore(operation: Operation, later: Operation): boolean {
	return isDefinite(operation) && operation.answeredAt < later.sentAt;
}

/** Whether an operation has taken effect when it was answered, or never will. */
export function isDefinite({status}: Operation): boolean {
	return status !== undefined && status < 500 && status !== 408;
}

/** Whether an operation has taken effect, or may still. */
export function mayHaveWorked(operation: Operation): boolean {
	const {status} = operation;
	return status === 200 || status === 201 || !isDefinite(operation);
}

/** Whether of two operations one can have been the cause of what the other was answered. */
export function mayHaveCaused(cause: Operation, effect: Operation): boolean {
	return cause !== effect && cause.sentAt < effect.answeredAt && mayHaveWorked(cause);
}

function isExcused(change: Operation, use: Operation): boolean {
	return change.unconfirmed.some(
		({server, until}) => (server === use.server || server === '*') && use.sentAt <= until,
	);
}
