import type {FullKey} from '../../../../contract/keys.ts';
import type {Part} from '../../../components/line.tsx';
import {stateOf} from '../../../api-keys/state.ts';
import {timeLeft} from '../../../text/time.ts';

/**
 * Whether a key works, in a word or a sign; colour is for those that do not, or not for long.
 *
 * @param byPlan whether the plan has those refused that would work
 */
export function keyStatus(key: FullKey, now: number, byPlan = false): Part {
	const state = stateOf(key, now);
	if (byPlan && (state === 'active' || state === 'expiring' || state === 'rotating')) {
		return ['! plan', 'bad'];
	}
	switch (state) {
		case 'active':
			return ['active', 'dim'];
		case 'expiring':
			return [`! ${timeLeft(key.expires_at ?? '', now)}`, 'warning'];
		case 'expired':
			return ['x expired', 'bad'];
		case 'scheduled':
			return ['scheduled', 'dim'];
		case 'rotating':
			return ['rotating', 'warning'];
		case 'rotated':
			return ['x rotated', 'bad'];
		case 'suspended':
			return ['suspended', 'warning'];
		case 'revoked':
			return ['x revoked', 'bad'];
	}
}
