import type {FullKey} from '../../../../contract/keys.ts';
import {isOver, whyOver} from '../../../api-keys/state.ts';
import {readKey} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, say} from '../../../app/navigation.ts';
import {clean} from '../../../text/clean.ts';
import {newRevokeScreen} from './state.ts';

/* The questions before keys are revoked, or why they are not asked. */

/** Whether revoking a key would be more than a refusal. */
export function mayRevoke(model: Model, key: FullKey | undefined): boolean {
	if (key === undefined || isOver(key, model.now) || key.delete_protected) return false;
	return canChange(model) && may(model, 'keys:revoke');
}

export function startRevoke(model: Model, key: FullKey | undefined, now: number): Step {
	if (key === undefined) return [model];
	const over = whyOver(key, now);
	if (over !== undefined) return [say(model, now, over)];
	if (!may(model, 'keys:revoke'))
		return [say(model, now, 'Your role may not revoke keys', 'warning')];
	if (key.delete_protected) {
		const text = `${clean(key.name)} is protected: e lifts that, or d suspends it, which can be taken back`;
		return [say(model, now, text, 'warning')];
	}
	if (model.organisation === undefined) return [model];
	const question = newRevokeScreen(key, model.organisation.id, now);
	return [push(model, question), ...readKey(model, key.id)];
}
