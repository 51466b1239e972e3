/** What stands in the way of a backup, a restore or a drill, in words for the operator: what it is, and what to do. */
export class BackupError extends Error {
	override readonly name = 'BackupError';
}

/** The command was not given as it must be. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

/** What an error says that is not ours, without its stack: it may come from a program or a disk. */
export function messageOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
	if (code === 'ENOSPC') return 'no space is left on the disk';
	if (code === 'EFBIG')
		return 'the file may not grow any more (a limit of the process or the file system)';
	return error.message;
}
