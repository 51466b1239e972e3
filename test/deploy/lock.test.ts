import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {lockDirectory} from '../../deploy/embedded/lock.ts';

const lockModule = new URL('../../deploy/embedded/lock.js', import.meta.url).href;
const makeDirectory = async () => mkdtemp(path.join(tmpdir(), 'lock-'));

test('one holder at a time, by whatever path the directory is named', async (t) => {
	const directory = await makeDirectory();
	const {lock} = await lockDirectory(directory);
	t.truthy(lock);
	t.deepEqual(await lockDirectory(directory), {heldBy: process.pid});

	const alias = `${directory}-alias`;
	await symlink(directory, alias);
	t.deepEqual(await lockDirectory(alias), {heldBy: process.pid});

	await lock?.release();
	const again = await lockDirectory(directory);
	t.truthy(again.lock);
	await again.lock?.release();
});

test('of many at once exactly one gets it', async (t) => {
	const directory = await makeDirectory();
	const attempts = await Promise.all(
		Array.from({length: 10}, async () => lockDirectory(directory)),
	);
	const held = attempts.filter(({lock}) => lock);
	t.is(held.length, 1);
	await held[0]?.lock?.release();
});

test('two directories do not hinder each other', async (t) => {
	const first = await lockDirectory(await makeDirectory());
	const second = await lockDirectory(await makeDirectory());
	t.truthy(first.lock);
	t.truthy(second.lock);
	await first.lock?.release();
	await second.lock?.release();
});

test('a killed holder leaves nothing behind', async (t) => {
	const directory = await makeDirectory();
	const script = `
		const {lockDirectory} = await import(${JSON.stringify(lockModule)});
		const {lock} = await lockDirectory(${JSON.stringify(directory)});
		console.log(Boolean(lock));
		setInterval(() => undefined, 1000);`;
	const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const [said] = await once(holder.stdout, 'data');
	t.is(String(said), 'true\n');
	t.deepEqual(await lockDirectory(directory), {heldBy: holder.pid});

	holder.kill('SIGKILL');
	await once(holder, 'exit');
	const {lock} = await lockDirectory(directory);
	t.truthy(lock);
	await lock?.release();
});
