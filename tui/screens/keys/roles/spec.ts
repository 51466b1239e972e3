import {ago} from '../../../text/time.ts';
import {clean} from '../../../text/clean.ts';
import {canChange, may, push, top} from '../../../app/navigation.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {managing, onRole} from '../role/commands.ts';
import {newCreateKeyRoleScreen, openEditKeyRole} from '../role/form.ts';
import {roleFacts, scopesIn} from '../role/lines.ts';
import {openRole} from '../role/state.ts';
import {keyRolesBindings} from './bindings.ts';
import {sortTime} from '../../../components/table/order.ts';

export const keyRolesSpec: ListSpec<'keyRoles', typeof keyRolesBindings> = {
	list: 'keyRoles',
	place: {name: 'key roles'},
	title: () => 'key roles',
	nouns: ['role', 'roles'],
	context: keyRolesBindings,
	columns: ({now}) => [
		{title: 'NAME', width: 24, value: ({name}) => name, cell: ({name}) => [clean(name)]},
		{
			title: 'SCOPES',
			value: ({scopes}) => scopes.length,
			descending: true,
			cell: (role) => [scopesIn(role), 'dim'],
		},
		{
			title: 'KEYS',
			width: 8,
			value: ({keys}) => keys,
			descending: true,
			cell: ({keys}) => [keys.toLocaleString('en')],
		},
		{
			title: 'CHANGED',
			width: 11,
			from: 64,
			value: ({updated_at}) => sortTime(updated_at),
			descending: true,
			cell: ({updated_at}) => [ago(updated_at, now), 'dim'],
		},
	],
	empty: (model) => [
		'No roles yet. A role is a list of scopes under a name: keys that have it may do what it covers.',
		'',
		may(model, 'key_roles:manage')
			? 'Press n to create one, and name it in the form of a key.'
			: 'Admins and owners create them.',
	],
	facts: (role, {now}, width) => roleFacts(role, now, width),
	unavailable(model, role) {
		const mayChange = canChange(model) && may(model, 'key_roles:manage');
		return [
			...(role === undefined ? (['openRole', 'showKeys', 'copy'] as const) : []),
			...(mayChange ? [] : (['createRole'] as const)),
			...(mayChange && role !== undefined ? [] : (['edit', 'remove'] as const)),
		];
	},
	onAnswer: (model, screen, event) =>
		event.type === 'roleReadToChange' && top(model) === screen
			? openEditKeyRole(model, event.read)
			: undefined,
	run(model, role, command, now) {
		if (command === 'createRole') {
			return managing(model, now, () => [push(model, newCreateKeyRoleScreen())]);
		}
		if (role === undefined) return [model];
		return command === 'openRole' ? openRole(model, role) : onRole(model, role, command, now);
	},
};
