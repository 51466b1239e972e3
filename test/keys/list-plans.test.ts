import test from 'ava';
import pg from 'pg';
import type {KeysWanted} from '../../core/keys/filter.ts';
import {keyStatuses} from '../../contract/key-status.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {listKeys} from '../../core/keys/list.ts';
import {findMakers} from '../../core/keys/made-by.ts';
import {countKeysLeft} from '../../core/keys/left.ts';
import {createDatabase} from '../helpers/services.ts';

const id = '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b';

const filters: KeysWanted[] = [
	{},
	...keyStatuses.map((status) => ({status})),
	{tag: 'env:prod'},
	{tag: 'nowhere'},
	{owner: {type: 'team', id: 'payments'}},
	{role: 'billing'},
	{role: 'nobody'},
	{scope: 'orders.read'},
	{q: 'nothing like it'},
	{q: '~'},
	{expires_before: new Date('2030-01-01T00:00:00Z')},
	{expires_after: new Date('2030-01-01T00:00:00Z')},
	{idle_days: 30},
	{makers: [id]},
	{makers: [id, '00000000-0000-4000-8000-000000000000']},
	{rotation_due: 'true'},
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
	await db('key_policies').insert({organisation_id: organisationId, rotate_every_days: 30});
	const asked: {sql: string; bindings: unknown[]}[] = [];
	db.on('query', (query: (typeof asked)[number]) => {
		if (query.sql.includes('api_keys')) asked.push(query);
	});
	const check = async (about: string, index: RegExp) => {
		const statements = asked.splice(0);
		t.true(statements.length > 0);
		for (const {sql, bindings} of statements) {
			const {rows} = await admin.query<{'QUERY PLAN': string}>(`explain ${sql}`, bindings);
			const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
			t.notRegex(plan, /Seq Scan on api_keys/, `${about}\n${plan}`);
			t.regex(plan, index, plan);
		}
	};
	for (const filter of filters) {
		await listKeys(db, organisationId, {limit: 101, position: undefined}, filter);
		await check(JSON.stringify(filter), /Index/);
	}
	for (const name of ['somebody', 'somebody@example.com']) {
		t.is(await findMakers(db, organisationId, name), undefined);
		await check(`who ${name} is`, /api_keys_maker_idx/);
	}
	for (const of of [organisationId, undefined]) {
		await countKeysLeft(db, id, of);
		await check(`what is left in ${of}`, /api_keys_maker_idx/);
	}
});

test('what a use of a key moves is in no index, so that moving it writes to none', async (t) => {
	const database = await createDatabase();
	const db = connectDatabase(database.ownerConfig, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	// Of an index PostgreSQL keeps on record its columns, and those of its expressions and its condition.
	const {rows} = await db.raw<{rows: {index: string; column: string}[]}>(
		`select d.objid::regclass::text as index, a.attname as column
		from pg_depend d
		join pg_index i on i.indexrelid = d.objid and i.indrelid = 'api_keys'::regclass
		join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
		where d.classid = 'pg_class'::regclass and d.refobjid = 'api_keys'::regclass`,
	);
	const columns = new Set(rows.map(({column}) => column));
	for (const column of ['created_at', 'tags', 'name', 'revoked_at'])
		t.true(columns.has(column), column);
	for (const column of ['last_used_at', 'last_used_ip']) t.false(columns.has(column), column);
});
