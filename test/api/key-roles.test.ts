import test from 'ava';
import {apiVersion} from '../../contract/events.ts';
import type {KeyRole} from '../../contract/key-roles.ts';
import {createdKeyWithTerms, keyDetail, type KeyDetail} from '../../contract/keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt} = await openAppliance();
const db = connectDatabase(appliance.database, 'test');

test.after.always(async () => {
	await db.destroy();
	await appliance.stop();
});

/** An organisation of its own, and how its roles and keys are called. */
async function organisation(bearer = jwt) {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const [roles, keys] = ['key-roles', 'api-keys'].map(
		(end) => `/api/v1/organizations/${id}/${end}`,
	) as [string, string];
	const ask = (path: string, body?: object, method?: string, headers?: Record<string, string>) =>
		server.call(path, {
			bearer,
			...(body === undefined ? {} : {body}),
			...(method === undefined ? {} : {method}),
			...(headers === undefined ? {} : {headers}),
		});
	return {
		id,
		roles,
		keys,
		ask,
		make: async (name: string, scopes: string[]) =>
			(await ask(roles, {name, scopes})).json() as KeyRole,
		give: async (terms: object) => {
			const answer = await ask(keys, {name: 'of roles', ...terms});
			if (answer.status !== 201) throw new Error(answer.text);
			return createdKeyWithTerms.parse(answer.json());
		},
		find: async (keyId: string) => keyDetail.parse((await ask(`${keys}/${keyId}`)).json()),
	};
}

const codeOf = ({headers}: Answer) => headers['latchkey-error-code'];

test('a role is made, listed, changed and deleted, and each of it is on record', async (t) => {
	const {id, roles, ask} = await organisation();
	await db('webhook_endpoints').insert({
		organisation_id: id,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const made = await ask(roles, {name: 'billing', scopes: ['invoices.*']});
	const role = made.json() as KeyRole;
	t.is(made.status, 201);
	t.is(
		made.text,
		`{"id":"${role.id}","name":"billing","description":null,"scopes":["invoices.*"],"created_at":"${role.created_at}","updated_at":"${role.created_at}","keys":0}`,
	);
	t.is(made.headers['etag'], '"1"');
	await ask(roles, {name: 'support', description: 'Who answers', scopes: []});
	const list = await ask(roles);
	t.deepEqual(
		(list.json() as KeyRole[]).map(({name}) => name),
		['support', 'billing'],
	);
	const fresh = {'If-None-Match': String(list.headers['etag'])};
	t.is((await ask(roles, undefined, 'GET', fresh)).status, 304);
	const page = await ask(`${roles}?limit=1`);
	t.is((page.json() as KeyRole[]).length, 1);
	t.regex(String(page.headers['link']), /rel="next"/);

	const path = `${roles}/${role.id}`;
	const changed = await ask(path, {scopes: ['invoices.read'], description: 'Reads'}, 'PATCH');
	t.deepEqual(changed.json(), {
		...role,
		updated_at: (changed.json() as KeyRole).updated_at,
		scopes: ['invoices.read'],
		description: 'Reads',
	});
	t.is(changed.headers['etag'], '"2"');
	t.regex(String(changed.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
	t.is((await ask(path)).text, changed.text);
	const same = await ask(path, {scopes: ['invoices.read']}, 'PATCH');
	t.deepEqual([same.status, same.text, same.headers['etag']], [200, changed.text, '"2"']);
	t.is(same.headers['latchkey-revocation'], undefined);
	const stale = await ask(path, {name: 'old'}, 'PATCH', {'If-Match': '"1"'});
	t.deepEqual([stale.status, codeOf(stale)], [412, 'precondition_failed']);
	t.is(stale.text, '{"error":"The role was changed meanwhile; read it again"}');
	t.is((await ask(path, {description: null}, 'PATCH', {'If-Match': '"2"'})).status, 200);

	const deleted = await ask(path, undefined, 'DELETE');
	t.deepEqual([deleted.status, deleted.json()], [200, {message: 'Role deleted successfully'}]);
	for (const method of ['GET', 'PATCH', 'DELETE']) {
		const gone = await ask(path, method === 'PATCH' ? {} : undefined, method);
		t.deepEqual([gone.status, gone.text], [404, '{"error":"Role not found"}']);
		t.is(codeOf(gone), 'key_role_not_found');
	}

	const entries = await db('audit_entries')
		.where({chain: id, target_id: role.id})
		.orderBy('sequence')
		.select('action', 'content');
	t.deepEqual(
		entries.map(({action}) => action),
		['key_role.created', 'key_role.updated', 'key_role.updated', 'key_role.deleted'],
	);
	t.like(JSON.parse(entries[1]?.content ?? ''), {
		target: {type: 'key_role', id: role.id, name: 'billing'},
		details: {
			changed: 'description, scopes',
			scopes: 'invoices.read',
			previous_scopes: 'invoices.*',
			keys: 0,
		},
	});
	const events = await db('events').where({organisation_id: id}).orderBy('sequence');
	t.deepEqual(
		events.map(({type}) => type).filter((type) => type.startsWith('key_role.')),
		[
			'key_role.created',
			'key_role.created',
			...entries.slice(1).map(({action}) => action as never),
		],
	);
	t.like(JSON.parse(events.find(({type}) => type === 'key_role.updated')?.payload ?? ''), {
		data: {
			key_role: {name: 'billing', scopes: ['invoices.read']},
			changed: ['description', 'scopes'],
			previous: {description: null, scopes: ['invoices.*']},
		},
	});
});

test('what is no role is refused by name, and nothing is made', async (t) => {
	const {roles, ask, make} = await organisation();
	const {id} = await make('taken', []);
	const form = 'name must be lower-case letters, digits, _ and -, a letter first, 64 at most';
	for (const [body, error] of [
		[{scopes: []}, form],
		[{name: '', scopes: []}, form],
		[{name: 'Billing', scopes: []}, form],
		[{name: '1st', scopes: []}, form],
		[{name: 'a b', scopes: []}, form],
		[{name: 'a'.repeat(65), scopes: []}, form],
		[{name: 7, scopes: []}, form],
		[{name: 'a'}, 'scopes must be a list of scopes'],
		[{name: 'a', scopes: null}, 'scopes must be a list of scopes'],
		[
			{name: 'a', scopes: ['ok', 'or*']},
			'scopes[1] must be a scope such as orders.read or orders.*',
		],
		[{name: 'a', scopes: ['x', 'x']}, 'scopes[1] is there twice'],
		[
			{name: 'a', scopes: Array.from({length: 101}, (_, i) => `s${i}`)},
			'scopes must have at most 100 scopes',
		],
		[
			{name: 'a', scopes: [], description: 'x'.repeat(1001)},
			'description must be at most 1000 characters',
		],
		[{name: 'a', scopes: [], keys: 3}, 'Unknown member: keys'],
	] as const) {
		const answer = await ask(roles, body);
		t.deepEqual([answer.status, answer.json()], [400, {error}], JSON.stringify(body));
		t.is(codeOf(answer), 'invalid_field');
	}
	const taken = await ask(roles, {name: 'taken', scopes: []});
	t.deepEqual([taken.status, codeOf(taken)], [409, 'key_role_name_taken']);
	t.is(taken.text, '{"error":"A role with this name already exists"}');
	const longest = await ask(roles, {
		name: 'a'.repeat(64),
		scopes: Array.from({length: 100}, (_, i) => `s${i}`),
	});
	t.is(longest.status, 201);
	const rename = (name: string) => ask(`${roles}/${id}`, {name}, 'PATCH');
	t.is(codeOf(await rename('a'.repeat(64))), 'key_role_name_taken');
	t.is((await rename('taken')).status, 200);
	t.is(codeOf(await ask(`${roles}/${id}`, {scopes: null}, 'PATCH')), 'invalid_field');
	t.is(
		(await ask(`${roles}?limit=1&colour=red`)).text,
		'{"error":"Unknown query parameter: colour"}',
	);
	t.is(((await ask(roles)).json() as KeyRole[]).length, 2);
});

test('an organisation has 100 roles at most, and of two at once with one name there is one', async (t) => {
	const {id, roles, ask} = await organisation();
	const twins = await Promise.all([1, 2, 3].map(() => ask(roles, {name: 'twin', scopes: []})));
	t.deepEqual(
		twins.map(({status}) => status).toSorted((a, b) => a - b),
		[201, 409, 409],
	);
	const rows = Array.from({length: 98}, (_, i) => ({
		organisation_id: id,
		name: `role-${i}`,
		scopes: [],
	}));
	await db('key_roles').insert(rows);
	const last = await Promise.all(['y', 'z'].map((name) => ask(roles, {name, scopes: []})));
	t.deepEqual(
		last.map(({status}) => status).toSorted((a, b) => a - b),
		[201, 409],
	);
	const refused = last.find(({status}) => status === 409);
	t.is(refused && codeOf(refused), 'limit_reached');
	t.regex(refused?.text ?? '', /100 key roles at most: delete one first.*LATCHKEY_MAX_KEY_ROLES/);
});

test('roles are read by everybody, made by owner and admin, and unknown elsewhere', async (t) => {
	const {id, roles, make} = await organisation();
	const role = await make('billing', []);
	const as = async (who: 'viewer' | 'developer' | 'admin' | 'owner') => {
		const login = await makeMember(appliance.database, id, who);
		return server.logIn({...login, organization_id: id});
	};
	for (const who of ['viewer', 'developer', 'admin', 'owner'] as const) {
		const bearer = await as(who);
		t.is((await server.call(roles, {bearer})).status, 200, who);
		const status = who === 'viewer' || who === 'developer' ? 403 : 201;
		const body = {name: `by-${who}`, scopes: []};
		t.is((await server.call(roles, {bearer, body})).status, status, who);
	}
	const elsewhere = await organisation();
	t.is((await elsewhere.ask(`${elsewhere.roles}/${role.id}`)).status, 404);
	t.is((await elsewhere.ask(`${elsewhere.roles}/${role.id}`, {name: 'x'}, 'PATCH')).status, 404);
	t.is((await elsewhere.ask(`${elsewhere.roles}/${role.id}`, undefined, 'DELETE')).status, 404);
	const refused = await elsewhere.ask(elsewhere.keys, {name: 'a', roles: ['billing']});
	t.is(refused.text, '{"error":"roles[0]: there is no role billing"}');
});

test('a key has roles by their names, by which it is shown whatever becomes of them', async (t) => {
	const {id, roles, keys, ask, make, give, find} = await organisation();
	const billing = await make('billing', ['invoices.*']);
	await make('support', []);
	const made = await give({roles: ['support', 'billing']});
	t.deepEqual(made.roles, ['billing', 'support']);
	t.deepEqual((await give({roles: []})).roles, []);
	t.deepEqual((await give({roles: null})).roles, []);
	t.is('roles' in (await give({})), false);
	t.deepEqual((await find(made.id)).roles, ['billing', 'support']);
	const full = (await ask(`${keys}?view=full`)).json() as KeyDetail[];
	t.deepEqual(
		full.map((key) => key.roles),
		[[], [], [], ['billing', 'support']],
	);
	const [entry] = await db('audit_entries')
		.where({chain: id, target_id: made.id})
		.select('content');
	t.is(JSON.parse(entry?.content ?? '').details.roles, 'billing, support');

	await ask(`${roles}/${billing.id}`, {name: 'accounting'}, 'PATCH');
	t.deepEqual((await find(made.id)).roles, ['accounting', 'support']);
	const patch = (body: object) => ask(`${keys}/${made.id}`, body, 'PATCH');
	const before = await find(made.id);
	t.is(
		((await patch({roles: ['support', 'accounting']})).json() as KeyDetail).version,
		before.version,
	);
	t.is(((await patch({name: 'renamed'})).json() as KeyDetail).version, before.version + 1);
	const fewer = await patch({roles: ['support']});
	t.deepEqual((fewer.json() as KeyDetail).roles, ['support']);
	t.regex(String(fewer.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
	t.deepEqual(((await patch({roles: null})).json() as KeyDetail).roles, []);
	const told = await db('audit_entries')
		.where({chain: id, target_id: made.id, action: 'key.updated'})
		.orderBy('sequence', 'desc')
		.first('content');
	t.like(JSON.parse(told?.content ?? '').details, {changed: 'roles', previous_roles: 'support'});

	for (const [given, error, field] of [
		[['support', 'billing'], 'roles[1]: there is no role billing', 'roles[1]'],
		['support', 'roles must be a list of names of roles', 'roles'],
		[['support', 'support'], 'roles[1] is there twice', 'roles[1]'],
		[
			[7],
			'roles[0] must be the name of a role: lower-case letters, digits, _ and -, a letter first, 64 at most',
			'roles[0]',
		],
		[Array.from({length: 21}, (_, i) => `r${i}`), 'roles must have at most 20 roles', 'roles'],
	] as const) {
		for (const [path, method] of [
			[keys, 'POST'],
			[`${keys}/${made.id}`, 'PATCH'],
		] as const) {
			const body = {...(method === 'POST' ? {name: 'a'} : {}), roles: given};
			const answer = await ask(path, body, method, {Accept: 'application/problem+json'});
			t.is(answer.status, 400, answer.text);
			t.like(answer.json(), {code: 'invalid_field', detail: error, field});
		}
	}
	t.is(((await ask(keys)).json() as object[]).length, 4, 'nothing was made');
});

test('a role that keys have is not deleted, whoever is first; revoked keys lose it', async (t) => {
	const {roles, keys, ask, make, give, find} = await organisation();
	const {id} = await make('billing', ['invoices.*']);
	const made = [await give({roles: ['billing']}), await give({roles: ['billing']})];
	t.is(((await ask(`${roles}/${id}`)).json() as KeyRole).keys, 2);
	const refused = await ask(`${roles}/${id}`, undefined, 'DELETE');
	t.deepEqual([refused.status, codeOf(refused)], [409, 'key_role_in_use']);
	t.is(refused.text, '{"error":"The role is used by 2 keys"}');
	await ask(`${keys}/${made[0]?.id}`, undefined, 'DELETE');
	const one = await ask(`${roles}/${id}`, undefined, 'DELETE');
	t.is(one.text, '{"error":"The role is used by 1 key"}');
	await ask(`${keys}/${made[1]?.id}`, undefined, 'DELETE');
	t.is(((await ask(roles)).json() as KeyRole[])[0]?.keys, 0);
	t.is((await ask(`${roles}/${id}`, undefined, 'DELETE')).status, 200);
	t.deepEqual((await find(made[0]?.id ?? '')).roles, []);

	const results = {kept: 0, deleted: 0};
	for (let round = 0; round < 12; round++) {
		const role = await make(`round-${round}`, []);
		const create = () => ask(keys, {name: 'a', roles: [role.name]});
		const remove = () => ask(`${roles}/${role.id}`, undefined, 'DELETE');
		const [created, removed] =
			round % 2 === 0
				? await Promise.all([create(), remove()])
				: (await Promise.all([remove(), create()])).toReversed();
		if (created?.status === 201) {
			results.kept++;
			t.is(removed && codeOf(removed), 'key_role_in_use');
			const {id: keyId} = created.json() as {id: string};
			t.deepEqual((await find(keyId)).roles, [role.name]);
		} else {
			results.deleted++;
			t.is(created?.text, `{"error":"roles[0]: there is no role ${role.name}"}`);
			t.is(removed?.status, 200);
		}
	}
	t.log(results);
});

test('a key may do what its own scopes and those of its roles cover, and nothing else', async (t) => {
	const {roles, keys, ask, make, give} = await organisation();
	const sources = await make('reader', ['latchkey:sources:read']);
	await make('invoices', ['invoices.*', 'orders.read']);
	const caller = await give({});
	const verify = async (key: string, scopes: string) =>
		(
			await server.call('/api/v1/keys/verify', {bearer: caller.key, body: {key, scopes}})
		).json() as {code: string; scopes: string[] | null; missing_scopes: string[] | null};
	const list = async (key: string) => (await server.call('/api/v1/sources', {bearer: key})).status;

	const plain = await give({roles: []});
	t.is(await list(plain.key), 200);
	t.is((await verify(plain.key, 'a')).scopes, null);
	const byRole = await give({roles: ['invoices']});
	t.is(await list(byRole.key), 403, 'with a role it is restricted');
	t.like(await verify(byRole.key, 'invoices.read AND orders.read'), {
		code: 'VALID',
		scopes: ['invoices.*', 'orders.read'],
		missing_scopes: null,
	});
	t.like(await verify(byRole.key, 'orders.write'), {
		code: 'INSUFFICIENT_SCOPE',
		missing_scopes: ['orders.write'],
	});
	const both = await give({scopes: ['eu', 'orders.read'], roles: ['invoices', 'reader']});
	t.is(await list(both.key), 200);
	const all = await verify(both.key, 'eu AND invoices.read');
	t.is(all.code, 'VALID');
	t.deepEqual(all.scopes?.slice(0, 2), ['eu', 'orders.read'], 'its own first');
	const rest = all.scopes?.slice(2).toSorted();
	t.deepEqual(rest, ['invoices.*', 'latchkey:sources:read'], 'each once');
	const proxied = await server.call('/api/v1/forward-auth?scopes=eu', {bearer: both.key});
	t.is(proxied.headers['x-auth-scopes'], all.scopes?.join(' '));
	const nothing = await give({scopes: []});
	t.is(await list(nothing.key), 403);

	await ask(`${roles}/${sources.id}`, {scopes: ['latchkey:sources:write']}, 'PATCH');
	t.is(await list(both.key), 403, 'narrowed when that is answered');
	await ask(`${roles}/${sources.id}`, {scopes: ['latchkey:*']}, 'PATCH');
	t.is(await list(both.key), 200, 'widened when that is answered');
	const patch = (id: string, body: object) => ask(`${keys}/${id}`, body, 'PATCH');
	await patch(both.id, {roles: ['invoices']});
	t.is(await list(both.key), 403);
	await patch(both.id, {roles: [], scopes: null});
	t.is(await list(both.key), 200);
	await patch(nothing.id, {roles: ['reader']});
	t.is(await list(nothing.key), 200);
});

test('what the key policy has against scopes holds for those of a role, and for a role on a key', async (t) => {
	const {id, roles, keys, ask, make} = await organisation();
	const old = await make('old', ['orders.read']);
	const policy = {scope_catalogue: ['invoices.*']};
	t.is((await ask(`/api/v1/organizations/${id}/key-policy`, policy, 'PATCH')).status, 200);
	const created = await ask(roles, {name: 'new', scopes: ['invoices.read', 'orders.write']});
	t.deepEqual([created.status, codeOf(created)], [400, 'policy_violation']);
	t.regex(created.text, /^\{"error":"scopes\[1\] must be in the scope catalogue/);
	const patch = (body: object) => ask(`${roles}/${old.id}`, body, 'PATCH');
	t.is(codeOf(await patch({scopes: ['orders.read', 'orders.write']})), 'policy_violation');
	t.is((await patch({scopes: ['orders.read', 'invoices.*']})).status, 200, 'what it has stays');
	t.is((await patch({description: 'still'})).status, 200);
	const given = await ask(keys, {name: 'a', roles: ['old']});
	t.deepEqual([given.status, codeOf(given)], [400, 'policy_violation']);
	t.is((await ask(roles, {name: 'good', scopes: ['invoices.read']})).status, 201);
	t.is((await ask(keys, {name: 'a', roles: ['good']})).status, 201);
});

test('roles of another organisation are given to no key, also from psql', async (t) => {
	const [here, there] = [await organisation(), await organisation()];
	const role = await there.make('theirs', ['*']);
	const key = await here.give({});
	await t.throwsAsync(db('key_role_members').insert({key_id: key.id, role_id: role.id}), {
		message: /a key has roles of its own organisation only/,
	});
});

test('roles with scopes of a later version are never decided about', async (t) => {
	const {make, give, find} = await organisation();
	const {id} = await make('later', ['a']);
	const key = await give({roles: ['later']});
	const use = async () => (await server.call('/api/v1/keys/self', {bearer: key.key})).status;
	t.is(await use(), 200);
	await db('key_roles')
		.where({id})
		.update({scopes: ['a', 'b?c']});
	t.truthy(await eventually(async () => (await use()) === 503));
	t.deepEqual((await find(key.id)).roles, ['later'], 'it can be managed');
	await db('key_roles')
		.where({id})
		.update({scopes: ['a']});
	t.truthy(await eventually(async () => (await use()) === 200));
});
