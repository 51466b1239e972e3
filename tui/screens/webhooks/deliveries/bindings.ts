import type {Context} from '../../../keyboard/keymap.ts';

export const deliveriesBindings = {
	openDelivery: {keys: ['enter', 'l', 'right'], help: 'All about it', hint: 'open'},
	replay: {keys: ['r'], help: 'Send again, or marked', hint: 'replay'},
	replayMany: {keys: ['m'], help: 'Send many again', hint: 'many'},
	follow: {keys: ['f'], help: 'Follow what is new', hint: 'follow'},
	dead: {keys: ['D'], help: 'Dead ones only, or all', hint: 'dead only'},
	theKey: {keys: ['o'], help: 'The key it is about', hint: 'its key'},
	theEndpoint: {keys: ['O'], help: 'The endpoint'},
	copy: {keys: ['y'], help: 'Copy the id', hint: 'copy id'},
} as const satisfies Context;
