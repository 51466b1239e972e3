import type {Context} from '../../../keyboard/keymap.ts';

export const overviewBindings = {
	open: {keys: ['enter', 'l'], help: 'Use of the key', hint: 'its use'},
	openKey: {keys: ['o'], help: 'All about the key', hint: 'the key'},
} as const satisfies Context;
