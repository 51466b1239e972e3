import {statusOf, type StatusFacts} from '../../contract/key-status.ts';
import {day} from '../text/time.ts';

/** This long before its end a key is said to be expiring. */
const soon = 7 * day;

/** From what works best to what never will again; `expiring` works, too, but not for long. */
export const keyStates = [
	'active',
	'expiring',
	'rotating',
	'scheduled',
	'suspended',
	'expired',
	'rotated',
	'revoked',
] as const;
export type KeyState = (typeof keyStates)[number];

/** What a key is at `now` (ms): the one rule for every list, filter, order and command. */
export function stateOf(key: StatusFacts, now: number): KeyState {
	const status = statusOf(key, now);
	if (status !== 'active' || key.expires_at === null) return status;
	return Date.parse(key.expires_at) - now < soon ? 'expiring' : 'active';
}

/** Why nothing can be done with a key any more; undefined: something can. */
export function whyOver(key: StatusFacts, now: number): string | undefined {
	const state = stateOf(key, now);
	if (state === 'revoked') return 'This key is revoked for good';
	return state === 'rotated' ? 'This key is replaced for good: its successor took over' : undefined;
}

/** Whether a key is dead for good: it can be looked at, and no more. */
export function isOver(key: StatusFacts, now: number): boolean {
	return whyOver(key, now) !== undefined;
}

/** Whether a key counts as in a state: one that is expiring is still active. */
export function isInState(key: StatusFacts, state: KeyState, now: number): boolean {
	const is = stateOf(key, now);
	return is === state || (state === 'active' && is === 'expiring');
}
