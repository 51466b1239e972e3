import type {Context} from '../../../keyboard/keymap.ts';

export const keyPolicyBindings = {
	edit: {keys: ['e'], help: 'Change the rules', hint: 'edit'},
	appliance: {keys: ['A'], help: 'Policy of the appliance', hint: 'appliance'},
	copy: {keys: ['y'], help: 'Copy all of it, as JSON', hint: 'copy'},
} as const satisfies Context;
