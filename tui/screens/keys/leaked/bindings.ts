import type {Context} from '../../../keyboard/keymap.ts';

/** While the key is typed. */
export const leakedEntryBindings = {
	lookUp: {keys: ['enter'], help: 'Look it up', hint: 'look it up'},
	cancel: {keys: ['escape'], help: 'Back', hint: 'back'},
} as const satisfies Context;

/** Of a key that is another organisation's. */
export const leakedElsewhereBindings = {
	goThere: {keys: ['enter'], help: 'Work there, and show it', hint: 'go there'},
} as const satisfies Context;

/** Of a key of this organisation; the ways out are from harmless to final. */
export const leakedKeyBindings = {
	choose: {keys: ['enter'], help: 'What is marked', hint: 'go on'},
	rotate: {keys: ['t'], help: 'Rotate, or end rotation', hint: 'rotate'},
	suspend: {keys: ['d'], help: 'Suspend, or resume', hint: 'suspend'},
	revoke: {keys: ['x'], help: 'Revoke the key', hint: 'revoke'},
	open: {keys: ['o'], help: 'All about the key', hint: 'the key'},
	trail: {keys: ['a'], help: 'Its audit trail', hint: 'trail'},
	explain: {keys: ['v'], help: 'Explain: would it pass?', hint: 'explain'},
	usage: {keys: ['U'], help: 'Use over time'},
	copy: {keys: ['y'], help: 'Copy the id', hint: 'copy id'},
	next: {keys: ['j', 'down'], help: 'Next option'},
	previous: {keys: ['k', 'up'], help: 'Previous option'},
} as const satisfies Context;
