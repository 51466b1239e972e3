import type {FullKey, KeyDetail} from '../../../../contract/keys.ts';
import type {Part} from '../../../components/line.tsx';
import {stateOf} from '../../../api-keys/state.ts';
import {statusText} from '../../../api-keys/status-text.ts';
import {timeLeft} from '../../../text/time.ts';

/**
 * Whether a key works, in a word or a sign; colour is for those that do not, or not for long.
 *
 * @param byPlan whether the plan has those refused that would work
 */
export function keyStatus(key: FullKey, now: number, byPlan = false): Part {
	if (byPlan && wouldWork(key, now)) return ['! plan', 'bad'];
	switch (stateOf(key, now)) {
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

/** The same in a sentence. */
export function keyStatusText(
	key: FullKey,
	now: number,
	{byPlan = false, detail}: {byPlan?: boolean; detail?: KeyDetail | undefined},
): Part {
	const text = statusText(key, now, detail);
	if (byPlan && wouldWork(key, now)) return [`${text}, but the plan has every key refused`, 'bad'];
	const [, role = 'plain'] = keyStatus(key, now);
	return [text, stateOf(key, now) === 'active' ? 'good' : role];
}

function wouldWork(key: FullKey, now: number): boolean {
	return ['active', 'expiring', 'rotating'].includes(stateOf(key, now));
}
