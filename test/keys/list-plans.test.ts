import test from 'ava';
import type {Knex} from 'knex';
import pg from 'pg';
import type {KeyFilter} from '../../contract/key-list.ts';
import {keyStatuses} from '../../contract/key-status.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {sliceNewestFirst} from '../../core/db/position.ts';
import {narrow} from '../../core/keys/filter.ts';
import {countKeysLeft} from '../../core/keys/left.ts';
import {createDatabase} from '../helpers/services.ts';

const id = '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b';

const filters: KeyFilter[] = [
	{},
	...keyStatuses.map((status) => ({status})),
	{tag: 'env:prod'},
	{tag: 'nowhere'},
	{owner: {type: 'team', id: 'payments'}},
	{role: 'billing'},
	{scope: 'orders.read'},
	{q: 'nothing like it'},
	{expires_before: new Date('2030-01-01T00:00:00Z')},
	{expires_after: new Date('2030-01-01T00:00:00Z')},
	{idle_days: 30},
	{created_by: id},
	{status: 'active', tag: 'env:prod', scope: 'orders.read', q: 'a', idle_days: 1},
];

test('no narrowed list, nor the count of what somebody leaves, reads the keys of all organisations', async (t) => {
	const database = await createDatabase();
	const db = connectDatabase(database.ownerConfig, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	// The product's own connections do not wait for as much as this.
	const admin = new pg.Client(database.adminConfig);
	await admin.connect();
	t.teardown(() => admin.end());
	await admin.query(
		`with o as (
			insert into organisations (name, plan) select 'o' || n, 'team' from generate_series(1, 20) n returning id
		)
		insert into api_keys (organisation_id, name, hash, hint, tags, owner, expires_at)
		select o.id, 'key ' || n, sha256((o.id::text || n)::bytea), 'hklst_aaaaaa',
			case when n % 2 = 0 then array['env:prod'] else '{}' end,
			case when n % 3 = 0 then '{"type":"team","id":"payments"}'::jsonb end,
			case when n % 5 = 0 then now() + n * interval '1 hour' end
		from o, generate_series(1, 500) n`,
	);
	await admin.query('analyze');
	const [organisation] = await db('organisations').select('id').limit(1);
	const organisationId = organisation?.id ?? '';
	for (const filter of filters) {
		const query = db('api_keys').select('api_keys.id').where({organisation_id: organisationId});
		narrow(query, {organisationId, days: null}, filter);
		sliceNewestFirst(query, {limit: 101, position: undefined});
		const {sql, bindings} = query.toSQL().toNative();
		const explained = await db.raw<{rows: {'QUERY PLAN': string}[]}>(
			`explain ${sql.replaceAll(/\$\d+/g, '?').replaceAll('?|', '\\?|')}`,
			bindings as never,
		);
		const plan = explained.rows.map((row) => row['QUERY PLAN']).join('\n');
		t.notRegex(plan, /Seq Scan on api_keys/, `${JSON.stringify(filter)}\n${plan}`);
		t.regex(plan, /Index/);
	}
	for (const of of [organisationId, undefined]) {
		const plan: string[] = [];
		const explaining = {
			async raw(sql: string, bindings: Record<string, string | null>) {
				const {rows} = await db.raw<{rows: {'QUERY PLAN': string}[]}>(`explain ${sql}`, bindings);
				plan.push(...rows.map((row) => row['QUERY PLAN']));
				return {rows: [{count: 0}]};
			},
		};
		await countKeysLeft(explaining as unknown as Knex, id, of);
		t.notRegex(plan.join('\n'), /Seq Scan on api_keys/, plan.join('\n'));
		t.regex(plan.join('\n'), /api_keys_maker_idx/);
	}
});
