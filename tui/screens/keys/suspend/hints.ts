import type {FullKey} from '../../../../contract/keys.ts';
import {stateOf} from '../../../api-keys/state.ts';

/** What the key that suspends does to this one, in the bottom line. */
export function suspensionHints(key: FullKey | undefined, now: number): Record<string, string> {
	return key !== undefined && stateOf(key, now) === 'suspended' ? {suspend: 'resume'} : {};
}
