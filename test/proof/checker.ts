import type {Fault, History, Operation} from './history.ts';

export type Rule =
	/** A key was accepted after the answer that revoked it, or refused as if it were not revoked. */
	| 'used after its revocation'
	/** A key was accepted, or one created, after the answer that took the plan away. */
	| 'used after its plan'
	| 'a valid key refused'
	/** Two successes for one key, or a 404 that no other revocation explains. */
	| 'revocations contradict'
	/** No answer from a server that was up, or a status that this request cannot have. */
	| 'unexpected answer';

export type Violation = {
	rule: Rule;
	operation: Operation;
	/** What the operation contradicts. */
	against: Operation | undefined;
};

export type Report = {
	violations: Violation[];
	/** Uses sent after an answer that forbids them. */
	forbiddenUses: number;
	/** Uses that had to succeed, or be answered 503. */
	validUses: number;
};

/**
 * Judges a history.
 *
 * An operation without a definite answer may take effect at any time after it was sent, so that
 * nothing is concluded from it alone. Only what is certain counts: two operations are in order
 * when one was answered before the other was sent.
 */
export function check(history: History): Report {
	const byKey = Map.groupBy(
		history.operations.filter(({key}) => key !== ''),
		({key}) => key,
	);
	const plans = Map.groupBy(
		history.operations.filter(({kind}) => kind === 'plan'),
		({organisation}) => organisation,
	);
	const report: Report = {violations: [], forbiddenUses: 0, validUses: 0};
	const flag = (rule: Rule, operation: Operation, against?: Operation) =>
		report.violations.push({rule, operation, against});

	for (const operations of byKey.values()) {
		const revokes = operations.filter(({kind}) => kind === 'revoke');
		checkRevokes(revokes, flag);
		const creation = operations.find(({kind, status}) => kind === 'create' && status === 201);
		for (const use of operations) {
			if (use.kind !== 'use') continue;
			const changes = plans.get(use.organisation) ?? [];
			const revoked = findForbidding(revokes, use);
			const unplanned = findPlanTaken(changes, use);
			if (revoked !== undefined || unplanned !== undefined) report.forbiddenUses++;

			const isAccepted = use.status !== undefined && use.status < 300;
			if (revoked !== undefined && (isAccepted || use.status === 403)) {
				flag('used after its revocation', use, revoked);
			} else if (unplanned !== undefined && isAccepted) {
				flag('used after its plan', use, unplanned);
			}

			const isCreated = creation !== undefined && creation.answeredAt <= use.sentAt;
			const revoke = revokes.find(({sentAt}) => sentAt < use.answeredAt);
			const hasPlan = isOnTeam(changes, use);
			if (isCreated && revoke === undefined && hasPlan) report.validUses++;
			// Each refusal has one reason: 401 a revocation, 403 the plan.
			if (use.status === 401 && isCreated && revoke === undefined) {
				flag('a valid key refused', use, creation);
			} else if (use.status === 403 && isCreated && hasPlan) {
				flag('a valid key refused', use, creation);
			}
		}
	}
	for (const operation of history.operations) {
		const changes = plans.get(operation.organisation) ?? [];
		if (operation.kind === 'create' && operation.status === 201) {
			const unplanned = findPlanTaken(changes, operation);
			if (unplanned !== undefined) flag('used after its plan', operation, unplanned);
		}
		if (!isExpected(operation, changes, history.faults)) flag('unexpected answer', operation);
	}
	return report;
}

/** @returns the answered revocation that forbids the use, if its server is not excused */
function findForbidding(revokes: readonly Operation[], use: Operation): Operation | undefined {
	return revokes.find(
		(revoke) =>
			(revoke.status === 200 || revoke.status === 404) &&
			revoke.answeredAt < use.sentAt &&
			!isExcused(revoke, use),
	);
}

/** @returns an answered change away from Team that no change back can have undone yet */
function findPlanTaken(changes: readonly Operation[], use: Operation): Operation | undefined {
	return changes.find(
		(away) =>
			away.plan !== 'team' &&
			away.status === 200 &&
			away.answeredAt < use.sentAt &&
			!isExcused(away, use) &&
			!changes.some(
				(back) =>
					back.plan === 'team' &&
					back.sentAt < use.answeredAt &&
					(!isDefinite(back) || back.answeredAt > away.sentAt),
			),
	);
}

/** Whether the organisation is certain to have been on Team from sending to answer. */
function isOnTeam(changes: readonly Operation[], use: Operation): boolean {
	const backs = changes.filter(
		(change) =>
			change.plan === 'team' &&
			(change.status === 200 || change.status === 201) &&
			change.answeredAt <= use.sentAt &&
			!isExcused(change, use),
	);
	return (
		backs.length > 0 &&
		changes.every(
			(away) =>
				away.plan === 'team' ||
				away.sentAt >= use.answeredAt ||
				(isDefinite(away) && backs.some((back) => back.sentAt >= away.answeredAt)),
		)
	);
}

function isExcused(change: Operation, use: Operation): boolean {
	return change.unconfirmed.some(
		({server, until}) => (server === use.server || server === '*') && use.sentAt <= until,
	);
}

/** Whether an operation has taken effect when it was answered, or never will. */
function isDefinite({status}: Operation): boolean {
	return status !== undefined && status < 500 && status !== 408;
}

function checkRevokes(
	revokes: readonly Operation[],
	flag: (rule: Rule, operation: Operation, against?: Operation) => void,
): void {
	const [first, ...more] = revokes.filter(({status}) => status === 200);
	for (const again of more) flag('revocations contradict', again, first);
	for (const refused of revokes) {
		if (refused.status !== 404) continue;
		const cause = revokes.find(
			(other) =>
				other !== refused &&
				other.sentAt < refused.answeredAt &&
				(other.status === 200 || !isDefinite(other)),
		);
		if (cause === undefined) flag('revocations contradict', refused);
	}
}

const expected = {
	create: [201, 403, 503],
	use: [200, 401, 403, 503],
	revoke: [200, 404, 503],
	plan: [200, 201, 503],
};

function isExpected(
	operation: Operation,
	changes: readonly Operation[],
	faults: readonly Fault[],
): boolean {
	const {kind, server, status, sentAt, answeredAt} = operation;
	// 408: a server that was frozen for long finds requests that it has not read in time.
	if (status === undefined || status === 408) {
		return faults.some(
			(fault) => fault.server === server && fault.from <= answeredAt && fault.to >= sentAt,
		);
	}
	if (kind === 'create' && status === 403) return !isOnTeam(changes, operation);
	return expected[kind].includes(status);
}
