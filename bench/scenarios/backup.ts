import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, mkdtemp, readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import type {Knex} from 'knex';
import {bySystem} from '../../core/actor.ts';
import {record} from '../../core/audit/trail/record.ts';
import {messageOf} from '../../deploy/backup/errors.ts';
import {findPostgresPrograms} from '../../deploy/backup/postgres-programs.ts';
import {
	fetchPostgresPrograms,
	embeddedPostgresMajor,
} from '../../deploy/embedded/backup-services.ts';
import {latchkey} from '../bench.ts';
import {layOut, rounded} from '../figures.ts';
import {cpuSeconds, residentBytes} from '../process-facts.ts';
import type {Bench, Scenario} from '../scenario.ts';
import {connectBench, insertUnannounced} from '../statements.ts';

const megabyte = 1024 ** 2;
/** Of what is measured in the end, so much is there the first time: memory must not grow with it. */
const first = 0.1;
const sampleEveryMs = 50;
const keysPerInsert = 100_000;

type Measured = {
	seconds: number;
	/** Of the command and the programs of PostgreSQL that it starts, and the most memory of them together. */
	cpuSeconds: number;
	peakMb: number;
};

type Row = {
	keys: number;
	usageRows: number;
	fileMb: number;
	backup: Measured;
	drill: Measured;
	restore: Measured;
};

/** What an operator waits for, and what a machine needs for it, at two sizes. */
export const backup: Scenario = {
	name: 'backup',
	title: 'backup, drill and restore of a million keys and ten million counts: time and memory',
	keys: () => 1,
	isLong: true,
	async run(bench) {
		const {options, fixture, services, say} = bench;
		const organisationId = fixture.known[0]?.organisationId ?? '';
		const {backupKeys, backupUsageRows} = options.sizes;
		const programs = await fetchPostgresPrograms(services.cache, services.download);
		const missing = await findPostgresPrograms(embeddedPostgresMajor, programs).catch(messageOf);
		if (typeof missing === 'string') return {result: {missing}, table: missing, faults: []};
		const db = connectBench(services.database);
		const rows: Row[] = [];
		try {
			await recordOrganisations(db);
			for (const share of [first, 1]) {
				const begunAt = performance.now();
				const wanted = {keys: backupKeys * share, usageRows: backupUsageRows * share};
				await fill(db, organisationId, wanted, bench.signal);
				say(`filled to ${share * 100} % in ${Math.round((performance.now() - begunAt) / 1000)} s`);
				rows.push(await measure(bench, db, programs));
			}
		} finally {
			await db.destroy();
		}
		return {result: {sizes: rows}, table: tableOf(rows), faults: []};
	},
};

/** Those that were inserted by hand have no trail, and a drill would find that out. */
async function recordOrganisations(db: Knex): Promise<void> {
	const untold: {id: string; name: string}[] = await db('organisations')
		.whereNotIn('id', db('audit_heads').select('chain'))
		.select('id', 'name');
	for (const {id, name} of untold) {
		await db.transaction(async (transaction) =>
			record(transaction, bySystem('bench'), {
				action: 'organization.updated',
				organisationId: id,
				target: {type: 'organization', id, name},
			}),
		);
	}
}

async function measure(bench: Bench, db: Knex, programs: string | undefined): Promise<Row> {
	const {services, directory, signal} = bench;
	const folder = await mkdtemp(path.join(directory, 'backups-'));
	const env = {
		...services.env,
		...(programs === undefined ? {} : {LATCHKEY_POSTGRES_PROGRAMS_DIR: programs}),
		LATCHKEY_BACKUP_DIR: folder,
	};
	const backedUp = await run(['backup'], env, signal);
	const [name = ''] = await readdir(folder);
	const drilled = await run(['drill'], env, signal);

	const other = `${services.database.database}_restored`;
	await db.raw('create database ?? template template0', [other]);
	const secrets = path.join(folder, 'secrets');
	await mkdir(secrets, {mode: 0o700});
	const elsewhere = {
		...env,
		LATCHKEY_DATABASE_NAME: other,
		LATCHKEY_SECRETS_DIR: secrets,
		LATCHKEY_REDIS_URL: '',
	};
	const restored = await run(['restore', name], elsewhere, signal);
	await db.raw('drop database ?? with (force)', [other]);
	const {size} = await stat(path.join(folder, name));
	return {
		...(await countRows(db)),
		fileMb: rounded(size / megabyte, 1),
		backup: backedUp,
		drill: drilled,
		restore: restored,
	};
}

/** @throws when the command fails, with what it said */
async function run(
	args: readonly string[],
	env: Record<string, string>,
	signal: AbortSignal,
): Promise<Measured> {
	const begunAt = performance.now();
	const child = spawn(process.execPath, [...process.execArgv, latchkey, ...args], {
		env: {PATH: process.env['PATH'], NODE_ENV: 'production', ...env},
		stdio: ['ignore', 'ignore', 'pipe'],
		signal,
	});
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
	const {pid = 0} = child;
	let [cpu, peak] = [0, 0];
	const sampling = setInterval(() => {
		try {
			cpu = Math.max(cpu, cpuSeconds(pid));
			peak = Math.max(peak, residentBytes(pid));
		} catch {
			// It has just ended.
		}
	}, sampleEveryMs);
	try {
		const [code] = (await once(child, 'close')) as [number | null];
		if (code !== 0) throw new Error(`latchkey ${args.join(' ')} ended with ${code}: ${said}`);
	} finally {
		clearInterval(sampling);
	}
	return {
		seconds: rounded((performance.now() - begunAt) / 1000, 1),
		cpuSeconds: rounded(cpu, 1),
		peakMb: Math.round(peak / megabyte),
	};
}

async function countRows(db: Knex): Promise<{keys: number; usageRows: number}> {
	const answer = await db.raw<{rows: [{keys: number; usage_rows: number}]}>(
		`select (select count(*) from api_keys)::float8 as keys, (select count(*) from usage_hourly)::float8 as usage_rows`,
	);
	const {keys, usage_rows: usageRows} = answer.rows[0];
	return {keys, usageRows};
}

/** Keys that carry what keys mostly do, each counted in as many of the last hours as it takes. */
async function fill(
	db: Knex,
	organisationId: string,
	{keys, usageRows}: {keys: number; usageRows: number},
	signal: AbortSignal,
): Promise<void> {
	const {rows} = await db.raw<{rows: [{count: number}]}>(
		'select count(*)::float8 as count from api_keys where organisation_id = ?',
		[organisationId],
	);
	for (let done = rows[0].count; done < keys; done += keysPerInsert) {
		signal.throwIfAborted();
		const upTo = Math.min(keys, done + keysPerInsert);
		await insertUnannounced(db, (transaction) =>
			transaction.raw(
				`insert into api_keys (organisation_id, name, hash, hint, owner, terms)
				select :organisationId, 'service ' || i, sha256(gen_random_uuid()::text::bytea), 'hklst_abcdef',
					jsonb_build_object('type', 'team', 'id', 't' || i % 200),
					jsonb_build_object('scopes', jsonb_build_array('orders.read', 'orders.write'))
				from generate_series(:from::integer, :to::integer) as i`,
				{organisationId, from: done + 1, to: upTo},
			),
		);
	}
	await db.raw('delete from usage_hourly');
	const hours = Math.ceil(usageRows / keys);
	for (let hour = 0; hour < hours; hour++) {
		signal.throwIfAborted();
		await db.raw(
			`insert into usage_hourly (hour, key_id, process_id, outcome, count, added)
			select date_trunc('hour', now(), 'UTC') - :hour::integer * interval '1 hour', id,
				'00000000-0000-4000-8000-000000000000', 'valid', 1 + random() * 1000, 0
			from api_keys where organisation_id = :organisationId`,
			{organisationId, hour},
		);
	}
	await db.raw('vacuum (analyze) usage_hourly');
}

function tableOf(rows: readonly Row[]): string {
	const cell = ({seconds, cpuSeconds: cpu, peakMb}: Measured) =>
		`${seconds} s, CPU ${cpu} s, ${peakMb} MB`;
	const lines: [string, (row: Row) => string][] = [
		['file', ({fileMb}) => `${fileMb} MB`],
		['backup', (row) => cell(row.backup)],
		['drill', (row) => cell(row.drill)],
		['restore', (row) => cell(row.restore)],
	];
	const head = ({keys, usageRows}: Row) =>
		`${keys.toLocaleString('en')} keys, ${usageRows.toLocaleString('en')} counts`;
	return layOut(
		['time, CPU, most memory', ...rows.map(head)],
		lines.map(([title, of]) => [title, ...rows.map(of)]),
	);
}
