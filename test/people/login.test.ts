import test from 'ava';
import type {Knex} from 'knex';
import type {By} from '../../core/actor.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {logIn} from '../../core/people/login.ts';
import {hashPassword} from '../../core/people/passwords/password.ts';
import {insertUser} from '../../core/people/store.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';

const password = 'mountains remember rain';
const by: By = {actor: {type: 'anonymous'}};

let database: TestDatabase;
let db: Knex;

test.before(async () => {
	database = await createDatabase();
	db = connectDatabase(database.config, 'test');
	const passwordHash = await hashPassword(password);
	for (const name of ['plain', 'locked', 'disabled']) {
		await insertUser(db, {
			email: `${name}@example.com`,
			passwordHash,
			isOperator: false,
			origin: 'operator',
		});
	}
	await insertUser(db, {
		email: 'new@example.com',
		passwordHash: null,
		isOperator: false,
		origin: 'operator',
	});
	const future = db.raw("now() + interval '1 hour'");
	await db('users')
		.where({email: 'locked@example.com'})
		.update({failed_logins: 9, login_blocked_until: future});
	await db('users')
		.where({email: 'disabled@example.com'})
		.update({disabled_at: db.raw('now()')});
});

test.after.always(async () => {
	await db.destroy();
	await database.drop();
});

async function attempt(name: string, given: string) {
	const statements: string[] = [];
	const listen = ({sql}: {sql: string}) => statements.push(sql);
	db.on('query', listen);
	try {
		const login = await logIn(db, by, {
			email: `${name}@example.com`,
			password: given,
			organisationId: undefined,
			userAgent: undefined,
		});
		return {login, statements};
	} finally {
		db.off('query', listen);
	}
}

test.serial('S-53: a refusal takes the same statements, whatever its reason', async (t) => {
	const usual = await attempt('plain', 'not the password');
	t.deepEqual(usual.login, {kind: 'refused', reason: 'password'});
	t.true(usual.statements.length >= 5);
	for (const [name, given, reason] of [
		['nobody', password, 'unknown'],
		['nobody', 'not the password', 'unknown'],
		['locked', password, 'blocked'],
		['locked', 'not the password', 'blocked'],
		['disabled', password, 'disabled'],
		['disabled', 'not the password', 'password'],
		['new', password, 'password'],
	] as const) {
		const {login, statements} = await attempt(name, given);
		t.deepEqual(login, {kind: 'refused', reason});
		t.deepEqual(statements, usual.statements, `${name}, ${given}`);
	}
});

test.serial('only a wrong password counts, and a right one clears the count', async (t) => {
	const count = async (name: string) =>
		(
			await db('users')
				.where({email: `${name}@example.com`})
				.first()
		)?.failed_logins;
	t.is(await count('plain'), 1);
	t.is(await count('locked'), 9);
	t.is((await attempt('plain', password)).login.kind, 'opened');
	t.is(await count('plain'), 0);
	const again = await attempt('plain', password);
	t.is(again.login.kind, 'opened');
	t.false(
		again.statements.some((sql) => sql.startsWith('update "users"')),
		'nothing to clear, nothing written',
	);
});
