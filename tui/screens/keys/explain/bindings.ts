import type {Context} from '../../../keyboard/keymap.ts';

export const explainBindings = {
	ask: {keys: ['enter'], help: 'Ask again', hint: 'ask again'},
	next: {keys: ['tab', 'down'], help: 'Next field', hint: 'next field'},
	previous: {keys: ['shift-tab', 'up'], help: 'Previous field'},
	pageDown: {keys: ['pagedown'], help: 'Page down', hint: 'more'},
	pageUp: {keys: ['pageup'], help: 'Page up'},
	cancel: {keys: ['escape'], help: 'Back', hint: 'back'},
} as const satisfies Context;
