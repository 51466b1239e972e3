import type {Context} from '../../../keyboard/keymap.ts';

export const webhookTestBindings = {
	testWebhook: {keys: ['T', 'r'], help: 'Send another test', hint: 'test again'},
	copySigned: {keys: ['y'], help: 'Copy what was signed', hint: 'copy signed text'},
	copyCurl: {keys: ['c'], help: 'Copy as curl command', hint: 'copy curl'},
} as const satisfies Context;
