import type {Context} from '../../../keyboard/keymap.ts';

export const organisationsBindings = {
	choose: {keys: ['enter', 'l', 'right'], help: 'Work in this one', hint: 'choose'},
	createOrganisation: {keys: ['n'], help: 'Create an organisation', hint: 'new'},
	plan: {keys: ['e'], help: 'Change its plan', hint: 'plan'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
