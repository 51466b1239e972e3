import {readFileSync} from 'node:fs';

/** USER_HZ: what Linux counts in /proc, whatever the kernel's own tick. */
const ticksPerSecond = 100;

/** User and system time of all threads of a process since it began (proc_pid_stat(5)). */
export function cpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	// The program's name may hold spaces and brackets: count from behind the last one.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Memory of a process that is in RAM now. */
export function residentBytes(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'latin1');
	return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
