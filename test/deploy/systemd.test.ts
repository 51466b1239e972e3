import {chmod, mkdir, mkdtemp, readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {loadMigrateConfig, loadServerConfig, loadWorkerConfig} from '../../core/config/config.ts';
import {settings} from '../../core/config/settings.ts';
import {run} from '../../deploy/embedded/run.ts';
import {createSecrets} from '../../deploy/secrets.ts';
import {testServices} from '../helpers/environment.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const folder = path.join(root, 'deploy/systemd');
const units = (await readdir(folder)).filter((name) => /\.(service|timer)$/.test(name));
const read = (name: string) => readFile(path.join(folder, name), 'utf8');
const programs = ['server', 'worker', 'migrate', 'backup', 'drill'];

test('systemd finds no fault with the units, and little that they could do', async (t) => {
	const version = await run('systemd-analyze', ['--version']).catch(() => '');
	if (Number(/^systemd (\d+)/.exec(version)?.[1] ?? 0) < 250) {
		t.log('systemd-analyze 250 or newer is not here: what systemd says of the units was not asked');
		return t.pass();
	}
	const place = await mkdtemp(path.join(testServices().directory, 'units-'));
	// What the archive puts into /opt/latchkey.
	const program = path.join(place, 'bin/latchkey');
	await mkdir(path.dirname(program));
	await writeFile(program, '#!/bin/sh\n');
	await chmod(program, 0o755);
	const put = async (name: string, text: string) => {
		const file = path.join(place, name);
		await writeFile(file, text.replaceAll('/opt/latchkey', place));
		return file;
	};
	const files = await Promise.all(units.map(async (name) => put(name, await read(name))));
	// It ends with 0 whatever it says.
	const verify = async (checked: readonly string[]) =>
		run('sh', ['-c', 'systemd-analyze verify --man=no "$@" 2>&1', 'sh', ...checked]).catch(String);
	const own = async (checked: readonly string[]) =>
		(await verify(checked)).split('\n').filter((line) => line.includes('latchkey-'));
	t.deepEqual(await own(files), []);
	const wrong = (await read('latchkey-server.service')).replace('PrivateTmp', 'PrivatTmp');
	t.regex((await own([await put('latchkey-wrong.service', wrong)])).join('\n'), /PrivatTmp/);

	for (const file of files.filter((name) => name.endsWith('.service'))) {
		const said = await run('systemd-analyze', [
			'security',
			'--offline=yes',
			'--threshold=20',
			file,
		]);
		t.regex(said, /Overall exposure level .*: 1\.\d OK/);
	}
	return undefined;
});

test('the sample of the settings starts every program, with the secrets that init makes', async (t) => {
	const place = await mkdtemp(path.join(testServices().directory, 'etc-'));
	await createSecrets(path.join(place, 'secrets'));
	const lines = (await read('latchkey.env')).split('\n');
	const given = lines.filter((line) => line.startsWith('LATCHKEY_'));
	// What a shell reads (latchkey-operate), systemd reads as well.
	t.true(given.every((line) => /^[A-Z_]+=[\w./:,-]*$/.test(line)));
	const environment = Object.fromEntries(
		given.map((line) => [
			line.slice(0, line.indexOf('=')),
			line.slice(line.indexOf('=') + 1).replace('/etc/latchkey', place),
		]),
	);
	t.is(loadServerConfig(environment).database.user, 'latchkey_app');
	t.is(loadWorkerConfig(environment).workerPort, 9464);
	const {ownerDatabase} = loadMigrateConfig({
		...environment,
		LATCHKEY_DATABASE_MIGRATION_PASSWORD_FILE: path.join(
			place,
			'secrets/database_migration_password',
		),
	});
	t.is(ownerDatabase.user, 'latchkey');
	t.truthy(ownerDatabase.password);
	const known = Object.values(settings).flatMap(({variable}) => [variable, `${variable}_FILE`]);
	const named = lines.flatMap((line) => /^#(LATCHKEY_[A-Z_]+)=/.exec(line)?.[1] ?? []);
	t.true(named.length > 0);
	t.deepEqual(
		named.filter((name) => !known.includes(name)),
		[],
	);
	const stop =
		Number(environment['LATCHKEY_DRAIN_DELAY_MS']) +
		Number(environment['LATCHKEY_SHUTDOWN_TIMEOUT_MS']);
	for (const name of ['latchkey-server.service', 'latchkey-worker.service']) {
		t.true(Number(/^TimeoutStopSec=(\d+)$/m.exec(await read(name))?.[1]) * 1000 > stop + 5000);
	}
});

test('only migrations and backups get the password of the role that owns the schema', async (t) => {
	t.deepEqual(
		units.filter((name) => name.endsWith('.service')).toSorted(),
		programs.map((name) => `latchkey-${name}.service`).toSorted(),
	);
	for (const program of programs) {
		const unit = await read(`latchkey-${program}.service`);
		t.regex(unit, new RegExp(`^ExecStart=/opt/latchkey/bin/latchkey ${program}\\b`, 'm'));
		const isOwner = !['server', 'worker'].includes(program);
		t.is(/^LoadCredential=.*\/owner\//m.test(unit), isOwner, program);
		t.is(/^InaccessiblePaths=-\/etc\/latchkey\/owner$/m.test(unit), !isOwner, program);
		t.is(/^User=latchkey$/m.test(unit), !isOwner, program);
		t.notRegex(unit, /LATCHKEY_\w*(PASSWORD|KEY|TOKEN)=/);
	}
});
