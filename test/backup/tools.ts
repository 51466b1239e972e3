import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import {main, type Command} from '../../deploy/backup/command.ts';
import {testServices} from '../helpers/environment.ts';
import {migrationsDirectory} from '../helpers/migrate.ts';
import {findTool} from '../helpers/tools.ts';

/** Debian has the programs of PostgreSQL 17 since trixie. */
export const packaged = {
	package: 'postgresql-client-17',
	suite: 'trixie',
	folders: ['usr/lib/postgresql/17/bin'],
} as const;

/**
 * The folder of pg_dump, pg_restore and psql that can read the PostgreSQL of the tests.
 *
 * @returns undefined where there are none: what needs them cannot be tried then
 */
export async function postgresPrograms(): Promise<string | undefined> {
	const folders = new Set<string>();
	for (const name of ['pg_dump', 'pg_restore', 'psql']) {
		const tool = await findTool(name, ['--version'], /\(PostgreSQL\) (1[7-9]|[2-9]\d)/, packaged);
		if (tool === undefined) return undefined;
		folders.add(path.dirname(tool.file));
	}
	const [folder] = folders;
	return folders.size === 1 ? folder : undefined;
}

export const missing =
	'pg_dump of PostgreSQL 17 can be had neither from this machine nor from its packages: not tried';

export async function newFolder(): Promise<string> {
	return mkdtemp(path.join(testServices().directory, 'backups-'));
}

/** Runs a command to its end, in this process: as the program does it, and much quicker. */
export async function runToEnd(
	[command, ...args]: readonly [Command, ...string[]],
	env: Record<string, string>,
): Promise<{code: number; output: string}> {
	let output = '';
	const write = (text: string) => void (output += text);
	const streams = {stdout: {write}, stderr: {write}};
	const code = await main(command, args, env, migrationsDirectory, streams);
	return {code, output};
}
