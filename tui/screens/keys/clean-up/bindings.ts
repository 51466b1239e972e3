import type {Context} from '../../../keyboard/keymap.ts';

/** Of the question as a whole. */
export const cleanUpBindings = {
	go: {keys: ['enter'], help: 'Next field, or do it', hint: 'next, or do it'},
	nextField: {keys: ['tab'], help: 'Next field', hint: 'next field'},
	previousField: {keys: ['shift-tab'], help: 'Previous field'},
	cancel: {keys: ['escape'], help: 'Cancel', hint: 'cancel'},
	linesBelow: {keys: ['pagedown'], help: 'Lines below'},
	linesAbove: {keys: ['pageup'], help: 'Lines above'},
} as const satisfies Context;

/** While the cursor is on the keys. */
export const cleanUpKeysBindings = {
	drop: {keys: [' '], help: 'Drop it, or take it back', hint: 'drop'},
	keyBelow: {keys: ['j', 'down'], help: 'Next key'},
	keyAbove: {keys: ['k', 'up'], help: 'Previous key'},
	firstKey: {keys: ['g', 'home'], help: 'First key'},
	lastKey: {keys: ['G', 'end'], help: 'Last key'},
} as const satisfies Context;

/** While it is on what is done, or on the reason. */
export const cleanUpChoiceBindings = {
	choose: {
		keys: [' ', 'right', 'down', 'j', 'l'],
		help: 'The next choice',
		hint: 'choose',
	},
	chooseBefore: {keys: ['left', 'up', 'k', 'h'], help: 'The choice before'},
} as const satisfies Context;

/** While text is typed. */
export const cleanUpTextBindings = {
	nextField: {keys: ['down'], help: 'Next field'},
	previousField: {keys: ['up'], help: 'Previous field'},
} as const satisfies Context;
