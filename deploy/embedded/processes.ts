import {readdir, readFile, readlink} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

/** A process, told from a later one that was given the same id. */
export type ProcessIdentity = {pid: number; startTime: string};

/** A process as /proc shows it; members that we may not read are empty. */
export type ProcessFacts = ProcessIdentity & {
	directory: string;
	program: string;
	args: string[];
	environment: string[];
};

/** @returns undefined when no such process lives; a zombie counts as dead. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
	try {
		const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
		// The program's name may hold spaces and brackets: count the fields from behind the last
		// bracket (proc_pid_stat(5)).
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const startTime = fields[19];
		return startTime && !['Z', 'X'].includes(fields[0] ?? '') ? {pid, startTime} : undefined;
	} catch {
		return undefined;
	}
}

export async function isAlive({pid, startTime}: ProcessIdentity): Promise<boolean> {
	return (await identify(pid))?.startTime === startTime;
}

/** Every living process that `matches`, ourselves excepted. */
export async function findProcesses(
	matches: (facts: ProcessFacts) => boolean,
): Promise<ProcessFacts[]> {
	const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
	const found = await Promise.all(pids.map(describe));
	return found.filter((facts) => facts !== undefined).filter(matches);
}

/** Processes running one of `programs` (by file name) whose working directory is `directory`. */
export async function findDaemons(directory: string, programs: readonly string[]) {
	return findProcesses(
		(facts) => facts.directory === directory && programs.includes(path.basename(facts.program)),
	);
}

/**
 * Sends each signal in turn and waits up to `withinMs` for the process to end. A stopped (SIGSTOP)
 * process is continued, so that it can act on the signal.
 *
 * @returns whether the process is gone.
 */
export async function stopProcess(
	target: ProcessIdentity,
	steps: ReadonlyArray<{signal: NodeJS.Signals; withinMs: number}>,
): Promise<boolean> {
	for (const {signal, withinMs} of steps) {
		if (!(await isAlive(target))) return true;
		sendSignal(target.pid, signal);
		sendSignal(target.pid, 'SIGCONT');
		if (await waitUntilGone(target, withinMs)) return true;
	}
	return false;
}

/** @returns false when the process still lives after `withinMs`. */
export async function waitUntilGone(target: ProcessIdentity, withinMs: number): Promise<boolean> {
	const deadline = performance.now() + withinMs;
	while (await isAlive(target)) {
		if (performance.now() > deadline) return false;
		await delay(15);
	}
	return true;
}

/** Signals a process that may be gone already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

async function describe(pid: number): Promise<ProcessFacts | undefined> {
	const identity = await identify(pid);
	if (!identity) return undefined;
	const nothing = () => '';
	const [directory, program, args, environment] = await Promise.all([
		readlink(`/proc/${pid}/cwd`).catch(nothing),
		readlink(`/proc/${pid}/exe`).catch(nothing),
		readFile(`/proc/${pid}/cmdline`, 'utf8').catch(nothing),
		readFile(`/proc/${pid}/environ`, 'utf8').catch(nothing),
	]);
	return {
		...identity,
		directory,
		// A program replaced on disk (an update) still shows its name.
		program: program.replace(/ \(deleted\)$/, ''),
		args: args.split('\0').slice(0, -1),
		environment: environment.split('\0').filter(Boolean),
	};
}
