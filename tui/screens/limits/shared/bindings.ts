import type {Context} from '../../../keyboard/keymap.ts';

export const sharedLimitsBindings = {
	edit: {keys: ['enter', 'e', 'l', 'right'], help: 'Change them', hint: 'change'},
	setLimits: {keys: ['n'], help: 'Set limits to share', hint: 'new'},
	remove: {keys: ['x'], help: 'Remove them', hint: 'remove'},
	showKeys: {keys: ['K'], help: 'The keys that share them', hint: 'who shares'},
} as const satisfies Context;
