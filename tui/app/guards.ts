import type {Permission} from '../../contract/permissions.ts';
import type {Model, Step} from './model.ts';
import {may, say} from './navigation.ts';

/* Checks before a change: it is begun, or the status line says why not. */

/** Goes on if the permission is held; otherwise says who has it. */
export function allowed(
	model: Model,
	now: number,
	permission: Permission,
	refusal: string,
	then: () => Step,
): Step {
	return may(model, permission) ? then() : [say(model, now, refusal, 'warning')];
}

/** Goes on to a change, or says why nothing can be changed now. */
export function changing(model: Model, now: number, then: () => Step): Step {
	if (model.readOnly)
		return [say(model, now, 'This console is read-only (LATCHKEY_READONLY)', 'warning')];
	if (model.link.state === 'offline') {
		return [say(model, now, 'Server unreachable: nothing can be changed', 'warning')];
	}
	return then();
}
