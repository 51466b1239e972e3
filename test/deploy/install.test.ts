import {execFile} from 'node:child_process';
import {copyFile, mkdir, mkdtemp, readdir, symlink} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {isOursAlone, keepCompiled} from '../../tui/settings/compiled.ts';

/* The console without the appliance, as docs/console.md says it is installed: from an empty folder. */

const run = promisify(execFile);
const dist = path.join(import.meta.dirname, '..', '..');
const folder = await mkdtemp(path.join(os.tmpdir(), 'latchkey-install-'));
const env = {
	PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
	HOME: folder,
	LATCHKEY_URL: 'http://127.0.0.1:1',
};

async function says(file: string): Promise<void> {
	const version = await run(file, ['--version'], {cwd: folder, env});
	if (!/^\d+\.\d+\.\d+\n$/.test(version.stdout)) throw new Error(version.stdout);
	const help = await run(file, ['keys', 'list', '--help'], {cwd: folder, env});
	if (!help.stdout.startsWith('Usage: latchkey keys list')) throw new Error(help.stdout);
	const away = await run(file, ['status'], {cwd: folder, env}).catch((error: unknown) => error);
	if ((away as {code?: number}).code !== 7) throw new Error(String(away));
}

test('the package that npm packs brings a `latchkey` that needs no other package', async (t) => {
	const {stdout} = await run('npm', ['pack', path.join(dist, 'npm'), '--json'], {cwd: folder, env});
	const [{filename}] = JSON.parse(stdout) as [{filename: string}];
	const prefix = path.join(folder, 'global');
	await run(
		'npm',
		['install', '-g', '--offline', '--prefix', prefix, path.join(folder, filename)],
		{
			cwd: folder,
			env,
		},
	);
	await t.notThrowsAsync(says(path.join(prefix, 'bin', 'latchkey')));
});

test('npm packs no other folder by mistake, and says which one is the package', async (t) => {
	const root = path.join(dist, '..');
	const packing = run('npm', ['pack', '--dry-run'], {cwd: root, env});
	const {stderr} = await t.throwsAsync<Error & {stderr: string}>(packing);
	t.regex(stderr, /npm pack \.\/dist\/npm/);
});

test('the single file runs wherever it is copied, also through a link and beside modules', async (t) => {
	const alone = path.join(folder, 'alone');
	await mkdir(alone);
	await copyFile(path.join(dist, 'latchkey'), path.join(alone, 'latchkey'));
	await symlink(path.join(alone, 'latchkey'), path.join(folder, 'linked'));
	await t.notThrowsAsync(says(path.join(alone, 'latchkey')));
	await t.notThrowsAsync(says(path.join(folder, 'linked')));
	// The folder of the project says that its files are modules.
	await t.notThrowsAsync(says(path.join(dist, 'latchkey')));
});

test('what was compiled is kept only where nobody else can put something in its place', async (t) => {
	const state = path.join(folder, 'state');
	keepCompiled({XDG_STATE_HOME: state});
	t.deepEqual(await readdir(path.join(state, 'latchkey')), ['compiled']);
	t.true(isOursAlone(path.join(state, 'latchkey', 'compiled')));
	const open = path.join(folder, 'open');
	await mkdir(open);
	await run('chmod', ['777', open]);
	await mkdir(path.join(open, 'below'));
	t.false(isOursAlone(open));
	t.false(isOursAlone(path.join(open, 'below')));
});
