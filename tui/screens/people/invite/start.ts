import {allowed, changing} from '../../../app/guards.ts';
import {push} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {newInviteScreen} from './state.ts';

/** From the members, and from the invitations. */
export function startInvite(model: Model, now: number): Step {
	return changing(model, now, () =>
		allowed(model, now, 'members:manage', 'Only admins and owners invite', () => [
			push(model, newInviteScreen(model)),
		]),
	);
}
