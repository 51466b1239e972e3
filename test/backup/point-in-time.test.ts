import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {appendFile, chmod, chown, mkdir, mkdtemp, readdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import pg from 'pg';
import {run} from '../../deploy/embedded/run.ts';
import {testServices} from '../helpers/environment.ts';
import {eventually} from '../helpers/program.ts';
import {createPostgres} from '../helpers/services.ts';
import {findTool} from '../helpers/tools.ts';
import {missing, packaged} from './tools.ts';

const tool = await findTool('pg_basebackup', ['--version'], /\(PostgreSQL\) (1[7-9])/, packaged);

(tool === undefined ? test.skip : test)(
	'with archived write-ahead log the minute before a mistake comes back (docs/backup.md)',
	async (t) => {
		const {directory, postgresUser: user, runtime} = testServices();
		const postgres = await createPostgres({durable: true});
		t.teardown(() => postgres.stop());
		const place = await mkdtemp(path.join(directory, 'pitr-'));
		const folders = ['wal', 'base', 'socket'].map((name) => path.join(place, name));
		const [wal = '', base = '', socket = ''] = folders;
		await chmod(place, 0o711);
		for (const folder of folders) {
			await mkdir(folder, {mode: 0o700});
			if (user) await chown(folder, user.uid, user.gid);
		}

		const admin = new pg.Client(postgres.adminConfig);
		await admin.connect();
		await admin.query("alter system set archive_mode = 'on'");
		await admin.query(
			`alter system set archive_command = 'test ! -e ${wal}/%f && cp %p ${wal}/%f.part && mv ${wal}/%f.part ${wal}/%f'`,
		);
		await admin.end();
		await postgres.stop();
		await postgres.start();

		const {host = '', port, user: superuser = ''} = postgres.adminConfig;
		await run(
			tool?.file ?? '',
			[
				'--pgdata',
				base,
				'--checkpoint=fast',
				'--host',
				host,
				'--port',
				String(port),
				'--username',
				superuser,
			],
			{user, env: tool?.env ?? {}},
		);
		const again = new pg.Client(postgres.adminConfig);
		await again.connect();
		await again.query("insert into organisations (name) values ('after the base backup')");
		const {rows: times} = await again.query<{now: string}>('select clock_timestamp()::text as now');
		await again.query('delete from organisations');
		const {rows: last} = await again.query<{file: string}>(
			'select pg_walfile_name(pg_switch_wal()) as file',
		);
		await again.end();
		await eventually(async () => (await readdir(wal)).includes(last[0]?.file ?? '-'), {
			what: 'the log to be archived',
		});
		// The machine is gone.
		await postgres.stop();

		await appendFile(
			path.join(base, 'postgresql.auto.conf'),
			`archive_mode = 'off'\nrestore_command = 'cp ${wal}/%f %p'\nrecovery_target_time = '${times[0]?.now}'\nrecovery_target_action = 'promote'\n`,
		);
		await writeFile(path.join(base, 'recovery.signal'), '');
		const server = spawn(
			path.join(runtime.bin, 'postgres'),
			['-D', base, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${socket}`],
			{cwd: '/', stdio: 'ignore', ...(user && {uid: user.uid, gid: user.gid})},
		);
		const gone = once(server, 'exit');
		t.teardown(async () => {
			server.kill('SIGINT');
			await gone;
		});
		const names = await eventually(
			async () => {
				const client = new pg.Client({...postgres.adminConfig, host: socket});
				try {
					await client.connect();
					// It can be read while it recovers, and holds less then.
					const recovery = await client.query<{on: boolean}>('select pg_is_in_recovery() as on');
					if (recovery.rows[0]?.on !== false) return false;
					const {rows} = await client.query<{name: string}>('select name from organisations');
					return rows.map(({name}) => name);
				} catch {
					return false;
				} finally {
					await client.end().catch(() => {});
				}
			},
			{what: 'the restored server to be ready'},
		);
		t.deepEqual(names, ['after the base backup']);
	},
);

if (tool === undefined) test('programs of PostgreSQL', (t) => (t.log(missing), t.pass()));
