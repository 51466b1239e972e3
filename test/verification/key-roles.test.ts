import test from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import type {KeyRole} from '../../contract/key-roles.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createAppliance, makeOrganisation, type Server} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';

/* Three servers: what a role is changed to is in force on all of them when that is answered. */

const appliance = await createAppliance();
const first = await appliance.startServer();
const servers = [first, ...(await Promise.all([appliance.startServer(), appliance.startServer()]))];
const jwt = await first.logIn();
const db = connectDatabase(appliance.database, 'test');

test.after.always(async () => {
	await db.destroy();
	await appliance.stop();
});

const list = async (server: Server, key: string) =>
	(await server.call('/api/v1/sources', {bearer: key})).status;
const everywhere = (key: string) => Promise.all(servers.map((server) => list(server, key)));

async function organisation() {
	const {id} = await makeOrganisation(first, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	const post = async <Made>(path: string, body: object) => {
		const answer = await first.call(`${base}/${path}`, {bearer: jwt, body});
		if (answer.status !== 201) throw new Error(answer.text);
		return answer.json() as Made;
	};
	return {
		base,
		role: (name: string, scopes: string[]) => post<KeyRole>('key-roles', {name, scopes}),
		key: (terms: object) => post<CreatedKey>('api-keys', {name: 'of roles', ...terms}),
	};
}

const allowing = ['latchkey:sources:read'];

test('a role that is narrowed is narrow everywhere when that is answered, also while its keys are used', async (t) => {
	const {base, role, key} = await organisation();
	const {id} = await role('reader', allowing);
	const keys = await Promise.all([
		key({roles: ['reader']}),
		key({roles: ['reader'], scopes: ['orders.read']}),
	]);
	const patch = (server: Server, scopes: string[]) =>
		server.call(`${base}/key-roles/${id}`, {method: 'PATCH', bearer: jwt, body: {scopes}});
	const users = {isStopping: false};
	// Readings are under way at every moment: keys are forgotten by each change and read again.
	const using = servers.flatMap((server) =>
		keys.map(async (each) => {
			while (!users.isStopping) await list(server, each.key);
		}),
	);
	for (let round = 0; round < 20; round++) {
		const server = servers[round % 3] ?? first;
		const narrowed = await patch(server, ['orders.*']);
		t.regex(String(narrowed.headers['latchkey-revocation']), /^verifiers=3; ms=\d+$/);
		for (const each of keys) t.deepEqual(await everywhere(each.key), [403, 403, 403]);
		await patch(server, allowing);
		for (const each of keys) t.deepEqual(await everywhere(each.key), [200, 200, 200]);
	}
	users.isStopping = true;
	await Promise.all(using);
});

test('a role that is given or taken counts everywhere when that is answered', async (t) => {
	const {base, role, key} = await organisation();
	await role('reader', allowing);
	await role('nothing', []);
	const {id, key: plain} = await key({scopes: []});
	for (let round = 0; round < 6; round++) {
		for (const [roles, status] of [
			[['reader'], 200],
			[['nothing'], 403],
			[['nothing', 'reader'], 200],
			[[], 403],
		] as const) {
			const server = servers[round % 3] ?? first;
			const body = {roles};
			await server.call(`${base}/api-keys/${id}`, {method: 'PATCH', bearer: jwt, body});
			t.deepEqual(await everywhere(plain), [status, status, status]);
		}
	}
});

test('whatever of roles is changed from psql is announced to every server', async (t) => {
	const {role, key} = await organisation();
	const reader = await role('reader', allowing);
	const nothing = await role('nothing', []);
	const one = await key({scopes: []});
	const other = await key({roles: ['nothing']});
	const becomes = async (made: CreatedKey, status: number) => {
		await eventually(async () => (await everywhere(made.key)).every((each) => each === status));
	};
	await becomes(one, 403);
	await becomes(other, 403);
	const links = db('key_role_members');
	await links.clone().insert({key_id: one.id, role_id: reader.id});
	await becomes(one, 200);
	await db('key_roles')
		.where({id: reader.id})
		.update({scopes: ['*']});
	await becomes(one, 403);
	await db('key_roles').where({id: reader.id}).update({scopes: allowing});
	await becomes(one, 200);
	await db.raw('update key_role_members set role_id = ? where key_id = ?', [nothing.id, one.id]);
	await becomes(one, 403);
	await db.raw('update key_role_members set role_id = ? where key_id = ?', [reader.id, one.id]);
	await becomes(one, 200);
	await db.raw('update key_role_members set key_id = ? where key_id = ?', [other.id, one.id]);
	await becomes(one, 403);
	await becomes(other, 200);
	await links.clone().where({key_id: other.id, role_id: reader.id}).delete();
	await becomes(other, 403);
	t.deepEqual(new Set(await everywhere(other.key)), new Set([403]));
});

test('what a key does by the right of a role is not done once the role was narrowed', async (t) => {
	const {base, role, key} = await organisation();
	const {id} = await role('writer', ['latchkey:sources:write']);
	const made = await key({roles: ['writer']});
	const write = () =>
		first.call('/api/v1/sources', {bearer: made.key, body: {name: 'a', type: 'x'}});
	t.is((await write()).status, 201);
	// The role is held as a change of it in another transaction holds it, and then it is narrowed.
	const transaction = await db.transaction();
	await transaction('key_roles').where({id}).forUpdate().select('id');
	const waiting = write();
	await eventually(async () => {
		const {rows} = await db.raw<{rows: object[]}>(
			"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		return rows.length > 0;
	});
	await transaction('key_roles')
		.where({id})
		.update({scopes: ['orders.read']});
	await transaction.commit();
	const refused = await waiting;
	t.deepEqual(
		[refused.status, refused.headers['latchkey-error-code']],
		[403, 'insufficient_scope'],
	);
	const {rows} = await db.raw<{rows: {count: number}[]}>(
		'select count(*)::int as count from sources where organisation_id = ?',
		[base.split('/').at(-1) ?? ''],
	);
	t.is(rows[0]?.count, 1);
});
