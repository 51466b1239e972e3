import type {Rule} from './checker.ts';
import type {Fault, Operation} from './history.ts';

/** A history that begins with `founded`, and what the checker must say of it. */
export type Case = {
	title: string;
	operations: Operation[];
	faults?: Fault[];
	violates: Rule[];
};

/** Answered one millisecond after the other begins, on server 1, unless it says otherwise. */
export function at(
	sentAt: number,
	kind: Operation['kind'],
	status: number | undefined,
	more: Partial<Operation> = {},
): Operation {
	return {
		kind,
		organisation: 'o',
		key: kind === 'plan' ? '' : 'k',
		server: 'server 1',
		sentAt,
		answeredAt: sentAt + 1,
		status,
		unconfirmed: [],
		...more,
	};
}

export const team = {plan: 'team'} as const;
export const free = {plan: 'free'} as const;
export const shutOut = {shuts: 'address'} as const;
export const letIn = {opens: 'address'} as const;
export const narrowed = {shuts: 'scope'} as const;
export const widened = {opens: 'scope'} as const;
export const madeRow = {name: 'a row', isMade: true, isLate: false};
export const founded = [at(0, 'plan', 201, team), at(2, 'create', 201)];
