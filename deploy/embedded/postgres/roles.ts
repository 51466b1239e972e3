import type pg from 'pg';
import {passwordVerifier} from '../../../core/db/scram.ts';
import type {PostgresPasswords} from './access.ts';
import {withClient} from './client.ts';

export const adminUser = 'postgres';
/** Owns the database and migrates it. */
export const owner = 'latchkey';
/** The role of server and worker. */
export const user = 'latchkey_app';
export const database = 'latchkey';

/** Makes those that are absent. */
export async function createRolesAndDatabase(connection: pg.ClientConfig): Promise<void> {
	await withClient(connection, async (client) => {
		const {rows} = await client.query<{roles: string[]; makes: boolean; database: boolean}>(
			`SELECT ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1)) AS roles,
				EXISTS (SELECT FROM pg_roles WHERE rolname = $3 AND rolcreatedb) AS makes,
				EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
			[[owner, user], database, owner],
		);
		for (const role of [owner, user]) {
			if (!rows[0]?.roles.includes(role)) await client.query(`CREATE ROLE ${role} LOGIN`);
		}
		// A drill restores into a database of its own (docs/backup.md).
		if (!rows[0]?.makes) await client.query(`ALTER ROLE ${owner} CREATEDB`);
		if (!rows[0]?.database) await client.query(`CREATE DATABASE ${database} OWNER ${owner}`);
	});
}

/** Only what PostgreSQL keeps of a password is sent to it, so that none reaches its log. */
export async function setPasswords(
	connection: pg.ClientConfig,
	passwords: PostgresPasswords,
): Promise<void> {
	const roles = {[adminUser]: passwords.admin, [owner]: passwords.owner, [user]: passwords.user};
	await withClient(connection, async (client) => {
		for (const [role, password] of Object.entries(roles)) {
			await client.query(`ALTER ROLE ${role} PASSWORD '${passwordVerifier(password)}'`);
		}
	});
}
