import {randomUUID} from 'node:crypto';
import test from 'ava';
import type {Knex} from 'knex';
import {memberList, type Member} from '../../contract/members.ts';
import type {Role} from '../../contract/people.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	administrator,
	createAppliance,
	makeMember,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';

let appliance: Appliance;
let server: Server;
let other: Server;
let db: Knex;
let jwt: string;

test.before(async () => {
	appliance = await createAppliance();
	[server, other] = await Promise.all([appliance.startServer(), appliance.startServer()]);
	db = connectDatabase(appliance.database, 'test');
	jwt = await server.logIn();
});

test.after.always(async () => {
	await db.destroy();
	await appliance.stop();
});

/** An organisation with one member of each role, whose first owner (an operator) has left. */
async function staffed() {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}/members`;
	const tokens = {} as Record<Role, string>;
	for (const role of ['owner', 'admin', 'developer', 'viewer'] as const) {
		const member = await makeMember(appliance.database, organisation.id, role);
		tokens[role] = await server.logIn(member);
	}
	const list = async () => memberList.parse((await server.call(path, {bearer: jwt})).json());
	const operator = (await list()).find(({email}) => email === administrator.email);
	const left = await server.call(`${path}/${operator?.user_id}`, {method: 'DELETE', bearer: jwt});
	if (left.status !== 200) throw new Error(left.text);
	const ids = {} as Record<Role, string>;
	for (const {role, user_id} of await list()) ids[role] = user_id;
	const change = (bearer: string, id: string, role: unknown) =>
		server.call(`${path}/${id}`, {method: 'PATCH', bearer, body: {role}});
	const remove = (bearer: string, id: string) =>
		server.call(`${path}/${id}`, {method: 'DELETE', bearer});
	return {organisation, path, tokens, ids, list, change, remove};
}

test.serial(
	'every member sees the members, newest first; who is none sees no organisation',
	async (t) => {
		const {path, tokens, list, organisation} = await staffed();
		const whole = await list();
		t.deepEqual(
			whole.map(({role}) => role),
			['viewer', 'developer', 'admin', 'owner'],
		);
		t.deepEqual(Object.keys(whole[0] ?? {}), ['user_id', 'email', 'role', 'created_at']);
		for (const token of Object.values(tokens)) {
			t.deepEqual((await server.call(path, {bearer: token})).json(), whole);
		}
		const first = await server.call(`${path}?limit=3`, {bearer: jwt});
		const next = /<([^>]+)>/.exec(String(first.headers['link']))?.[1] ?? '';
		const rest = await server.call(next, {bearer: jwt});
		t.deepEqual([...(first.json() as Member[]), ...(rest.json() as Member[])], whole);

		const elsewhere = await staffed();
		const foreign = await server.call(path, {bearer: elsewhere.tokens.owner});
		const missing = await server.call(path.replace(organisation.id, randomUUID()), {bearer: jwt});
		t.is(foreign.status, 404);
		t.is(foreign.text, missing.text, 'S-81');
	},
);

test.serial(
	'only an owner gives or takes the role owner; an admin manages the others',
	async (t) => {
		const {tokens, ids, change, remove} = await staffed();
		const refused = '{"error":"Your role does not allow this operation"}';
		for (const role of ['developer', 'viewer'] as const) {
			t.is((await change(tokens[role], ids.viewer, 'developer')).text, refused);
			t.is((await remove(tokens[role], ids.admin)).text, refused);
		}
		for (const answer of [
			await change(tokens.admin, ids.viewer, 'owner'),
			await change(tokens.admin, ids.admin, 'owner'),
			await change(tokens.admin, ids.owner, 'viewer'),
			await remove(tokens.admin, ids.owner),
		]) {
			t.is(answer.status, 403);
			t.is(answer.text, refused);
		}
		t.like((await change(tokens.admin, ids.viewer, 'developer')).json(), {role: 'developer'});
		t.like((await change(tokens.admin, ids.developer, 'admin')).json(), {role: 'admin'});
		t.like((await change(tokens.owner, ids.developer, 'owner')).json(), {role: 'owner'});
		t.like((await change(tokens.owner, ids.developer, 'viewer')).json(), {role: 'viewer'});
		t.is(
			(await change(tokens.owner, ids.viewer, 'king')).text,
			'{"error":"role must be one of owner, admin, developer, viewer, verifier"}',
		);
	},
);

test.serial(
	'S-60: a changed role and a removal are in force on the next call, on every server',
	async (t) => {
		const {organisation, tokens, ids, change, remove} = await staffed();
		const keys = `/api/v1/organizations/${organisation.id}/api-keys`;
		const create = () => other.call(keys, {bearer: tokens.developer, body: {name: 'a key'}});
		t.is((await create()).status, 201);
		t.is((await change(tokens.admin, ids.developer, 'viewer')).status, 200);
		t.is((await create()).status, 403);
		t.is((await change(tokens.admin, ids.developer, 'developer')).status, 200);
		t.is((await create()).status, 201);
		t.is(
			(await remove(tokens.admin, ids.developer)).text,
			'{"message":"Member removed successfully"}',
		);
		t.is((await create()).status, 401, 'the session in this organisation has ended');
		t.is((await remove(tokens.admin, ids.developer)).text, '{"error":"Member not found"}');

		const entries = await entriesOf(db, organisation.id);
		const told = entries.filter(
			({action, target}) => action.startsWith('member.') && target.id === ids.developer,
		);
		t.deepEqual(
			told.map(({action, details}) => [action, details]),
			[
				['member.role_changed', {from: 'developer', to: 'viewer'}],
				['member.role_changed', {from: 'viewer', to: 'developer'}],
				['member.removed', {role: 'developer', sessions: 1, keys_left: 2}],
			],
		);
	},
);

test.serial('a session elsewhere goes on, but sees the organisation no more', async (t) => {
	const {organisation, ids, remove} = await staffed();
	const second = await makeOrganisation(server, jwt, 'free');
	const {email} = (await db('users').where({id: ids.viewer}).first()) ?? {email: ''};
	await db('memberships').insert({organisation_id: second.id, user_id: ids.viewer, role: 'viewer'});
	const token = await server.logIn({
		email,
		password: 'a long enough password',
		organization_id: second.id,
	});
	t.is((await remove(jwt, ids.viewer)).status, 200);
	const seen = await server.call('/api/v1/organizations', {bearer: token});
	t.deepEqual(
		(seen.json() as {id: string}[]).map(({id}) => id),
		[second.id],
	);
	const path = `/api/v1/organizations/${organisation.id}`;
	t.is((await server.call(path, {bearer: token})).text, '{"error":"Organization not found"}');
});

test.serial('members leave by themselves; the last owner cannot', async (t) => {
	const {tokens, ids, remove, change, list} = await staffed();
	t.is((await remove(tokens.viewer, ids.viewer)).status, 200);
	t.is((await remove(tokens.admin, ids.admin)).status, 200);
	for (const answer of [
		await remove(tokens.owner, ids.owner),
		await remove(jwt, ids.owner),
		await change(tokens.owner, ids.owner, 'admin'),
		await change(jwt, ids.owner, 'viewer'),
	]) {
		t.is(answer.status, 409);
		t.is(
			answer.text,
			'{"error":"The organization would be left without an owner; make another one first"}',
		);
	}
	t.is((await change(tokens.owner, ids.developer, 'owner')).status, 200);
	t.is((await remove(tokens.owner, ids.owner)).status, 200);
	t.deepEqual(
		(await list()).map(({user_id, role}) => [user_id, role]),
		[[ids.developer, 'owner']],
	);
});

test.serial('of two owners who go at the same moment, one stays', async (t) => {
	for (let round = 0; round < 5; round++) {
		const {tokens, ids, remove, change, list} = await staffed();
		t.is((await change(jwt, ids.admin, 'owner')).status, 200);
		const answers = await Promise.all([
			round % 2 === 0 ? remove(tokens.owner, ids.owner) : change(tokens.admin, ids.owner, 'viewer'),
			round % 2 === 0 ? remove(tokens.admin, ids.admin) : change(tokens.owner, ids.admin, 'viewer'),
		]);
		const statuses = answers.map(({status}) => status).toSorted((a, b) => a - b);
		t.is(statuses[0], 200, `${round}`);
		t.true([401, 403, 404, 409].includes(statuses[1] ?? 0), `${round}: ${statuses.join()}`);
		t.is((await list()).filter(({role}) => role === 'owner').length, 1);
	}
});

test.serial(
	"S-81: somebody who is not a member, unknown, or another organisation's, is the same answer",
	async (t) => {
		const [one, two] = [await staffed(), await staffed()];
		for (const id of [two.ids.viewer, randomUUID(), 'nonsense']) {
			for (const answer of [
				await one.change(one.tokens.owner, id, 'viewer'),
				await one.remove(one.tokens.owner, id),
			]) {
				t.is(answer.status, 404);
				t.is(answer.text, '{"error":"Member not found"}');
			}
		}
		t.is((await two.list()).length, 4);
		for (const body of [
			{role: 'admin', organization_id: two.organisation.id},
			{role: 'admin', user_id: two.ids.viewer},
		]) {
			const answer = await server.call(`${one.path}/${one.ids.viewer}`, {
				method: 'PATCH',
				bearer: one.tokens.owner,
				body,
			});
			t.is(answer.status, 400, 'S-82, S-83');
		}
	},
);
