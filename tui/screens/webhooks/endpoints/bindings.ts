import type {Context} from '../../../keyboard/keymap.ts';

export const endpointsBindings = {
	deliveries: {keys: ['enter', 'l', 'right'], help: 'Its deliveries', hint: 'deliveries'},
	createWebhook: {keys: ['n'], help: 'Create an endpoint', hint: 'new'},
	editWebhook: {keys: ['e'], help: 'Change the endpoint', hint: 'edit'},
	testWebhook: {keys: ['T'], help: 'Send a test', hint: 'test'},
	toggleWebhook: {keys: ['d'], help: 'Disable, or enable', hint: 'on/off'},
	rotateSecret: {keys: ['t'], help: 'New signing secret', hint: 'rotate'},
	deleteWebhook: {keys: ['x'], help: 'Delete the endpoint', hint: 'delete'},
	allDeliveries: {keys: ['A'], help: 'Deliveries to all', hint: 'all'},
	trail: {keys: ['a'], help: 'Its audit trail'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
