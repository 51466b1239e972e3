import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';

const root = path.join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);
const secret = 'a-secret-of-the-environment';

/** Flags of Node in a command line of the project. */
async function flagsIn(file: string, line: RegExp): Promise<string[]> {
	const text = (await readFile(path.join(root, file), 'utf8')).replaceAll('\\\n', ' ');
	const [, flags] = line.exec(text) ?? [];
	if (flags === undefined) throw new Error(`${file} starts nothing like ${line}`);
	return flags.trim().split(/\s+/);
}

for (const [what, file, line] of [
	['the image', 'deploy/compose/latchkey', /^exec node (.*?)\S+latchkey\.js/m],
	['npm start', 'package.json', /"start": "exec node (.*?)dist\/bundle\/start\.js"/],
] as const) {
	test(`S-93: in ${what}, a report of Node holds no environment`, async (t) => {
		const flags = await flagsIn(file, line);
		const script = 'console.log(JSON.stringify(process.report.getReport()))';
		const env = {...process.env, LATCHKEY_ENCRYPTION_KEY: secret};
		const options = {env, maxBuffer: 16 * 1024 * 1024};
		const {stdout} = await run(process.execPath, [...flags, '-e', script], options);
		t.true(stdout.includes('nodejsVersion'));
		t.false(stdout.includes(secret));
		// Without the flag it would be there: the test can fail.
		const bare = await run(process.execPath, ['-e', script], options);
		t.true(bare.stdout.includes(secret));
	});

	test(`S-93: in ${what}, SIGUSR1 opens no debugger`, async (t) => {
		const flags = await flagsIn(file, line);
		t.is(await afterSignal(flags, 1000), '');
		// Without the flag it would: the test can fail.
		t.regex(await afterSignal([], 60_000), /Debugger listening/);
	});
}

/** The first that Node writes to standard error when SIGUSR1 reaches it, if it does at all. */
async function afterSignal(flags: readonly string[], withinMs: number): Promise<string> {
	const script = `process.stdout.write('up'); setTimeout(() => {}, ${withinMs})`;
	const child = spawn(process.execPath, ['--inspect-port=0', ...flags, '-e', script]);
	let errors = '';
	child.stderr.on('data', (chunk: Buffer) => {
		errors += chunk.toString();
		child.kill('SIGKILL');
	});
	await once(child.stdout, 'data');
	child.kill('SIGUSR1');
	await once(child, 'close');
	return errors;
}
