import {readFile} from 'node:fs/promises';
import {run} from '../deploy/embedded/run.ts';
import {family} from './process-facts.ts';

/**
 * Cores in the notation of taskset(1): the measured servers on one, everything else on the others.
 */
export type Pinning = {server: string; others: string};

/**
 * Divides the cores that we may use, and moves this process to its part: what it starts from now
 * on stays there.
 *
 * @returns undefined where taskset is absent or there is only one core
 */
export async function pinBench(): Promise<Pinning | undefined> {
	const status = await readFile('/proc/self/status', 'latin1');
	const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1] ?? '';
	const [server, ...others] = expand(list);
	if (server === undefined || others.length === 0) return undefined;
	const pinning = {server: String(server), others: others.join(',')};
	try {
		await pin(process.pid, pinning.others);
		return pinning;
	} catch {
		return undefined;
	}
}

/** Moves a process and its children, with all their threads. */
export async function pin(pid: number, cores: string): Promise<void> {
	for (const each of family(pid)) {
		await run('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(each)]);
	}
}

/** "0-2,5" to 0, 1, 2, 5. */
function expand(list: string): number[] {
	return list.split(',').flatMap((part) => {
		const [first, last = first] = part.split('-').map(Number);
		if (first === undefined || last === undefined || Number.isNaN(first)) return [];
		return Array.from({length: last - first + 1}, (_, i) => first + i);
	});
}
