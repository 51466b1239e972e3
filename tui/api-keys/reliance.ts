import type {Reliance} from '../../contract/organisations.ts';
import {plural} from '../text/plural.ts';

/** What would be cut off, in words: `5,017 keys, 954 used in 30 days, 19,966 calls in 24 hours`. */
export function relianceText({active_keys, used_keys, calls_24h}: Reliance): string {
	return [
		plural(active_keys, ['key that works', 'keys that work']),
		`${used_keys.toLocaleString('en')} of them used in 30 days`,
		`${plural(calls_24h, ['call', 'calls'])} accepted in 24 hours`,
	].join(', ');
}
