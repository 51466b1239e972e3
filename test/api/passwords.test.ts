import {argon2Sync, randomBytes} from 'node:crypto';
import test from 'ava';
import {makeUser} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

const changePassword = (bearer: string, current_password: string, new_password: string) =>
	server.call('/api/v1/auth/password', {bearer, body: {current_password, new_password}});

test.serial('a password is changed by whoever knows the current one', async (t) => {
	const user = await makeUser(server, jwt, {email: 'ana@example.com'});
	const token = await server.logIn({email: user.email, password: user.password});
	const wrong = await changePassword(token, 'not the password', 'mountains remember rain');
	t.is(wrong.status, 403);
	t.is(wrong.text, '{"error":"The current password is wrong"}');
	for (const [next, error] of [
		['too short', 'new_password must be at least 15 characters'],
		['ana@example.com', 'new_password must not be mainly your email'],
	] as const) {
		t.is((await changePassword(token, user.password, next)).text, JSON.stringify({error}));
	}
	t.is((await changePassword(token, user.password, 'mountains remember rain')).status, 200);
	await t.throwsAsync(server.logIn({email: user.email, password: user.password}));
	await server.logIn({email: user.email, password: 'mountains remember rain'});
});

test.serial(
	'S-54: guessing the current password is slowed down like guessing at login',
	async (t) => {
		const user = await makeUser(server, jwt, {email: 'bo@example.com'});
		const token = await server.logIn({email: user.email, password: user.password});
		for (let i = 0; i < 5; i++) {
			t.is((await changePassword(token, 'wrong', 'mountains remember rain')).status, 403);
		}
		await db('users')
			.where({id: user.id})
			.update({login_blocked_until: db.raw("now() + interval '1 minute'")});
		const right = await changePassword(token, user.password, 'mountains remember rain');
		t.is(right.status, 403);
		await t.throwsAsync(server.logIn({email: user.email, password: user.password}));
	},
);

test.serial(
	'S-54: of many guesses at once, those beyond the one that blocks the account count for nothing',
	async (t) => {
		const user = await makeUser(server, jwt, {email: 'cy@example.com'});
		const {email} = user;
		await db('users').where({id: user.id}).update({failed_logins: 20});
		const wrong = await server.call('/api/v1/auth/login', {body: {email, password: 'wrong'}});
		t.is(wrong.status, 401);
		const row = await db('users').where({id: user.id}).first();
		const delay = (row?.login_blocked_until?.getTime() ?? 0) - Date.now();
		t.true(delay > 14 * 60_000 && delay <= 15 * 60_000 + 1000, `${delay}`);
		// The next one blocks it for longer than the others take on a busy machine.
		await db('users').where({id: user.id}).update({failed_logins: 12, login_blocked_until: null});
		await Promise.all(
			Array.from({length: 8}, () =>
				server.call('/api/v1/auth/login', {body: {email, password: 'wrong'}}),
			),
		);
		const after = await db('users').where({id: user.id}).first();
		t.is(after?.failed_logins, 13, 'the account was blocked by then, and those are not counted');
	},
);

test.serial(
	'a password that was kept at a lower cost is kept at the present one after a login',
	async (t) => {
		const user = await makeUser(server, jwt, {email: 'dee@example.com'});
		const nonce = randomBytes(16);
		const cost = {memory: 8192, passes: 1, parallelism: 1, tagLength: 32};
		const tag = argon2Sync('argon2id', {message: user.password, nonce, ...cost});
		const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
		const old = `$argon2id$v=19$m=8192,t=1,p=1$${base64(nonce)}$${base64(tag)}`;
		const stored = async () => (await db('users').where({id: user.id}).first())?.password_hash;
		await db('users').where({id: user.id}).update({password_hash: old});
		await t.throwsAsync(server.logIn({email: user.email, password: 'not the password'}));
		t.is(await stored(), old, 'a wrong password changes nothing');
		await server.logIn({email: user.email, password: user.password});
		t.regex((await stored()) ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
		await server.logIn({email: user.email, password: user.password});
	},
);
