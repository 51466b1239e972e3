import type {Redis} from 'ioredis';
import type {Knex} from 'knex';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {connectDatabase} from '../../core/db/connect.ts';

/** Every way in which a text or bytes may be written that a search for it would miss. */
export function spellings(secret: string | Buffer): string[] {
	const bytes = Buffer.from(secret as string);
	// Base64 of a text in the middle of another: three alignments, without the ends that differ.
	const base64 = [0, 1, 2].map((shift) =>
		Buffer.concat([Buffer.alloc(shift), bytes])
			.toString('base64')
			.slice(shift === 0 ? 0 : 4, -4),
	);
	return [bytes.toString('latin1'), ...base64, ...base64.map(urlSafe), bytes.toString('hex')];
}

const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');

/**
 * Every row of every table, as PostgreSQL writes it.
 *
 * @param owner of the tables: the programs' role may not read all of them
 */
export async function everyTable(owner: DatabaseConfig): Promise<string> {
	const db = connectDatabase(owner, 'test');
	try {
		return await dump(db);
	} finally {
		await db.destroy();
	}
}

async function dump(db: Knex): Promise<string> {
	const {rows} = await db.raw<{rows: {name: string}[]}>(
		"select quote_ident(tablename) as name from pg_tables where schemaname = 'public'",
	);
	const dumps = await Promise.all(
		rows.map(async ({name}) => {
			const table = await db.raw<{rows: {row: string}[]}>(`select t::text as row from ${name} t`);
			return [name, ...table.rows.map(({row}) => row)].join('\n');
		}),
	);
	return dumps.join('\n');
}

/** Every key of Redis with its value, byte for byte as Redis dumps it. */
export async function everythingInRedis(redis: Redis): Promise<string> {
	const keys = await redis.keysBuffer('*');
	const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
	return keys
		.map((key, index) => `${key.toString('latin1')} ${values[index]?.toString('latin1')}`)
		.join('\n');
}
