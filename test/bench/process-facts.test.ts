import {spawn, type ChildProcess} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {setImmediate as nextTurn} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {cpuSeconds, family, residentBytes} from '../../bench/process-facts.ts';
import {eventually} from '../helpers/program.ts';

/** A process whose children do what the test is about. */
function shell(t: ExecutionContext, script: string): number {
	const child: ChildProcess = spawn('sh', ['-c', script], {stdio: 'ignore'});
	t.teardown(() => child.kill('SIGKILL'));
	if (child.pid === undefined) throw new Error('no shell');
	return child.pid;
}

test('a child that ends while it is read does no harm', async (t) => {
	const pid = shell(t, 'while :; do true | true; done');
	const seen = new Set<number>();
	// A family that is never the same for long, until many have come and gone.
	while (seen.size < 500) {
		for (const each of family(pid)) seen.add(each);
		if (Number.isNaN(cpuSeconds(pid))) t.fail('CPU time that is not a number');
		if (!(residentBytes(pid) > 0)) t.fail('memory of a process that lives');
		await nextTurn();
	}
	t.pass();
});

test('a child that has ended holds no memory while it waits to be waited for', async (t) => {
	// A program that waits for no child takes the place of the shell.
	const pid = shell(t, 'true & exec sleep 1000');
	await eventually(async () => {
		const [, child] = family(pid);
		return /\) Z /.test(await readFile(`/proc/${child}/stat`, 'latin1'));
	});
	t.true(residentBytes(pid) > 0);
	t.true(cpuSeconds(pid) >= 0);
});

test('the time of a child that has ended is not lost', async (t) => {
	const burn = 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done';
	const pid = shell(t, `(${burn}); exec sleep 1000`);
	await eventually(async () => (await readFile(`/proc/${pid}/comm`, 'latin1')) === 'sleep\n');
	t.deepEqual(family(pid), [pid]);
	t.true(cpuSeconds(pid) >= 0.05, String(cpuSeconds(pid)));
});

test('a process that is gone cannot be read', async (t) => {
	const child = spawn('true');
	await new Promise((resolve) => child.once('close', resolve));
	t.throws(() => cpuSeconds(child.pid ?? -1), {code: 'ENOENT'});
	t.throws(() => residentBytes(child.pid ?? -1), {code: 'ENOENT'});
});
