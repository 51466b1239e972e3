import {execFile} from 'node:child_process';
import {mkdir, readdir, readFile, symlink} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** Another version of the product, built beside this one. */
export type OtherVersion = {
	/** Its commit, shortened. */
	name: string;
	/** Its `latchkey`. */
	latchkey: string;
};

/**
 * Finds the commit that a name stands for.
 *
 * @throws where this is no clone of the repository, or the name stands for nothing in it
 */
async function findCommit(ref: string, projectDirectory: string): Promise<string> {
	try {
		const {stdout} = await run(
			'git',
			['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
			{cwd: projectDirectory},
		);
		return stdout.trim();
	} catch (error) {
		throw new Error(`--compare: git knows no commit ${ref} here`, {cause: error});
	}
}

/**
 * Builds another version, with the packages of this one where it asks for the same, into a folder of the run.
 *
 * @param ref a commit, branch or tag
 * @throws where there is none, or it cannot be built
 */
export async function buildOtherVersion(
	ref: string,
	{
		projectDirectory,
		directory,
		signal,
	}: {projectDirectory: string; directory: string; signal: AbortSignal},
): Promise<OtherVersion> {
	const commit = await findCommit(ref, projectDirectory);
	const name = commit.slice(0, 7);
	console.log(`Building ${ref}, which is commit ${name}, to compare with it.`);
	const target = path.join(directory, 'other-version');
	const archive = path.join(directory, 'other-version.tar');
	await mkdir(target);
	await run('git', ['archive', '--format=tar', `--output=${archive}`, commit], {
		cwd: projectDirectory,
		signal,
	});
	await run('tar', ['-xf', archive, '-C', target], {signal});
	// Both run on the schema of this version.
	const [here, there] = await Promise.all(
		[projectDirectory, target].map((folder) => readdir(path.join(folder, 'migrations'))),
	);
	const lacking = there?.find((name) => !here?.includes(name));
	if (lacking !== undefined) {
		throw new Error(
			`--compare: ${ref} has a migration that is not here, ${lacking}: run the bench of that version, and compare it with this one`,
		);
	}
	const lockOf = (folder: string) => readFile(path.join(folder, 'package-lock.json'), 'utf8');
	const isSameLock = (await lockOf(target)) === (await lockOf(projectDirectory));
	if (isSameLock) {
		await symlink(path.join(projectDirectory, 'node_modules'), path.join(target, 'node_modules'));
	} else {
		await run('npm', ['ci', '--no-audit', '--no-fund'], {cwd: target, signal});
	}
	await run('npm', ['run', '--silent', 'build'], {cwd: target, signal});
	const {bin} = JSON.parse(await readFile(path.join(target, 'package.json'), 'utf8')) as {
		bin: {latchkey: string};
	};
	return {name, latchkey: path.join(target, bin.latchkey)};
}
