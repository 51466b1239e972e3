import {chmod, mkdir, mkdtemp, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {
	libraryFolders,
	programOfSuite,
	unpackDebianPackage,
	type DebianSuite,
} from '../../deploy/debian-packages.ts';
import {libraryPath, programFolders} from '../../deploy/embedded/redis/program.ts';
import {testServices} from './environment.ts';
import {exists} from '../../deploy/exists.ts';
import {run} from '../../deploy/embedded/run.ts';

/** A program that tests and the bench run beside ours: a proxy, a pooler. */
export type Tool = {file: string; env: NodeJS.ProcessEnv};

/** Fetching is given up after this, and the tests of the tool with it. */
const fetchWithinMs = 90_000;

type Packaged = {
	/** The package that has it, where it is not called so. */
	package?: string;
	/** The release of Debian to take it from, where that of the machine is too old. */
	suite?: DebianSuite;
	/** Where the package has it, below the root. */
	folders?: readonly string[];
	/** Where what was fetched is kept, and whether more may be; absent: as `npm test` has it. */
	kept?: {cache: string; mayDownload: boolean};
};

/**
 * Finds a program that the machine has, else unpacks it from the distribution's package of the same
 * name, once, beside Redis (deploy/embedded/redis/program.ts).
 *
 * @param asked arguments that make it tell about itself
 * @param expected in what it tells; else it is none that we can use
 * @param packaged where it is to be had, if not in a package of its name of the machine's release
 * @returns undefined where there is none: its tests cannot run then
 */
export async function findTool(
	name: string,
	asked: readonly string[],
	expected: RegExp,
	packaged: Packaged = {},
): Promise<Tool | undefined> {
	for (const folder of programFolders()) {
		const tool = {file: path.join(folder, name), env: {}};
		if (await tells(tool, asked, expected)) return tool;
	}
	const {package: packageName = name, suite, folders = ['usr/sbin', 'usr/bin']} = packaged;
	const {cache, mayDownload} = packaged.kept ?? testServices();
	const root = path.join(
		cache,
		'tools',
		suite === undefined ? packageName : `${packageName}-${suite}`,
	);
	const unpacked = async () => {
		const env = suite === undefined ? libraryPath(await libraryFolders(root)) : {};
		for (const folder of folders) {
			const program = path.join(folder, name);
			if (!(await exists(path.join(root, program)))) continue;
			const file =
				suite === undefined ? path.join(root, program) : await programOfSuite(root, program);
			if (await tells({file, env}, asked, expected)) return {file, env};
		}
		return undefined;
	};
	const before = await unpacked();
	if (before !== undefined || !mayDownload) return before;
	await unpack(packageName, root, suite).catch((error: unknown) =>
		console.log(`${name}: ${String(error)}`),
	);
	return unpacked();
}

async function tells({file, env}: Tool, asked: readonly string[], expected: RegExp) {
	// nginx tells it as an error.
	const command = ['-c', '"$@" 2>&1', 'sh', file, ...asked];
	return run('sh', command, {env}).then(
		(told) => expected.test(told),
		() => false,
	);
}

async function unpack(name: string, root: string, suite?: DebianSuite): Promise<void> {
	await mkdir(path.dirname(root), {recursive: true});
	const temporary = await mkdtemp(`${root}-`);
	try {
		// Other users run it too.
		await chmod(temporary, 0o755);
		const signal = AbortSignal.timeout(fetchWithinMs);
		const found = await unpackDebianPackage([name], async () => temporary, {suite, signal});
		// Where another test file was quicker, its own is as good.
		if (found !== undefined) await rename(temporary, root);
	} finally {
		await rm(temporary, {recursive: true, force: true});
	}
}
