import {existsSync} from 'node:fs';
import {readFile, statfs} from 'node:fs/promises';
import os from 'node:os';
import type {HealthCheck, Seen} from '../check.ts';
import {bytes, percent} from '../words.ts';

/** Of a process with nothing in its memory, and of each key that it knows. */
const baseBytes = 120 * 2 ** 20;
const keyBytes = 700;

export const machineChecks: readonly HealthCheck[] = [
	{
		id: 'machine.disk',
		title: 'There is room where the data is: 5 % and 2 GB',
		follows: 'On a full disk PostgreSQL takes no changes, Redis no use, and backups fail.',
		remedy: 'Make room, or give the file system more: `df -h`, `docker system df`.',
		async look({settings, thresholds}) {
			const folders = [settings.dataDirectory, settings.secretsDirectories[0]].filter(
				(folder) => folder !== undefined && existsSync(folder),
			) as string[];
			const seen = new Map<string, Seen>();
			for (const folder of folders) {
				const {bavail, bsize, blocks, type} = await statfs(folder);
				const free = bavail * bsize;
				const part = blocks === 0 ? 1 : bavail / blocks;
				const isBelow = (least: {part: number; bytes: number}) =>
					part < least.part || free < Math.min(least.bytes, (blocks * bsize) / 2);
				if (!isBelow(thresholds.diskWarning)) continue;
				seen.set(`${type} ${blocks} ${bavail}`, {
					level: isBelow(thresholds.diskFailure) ? 'failure' : 'warning',
					what: `${bytes(free)} (${percent(part)}) are left on the file system of ${folder}.`,
				});
			}
			return [...seen.values()];
		},
	},
	{
		id: 'machine.memory',
		title: 'The machine has enough memory: 1 GB in total, 5 % of it free',
		follows:
			'The kernel ends programs that ask for more; a PostgreSQL that it ends cuts every session.',
		remedy: 'Give the machine more memory, or see what else takes it: `ps aux --sort -rss`.',
		async look({thresholds}) {
			const total = os.totalmem();
			const free = (await availableBytes()) ?? os.freemem();
			if (total < thresholds.leastMemoryBytes) {
				return [{level: 'warning', what: `The machine has ${bytes(total)} of memory.`}];
			}
			if (free > total * (1 - thresholds.memoryUsed)) return [];
			return [{level: 'warning', what: `${bytes(free)} of ${bytes(total)} of memory are left.`}];
		},
	},
	{
		id: 'machine.server_memory',
		title: 'A server has the memory that its known keys need, and does not use all of its memory',
		onlyInServer: true,
		follows: 'The kernel ends a server that asks for more; the others go on, and it starts anew.',
		remedy: 'Raise LATCHKEY_SERVER_MEMORY, or lower LATCHKEY_CACHE_MAX_KEYS or LATCHKEY_PROCESSES.',
		look({settings, thresholds}) {
			// 0, or more than the machine has: nothing is set.
			const most = process.constrainedMemory();
			if (most === 0 || most > os.totalmem()) return [];
			const used = process.memoryUsage.rss() * settings.processes;
			const planned = settings.processes * (baseBytes + settings.cacheMaxKeys * keyBytes);
			if (used > most * thresholds.memoryUsed) {
				return [
					{level: 'warning', what: `This server uses ${bytes(used)} of the ${bytes(most)} it may.`},
				];
			}
			if (planned <= most) return [];
			return [
				{
					level: 'warning',
					what: `This server may have ${bytes(most)}, and needs ${bytes(planned)} once it knows all the keys it may.`,
				},
			];
		},
	},
];

async function availableBytes(): Promise<number | undefined> {
	const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
	const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
	return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
