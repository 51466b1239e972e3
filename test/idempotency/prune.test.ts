import {randomBytes, randomUUID} from 'node:crypto';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {pruneRows} from '../../core/idempotency/store.ts';
import {createDatabase} from '../helpers/services.ts';

test('answers older than a day are deleted; an organisation takes its own along', async (t) => {
	const database = await createDatabase();
	const db = connectDatabase(database.ownerConfig, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	const organisations = await db('organisations')
		.insert([{name: 'a'}, {name: 'b'}])
		.returning('id');
	const [one = '', two = ''] = organisations.map(({id}) => id);
	for (const [organisation_id, age] of [
		[one, '24 hours 1 second'],
		[one, '23 hours'],
		[two, '3 days'],
		[two, '1 minute'],
	] as const) {
		await db('idempotency_keys').insert({
			id: randomUUID(),
			organisation_id,
			lookup: randomBytes(32),
			created_at: db.raw('now() - ?::interval', [age]) as unknown as Date,
		});
	}
	t.is(await pruneRows(db), 2);
	t.is(await pruneRows(db), 0);
	await db('organisations').where({id: one}).delete();
	t.deepEqual(await db('idempotency_keys').pluck('organisation_id'), [two]);
});
