import type {Context} from '../../../keyboard/keymap.ts';

export const chartBindings = {
	range: {keys: ['tab'], help: 'Next range', hint: 'range'},
	rangeBefore: {keys: ['shift-tab'], help: 'Range before'},
	earlier: {keys: ['left'], help: 'Point at the step before', hint: 'point'},
	later: {keys: ['right'], help: 'Point at the next step'},
} as const satisfies Context;
