import type {DatabaseSession} from '../../core/db/session.ts';
import type {Manifest} from './manifest.ts';

/** What the database holds at one moment, and the name under which pg_dump sees the same. */
export type Snapshot = {
	name: string;
	takenAt: Date;
	facts: Pick<Manifest, 'migrations' | 'master_keys' | 'signing_keys' | 'tables'>;
	auditHeads: string;
	databaseBytes: number;
};

/** Tables of ours that hold rows themselves, and which rows belong into a partition. */
const tables = `select relname as name, pg_get_expr(relpartbound, c.oid) as bounds, format('%I.%I', nspname, relname) as quoted
	from pg_class c join pg_namespace n on n.oid = relnamespace
	where nspname = 'public' and relkind = 'r'
		and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
	order by relname`;

/**
 * Begins a transaction that sees the database as it is now, and counts what there is. The snapshot is good for
 * as long as the transaction stays open.
 */
export async function takeSnapshot(session: DatabaseSession): Promise<Snapshot> {
	await session.query('begin transaction isolation level repeatable read, read only');
	const {rows: begun} = await session.query<{name: string; now: Date; bytes: string}>(
		`select pg_export_snapshot() as name, now() as now, pg_database_size(current_database()) as bytes`,
	);
	const [beginning] = begun;
	if (beginning === undefined) throw new Error('a snapshot without a name');
	const column = async (statement: string) =>
		(await session.query<{value: string}>(statement)).rows.map(({value}) => value);
	const facts = {
		migrations: (await column('select name as value from knex_migrations order by name')).map(
			(name) => name.replace(/\.sql$/, ''),
		),
		master_keys: await column("select encode(id, 'hex') as value from master_keys order by id"),
		signing_keys: await column('select kid as value from signing_keys order by kid'),
		tables: await countTables(session),
	};
	const heads = await column(
		"select concat_ws(' ', chain, sequence, encode(hash, 'hex')) as value from audit_heads order by chain",
	);
	return {
		name: beginning.name,
		takenAt: beginning.now,
		facts,
		auditHeads: heads.map((line) => `${line}\n`).join(''),
		databaseBytes: Number(beginning.bytes),
	};
}

async function countTables(session: DatabaseSession): Promise<Manifest['tables']> {
	const found = await session.query<{name: string; bounds: string | null; quoted: string}>(tables);
	const counted: Manifest['tables'] = {};
	for (const {name, bounds, quoted} of found.rows) {
		const {rows} = await session.query<{count: string}>(`select count(*) from ${quoted}`);
		counted[name] = {rows: Number(rows[0]?.count), ...(bounds === null ? {} : {bounds})};
	}
	return counted;
}
