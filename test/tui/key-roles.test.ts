import test from 'ava';
import type {KeyRole} from '../../contract/key-roles.ts';
import {parseKeyFilter} from '../../tui/api-keys/filter.ts';
import {top} from '../../tui/app/navigation.ts';
import {isTable} from '../../tui/app/screens.ts';
import {keysOfRole} from '../../tui/screens/keys/role/lines.ts';
import {keyRolesSpec} from '../../tui/screens/keys/roles/spec.ts';
import {Failure} from '../../tui/failure.ts';
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

/** Asks for the form of the role under the cursor, which is read anew. */
function edit(driven: Driven, read = {role, tag: '"3"'}): Driven {
	driven.press('e');
	return driven.send({type: 'roleReadToChange', read});
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
	const asked = {do: 'readRoleToChange', organisation: organisation.id, id: role.id} as const;
	t.deepEqual(driven.effects, [asked]);
	driven.send({type: 'roleReadToChange', read: {role, tag: '"3"'}});
	t.deepEqual(headingOf(driven), [
		['name', 'billing'],
		['description', ''],
		['scopes', 'invoices.*, orders.read'],
	]);
	driven.press('enter', 'enter', 'ctrl-u').write('invoices.read').press('enter');
	t.like(change(driven), {
		route: 'updateKeyRole',
		input: {
			org_id: organisation.id,
			role_id: role.id,
			body: {scopes: ['invoices.read']},
			ifMatch: '"3"',
		},
		tellsWhere: true,
	});
	const same = atRoles();
	edit(same).press('enter', 'enter', 'enter');
	t.is(change(same), undefined);
	t.is(top(same.model).type, 'keyRoles');
});

test('what somebody else changed of a role meanwhile is shown, and what was typed is kept', (t) => {
	const driven = edit(atRoles());
	driven.press('enter').write('For invoices').press('enter', 'ctrl-u').write('invoices.read');
	driven.press('enter');
	driven.fails(new Failure('refused', 'The role was changed meanwhile', {status: 412}));
	const asked = {do: 'readRoleToChange', organisation: organisation.id, id: role.id} as const;
	t.deepEqual(driven.effects, [asked]);
	const theirs = {...role, name: 'invoicing', scopes: ['invoices.write']};
	driven.send({type: 'roleReadToChange', read: {role: theirs, tag: '"4"'}});
	const {form} = top(driven.model) as FormScreen;
	t.deepEqual(
		form.fields.map(({text, news}) => [text.value, news]),
		[
			['invoicing', '! meanwhile changed to invoicing'],
			['For invoices', undefined],
			['invoices.read', '! Scopes is now invoices.write: yours replaces it'],
		],
	);
	t.regex(form.problem ?? '', /^Somebody else changed this role meanwhile, and nothing was sent/);
	t.false(form.busy);
	driven.press('enter', 'enter', 'enter');
	t.like(change(driven), {
		input: {body: {description: 'For invoices', scopes: ['invoices.read']}, ifMatch: '"4"'},
	});
});

test('a role that keys have is not asked about, one that none has is deleted by a y', (t) => {
	const driven = atRoles();
	driven.press('x');
	t.is(top(driven.model).type, 'keyRoles');
	t.regex(driven.model.notice?.text ?? '', /^12 keys have it: take it from them first/);
	driven.press('j', 'x').now += 300;
	driven.agree();
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
	edit(driven);
	t.is(top(driven.model).type, 'form');
});

test('K shows the keys that have a role', (t) => {
	const having = {...unused, id: role.id, name: 'has it', roles: ['billing', 'support']};
	const driven = atRoles([unused, having]);
	driven.press('K');
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
