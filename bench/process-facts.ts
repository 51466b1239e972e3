import {readFileSync} from 'node:fs';
import {sum} from './figures.ts';

/** USER_HZ: what Linux counts in /proc, whatever the kernel's own tick. */
const ticksPerSecond = 100;

/** User and system time of a process and its children since they began, all threads. */
export function cpuSeconds(pid: number): number {
	return ownCpuSeconds(pid) + sum(descendants(pid).map(unlessEnded(ownCpuSeconds, 0)));
}

/** Memory of a process and its children that is in RAM now. */
export function residentBytes(pid: number): number {
	return ownResidentBytes(pid) + sum(descendants(pid).map(unlessEnded(ownResidentBytes, 0)));
}

/** A server of several processes has one child for each. */
export function family(pid: number): number[] {
	return [pid, ...descendants(pid)];
}

function descendants(pid: number): number[] {
	const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
	return (list.match(/\d+/g) ?? []).flatMap((child) => [
		Number(child),
		...unlessEnded(descendants, [])(Number(child)),
	]);
}

/** A child may end between the list that names it and the reading: it is then worth `none`. */
function unlessEnded<T>(read: (pid: number) => T, none: T): (pid: number) => T {
	return (pid) => {
		try {
			return read(pid);
		} catch (error) {
			const {code} = error as NodeJS.ErrnoException;
			// Gone before the file was opened, or after.
			if (code === 'ENOENT' || code === 'ESRCH') return none;
			throw error;
		}
	};
}

/** proc_pid_stat(5): with what its ended children used, so that an end takes nothing away. */
function ownCpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	// The program's name may hold spaces and brackets: count from behind the last one.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return sum(fields.slice(11, 15).map(Number)) / ticksPerSecond;
}

/** Nothing of a process that has ended and that its parent has not yet waited for. */
function ownResidentBytes(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'latin1');
	return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** The most memory that one process has had in RAM since it began. */
export function peakBytes(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'latin1');
	return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
