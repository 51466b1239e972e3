import type {Context} from '../../../keyboard/keymap.ts';

export const apiKeyBindings = {
	edit: {keys: ['e'], help: 'Change the key', hint: 'edit'},
	suspend: {keys: ['d'], help: 'Suspend, or resume', hint: 'suspend'},
	suspendWhy: {keys: ['D'], help: 'Suspend, and say why'},
	undo: {keys: ['u'], help: 'Undo the suspension'},
	rotate: {keys: ['t'], help: 'Rotate, or end rotation', hint: 'rotate'},
	revoke: {keys: ['x'], help: 'Revoke the key', hint: 'revoke'},
	explain: {keys: ['v'], help: 'Explain: would it pass?', hint: 'explain'},
	trail: {keys: ['a'], help: 'Its audit trail', hint: 'trail'},
	deliveries: {keys: ['N'], help: 'Webhooks sent about it'},
	usage: {keys: ['U'], help: 'Use over time', hint: 'usage'},
	live: {keys: ['w'], help: 'Watch this key live', hint: 'watch'},
	quota: {keys: ['Q'], help: 'Change the quota used', hint: 'quota'},
	copy: {keys: ['y'], help: 'Copy the id', hint: 'copy id'},
	next: {keys: ['j', 'down', ']'], help: 'Next key', hint: 'next'},
	previous: {keys: ['k', 'up', '['], help: 'Previous key', hint: 'previous'},
} as const satisfies Context;
