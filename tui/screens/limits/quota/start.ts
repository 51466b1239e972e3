import type {FullKey} from '../../../../contract/keys.ts';
import {isOver, whyOver} from '../../../api-keys/state.ts';
import {allowed, changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, say} from '../../../app/navigation.ts';
import {quotaName} from '../../../../contract/rate-limits.ts';
import type {KeyScreen} from '../../keys/key/screen.ts';
import {newQuotaScreen} from './form.ts';

/** Whether changing what was used of its quota would be more than a refusal. */
export function mayChangeQuota(model: Model, key: FullKey | undefined): boolean {
	if (key === undefined || key.quota === null || isOver(key, model.now)) return false;
	return canChange(model) && may(model, 'keys:quota');
}

/** Opens the form for what was used of the quota of a key. */
export function startChangeQuota(
	model: Model,
	key: FullKey | undefined,
	{limits}: KeyScreen,
	now: number,
): Step {
	return changing(model, now, () => {
		if (key === undefined) return [model];
		const over = whyOver(key, now);
		if (over !== undefined) return [say(model, now, `${over}: its quota no longer counts`)];
		const refusal = 'Only admins and owners change what was used of a quota';
		return allowed(model, now, 'keys:quota', refusal, () => {
			if (key.quota === null) {
				return [say(model, now, 'It has no quota of its own: e gives it one', 'warning')];
			}
			const quota = limits?.state?.quotas.find(({name}) => name === quotaName);
			if (quota === undefined) {
				return [say(model, now, 'What was used has not been read yet: press Q again', 'warning')];
			}
			return [push(model, newQuotaScreen(key, quota))];
		});
	});
}
