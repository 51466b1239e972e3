import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFile, open, readdir, readFile, rm, stat, truncate, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {generateX25519Identity, identityToRecipient} from 'age-encryption';
import pg from 'pg';
import {connectDatabase} from '../../core/db/connect.ts';
import {readArchive} from '../../deploy/backup/archive-reader.ts';
import {newestRuns} from '../../core/maintenance/runs.ts';
import {createSecrets} from '../../deploy/secrets.ts';
import {run} from '../../deploy/embedded/run.ts';
import {startProgram} from '../helpers/program.ts';
import {createDatabase} from '../helpers/services.ts';
import {findTool} from '../helpers/tools.ts';
import {missing, newFolder, postgresPrograms, runToEnd} from './tools.ts';

const programs = await postgresPrograms();
const withPrograms = programs === undefined ? test.serial.skip : test.serial;
if (programs === undefined) test('programs of PostgreSQL', (t) => (t.log(missing), t.pass()));

/** A migrated database with some data, secrets that fit, and a folder for backups. */
async function prepare() {
	const database = await createDatabase();
	const folder = await newFolder();
	const secrets = await newFolder();
	await createSecrets(secrets, {names: ['encryption_key', 'setup_token', 'instance_id']});
	const admin = new pg.Client(database.adminConfig);
	await admin.connect();
	await admin.query(
		`insert into usage_hourly (hour, key_id, process_id, outcome, count)
			select now(), gen_random_uuid(), gen_random_uuid(), repeat(md5(n::text), 8), n from generate_series(1, 40000) n`,
	);
	await admin.end();
	const env = {
		...database.env,
		LATCHKEY_SECRETS_DIR: secrets,
		LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1',
		LATCHKEY_BACKUP_DIR: folder,
		LATCHKEY_POSTGRES_PROGRAMS_DIR: programs ?? '',
	};
	return {database, folder, secrets, env};
}

/** Backups of a folder, without what begins with a dot. */
async function backupsIn(folder: string): Promise<string[]> {
	return (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted();
}

withPrograms('a backup that is killed leaves the old one, and no half file', async (t) => {
	const {database, folder, env} = await prepare();
	t.teardown(() => database.drop());
	t.is((await runToEnd(['backup'], env)).code, 0);
	const before = await backupsIn(folder);
	const [old = ''] = before;
	const content = await readFile(path.join(folder, old));

	for (let tries = 0; tries < 3; tries++) {
		const program = startProgram(['backup', '--keep', '1'], env);
		// In the midst of it, or before it has begun: both happen.
		const since = Date.now();
		const moment = Math.random() < 0.3 ? 300 : Infinity;
		for (;;) {
			const isWriting = (await readdir(folder)).some((name) => name.endsWith('.partial'));
			if (isWriting || Date.now() - since > moment) break;
			if (Date.now() - since > 60_000) break;
			await sleep(5);
		}
		await sleep(Math.random() * 60);
		program.kill('SIGKILL');
		if ((await program.exited) === 0) break;
		t.deepEqual(await backupsIn(folder), before);
		t.true((await readFile(path.join(folder, old))).equals(content));
	}

	// The next one clears what the killed ones left, and only then deletes the old one.
	const next = await runToEnd(['backup', '--keep', '1', '--json'], env);
	t.is(next.code, 0, next.output);
	const all = await readdir(folder);
	t.is(all.length, 1);
	t.not(all[0], old);
	t.true(next.output.includes(`"deleted":["${old}"`));
});

withPrograms(
	'where the disk is full the backup fails, says so, and the old one stays',
	async (t) => {
		const {database, folder, env} = await prepare();
		t.teardown(() => database.drop());
		t.is((await runToEnd(['backup'], env)).code, 0);
		const before = await readdir(folder);

		// The process may write no file that is larger than this: as on a disk that fills up.
		const script = path.join(import.meta.dirname, '../../bundle/latchkey.js');
		const child = spawn(
			'sh',
			[
				'-c',
				'ulimit -f 512; trap "" XFSZ; exec "$@"',
				'sh',
				process.execPath,
				script,
				'backup',
				'--keep',
				'1',
			],
			{env: {PATH: process.env['PATH'], ...env}, stdio: ['ignore', 'ignore', 'pipe']},
		);
		let said = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
		const [code] = (await once(child, 'close')) as [number | null];
		t.is(code, 1, said);
		t.regex(said, /could not be written to .*older backups are as they were/);
		t.deepEqual(await readdir(folder), before);

		const db = connectDatabase(database.config, 'test');
		const {backup} = await newestRuns(db);
		await db.destroy();
		t.is(backup.newest?.succeeded, false);
		t.regex(backup.newest?.error ?? '', /could not be written/);
		t.is(backup.succeeded?.file, before[0]);
	},
);

withPrograms('a file that was cut off or altered is refused, and the drill says so', async (t) => {
	const {database, folder, env} = await prepare();
	t.teardown(() => database.drop());
	t.is((await runToEnd(['backup'], env)).code, 0);
	const [name = ''] = await readdir(folder);
	const file = path.join(folder, name);
	const good = path.join(await newFolder(), name);
	await copyFile(file, good);

	const drilled = await runToEnd(['drill'], env);
	t.is(drilled.code, 0, drilled.output);
	t.regex(drilled.output, /restores, and this holds:/);
	const {rows: left} = await asAdmin(
		database.adminConfig,
		`select from pg_database where datname = '${database.name}_drill'`,
	);
	t.is(left.length, 0);

	const {size} = await stat(file);
	const faults: [damage: () => Promise<void>, said: RegExp][] = [
		[() => truncate(file, size - 1024), /not a whole backup/],
		[() => truncate(file, Math.floor(size / 2)), /not a whole backup/],
		[() => truncate(file, 0), /not a whole backup/],
		[
			() => alter(file, Math.floor(size / 2)),
			/database\.dump\/\d+ is not what was written|not a whole backup/,
		],
		[() => alter(file, 600), /manifest\.json is not what was written/],
	];
	for (const [damage, said] of faults) {
		await copyFile(good, file);
		await damage();
		await t.throwsAsync(readArchive(file, {}), {name: 'BackupError', message: said});
	}
	const refused = await runToEnd(['drill'], env);
	t.is(refused.code, 1);
	t.regex(refused.output, /is not as it was written|not a whole backup/);
	await rm(file);
	const none = await runToEnd(['drill'], env);
	t.is(none.code, 1);
	t.regex(none.output, /There is no backup in/);
	const db = connectDatabase(database.config, 'test');
	const {drill} = await newestRuns(db);
	await db.destroy();
	t.is(drill.newest?.succeeded, false);
	t.is(drill.succeeded?.file, name);
});

withPrograms(
	'an encrypted backup opens with what it was encrypted for, also by age itself',
	async (t) => {
		const {database, folder, env} = await prepare();
		t.teardown(() => database.drop());
		const identity = await generateX25519Identity();
		const recipient = await identityToRecipient(identity);
		const keys = await newFolder();
		const identityFile = path.join(keys, 'identity');
		const otherFile = path.join(keys, 'other');
		await writeFile(identityFile, `# made for a test\n${identity}\n`, {mode: 0o600});
		await writeFile(otherFile, `${await generateX25519Identity()}\n`, {mode: 0o600});

		const made = await runToEnd(['backup', '--recipient', recipient], env);
		t.is(made.code, 0, made.output);
		t.notRegex(made.output, /not encrypted/);
		const [name = ''] = await readdir(folder);
		t.regex(name, /\.tar\.age$/);
		t.is((await runToEnd(['drill', '--identity', identityFile], env)).code, 0);
		const other = await runToEnd(['drill', '--identity', otherFile], env);
		t.is(other.code, 1);
		t.regex(other.output, /does not open with this identity/);
		const none = await runToEnd(['drill'], env);
		t.regex(none.output, /is encrypted\. Give what opens it/);

		const passphrase = path.join(keys, 'passphrase');
		await writeFile(passphrase, 'six words that nobody else knows\n');
		const locked = path.join(await newFolder(), 'b.tar.age');
		t.is(
			(await runToEnd(['backup', '--to', locked, '--passphrase-file', passphrase], env)).code,
			0,
		);
		t.is(
			(await runToEnd(['drill', '--from', locked, '--passphrase-file', passphrase], env)).code,
			0,
		);
		const wrong = await runToEnd(['drill', '--from', locked], {
			...env,
			LATCHKEY_BACKUP_PASSPHRASE: 'another passphrase',
		});
		t.is(wrong.code, 1);
		t.regex(wrong.output, /does not open with this passphrase/);

		const age = await findTool('age', ['--version'], /\d+\.\d+/);
		if (age === undefined) {
			t.log('age can be had neither from this machine nor from its packages: not tried');
			return;
		}
		const tar = path.join(keys, 'opened.tar');
		await run(
			age.file,
			['--decrypt', '--identity', identityFile, '--output', tar, path.join(folder, name)],
			{env: age.env},
		);
		await run('tar', ['-xf', tar], {cwd: keys});
		// As docs/backup.md has it for who has no Latchkey at hand.
		await run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], {cwd: keys});
		t.true((await readdir(path.join(keys, 'secrets'))).includes('encryption_key'));
	},
);

withPrograms('wrong use is told before anything is done', async (t) => {
	const {database, folder, env} = await prepare();
	t.teardown(() => database.drop());
	for (const [args, said] of [
		[['backup', '--keep', '0'], /--keep: a number from 1 on/],
		[['backup', '--recipient', 'me'], /not a recipient of age/],
		[['backup', 'elsewhere'], /Unexpected argument/],
		[['restore'], /Which file/],
		[['drill', '--with-care'], /Unknown option/],
	] as const) {
		const outcome = await runToEnd(args, env);
		t.is(outcome.code, 2, outcome.output);
		t.regex(outcome.output, said);
	}
	const old = await runToEnd(['backup'], {...env, LATCHKEY_POSTGRES_PROGRAMS_DIR: folder});
	t.is(old.code, 1);
	t.regex(
		old.output,
		/pg_dump, pg_restore and psql of PostgreSQL \d+ or newer are needed\. Install the package/,
	);
	t.deepEqual(await readdir(folder), []);
});

async function asAdmin(config: pg.ClientConfig, statement: string) {
	const client = new pg.Client(config);
	await client.connect();
	try {
		return await client.query(statement);
	} finally {
		await client.end();
	}
}

/** Changes one byte. */
async function alter(file: string, place: number): Promise<void> {
	const handle = await open(file, 'r+');
	try {
		const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, place);
		buffer[0] = (buffer[0] ?? 0) ^ 1;
		await handle.write(buffer, 0, 1, place);
	} finally {
		await handle.close();
	}
}
