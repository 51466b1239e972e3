import type {KeyRole} from '../../../../contract/key-roles.ts';
import {goBy} from '../../../api-keys/roles.ts';
import {copyId} from '../../../app/copy.ts';
import {changeOf} from '../../../app/effect.ts';
import {allowed, changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {push, say} from '../../../app/navigation.ts';
import {clean} from '../../../text/clean.ts';
import {plainWord} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {applyFilter} from '../../kinds/list/filtering.ts';
import {openList} from '../../kinds/list/open.ts';
import {keysSpec} from '../list/spec.ts';
import type {keyRoleBindings} from './bindings.ts';

/** What is done with one role, in the list of them and on its own screen. */
export function onRole(
	model: Model,
	role: KeyRole,
	command: keyof typeof keyRoleBindings,
	now: number,
): Step {
	switch (command) {
		case 'showKeys':
			return showKeys(model, role, now);
		case 'edit':
			return managing(model, now, () => readToChange(model, role));
		case 'remove':
			return managing(model, now, () => remove(model, role, now));
		case 'copy':
			return copyId(model, role.id, now);
	}
}

/** Reads the role as it is now; the form opens with that. */
function readToChange(model: Model, {id}: KeyRole): Step {
	const {organisation} = model;
	if (organisation === undefined) return [model];
	return [model, {do: 'readRoleToChange', organisation: organisation.id, id}];
}

/** The keys that have a role, in the list of all keys. */
function showKeys(model: Model, {name}: KeyRole, now: number): Step {
	const [opened, ...effects] = openList(model, 'keys');
	const [filtered, ...more] = applyFilter(opened, keysSpec, `role:${name}`, now);
	return [filtered, ...effects, ...more];
}

function remove(model: Model, {id, name, keys}: KeyRole, now: number): Step {
	if (keys > 0) {
		return [say(model, now, `${goBy(keys)}: take it from them first (w shows which)`, 'warning')];
	}
	const question = {
		name: 'deleteKeyRole',
		kept: 'no role was deleted',
		word: plainWord,
		title: 'delete',
		question: `Delete ${clean(name)}?`,
		facts: [
			[goBy(keys), 'plain'],
			['', 'plain'],
			['This cannot be undone.', 'plain'],
		],
		verb: 'Delete',
		busyText: 'Deleting …',
	} as const;
	const change = changeOf(
		'deleteKeyRole',
		{org_id: model.organisation?.id ?? '', role_id: id},
		{done: `Deleted ${clean(name)}`, reload: 'keyRoles', gone: id},
	);
	return [push(model, newConfirmScreen(question, change))];
}

export function managing(model: Model, now: number, then: () => Step): Step {
	const refusal = 'Only admins and owners change roles';
	return changing(model, now, () => allowed(model, now, 'key_roles:manage', refusal, then));
}
