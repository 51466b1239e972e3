import type {Context} from '../../../keyboard/keymap.ts';

export const deliveryBindings = {
	replay: {keys: ['r'], help: 'Send it again', hint: 'replay'},
	theKey: {keys: ['o'], help: 'The key it is about', hint: 'its key'},
	theEndpoint: {keys: ['O'], help: 'The endpoint'},
	copy: {keys: ['y'], help: 'Copy the id', hint: 'copy id'},
	copyPayload: {keys: ['c'], help: 'Copy the payload', hint: 'copy payload'},
} as const satisfies Context;
