import test from 'ava';
import {rightsOf, type ClaimMaps, type Claims} from '../../core/issuers/rights.ts';

const acme = '11111111-1111-4111-8111-111111111111';
const globex = '22222222-2222-4222-8222-222222222222';
const named = {subject: 'sub', email: 'email'};

const rights = (maps: Omit<ClaimMaps, 'subject' | 'email'>, claims: Claims) =>
	rightsOf({...named, ...maps}, claims);

test('without maps, rights are what the appliance says', (t) => {
	t.is(rights({}, {groups: ['admins'], role: 'owner', operator: true}), undefined);
});

test('values lead to organisations, each with a role of its own or that of the role map', (t) => {
	const maps = {
		organization: {
			claim: 'groups',
			map: {acme: {id: acme}, 'globex-admins': {id: globex, role: 'admin'}},
		},
		role: {claim: 'title', map: {lead: 'owner', engineer: 'developer'}, default: 'viewer'},
	} as const;
	t.deepEqual(rights(maps, {groups: ['acme', 'globex-admins'], title: 'engineer'}), {
		roles: {[acme]: 'developer', [globex]: 'admin'},
	});
	t.deepEqual(rights(maps, {groups: 'acme'}), {roles: {[acme]: 'viewer'}});
	t.deepEqual(rights(maps, {groups: ['others']}), {roles: {}});
	t.deepEqual(rights(maps, {}), {roles: {}});
});

test('of several roles the highest counts', (t) => {
	const maps = {
		organization: {
			claim: 'groups',
			map: {
				viewers: {id: acme, role: 'viewer'},
				admins: {id: acme, role: 'admin'},
				developers: {id: acme, role: 'developer'},
			},
		},
	} as const;
	t.deepEqual(rights(maps, {groups: ['viewers', 'admins', 'developers']}), {
		roles: {[acme]: 'admin'},
	});
	const roles = {
		organization: {id: acme},
		role: {claim: 'roles', map: {a: 'viewer', b: 'owner'}},
	} as const;
	t.deepEqual(rights(roles, {roles: ['a', 'b']}), {roles: {[acme]: 'owner'}});
});

test('where no role results there is no right', (t) => {
	const maps = {organization: {id: acme}, role: {claim: 'role', map: {admin: 'admin'}}} as const;
	t.deepEqual(rights(maps, {role: 'admin'}), {roles: {[acme]: 'admin'}});
	t.deepEqual(rights(maps, {role: 'owner'}), {roles: {}}, 'the name of a role is not a role');
	t.deepEqual(rights(maps, {}), {roles: {}});
});

test('whoever has one of the values is an operator, and nobody else', (t) => {
	const maps = {operator: {claim: 'groups', values: ['operators', 'root']}};
	t.deepEqual(rights(maps, {groups: ['root']}), {isOperator: true});
	for (const groups of [undefined, 'roots', true, {root: true}, [['root']], ['Root'], 'x root']) {
		t.deepEqual(rights(maps, {groups}), {isOperator: false}, JSON.stringify(groups));
	}
});

test('a path leads through objects, never to what every object has', (t) => {
	const at = (claim: readonly string[], claims: Claims) =>
		rights({operator: {claim, values: ['yes']}}, claims)?.isOperator;
	t.true(at(['realm_access', 'roles'], {realm_access: {roles: ['yes']}}));
	t.false(at(['realm_access', 'roles'], {realm_access: ['yes']}));
	t.false(at(['realm_access', 'roles'], {'realm_access.roles': ['yes']}));
	t.false(at(['constructor', 'name'], {}));
	t.false(at(['a', 'length'], {a: 'yes'}));
	t.true(at(['https://example.com/claims/groups'], {'https://example.com/claims/groups': 'yes'}));
});

test('a value that every object has a member of leads nowhere', (t) => {
	const maps = {organization: {claim: 'groups', map: {acme: {id: acme, role: 'admin'}}}} as const;
	t.deepEqual(rights(maps, {groups: ['constructor', '__proto__', 'toString']}), {roles: {}});
});
