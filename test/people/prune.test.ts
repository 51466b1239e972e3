import {randomBytes} from 'node:crypto';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {pruneCodes} from '../../core/people/expired-codes.ts';
import {pruneSessions} from '../../core/people/sessions.ts';
import {insertUser} from '../../core/people/store.ts';
import {createDatabase} from '../helpers/services.ts';

test('what ran out is deleted: old sessions, invitations and codes; the rest stays', async (t) => {
	const database = await createDatabase();
	const db = connectDatabase(database.config, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	const fromNow = (interval: string) =>
		db.raw('now() + ?::interval', [interval]) as unknown as Date;
	const [organisation] = await db('organisations').insert({name: 'Acme'}).returning('id');
	const users = await Promise.all(
		['a', 'b'].map((name) =>
			insertUser(db, {
				email: `${name}@example.com`,
				passwordHash: null,
				isOperator: false,
				origin: 'operator',
			}),
		),
	);
	for (const [i, expiry] of ['-1 second', '1 hour'].entries()) {
		const userId = users[i]?.id ?? '';
		await db('password_resets').insert({
			user_id: userId,
			hash: randomBytes(32),
			expires_at: fromNow(expiry),
		});
		await db('invitations').insert({
			organisation_id: organisation?.id ?? '',
			email: 'c@example.com',
			role: 'viewer',
			hash: randomBytes(32),
			created_by: userId,
			expires_at: fromNow(expiry),
		});
	}
	for (const expiry of ['-31 days', '-29 days', '1 hour']) {
		await db('sessions').insert({user_id: users[0]?.id ?? '', expires_at: fromNow(expiry)});
	}
	t.is(await pruneCodes(db), 2);
	t.is(await pruneCodes(db), 0);
	t.is(await pruneSessions(db), 1);
	t.is((await db('invitations')).length, 1);
	t.is((await db('password_resets')).length, 1);
	t.is((await db('sessions')).length, 2);
});
