import {chmod, mkdir, mkdtemp, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {libraryFolders, unpackDebianPackage} from '../../deploy/embedded/redis/debian-packages.ts';
import {libraryPath, programFolders} from '../../deploy/embedded/redis/program.ts';
import {testServices} from './environment.ts';
import {run} from '../../deploy/embedded/run.ts';

/** A program that tests run beside ours: a proxy, a pooler. */
export type Tool = {file: string; env: NodeJS.ProcessEnv};

/** Fetching is given up after this, and the tests of the tool with it. */
const fetchWithinMs = 60_000;

/**
 * Finds a program that the machine has, else unpacks it from the distribution's package of the same
 * name, once, beside Redis (deploy/embedded/redis/program.ts).
 *
 * @param asked arguments that make it tell about itself
 * @param expected in what it tells; else it is none that we can use
 * @returns undefined where there is none: its tests cannot run then
 */
export async function findTool(
	name: string,
	asked: readonly string[],
	expected: RegExp,
): Promise<Tool | undefined> {
	for (const folder of programFolders()) {
		const tool = {file: path.join(folder, name), env: {}};
		if (await tells(tool, asked, expected)) return tool;
	}
	const {cache, mayDownload} = testServices();
	const root = path.join(cache, 'tools', name);
	const unpacked = async () => {
		const env = libraryPath(await libraryFolders(root));
		const tools = ['usr/sbin', 'usr/bin'].map((folder) => ({
			file: path.join(root, folder, name),
			env,
		}));
		for (const tool of tools) if (await tells(tool, asked, expected)) return tool;
		return undefined;
	};
	const before = await unpacked();
	if (before !== undefined || !mayDownload) return before;
	await unpack(name, root).catch((error: unknown) => console.log(`${name}: ${String(error)}`));
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

async function unpack(name: string, root: string): Promise<void> {
	await mkdir(path.dirname(root), {recursive: true});
	const temporary = await mkdtemp(`${root}-`);
	try {
		// Other users run it too.
		await chmod(temporary, 0o755);
		const signal = AbortSignal.timeout(fetchWithinMs);
		const found = await unpackDebianPackage([name], async () => temporary, signal);
		// Where another test file was quicker, its own is as good.
		if (found !== undefined) await rename(temporary, root);
	} finally {
		await rm(temporary, {recursive: true, force: true});
	}
}
