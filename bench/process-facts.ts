import {readFileSync} from 'node:fs';

/** USER_HZ: what Linux counts in /proc, whatever the kernel's own tick. */
const ticksPerSecond = 100;

/** User and system time of a process and its children since they began, all threads. */
export function cpuSeconds(pid: number): number {
	return sum(family(pid).map(ownCpuSeconds));
}

/** Memory of a process and its children that is in RAM now. */
export function residentBytes(pid: number): number {
	return sum(family(pid).map(ownResidentBytes));
}

/** A server of several processes has one child for each. */
export function family(pid: number): number[] {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
	return [pid, ...(children.match(/\d+/g) ?? []).flatMap((child) => family(Number(child)))];
}

/** proc_pid_stat(5) */
function ownCpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	// The program's name may hold spaces and brackets: count from behind the last one.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function ownResidentBytes(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'latin1');
	return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** The most memory that one process has had in RAM since it began. */
export function peakBytes(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'latin1');
	return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
