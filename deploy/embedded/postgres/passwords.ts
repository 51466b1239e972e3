import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {createSecrets, type SecretName} from '../../secrets.ts';
import type {PostgresPasswords} from './access.ts';

const names = {
	admin: 'database_superuser_password',
	owner: 'database_migration_password',
	user: 'database_password',
} as const satisfies Record<keyof PostgresPasswords, SecretName>;

/** Where the password of a role of our PostgreSQL is kept; no program is told another role's. */
export function passwordFile(dataDirectory: string, role: keyof PostgresPasswords): string {
	return path.join(dataDirectory, 'postgres-passwords', names[role]);
}

/** The passwords of our PostgreSQL, made where there are none. */
export async function postgresPasswords(dataDirectory: string): Promise<PostgresPasswords> {
	const directory = path.dirname(passwordFile(dataDirectory, 'user'));
	await createSecrets(directory, {names: Object.values(names)});
	const read = async (role: keyof PostgresPasswords) =>
		(await readFile(passwordFile(dataDirectory, role), 'utf8')).trim();
	const [admin, owner, user] = await Promise.all([read('admin'), read('owner'), read('user')]);
	return {admin, owner, user};
}
