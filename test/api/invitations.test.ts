import {randomUUID} from 'node:crypto';
import test from 'ava';
import {createdInvitation, invitationList} from '../../contract/invitations.ts';
import {memberList} from '../../contract/members.ts';
import {me as meSchema, tokens as tokensSchema, type Role} from '../../contract/people.ts';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {makeMember, makeOrganisation, makeUser} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

const good = 'mountains remember rain';

async function organisationWith(...roles: Role[]) {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const tokens: string[] = [];
	for (const role of roles) {
		tokens.push(await server.logIn(await makeMember(appliance.database, organisation.id, role)));
	}
	const base = `/api/v1/organizations/${organisation.id}`;
	const path = `${base}/invitations`;
	const invite = (bearer: string, email: string, role: Role) =>
		server.call(path, {bearer, body: {email, role}});
	const list = async () => invitationList.parse((await server.call(path, {bearer: jwt})).json());
	const members = async () =>
		memberList.parse((await server.call(`${base}/members`, {bearer: jwt})).json());
	return {organisation, path, base, tokens, invite, list, members};
}

const accept = (code: string, password: string) =>
	server.call('/api/v1/invitations/accept', {body: {code, password}});

const codeOf = (answer: {json: () => unknown}) => createdInvitation.parse(answer.json()).code;

test.serial(
	'somebody new accepts: a user is made, becomes a member and is logged in',
	async (t) => {
		const {organisation, invite, list, members, tokens} = await organisationWith('admin');
		const answer = await invite(tokens[0] ?? '', 'ana@example.com', 'developer');
		t.is(answer.status, 201);
		const {code, ...invitation} = createdInvitation.parse(answer.json());
		t.regex(code, /^lkin_[\w-]{43}$/);
		t.deepEqual(await list(), [invitation]);
		const days =
			(Date.parse(invitation.expires_at) - Date.parse(invitation.created_at)) / 86_400_000;
		t.is(Math.round(days), 7);

		for (const [password, error] of [
			['too short', 'password must be at least 15 characters'],
			['ana@example.com', 'password must not be mainly your email'],
			['we are on team today', 'password must not contain the name of your organization'],
		] as const) {
			const refused = await accept(code, password);
			t.is(refused.text, JSON.stringify({error}));
		}
		const accepted = tokensSchema.parse((await accept(code, good)).json());
		const me = meSchema.parse(
			(await server.call('/api/v1/auth/me', {bearer: accepted.access_token})).json(),
		);
		t.like(me, {email: 'ana@example.com', operator: false, role: 'developer'});
		t.is(me.organization?.id, organisation.id);
		t.deepEqual(await list(), []);
		t.is((await members())[0]?.email, 'ana@example.com');
		await server.logIn({email: 'ana@example.com', password: good});

		for (const worthless of [code, `${code}x`, 'nonsense', '']) {
			const refused = await accept(worthless, good);
			t.is(refused.status, 400);
			t.is(refused.text, '{"error":"The code is wrong, was used already or has expired"}');
		}
		const own = await entriesOf(db, organisation.id);
		t.deepEqual(
			own.slice(1).map(({action, target}) => [action, target.name]),
			[
				['invitation.created', 'ana@example.com'],
				['member.added', 'ana@example.com'],
			],
		);
		t.like(own.at(-1), {actor: {id: me.id}, details: {role: 'developer'}});
		const appliances = await entriesOf(db, applianceChain);
		t.true(appliances.some(({action, target}) => action === 'user.created' && target.id === me.id));
		t.false(JSON.stringify([own, appliances]).includes(code.slice(5)));
	},
);

test.serial(
	'a user who exists accepts with their own password; a wrong one counts like a login',
	async (t) => {
		const {invite, members} = await organisationWith();
		const user = await makeUser(server, jwt, {email: 'bo@example.com'});
		const code = codeOf(await invite(jwt, 'BO@example.com', 'owner'));
		const wrong = await accept(code, 'rivers forget the mountains');
		t.is(wrong.status, 401);
		t.is(wrong.text, '{"error":"Invalid email or password"}');
		t.is((await db('users').where({id: user.id}).first())?.failed_logins, 1);
		const accepted = tokensSchema.parse((await accept(code, user.password)).json());
		const me = await server.call('/api/v1/auth/me', {bearer: accepted.access_token});
		t.like(me.json(), {id: user.id, role: 'owner'});
		t.is((await db('users').where({id: user.id}).first())?.failed_logins, 0);
		t.is((await members()).length, 2);
		const again = await invite(jwt, user.email, 'viewer');
		t.is(again.status, 409);
		t.is(again.text, '{"error":"This person is already a member"}');
	},
);

test.serial(
	'the inviter learns nothing of who exists: not by inviting, not by trying weak passwords',
	async (t) => {
		const {invite} = await organisationWith();
		await makeUser(server, jwt, {email: 'cy@example.com'});
		const [known, unknown] = [
			await invite(jwt, 'cy@example.com', 'viewer'),
			await invite(jwt, 'dee@example.com', 'viewer'),
		];
		t.is(known.status, unknown.status);
		t.deepEqual(Object.keys(known.json() as object), Object.keys(unknown.json() as object));
		const weak = 'sunshine sunshine';
		const answers = [await accept(codeOf(known), weak), await accept(codeOf(unknown), weak)];
		t.is(answers[0]?.status, 400);
		t.is(answers[0]?.text, answers[1]?.text);
	},
);

test.serial('two acceptances of one code: one counts', async (t) => {
	const {invite, members} = await organisationWith();
	const code = codeOf(await invite(jwt, 'eve@example.com', 'viewer'));
	const user = await makeUser(server, jwt, {email: 'fay@example.com'});
	const second = codeOf(await invite(jwt, user.email, 'viewer'));
	for (const [one, password] of [
		[code, good],
		[second, user.password],
	] as const) {
		const answers = await Promise.all([accept(one, password), accept(one, password)]);
		const statuses = answers.map(({status}) => status).toSorted((a, b) => a - b);
		t.is(statuses[0], 200);
		t.true([400, 409].includes(statuses[1] ?? 0), statuses.join());
	}
	t.is((await members()).length, 3);
	t.is((await db('users').where({email: 'eve@example.com'})).length, 1);
});

test.serial(
	'an invitation is withdrawn, runs out, or falls with the rights of who made it',
	async (t) => {
		const {path, base, tokens, invite, list, members} = await organisationWith('admin', 'owner');
		const [admin = '', owner = ''] = tokens;
		const refused = (code: string) => accept(code, good).then(({status}) => status);

		const withdrawn = createdInvitation.parse(
			(await invite(admin, 'gus@example.com', 'viewer')).json(),
		);
		const at = `${path}/${withdrawn.id}`;
		t.is(
			(await server.call(at, {method: 'DELETE', bearer: admin})).text,
			'{"message":"Invitation withdrawn successfully"}',
		);
		t.is(await refused(withdrawn.code), 400);
		t.is(
			(await server.call(at, {method: 'DELETE', bearer: admin})).text,
			'{"error":"Invitation not found"}',
		);

		const expired = codeOf(await invite(admin, 'hal@example.com', 'viewer'));
		await db('invitations').update({expires_at: db.raw('now()')} as never);
		t.deepEqual(await list(), []);
		t.is(await refused(expired), 400);

		const byAdmin = codeOf(await invite(admin, 'ida@example.com', 'admin'));
		const adminId = (await members()).find(({role}) => role === 'admin')?.user_id ?? '';
		const role = (name: Role) =>
			server.call(`${base}/members/${adminId}`, {
				method: 'PATCH',
				bearer: owner,
				body: {role: name},
			});
		t.is((await role('developer')).status, 200);
		t.deepEqual(await list(), []);
		t.is(await refused(byAdmin), 400);
		t.is((await role('admin')).status, 200);
		t.is((await list()).length, 1);
		t.is(await refused(byAdmin), 200);
	},
);

test.serial('inviting again replaces the earlier invitation, on record', async (t) => {
	const {organisation, tokens, invite, list, members} = await organisationWith('admin', 'owner');
	const [admin = '', owner = ''] = tokens;
	const elsewhere = await organisationWith();
	const other = codeOf(await elsewhere.invite(jwt, 'max@example.com', 'viewer'));
	const made = createdInvitation.parse((await invite(admin, 'max@example.com', 'viewer')).json());
	const {code, ...again} = createdInvitation.parse(
		(await invite(owner, 'Max@Example.com', 'developer')).json(),
	);
	t.deepEqual(await list(), [again]);
	t.is((await accept(made.code, good)).text, (await accept('nonsense', good)).text);

	const entries = (await entriesOf(db, organisation.id)).slice(-2);
	t.like(entries[0], {
		action: 'invitation.withdrawn',
		target: {id: made.id},
		details: {role: 'viewer', replaced_by: again.id},
	});
	t.like(entries[1], {action: 'invitation.created', target: {id: again.id}});
	t.is((await accept(code, good)).status, 200);
	t.is((await members()).find(({email}) => /^max@/i.test(email))?.role, 'developer');
	t.is((await elsewhere.list()).length, 1, 'of another organisation');
	t.is((await accept(other, good)).status, 200);

	const both = await Promise.all(
		[admin, owner].map((token) => invite(token, 'ned@example.com', 'viewer')),
	);
	const ids = both.map((answer) => createdInvitation.parse(answer.json()).id);
	const left = await list();
	t.is(left.length, 1, 'of two at once');
	t.true(ids.includes(left[0]?.id ?? ''));
});

test.serial('whoever could not withdraw an invitation cannot replace it', async (t) => {
	const {tokens, invite, list} = await organisationWith('admin', 'owner');
	const [admin = '', owner = ''] = tokens;
	const {code, ...kept} = createdInvitation.parse(
		(await invite(owner, 'oda@example.com', 'owner')).json(),
	);
	const refused = await invite(admin, 'oda@example.com', 'viewer');
	t.is(refused.status, 403);
	t.is(refused.headers['latchkey-error-code'], 'role_required');
	t.deepEqual(await list(), [kept]);
	t.is((await accept(code, good)).status, 200);
});

test.serial('who may invite whom', async (t) => {
	const {path, tokens, invite} = await organisationWith('owner', 'admin', 'developer', 'viewer');
	const [owner = '', admin = '', developer = '', viewer = ''] = tokens;
	const email = 'jo@example.com';
	for (const token of [developer, viewer]) {
		t.is((await invite(token, email, 'viewer')).status, 403);
		t.is((await server.call(path, {bearer: token})).status, 403);
	}
	t.is((await invite(admin, email, 'owner')).status, 403);
	t.is((await invite(admin, email, 'admin')).status, 201);
	const byOwner = createdInvitation.parse((await invite(owner, email, 'owner')).json());
	const at = `${path}/${byOwner.id}`;
	t.is((await server.call(at, {method: 'DELETE', bearer: admin})).status, 403);
	t.is((await server.call(at, {method: 'DELETE', bearer: owner})).status, 200);
});

test.serial(
	"S-81, S-84: another organisation's invitations are not there, and cannot be withdrawn",
	async (t) => {
		const [one, two] = [await organisationWith('owner'), await organisationWith('owner')];
		const [owner = ''] = one.tokens;
		const {id} = createdInvitation.parse(
			(await two.invite(jwt, 'kim@example.com', 'viewer')).json(),
		);
		t.deepEqual(await one.list(), []);
		for (const other of [id, randomUUID(), 'nonsense']) {
			const answer = await server.call(`${one.path}/${other}`, {method: 'DELETE', bearer: owner});
			t.is(answer.status, 404);
			t.is(answer.text, '{"error":"Invitation not found"}');
		}
		const foreign = await server.call(two.path, {bearer: owner});
		const missing = await server.call(`/api/v1/organizations/${randomUUID()}/invitations`, {
			bearer: owner,
		});
		t.is(foreign.status, 404);
		t.is(foreign.text, missing.text);
		t.is((await two.list()).length, 1);
		await two.invite(jwt, 'lou@example.com', 'viewer');
		const page = await server.call(`${two.path}?limit=1`, {bearer: jwt});
		const next = /<([^>]+)>/.exec(String(page.headers['link']))?.[1] ?? '';
		const stolen = await server.call(next.replace(two.path, one.path), {bearer: jwt});
		t.is(stolen.status, 400);
	},
);
