import {once} from 'node:events';
import type {Readable} from 'node:stream';
import {BackupError} from './errors.ts';
import type {PostgresLauncher, PostgresPrograms} from './postgres-programs.ts';
import type {Snapshot} from './snapshot.ts';

/** A migration that is under way is waited for so long. */
const lockWait = '60s';

/**
 * What pg_dump writes of a snapshot, in the custom format. Its list of contents is compared with the tables
 * that the snapshot has.
 *
 * @throws {BackupError} with what pg_dump said, and for a dump that lacks tables
 */
export async function* readDump(
	launcher: PostgresLauncher,
	programs: PostgresPrograms,
	snapshot: Snapshot,
): AsyncGenerator<Buffer, void> {
	const list = listContents(launcher, programs);
	const {child, ended} = launcher.start(
		programs.pg_dump,
		[
			'--format=custom',
			// The lightest: what is dumped hardly gets smaller by more, and it takes twice as long.
			'--compress=1',
			'--schema=public',
			'--no-password',
			`--lock-wait-timeout=${lockWait}`,
			`--snapshot=${snapshot.name}`,
		],
		['ignore', 'pipe', 'pipe'],
		'backup',
	);
	try {
		for await (const data of child.stdout as Readable) {
			await list.take(data as Buffer);
			yield data as Buffer;
		}
		await ended;
	} finally {
		child.kill('SIGKILL');
		list.stop();
	}
	const dumped = await list.tables();
	const missing = Object.keys(snapshot.facts.tables).filter((name) => !dumped.has(name));
	if (missing.length > 0) {
		throw new BackupError(`The dump of pg_dump lacks tables: ${missing.join(', ')}.`);
	}
}

/** Has pg_restore read the list of contents, which stands at the beginning of a dump. */
function listContents(launcher: PostgresLauncher, programs: PostgresPrograms) {
	const {child, ended} = launcher.start(
		programs.pg_restore,
		['--list'],
		['pipe', 'pipe', 'pipe'],
		'backup',
	);
	let told = '';
	let isOpen = true;
	child.stdout?.setEncoding('utf8').on('data', (text: string) => (told += text));
	for (const event of ['close', 'error']) child.stdin?.once(event, () => (isOpen = false));
	return {
		async take(data: Buffer): Promise<void> {
			const {stdin} = child;
			if (!isOpen || stdin === null || stdin.write(data)) return;
			await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]).catch(() => {});
		},
		stop: () => void child.stdin?.end(),
		async tables(): Promise<Set<string>> {
			await ended;
			return new Set(
				Array.from(told.matchAll(/ TABLE DATA public (\S+) /g), ([, name = '']) => name),
			);
		},
	};
}
