import type {Context} from '../../../keyboard/keymap.ts';

export const auditBindings = {
	open: {keys: ['enter', 'l', 'right'], help: 'The whole entry', hint: 'open'},
	target: {keys: ['o'], help: 'What it is about', hint: 'its target'},
	actor: {keys: ['O'], help: 'Who did it'},
	explain: {keys: ['v'], help: 'Explain its API key', hint: 'explain'},
	follow: {keys: ['f'], help: 'Follow what is new', hint: 'follow'},
	export: {keys: ['E'], help: 'Write it to a file', hint: 'export'},
	appliance: {keys: ['A'], help: 'Trail of the appliance', hint: 'appliance'},
	copy: {keys: ['y'], help: 'Copy the request id', hint: 'copy id'},
} as const satisfies Context;
