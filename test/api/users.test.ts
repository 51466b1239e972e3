import {randomUUID} from 'node:crypto';
import test from 'ava';
import {issuedCode} from '../../contract/people.ts';
import {createdUser, user as userSchema, userList} from '../../contract/users.ts';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {administrator, defaultOrganisation, makeMember, makeUser} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

const create = (body: unknown) => server.call('/api/v1/users', {bearer: jwt, body});
const change = (id: string, body: unknown, bearer = jwt) =>
	server.call(`/api/v1/users/${id}`, {method: 'PATCH', bearer, body});
const reset = (code: string, password: string) =>
	server.call('/api/v1/auth/password-reset', {body: {code, password}});
const logIn = (email: string, password: string) =>
	server.call('/api/v1/auth/login', {body: {email, password}});

test.serial(
	'a user is made with a one-time code, sets a password with it and logs in',
	async (t) => {
		const email = 'ana@example.com';
		const answer = await create({email});
		t.is(answer.status, 201);
		const made = createdUser.parse(answer.json());
		t.like(made, {email, operator: false, disabled: false});
		t.regex(made.code, /^lkpw_[\w-]{43}$/);
		t.is((await logIn(email, 'any password at all')).status, 401, 'there is no password yet');

		const weak = await reset(made.code, 'sunshine sunshine');
		t.is(weak.status, 400);
		t.regex(weak.text, /password must not be a common password/);
		t.is((await reset(made.code, 'mountains remember rain')).status, 200);
		t.is((await logIn(email, 'mountains remember rain')).status, 200);
		for (const code of [made.code, `${made.code}x`, 'nonsense', '']) {
			const refused = await reset(code, 'another good long one');
			t.is(refused.status, 400);
			t.is(refused.text, '{"error":"The code is wrong, was used already or has expired"}');
		}
		const {code: _, code_expires_at: __, ...listed} = made;
		const one = await server.call(`/api/v1/users/${made.id}`, {bearer: jwt});
		t.deepEqual(userSchema.parse(one.json()), listed);
		const entries = (await entriesOf(db, applianceChain)).filter(
			({target}) => target.id === made.id,
		);
		t.deepEqual(
			entries.map(({action, actor}) => [action, actor.name]),
			[
				['user.created', administrator.email],
				['user.login_failed', undefined],
				['password.reset', email],
			],
		);
		t.false(JSON.stringify(entries).includes(made.code.slice(5)));
	},
);

test.serial('an email belongs to one user, in any case; a wrong one is named', async (t) => {
	t.is((await create({email: 'bo@example.com'})).status, 201);
	const taken = await create({email: 'BO@example.com'});
	t.is(taken.status, 409);
	t.is(taken.text, '{"error":"A user with this email already exists"}');
	const [first, second] = await Promise.all([
		create({email: 'cy@example.com'}),
		create({email: 'cy@example.com'}),
	]);
	t.deepEqual(
		[first.status, second.status].toSorted((a, b) => a - b),
		[201, 409],
	);
	t.is((await create({email: 'nobody'})).text, '{"error":"email must be an email address"}');
	for (const member of ['id', 'password_hash', 'disabled', 'created_at']) {
		const answer = await create({email: 'dee@example.com', [member]: true});
		t.is(answer.text, `{"error":"Unknown member: ${member}"}`, 'S-83');
	}
});

test.serial('the list is newest first and comes in pages', async (t) => {
	const whole = userList.parse((await server.call('/api/v1/users', {bearer: jwt})).json());
	t.true(whole.length >= 4);
	t.is(whole.at(-1)?.email, administrator.email);
	const emails: string[] = [];
	let next: string | undefined = '/api/v1/users?limit=3';
	while (next !== undefined) {
		const page = await server.call(next, {bearer: jwt});
		emails.push(...userList.parse(page.json()).map(({email}) => email));
		next = /<([^>]+)>/.exec(String(page.headers['link']))?.[1];
	}
	t.deepEqual(
		emails,
		whole.map(({email}) => email),
	);
});

test.serial('only an operator manages users', async (t) => {
	const {id} = await defaultOrganisation(server, jwt);
	const owner = await makeMember(appliance.database, id, 'owner');
	const token = await server.logIn(owner);
	const path = `/api/v1/users/${randomUUID()}`;
	for (const [method, at] of [
		['GET', '/api/v1/users'],
		['POST', '/api/v1/users'],
		['GET', path],
		['PATCH', path],
		['POST', `${path}/password-reset`],
	] as const) {
		const answer = await server.call(at, {method, bearer: token});
		t.is(answer.status, 403, `${method} ${at}`);
		t.is(answer.text, '{"error":"This operation requires an operator"}');
	}
	for (const [method, at] of [
		['GET', path],
		['PATCH', path],
		['POST', `${path}/password-reset`],
		['GET', '/api/v1/users/nonsense'],
	] as const) {
		const answer = await server.call(at, {method, bearer: jwt});
		t.is(answer.text, '{"error":"User not found"}', `${method} ${at}`);
	}
});

test.serial(
	'a disabled user can neither log in nor use a code; enabled again they can',
	async (t) => {
		const user = await makeUser(server, jwt, {email: 'eve@example.com'});
		const code = issuedCode.parse(
			(
				await server.call(`/api/v1/users/${user.id}/password-reset`, {method: 'POST', bearer: jwt})
			).json(),
		).code;
		t.like((await change(user.id, {disabled: true})).json(), {disabled: true});
		const refused = await logIn(user.email, user.password);
		t.is(refused.text, '{"error":"Invalid email or password"}');
		t.is((await reset(code, 'mountains remember rain')).status, 400);
		t.like((await change(user.id, {disabled: false})).json(), {disabled: false});
		t.is((await logIn(user.email, user.password)).status, 200);
		t.is(
			(await change(user.id, {disabled: 'no'})).text,
			'{"error":"disabled must be true or false"}',
		);
	},
);

test.serial(
	'a reset ends sessions and any delay; an earlier or expired code is worth nothing',
	async (t) => {
		const user = await makeUser(server, jwt, {email: 'fay@example.com'});
		const token = await server.logIn({email: user.email, password: user.password});
		const issue = async () =>
			issuedCode.parse(
				(
					await server.call(`/api/v1/users/${user.id}/password-reset`, {
						method: 'POST',
						bearer: jwt,
					})
				).json(),
			).code;
		const [earlier, later] = [await issue(), await issue()];
		t.is((await reset(earlier, 'mountains remember rain')).status, 400);
		await db('users')
			.where({id: user.id})
			.update({failed_logins: 9, login_blocked_until: db.raw("now() + interval '1 hour'")});
		t.is((await reset(later, 'mountains remember rain')).status, 200);
		t.is((await server.call('/api/v1/auth/me', {bearer: token})).status, 401);
		t.is((await logIn(user.email, 'mountains remember rain')).status, 200);

		const expired = await issue();
		await db('password_resets').update({expires_at: db.raw('now()')});
		t.is((await reset(expired, 'rivers forget the mountains')).status, 400);
	},
);

test.serial('operators come and go; the last one who can log in stays', async (t) => {
	const {id: first} = userList
		.parse((await server.call('/api/v1/users', {bearer: jwt})).json())
		.find(({email}) => email === administrator.email) ?? {id: ''};
	const second = await makeUser(server, jwt, {email: 'gus@example.com', operator: true});
	// Made an operator, but without a password: they cannot log in.
	t.is((await create({email: 'hal@example.com', operator: true})).status, 201);
	const token = await server.logIn({email: second.email, password: second.password});
	t.is((await change(second.id, {disabled: true})).status, 200);
	for (const body of [{disabled: true}, {operator: false}, {operator: false, disabled: false}]) {
		const refused = await change(first, body);
		t.is(refused.status, 409);
		t.regex(refused.text, /No operator would be left/);
	}
	t.is((await change(second.id, {disabled: false})).status, 200);
	t.is((await server.call('/api/v1/users', {bearer: token})).status, 401);

	// Each takes the other's rights away at the same moment.
	const again = await server.logIn({email: second.email, password: second.password});
	const answers = await Promise.all([
		change(first, {operator: false}, again),
		change(second.id, {operator: false}, jwt),
	]);
	const [one, two] = answers.map(({status}) => status);
	t.true([one, two].includes(200));
	t.true([403, 409].includes([one, two].find((status) => status !== 200) ?? 0), `${one} ${two}`);
	const operators = await db('users').where({is_operator: true}).whereNotNull('password_hash');
	t.is(operators.length, 1);
});
