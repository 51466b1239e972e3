import type {Model} from '../../../app/model.ts';
import {say} from '../../../app/navigation.ts';
import {clean} from '../../../text/clean.ts';

/** A key that was revoked by somebody else, while the cursor was on it, is not passed over. */
export function revokedElsewhere(
	before: Model,
	after: Model,
	id: string | undefined,
	now: number,
): Model {
	const was = before.keys.items.find((key) => key.id === id);
	const is = after.keys.items.find((key) => key.id === id);
	if (was === undefined || was.revoked_at !== null || is === undefined || is.revoked_at === null) {
		return after;
	}
	return say(after, now, `${clean(is.name)} was revoked elsewhere`, 'warning');
}
