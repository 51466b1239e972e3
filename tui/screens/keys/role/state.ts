import type {KeyRole} from '../../../../contract/key-roles.ts';
import {load} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, top} from '../../../app/navigation.ts';
import type {PageSpec} from '../../kinds/page/spec.ts';
import {keyRoleBindings} from './bindings.ts';
import {onRole} from './commands.ts';
import {openEditKeyRole} from './form.ts';
import {keysOfRole, roleFacts} from './lines.ts';
import type {KeyRoleScreen} from './screen.ts';

/** Reads the keys anew: some may have been given the role meanwhile. */
export function openRole(model: Model, {id}: KeyRole): Step {
	return load(push(model, {type: 'keyRole', id, offset: 0}), 'keys');
}

export const keyRolePage: PageSpec<KeyRoleScreen, typeof keyRoleBindings> = {
	title: (screen, model) => roleOf(model, screen)?.name ?? 'role',
	list: () => 'keyRoles',
	context: keyRoleBindings,
	lines(screen, model, width) {
		const role = roleOf(model, screen);
		if (role === undefined) return [[], [['This role is gone.', 'plain']]];
		const keys = keysOfRole(role, model.keys.items, model.now, width);
		return [[], ...roleFacts(role, model.now, width), ...keys];
	},
	halves(screen, model, {left, right}) {
		const role = roleOf(model, screen);
		if (role === undefined) return undefined;
		return [
			[[], ...roleFacts(role, model.now, left)],
			keysOfRole(role, model.keys.items, model.now, right),
		];
	},
	unavailable(screen, model) {
		const role = roleOf(model, screen);
		const mayChange = role !== undefined && canChange(model) && may(model, 'key_roles:manage');
		return mayChange ? [] : ['edit', 'remove'];
	},
	onAnswer: (model, screen, event) =>
		event.type === 'roleReadToChange' && top(model) === screen
			? openEditKeyRole(model, event.read)
			: undefined,
	run(model, screen, command, now) {
		const role = roleOf(model, screen);
		return role === undefined ? [model] : onRole(model, role, command, now);
	},
};

function roleOf({keyRoles}: Model, {id}: KeyRoleScreen): KeyRole | undefined {
	return keyRoles.items.find((role) => role.id === id);
}
