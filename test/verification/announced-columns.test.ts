import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {factsByHash} from '../../core/keys/facts.ts';
import {createDatabase} from '../helpers/services.ts';

/**
 * A column that a decision rests on and no trigger announces would leave a changed key in force on
 * every server, while the answer to the change says that it is not.
 */
test('every column that the facts of a key are read from is announced when it changes', async (t) => {
	const database = await createDatabase();
	const db = connectDatabase(database.ownerConfig, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	const statement = factsByHash.replace('$1', 'null');
	// PostgreSQL keeps on record which columns a view reads, also of another view.
	await db.raw(`create view facts_of_keys as ${statement}`);
	const {rows: read} = await db.raw<{rows: {column: string}[]}>(
		`with recursive reads as (
			select r.ev_class, d.refobjid, d.refobjsubid from pg_depend d
			join pg_rewrite r on r.oid = d.objid
			where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
				and d.refobjid <> r.ev_class
		),
		found as (
			select refobjid, refobjsubid from reads where ev_class = 'facts_of_keys'::regclass
			union
			select reads.refobjid, reads.refobjsubid from reads join found on reads.ev_class = found.refobjid
		)
		select distinct format('%s.%s', c.relname, a.attname) as column
		from found d
		join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
		join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
		-- What names a row is never changed.
		where a.attname <> 'id'
		order by 1`,
	);
	const {rows: announced} = await db.raw<{rows: {column: string}[]}>(
		`select distinct format('%s.%s', c.relname, a.attname) as column
		from pg_trigger g
		join pg_proc p on p.oid = g.tgfoid and p.proname in (
			'announce_key_change', 'announce_organisation_change', 'announce_role_change', 'announce_roles_of_key',
			'announce_key_policy_change', 'announce_shared_limit_change', 'announce_quota_adjustment'
		)
		join pg_class c on c.oid = g.tgrelid
		join pg_attribute a on a.attrelid = c.oid and a.attnum = any(g.tgattr::int2[])
		order by 1`,
	);
	t.true(read.length >= 12);
	t.deepEqual(announced, read);
});
