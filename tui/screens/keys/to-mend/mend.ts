import type {KeyFinding, KeyToMend} from '../../../../contract/key-hygiene.ts';
import type {TermName} from '../../../../contract/key-terms.ts';
import type {FullKey} from '../../../../contract/keys.ts';
import {stateOf} from '../../../api-keys/state.ts';
import type {Proposal} from '../../../app/effect.ts';
import {changing} from '../../../app/guards.ts';
import {load} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {say} from '../../../app/navigation.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {startCleanUp} from '../clean-up/start.ts';
import {mayEdit, startEdit} from '../form/edit.ts';
import {mayRevoke, startRevoke} from '../revoke/start.ts';
import {mayRotate, startRotate} from '../rotate/start.ts';
import {maySuspend, toggleSuspension} from '../suspend/state.ts';
import {foundOf, wholeKey} from './found.ts';

/* The one action that mends what is found of a key, begun in the dialog that there is for it. */

type Found = NonNullable<ReturnType<typeof foundOf>>;

/** Where the form of a key begins when nothing can be proposed. */
const fields: Readonly<Partial<Record<KeyFinding, TermName>>> = {
	no_end: 'expires_at',
	unrestricted: 'scopes',
	over_privileged: 'scopes',
	shared: 'ip_allow',
};

/** Whether beginning to mend a key would be more than a refusal. */
export function mayMend(model: Model, key: KeyToMend | undefined): boolean {
	if (key === undefined) return false;
	const whole = wholeKey(model, key);
	switch (foundOf(model, key)?.action.name) {
		case 'suspend':
			return maySuspend(model, whole);
		case 'revoke':
			return mayRevoke(model, whole);
		case 'rotate':
			return mayRotate(model, whole);
		case 'update':
			return mayEdit(model, whole);
		case undefined:
			return false;
	}
}

/** Begins what mends a key. */
export function startMending(model: Model, key: KeyToMend, now: number): Step {
	const found = foundOf(model, key);
	if (found === undefined) return [model];
	return withWhole(model, [key], now, ([whole]) => mend(model, whole, found, now));
}

function mend(model: Model, key: FullKey | undefined, found: Found, now: number): Step {
	switch (found.action.name) {
		case 'suspend':
			if (key !== undefined && stateOf(key, now) === 'suspended') {
				return [say(model, now, `${clean(key.name)} is suspended already: d resumes it`)];
			}
			return toggleSuspension(model, key, now);
		case 'revoke':
			return changing(model, now, () => startRevoke(model, key, now));
		case 'rotate':
			return startRotate(model, key, now);
		case 'update':
			return startEdit(model, key, now, proposalOf(found));
	}
}

function proposalOf({finding, action}: Found): Proposal {
	const {[finding]: field} = fields;
	if (action.body !== null) return {body: action.body};
	return {body: {}, ...(field === undefined ? {} : {field})};
}

/** What mends several keys at once, where that is one and the same for all of them. */
export function startMendingMarked(model: Model, keys: readonly KeyToMend[], now: number): Step {
	const actions = new Set(keys.map((key) => foundOf(model, key)?.action.name));
	const [action] = actions;
	if (actions.size === 1 && (action === 'suspend' || action === 'revoke')) {
		return cleanUpMarked(model, keys, now);
	}
	const each =
		actions.size > 1
			? 'The marked keys need different fixes'
			: `Keys are ${action === 'rotate' ? 'rotated' : 'changed'} one by one`;
	return [
		say(model, now, `${each}: u drops the marks; d suspends them, x revokes them`, 'warning'),
	];
}

export function cleanUpMarked(model: Model, keys: readonly KeyToMend[], now: number): Step {
	return withWhole(model, keys, now, (whole) => startCleanUp(model, whole, 'keysToMend', now));
}

/** Goes on with keys as the dialogs take them, once the list that has them is here. */
export function withWhole(
	model: Model,
	keys: readonly KeyToMend[],
	now: number,
	then: (keys: readonly (FullKey & {readonly org_id: string})[]) => Step,
): Step {
	const org_id = model.organisation?.id ?? '';
	const whole = keys.flatMap((key) => wholeKey(model, key) ?? []);
	if (whole.length === keys.length) return then(whole.map((key) => ({...key, org_id})));
	const missing = plural(keys.length - whole.length, ['key is', 'keys are']);
	const [next, ...effects] = load(model, 'keys');
	return [say(next, now, `${missing} not in the list of keys yet: press it again`), ...effects];
}
