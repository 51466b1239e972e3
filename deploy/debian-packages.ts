import {chmod, mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {run} from './embedded/run.ts';
import {exists} from './exists.ts';

/** A release of Debian that is not the machine's own. */
export type DebianSuite = 'bookworm' | 'trixie' | 'forky' | 'sid';

type UnpackOptions = {
	/**
	 * Fetches from this release, with all that the package needs down to the C library: what is in it
	 * runs by `programOfSuite`. Needs the signing keys of Debian, so not on every Ubuntu.
	 */
	suite?: DebianSuite | undefined;
	signal?: AbortSignal | undefined;
};

const debianKeys = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks a Debian or Ubuntu package, with what it needs that the system lacks, into a folder: no
 * root, nothing installed, no service started. apt checks the signatures as it does for an
 * installation, and follows the system's mirrors and proxies.
 *
 * @param candidates package names, best first.
 * @param unpackInto called with the package's name and version; gives the (existing, empty) folder
 * to unpack into.
 * @returns undefined when none of the candidates is known to apt, or there is no apt.
 * @throws when apt cannot fetch it.
 */
export async function unpackDebianPackage(
	candidates: readonly string[],
	unpackInto: (name: string, version: string) => Promise<string>,
	{suite, signal}: UnpackOptions = {},
): Promise<{name: string; version: string} | undefined> {
	if (!(await exists('/usr/bin/apt-get')) || !(await exists('/usr/bin/dpkg'))) return undefined;
	if (suite !== undefined && !(await exists(debianKeys))) return undefined;
	const work = await mkdtemp(path.join(tmpdir(), 'latchkey-apt-'));
	try {
		// apt fetches as its own unprivileged user when we are root.
		await chmod(work, 0o755);
		await mkdir(path.join(work, 'cache/archives/partial'), {recursive: true});
		await mkdir(path.join(work, 'state/lists/partial'), {recursive: true});
		const own = [
			['-o', `Dir::Cache=${work}/cache`],
			['-o', 'Debug::NoLocking=1'],
			['-o', 'Acquire::Retries=3'],
			['-o', 'Acquire::http::Timeout=20'],
		].flat();
		const ownLists = [
			...own,
			['-o', `Dir::State=${work}/state`],
			['-o', 'Acquire::Languages=none'],
			...(suite === undefined
				? [['-o', 'Dir::State::status=/var/lib/dpkg/status']]
				: await sourcesOf(suite, work)),
		].flat();

		const fetchWith = async (options: readonly string[]) => {
			const found = await newestCandidate(candidates, options, signal);
			if (found) {
				await run(
					'apt-get',
					[...options, 'install', '-y', '--no-install-recommends', '--download-only', found.name],
					{env: {...proxies(), DEBIAN_FRONTEND: 'noninteractive'}, cwd: work, signal},
				);
			}
			return found;
		};
		// The system's package lists are there at no cost, but may be absent or too old.
		let found = suite === undefined ? await fetchWith(own).catch(() => undefined) : undefined;
		if (!found) {
			signal?.throwIfAborted();
			await run('apt-get', [...ownLists, 'update'], {env: proxies(), cwd: work, signal});
			found = await fetchWith(ownLists);
		}
		if (!found) return undefined;
		const target = await unpackInto(found.name, found.version);
		const archives = path.join(work, 'cache/archives');
		for (const file of await readdir(archives)) {
			if (file.endsWith('.deb')) {
				await run('dpkg', ['-x', path.join(archives, file), target], {signal});
			}
		}
		return found;
	} finally {
		await rm(work, {recursive: true, force: true});
	}
}

/** Options of apt for packages of another release, as on a machine on which nothing is installed. */
async function sourcesOf(suite: DebianSuite, work: string): Promise<string[][]> {
	const status = path.join(work, 'status');
	const sources = path.join(work, 'sources.list');
	await writeFile(status, '');
	await writeFile(sources, `deb [signed-by=${debianKeys}] ${await debianMirror()} ${suite} main\n`);
	return [
		['-o', `Dir::State::status=${status}`],
		['-o', `Dir::Etc::sourcelist=${sources}`],
		['-o', 'Dir::Etc::sourceparts=-'],
	];
}

/** The mirror that the machine uses, where it is a Debian. */
async function debianMirror(): Promise<string> {
	const uris = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)']).catch(() => '');
	return uris.split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? 'http://deb.debian.org/debian';
}

/**
 * Makes a program of a package that was unpacked from another release runnable here: with the C library and
 * the loader that came along, as those of the machine may be older.
 *
 * @param program its path below `root`
 * @returns a script that runs it
 */
export async function programOfSuite(root: string, program: string): Promise<string> {
	const loaders = ['usr/lib64/ld-linux-x86-64.so.2', 'usr/lib/ld-linux-aarch64.so.1'];
	const found = await Promise.all(loaders.map((loader) => exists(path.join(root, loader))));
	const loader = loaders[found.indexOf(true)];
	if (loader === undefined) return path.join(root, program);
	const folder = path.join(root, 'run');
	const script = path.join(folder, path.basename(program));
	await mkdir(folder, {recursive: true, mode: 0o755});
	const command = [
		path.join(root, loader),
		'--library-path',
		(await libraryFolders(root)).join(':'),
		path.join(root, program),
	];
	const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
	await writeFile(script, `#!/bin/sh\nexec ${quoted} "$@"\n`, {mode: 0o755});
	return script;
}

/** Where what was unpacked into `root` has its shared libraries. */
export async function libraryFolders(root: string): Promise<string[]> {
	const folders: string[] = [];
	for (const folder of ['usr/lib', 'lib']) {
		const entries = await readdir(path.join(root, folder)).catch(() => []);
		for (const entry of entries.filter((name) => name.includes('-linux-gnu'))) {
			folders.push(path.join(root, folder, entry));
		}
	}
	return folders;
}

/** The first of the packages that apt could install, and in what version. */
async function newestCandidate(
	names: readonly string[],
	options: readonly string[],
	signal?: AbortSignal,
) {
	for (const name of names) {
		const policy = await run('apt-cache', [...options, 'policy', name], {signal});
		const version = /^ {2}Candidate: (?<version>\S+)$/m.exec(policy)?.groups?.['version'];
		if (version && version !== '(none)') return {name, version};
	}
	return undefined;
}

function proxies(): NodeJS.ProcessEnv {
	const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
	return Object.fromEntries(
		names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
	);
}
