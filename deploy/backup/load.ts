import {once} from 'node:events';
import type {Readable, Writable} from 'node:stream';
import type {Archive} from './archive-reader.ts';
import {BackupError} from './errors.ts';
import type {PostgresLauncher, PostgresPrograms} from './postgres-programs.ts';
import {compareCounts} from './settle.ts';
import {removeEverything} from './tables.ts';

/**
 * Restores the dump of a backup into the database that the launcher leads to, in one transaction: whatever ends
 * it early, be it a kill, leaves the database as it was. What of ours is in there already goes with it; roles
 * and rights are given afterwards, by `migrate`.
 *
 * pg_restore writes SQL, and psql runs it between our own: only who sees the end of pg_restore's work sends the
 * COMMIT.
 *
 * @param options.settling SQL that runs last in the transaction
 * @throws {BackupError} nothing was changed then
 */
export async function loadDump(
	launcher: PostgresLauncher,
	programs: PostgresPrograms,
	archive: Archive,
	options: {name: 'restore' | 'drill'; serverMajor: number; settling: string},
): Promise<void> {
	const {name, serverMajor, settling} = options;
	const psql = launcher.start(
		programs.psql,
		['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1', '--output=/dev/null'],
		['pipe', 'ignore', 'pipe'],
		name,
	);
	const restore = launcher.start(
		programs.pg_restore,
		[
			'--format=custom',
			'--file=-',
			'--schema=public',
			'--no-owner',
			'--no-privileges',
			'--no-tablespaces',
			'--exit-on-error',
		],
		['pipe', 'pipe', 'pipe'],
		name,
	);
	const sql = psql.child.stdin as Writable;
	try {
		// What a role was given may end a long transaction, or read names elsewhere.
		await put(sql, 'begin;\nset local statement_timeout = 0;\nset local lock_timeout = 0;\n');
		await put(sql, `set local search_path = public, pg_temp;\n${removeEverything}`);
		await Promise.all([
			feed(restore.child.stdin as Writable, archive.dump()),
			pass(restore.child.stdout as Readable, sql, serverMajor),
			restore.ended,
		]);
		await put(sql, `${compareCounts(archive.manifest.tables)}${settling}commit;\n`);
		sql.end();
		await psql.ended;
	} catch (error) {
		for (const {child} of [restore, psql]) child.kill('SIGKILL');
		// What PostgreSQL refused says more than that a pipe broke.
		const words = await psql.ended.then(
			() => undefined,
			(reason: unknown) => reason,
		);
		const isTold = words instanceof BackupError && /ERROR|FATAL/.test(words.message);
		throw isTold ? words : error;
	}
}

async function feed(target: Writable, source: AsyncIterable<Buffer>): Promise<void> {
	for await (const chunk of source) await put(target, chunk);
	target.end();
}

/** A setting that pg_restore of 17 begins with is none of an older server's. */
async function pass(source: Readable, target: Writable, serverMajor: number): Promise<void> {
	let isBeginning = serverMajor < 17;
	for await (const chunk of source) {
		const data = chunk as Buffer;
		const whole = isBeginning ? data.toString('latin1') : '';
		isBeginning = false;
		await put(
			target,
			whole === ''
				? data
				: Buffer.from(whole.replace(/^SET transaction_timeout = 0;$/m, ''), 'latin1'),
		);
	}
}

async function put(target: Writable, data: string | Buffer): Promise<void> {
	if (target.destroyed || !target.writable) throw new BackupError('PostgreSQL ended the restore.');
	if (target.write(data)) return;
	const given = new AbortController();
	try {
		await Promise.race([
			once(target, 'drain', {signal: given.signal}),
			once(target, 'close', {signal: given.signal}),
		]);
	} finally {
		given.abort();
	}
}
