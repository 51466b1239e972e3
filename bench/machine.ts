import {availableParallelism} from 'node:os';
import {run} from '../deploy/embedded/run.ts';
import type {Pinning} from './pinning.ts';
import type {Services} from './services.ts';

/** What a result must say about where it comes from; no path and no name of the machine. */
export async function machineFacts(
	projectDirectory: string,
	cores: number,
	pinning: Pinning | undefined,
	{versions}: Services,
) {
	return {
		date: new Date().toISOString(),
		commit: await commit(projectDirectory),
		cores,
		pinned: pinning ?? null,
		node: process.versions.node,
		...versions,
	};
}

/** Before pinning: afterwards only a part of the cores is seen. */
export const countCores = () => availableParallelism();

/** @returns null outside a git checkout; `-dirty` at the end when files differ from the commit */
async function commit(projectDirectory: string): Promise<string | null> {
	return run('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], {
		cwd: projectDirectory,
	}).then(
		(text) => text.trim(),
		() => null,
	);
}
