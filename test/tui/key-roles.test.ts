import test from 'ava';
import type {KeyRole} from '../../contract/key-roles.ts';
import {parseKeyFilter} from '../../tui/api-keys/filter.ts';
import {top} from '../../tui/app/navigation.ts';
import {isTable} from '../../tui/app/screens.ts';
import {keysOfRole} from '../../tui/screens/keys/role/lines.ts';
import {keyRolesSpec} from '../../tui/screens/keys/roles/spec.ts';
import type {FormScreen} from '../../tui/screens/kinds/form/screen.ts';
import {loggedIn, me, organisation, start, unused, type Driven} from './driven.ts';

/* The screens of key roles: what their keys do and refuse. */

const role: KeyRole = {
	id: '88888888-8888-4888-8888-888888888888',
	name: 'billing',
	description: null,
	scopes: ['invoices.*', 'orders.read'],
	created_at: '2026-01-01T00:00:00Z',
	updated_at: '2026-02-01T00:00:00Z',
	keys: 12,
};
const free: KeyRole = {...role, id: '99999999-9999-4999-8999-999999999999', name: 'old', keys: 0};

function atRoles(...[keys, who]: Parameters<typeof loggedIn>): Driven {
	const driven = loggedIn(keys, who);
	driven.press(':').write('key roles').press('enter');
	const {epoch} = driven.model;
	const answer = {list: 'keyRoles', items: [role, free]} as const;
	driven.send({type: 'loaded', answer, partial: false, took: 1, epoch});
	return driven;
}

function change(driven: Driven) {
	const [effect] = driven.effects;
	return effect?.do === 'change' ? effect.change : undefined;
}

const headingOf = (driven: Driven) => {
	const screen = top(driven.model) as FormScreen;
	return screen.form.fields.map(({name, text}) => [name, text.value]);
};

test('a role is made of a name and scopes', (t) => {
	const driven = atRoles();
	driven.press('n').write('Support').press('enter', 'enter').write('orders.*.x').press('enter');
	const {form} = top(driven.model) as FormScreen;
	t.is(form.fields[2]?.problem, 'orders.*.x must be a scope such as orders.read or orders.*');
	t.regex(form.fields[0]?.problem ?? '', /lower-case letters/);
	driven.press('ctrl-u').write('support');
	driven.press('enter', 'enter', 'ctrl-u').write('none').press('enter');
	t.like(change(driven), {
		route: 'createKeyRole',
		input: {org_id: organisation.id, body: {name: 'support', description: null, scopes: []}},
		reload: 'keyRoles',
	});
});

test('what a change reaches is said before it is made, and only what differs is sent', (t) => {
	const driven = atRoles();
	driven.press('e');
	t.deepEqual(headingOf(driven), [
		['name', 'billing'],
		['description', ''],
		['scopes', 'invoices.*, orders.read'],
	]);
	driven.press('enter', 'enter', 'ctrl-u').write('invoices.read').press('enter');
	t.like(change(driven), {
		route: 'updateKeyRole',
		input: {org_id: organisation.id, role_id: role.id, body: {scopes: ['invoices.read']}},
		tellsWhere: true,
	});
	const same = atRoles();
	same.press('e', 'enter', 'enter', 'enter');
	t.is(change(same), undefined);
	t.is(top(same.model).type, 'keyRoles');
});

test('a role that keys have is not asked about, one that none has is deleted by a y', (t) => {
	const driven = atRoles();
	driven.press('x');
	t.is(top(driven.model).type, 'keyRoles');
	t.regex(driven.model.notice?.text ?? '', /^12 keys go by it: take it from them first/);
	driven.press('j', 'x').now += 300;
	driven.press('y');
	t.like(change(driven), {route: 'deleteKeyRole', input: {role_id: free.id}, gone: free.id});
});

test('a role is shown with the keys that go by it', (t) => {
	const having = {...unused, id: role.id, name: 'has it', roles: ['billing']};
	const gone = {...having, id: free.id, name: 'gone', revoked_at: '2026-02-01T00:00:00Z'};
	const driven = atRoles([unused, having, gone]);
	driven.press('enter');
	const screen = top(driven.model);
	t.is(screen.type, 'keyRole');
	t.deepEqual(
		driven.effects.map((effect) => effect.do),
		['load'],
	);
	const lines = keysOfRole(role, driven.model.keys.items, start, 76);
	t.deepEqual(
		lines.map((line) => line.map(([text]) => text).join('')),
		['', 'Keys        has it, active'],
	);
	driven.press('e');
	t.is(top(driven.model).type, 'form');
});

test('w shows the keys that have a role', (t) => {
	const having = {...unused, id: role.id, name: 'has it', roles: ['billing', 'support']};
	const driven = atRoles([unused, having]);
	driven.press('w');
	const screen = top(driven.model);
	t.is(screen.type, 'keys');
	t.is(isTable(screen) && screen.filter.applied, 'role:billing');
	t.deepEqual(isTable(screen) && screen.visible.map(({id}) => id), [having.id]);
	t.is(parseKeyFilter('role:', start).problem, 'role: takes the name of a role, or none');
	t.true(parseKeyFilter('role:support has', start).test(having));
	t.false(parseKeyFilter('role:supp', start).test(having), 'the whole name: another may begin so');
});

test('who may not change roles is told so, and sees them', (t) => {
	const driven = atRoles([unused], {...me, operator: false, role: 'developer'});
	for (const key of ['n', 'e', 'x']) {
		driven.press(key);
		t.is(top(driven.model).type, 'keyRoles');
		t.regex(driven.model.notice?.text ?? '', /Only admins and owners change roles/);
	}
	t.deepEqual(keyRolesSpec.unavailable?.(driven.model, role, []), ['createRole', 'edit', 'remove']);
});
