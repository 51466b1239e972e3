import {readFile, rename, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {giveTo} from '../directories.ts';
import type {OsUser} from '../os-user.ts';

/** Passwords of the roles of a cluster: each program is given that of its own role. */
export type PostgresPasswords = {admin: string; owner: string; user: string};

const closed = `# Written by Latchkey at each start: every role proves who it is.
local all all scram-sha-256
`;
const opened = `# Written by Latchkey while it sets the passwords of the roles.
local all all trust
`;

const withinMs = 30_000;

/**
 * Makes a cluster let in only those who know a role's password. A cluster that let in everybody on
 * its socket, as older versions made them, or whose passwords are lost, is opened for a moment, for
 * `setPasswords`: whoever may write in its folder could do so anyway.
 *
 * @param isLetIn whether the superuser gets in with its password
 * @param setPasswords as the superuser; the same at every run
 */
export async function requirePasswords(cluster: {
	dataDirectory: string;
	user: OsUser | undefined;
	pid: number;
	isLetIn: (password?: string) => Promise<boolean>;
	setPasswords: () => Promise<void>;
}): Promise<void> {
	const {dataDirectory, user, pid, isLetIn, setPasswords} = cluster;
	const file = path.join(dataDirectory, 'pg_hba.conf');
	const write = async (rules: string) => {
		await writeFile(`${file}.new`, rules, {mode: 0o600, flush: true});
		await giveTo(`${file}.new`, user);
		await rename(`${file}.new`, file);
		process.kill(pid, 'SIGHUP');
	};
	const isClosed = (await readFile(file, 'utf8').catch(() => '')) === closed;
	if (!isClosed || !(await isLetIn())) {
		await write(opened);
		await until(() => isLetIn(), 'lets its superuser in');
	}
	await setPasswords();
	if ((await readFile(file, 'utf8')) !== closed) await write(closed);
	await until(async () => !(await isLetIn('no password of any role')), 'asks for passwords');
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
	const deadline = performance.now() + withinMs;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error(`PostgreSQL was told to, and never ${what}`);
		await delay(25);
	}
}
