import {readFile} from 'node:fs/promises';
import {StartRefused} from './errors.ts';

export type OsUser = {name: string; uid: number; gid: number};

export const isRoot = () => process.geteuid?.() === 0;

/**
 * The user that PostgreSQL runs as: nobody but ourselves, unless we are root, which PostgreSQL
 * refuses to be. Then `postgres` or `nobody` or any other user will do, but it must have a passwd
 * entry (a bare uid fails: "could not look up effective user ID").
 *
 * @param owner uid that owns the data already, so that it stays readable when a better user appears
 * later.
 * @returns undefined when this process can run PostgreSQL itself.
 */
export async function postgresUser(owner?: number): Promise<OsUser | undefined> {
	if (!isRoot()) return undefined;
	const users = (await passwdEntries()).filter(({uid}) => uid !== 0);
	const user =
		users.find(({uid}) => uid === owner) ??
		users.find(({name}) => name === 'postgres') ??
		users.find(({name}) => name === 'nobody') ??
		users[0];
	if (!user) {
		throw new StartRefused(
			'PostgreSQL does not run as root and /etc/passwd names nobody else. Add a user (useradd --system postgres), start as an ordinary user, or set LATCHKEY_DATABASE_URL.',
		);
	}
	return user;
}

/** The name of a uid, for messages. */
export async function userName(uid: number): Promise<string> {
	return (await passwdEntries()).find((user) => user.uid === uid)?.name ?? `uid ${uid}`;
}

async function passwdEntries(): Promise<OsUser[]> {
	const passwd = await readFile('/etc/passwd', 'utf8');
	return passwd.split('\n').flatMap((line) => {
		const [name, , uid, gid] = line.split(':');
		return name && uid && gid ? [{name, uid: Number(uid), gid: Number(gid)}] : [];
	});
}
