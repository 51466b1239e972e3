import {access, constants, mkdir, mkdtemp, readdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {libraryFolders, unpackDebianPackage} from '../../debian-packages.ts';
import {StartRefused} from '../errors.ts';
import {lastLines, run} from '../run.ts';

export type RedisProgram = {
	/**
	 * Path of `valkey-server` or `redis-server`. Not followed: Debian's is a link, and the name it is
	 * called by decides what it does.
	 */
	file: string;
	/** Folders for LD_LIBRARY_PATH; empty for an installed program. */
	libraries: string[];
	/** Such as "Valkey 8.1.4". */
	version: string;
};

const names = ['valkey-server', 'redis-server'] as const;

type FindOptions = {
	download: boolean;
	announce: (text: string) => void;
	/** Where an installed program is looked for. */
	folders?: readonly string[];
	signal?: AbortSignal;
};

const advice = `No Redis was found. Install one (Latchkey starts its own; the system's service is not used):
  Debian, Ubuntu       sudo apt-get install --no-install-recommends redis-server
  Fedora, RHEL 10      sudo dnf install valkey
  RHEL 9, Amazon 2023  sudo dnf install redis6 || sudo dnf install redis
  Arch                 sudo pacman -S valkey
  openSUSE             sudo zypper install valkey
or set LATCHKEY_REDIS_URL to one that runs already.`;

/**
 * Finds a real Redis (or Valkey): on PATH, or unpacked earlier into `cache`, or unpacked now from
 * the distribution's packages.
 *
 * @param download false forbids the last; `announce` is told before it happens.
 * @throws {StartRefused} with the command that installs one, when there is none.
 */
export async function findRedis(
	cache: string,
	{download, announce, folders = programFolders(), signal}: FindOptions,
): Promise<RedisProgram> {
	const ready = (await installed(folders)) ?? (await unpacked(cache));
	if (ready) return ready;
	if (!download) throw new StartRefused(`${advice}\n(LATCHKEY_NO_DOWNLOAD=1 forbids fetching it.)`);
	announce(
		'none installed: fetching the distribution’s signed package, about 1.5 MB; not installed, only unpacked (LATCHKEY_NO_DOWNLOAD=1 forbids this)',
	);
	await unpack(cache, signal);
	const fetched = await unpacked(cache);
	if (!fetched) throw new StartRefused(advice);
	return fetched;
}

/** Environment that the program needs to find its libraries. */
export function libraryPath(libraries: readonly string[]): NodeJS.ProcessEnv {
	return libraries.length === 0 ? {} : {LD_LIBRARY_PATH: libraries.join(':')};
}

/** PATH, and the folders that an ordinary user's PATH often lacks. */
export function programFolders(): string[] {
	return [...(process.env['PATH'] ?? '').split(':'), '/usr/local/bin', '/usr/sbin'].filter(
		(entry) => path.isAbsolute(entry),
	);
}

async function installed(folders: readonly string[]) {
	for (const name of names) {
		for (const folder of folders) {
			const program = await usable(path.join(folder, name), []);
			if (program) return program;
		}
	}
	return undefined;
}

async function unpacked(cache: string) {
	const parent = path.join(cache, 'redis');
	const versions = await readdir(parent).catch(() => []);
	for (const version of versions
		.filter((entry) => !entry.startsWith('.'))
		.toSorted()
		.toReversed()) {
		const root = path.join(parent, version);
		for (const name of names) {
			const program = await usable(path.join(root, 'usr/bin', name), await libraryFolders(root));
			if (program) return program;
		}
	}
	return undefined;
}

async function unpack(cache: string, signal?: AbortSignal) {
	const parent = path.join(cache, 'redis');
	await mkdir(parent, {recursive: true});
	const temporary = await mkdtemp(path.join(parent, '.unpack-'));
	try {
		const found = await unpackDebianPackage(names, async () => temporary, {signal}).catch(
			(error: unknown) => {
				signal?.throwIfAborted();
				const reason = error instanceof Error ? error.message : String(error);
				throw new StartRefused(`${advice}\n(Fetching the package failed: ${lastLines(reason, 3)})`);
			},
		);
		if (found) {
			const target = path.join(
				parent,
				`${found.name}_${found.version.replaceAll(/[^\w.+~-]/g, '_')}`,
			);
			// One that no longer runs, or one that another start has just unpacked: ours will do.
			await rm(target, {recursive: true, force: true});
			await rename(temporary, target);
		}
	} finally {
		await rm(temporary, {recursive: true, force: true});
	}
}

/**
 * @returns undefined when the file is absent or does not run (a library missing, another
 * architecture).
 */
async function usable(file: string, libraries: string[]): Promise<RedisProgram | undefined> {
	try {
		await access(file, constants.X_OK);
		const answer = await run(file, ['--version'], {env: libraryPath(libraries)});
		const [, kind, number] = /^(Redis|Valkey) server v=(\S+)/.exec(answer) ?? [];
		return kind && number ? {file, libraries, version: `${kind} ${number}`} : undefined;
	} catch {
		return undefined;
	}
}
