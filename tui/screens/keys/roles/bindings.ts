import type {Context} from '../../../keyboard/keymap.ts';
import {keyRoleBindings} from '../role/bindings.ts';

export const keyRolesBindings = {
	openRole: {keys: ['enter', 'l', 'right'], help: 'All about it', hint: 'open'},
	createRole: {keys: ['n'], help: 'Create a role', hint: 'new'},
	...keyRoleBindings,
} as const satisfies Context;
