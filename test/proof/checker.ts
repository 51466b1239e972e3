import {
	accessOf,
	causesOf,
	hasFoundKey,
	isTooLate,
	planOf,
	reasons,
	refusals,
	type Access,
	type Reason,
} from './access.ts';
import type {Fault, History, Operation} from './history.ts';
import {endingsOf, ends, groupByKey, offClockMs, type ByKey} from './rotations.ts';
import {findClosed, isAnsweredBefore, isOpen, type State} from './states.ts';

export type Rule =
	/** A key was accepted after the answer that revoked it, or refused as if it were not revoked. */
	| 'used after its revocation'
	/** The same after the answer that suspended it, and before anybody resumed it. */
	| 'used while it was suspended'
	/** A key was accepted after the answer that shut the driver's address out. */
	| 'used from an address that was shut out'
	/** A key was accepted for a use whose scope the answer had taken from it. */
	| 'used without its scope'
	/** A key was accepted after the answer that replaced it, its grace, or the answer that ended that. */
	| 'used after its rotation'
	/** A key was accepted after the answer that took from it the role that allowed the use. */
	| 'used without its role'
	/** A key was accepted after the answer that took the scope of the use from its role. */
	| 'used without the scope of its role'
	/** A row was made after the answer that took the right to it away. */
	| 'an effect after the answer'
	/** A key was accepted, or one created, after the answer that took the plan away. */
	| 'used after its plan'
	| 'a valid key refused'
	/**
	 * A key or a rotation was ended twice, a 404 or 409 that nothing explains, or a change of a key after
	 * the answer that ended it.
	 */
	| 'answers contradict'
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
	/** Uses sent after an answer that forbids them, by the first reason. */
	forbiddenUses: Record<Reason, number>;
	/** Writes whose body was whole only after an answer that forbids them. */
	forbiddenWrites: number;
	/** Uses that had to succeed, or be answered 503. */
	validUses: number;
	/** Those of them whose key had been suspended, its user shut out, or its scope or role gone, for a while. */
	restoredUses: number;
	/** Those of keys whose rotation was cancelled, after what was to be their end. */
	outlivedUses: number;
	/** Uses of keys whose grace was over by the clock, and by nothing else. */
	lapsedUses: number;
};

const usedWithout: Record<Reason, Rule> = {
	revocation: 'used after its revocation',
	suspension: 'used while it was suspended',
	rotation: 'used after its rotation',
	plan: 'used after its plan',
	address: 'used from an address that was shut out',
	scope: 'used without its scope',
	role: 'used without its role',
	roleScope: 'used without the scope of its role',
};

type Flag = (rule: Rule, operation: Operation, against?: Operation) => void;

/**
 * Judges a history.
 *
 * An operation without a definite answer may take effect at any time after it was sent, so that
 * nothing is concluded from it alone. Only what is certain counts: two operations are in order
 * when one was answered before the other was sent.
 */
export function check(history: History): Report {
	const byKey = groupByKey(history.operations);
	const changes = Map.groupBy(
		history.operations.filter(({kind}) => kind === 'plan' || kind === 'role'),
		({organisation}) => organisation,
	);
	const report: Report = {
		violations: [],
		forbiddenUses: {
			revocation: 0,
			suspension: 0,
			rotation: 0,
			plan: 0,
			address: 0,
			scope: 0,
			role: 0,
			roleScope: 0,
		},
		forbiddenWrites: 0,
		validUses: 0,
		restoredUses: 0,
		outlivedUses: 0,
		lapsedUses: 0,
	};
	const flag: Flag = (rule, operation, against) =>
		report.violations.push({rule, operation, against});

	for (const [key, operations] of byKey) {
		const access = accessOf(key, byKey, changes.get(operations[0]?.organisation ?? '') ?? []);
		checkEndings(key, byKey, flag);
		for (const operation of operations) {
			if (operation.kind === 'write') checkWrite(operation, access, report, flag);
			if (operation.kind === 'use') checkUse(operation, access, report, flag);
		}
	}
	for (const operation of history.operations) {
		const plan = planOf(changes.get(operation.organisation) ?? []);
		if (operation.kind === 'create' && operation.status === 201) {
			const unplanned = findClosed(plan, operation);
			if (unplanned !== undefined) flag('used after its plan', operation, unplanned);
		}
		if (!isExpected(operation, plan, history.faults)) flag('unexpected answer', operation);
	}
	return report;
}

/** Of a row, no server is excused. */
function checkWrite(write: Operation, {revocation}: Access, report: Report, flag: Flag): void {
	const answered = revocation.closing.find((revoke) => isAnsweredBefore(revoke, write));
	if (answered !== undefined) report.forbiddenWrites++;
	const isDone = write.status === 201 || write.row?.isMade;
	if (write.row?.isLate || (answered !== undefined && isDone)) {
		flag('an effect after the answer', write, answered);
	}
}

function checkUse(use: Operation, access: Access, report: Report, flag: Flag): void {
	for (const reason of reasons) {
		const closed = findClosed(access[reason], use);
		if (closed === undefined) continue;
		report.forbiddenUses[reason]++;
		if (reason === 'rotation' && hasLapsed(closed, use)) report.lapsedUses++;
		const isAccepted = use.status !== undefined && use.status < 300;
		// Servers look for what is refused with 403 only where nothing is to be refused with 401.
		const isTakenForLive = refusals[reason] === 401 && use.status === 403;
		if (isAccepted || isTakenForLive) flag(usedWithout[reason], use, closed);
		break;
	}
	if (reasons.every((reason) => isOpen(access[reason], use))) {
		report.validUses++;
		const {suspension, address, scope, role} = access;
		const closings = [suspension, address, scope, role].flatMap(({closing}) => closing);
		if (closings.some((away) => isAnsweredBefore(away, use))) report.restoredUses++;
		if (access.rotation.closing.some((away) => hasLapsed(away, use))) report.outlivedUses++;
	}
	// Each refusal has its reasons.
	const possible = reasons.filter((reason) => refusals[reason] === use.status);
	if (possible.length > 0 && possible.every((reason) => isOpen(access[reason], use))) {
		const opening = possible.flatMap((reason) => access[reason].opening);
		flag(
			'a valid key refused',
			use,
			opening.findLast((back) => isAnsweredBefore(back, use)),
		);
	}
}

/** Whether a use came after the end of a grace that nobody had to say. */
function hasLapsed({kind, graceUntil}: Operation, use: Operation): boolean {
	return (
		typeof graceUntil === 'number' && kind === 'rotate' && use.sentAt > graceUntil + offClockMs
	);
}

function checkEndings(key: string, byKey: ByKey, flag: Flag): void {
	const own = (byKey.get(key) ?? []).filter((operation) => operation.key === key);
	const endings = endingsOf(key, byKey);
	const found = own.filter(hasFoundKey);
	for (const [index, operation] of found.entries()) {
		const earlier = found.slice(0, index);
		const before =
			earlier.find((other) => ends(operation, key) && ends(other, key)) ??
			earlier.find((other) => endsRotation(operation) && isOfOneRotation(operation, other)) ??
			endings.find((ending) => isAnsweredBefore(ending, operation));
		if (before !== undefined) flag('answers contradict', operation, before);
	}
	for (const operation of own.filter(isTooLate)) {
		if (causesOf(operation, byKey).length === 0) flag('answers contradict', operation);
	}
}

function endsRotation({kind}: Operation): boolean {
	return kind === 'finish' || kind === 'cancel';
}

function isOfOneRotation(one: Operation, other: Operation): boolean {
	return endsRotation(other) && one.successor === other.successor;
}

const expected: Record<Operation['kind'], readonly number[]> = {
	create: [201, 403, 503],
	use: [200, 401, 403, 503],
	write: [201, 401, 403, 503],
	revoke: [200, 404, 503],
	suspend: [200, 409, 503],
	resume: [200, 409, 503],
	patch: [200, 409, 503],
	rotate: [201, 403, 409, 503],
	finish: [200, 409, 503],
	cancel: [200, 409, 503],
	role: [200, 201, 503],
	plan: [200, 201, 503],
};

function isExpected(operation: Operation, plan: State, faults: readonly Fault[]): boolean {
	const {kind, server, status, sentAt, beganAt = sentAt, answeredAt} = operation;
	// 408: a server that was frozen for long finds requests that it has not read in time.
	// A body that was held back too long has this answer by right.
	if (kind === 'write' && status === 408) return true;
	if (status === undefined || status === 408) {
		return faults.some(
			(fault) => fault.server === server && fault.from <= answeredAt && fault.to >= beganAt,
		);
	}
	if ((kind === 'create' || kind === 'rotate') && status === 403) return !isOpen(plan, operation);
	return expected[kind].includes(status);
}
