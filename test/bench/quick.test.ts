import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chmod, mkdtemp, readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {targets} from '../../bench/targets.ts';
import {findProcesses} from '../../deploy/embedded/processes.ts';
import {testServices} from '../helpers/environment.ts';

const entry = path.join(import.meta.dirname, '..', '..', 'bench', 'run.js');

/** Starts the bench with a temporary folder of its own, by which what it leaves behind is found. */
async function startBench(args: readonly string[]) {
	const directory = await mkdtemp(path.join(testServices().directory, 'bench-'));
	await chmod(directory, 0o711);
	const child = spawn(process.execPath, [entry, ...args], {
		env: {...process.env, TMPDIR: directory},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	const printed = new EventTarget();
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			output += text;
			printed.dispatchEvent(new Event('output'));
		});
	}
	const closed = once(child, 'close') as Promise<[number | null]>;
	return {
		child,
		output: () => output,
		/** Resolves when the text was printed, or the bench has ended. */
		prints: (text: string) =>
			Promise.race([
				closed,
				new Promise<void>((resolve) => {
					printed.addEventListener('output', () => {
						if (output.includes(text)) resolve();
					});
				}),
			]),
		exitCode: async () => (await closed)[0],
		async left() {
			const processes = await findProcesses(
				({directory: cwd, environment, args: words}) =>
					cwd.startsWith(`${directory}/`) ||
					environment.includes(`TMPDIR=${directory}`) ||
					words.some((word) => word.includes(`${directory}/`)),
			);
			return [...processes.map(({args: words}) => words.join(' ')), ...(await readdir(directory))];
		},
	};
}

test('a quick bench runs every scenario, without one failed request, and stops all of it', async (t) => {
	const output = path.join(testServices().directory, 'bench-result.json');
	const bench = await startBench(['--quick', '--million', '--output', output]);
	t.is(await bench.exitCode(), 0, bench.output());
	t.deepEqual(await bench.left(), []);

	const text = await readFile(output, 'utf8');
	const result = JSON.parse(text);
	const {machine, throughput} = result;
	t.like(machine, {node: process.versions.node});
	t.true(machine.cores >= 1 && !Number.isNaN(Date.parse(machine.date)));
	t.regex(machine.postgres, /^\d+/);
	// An absolute path would tell about the machine; keys/self is a title.
	t.notRegex(text, /(?:^|\W)\/[a-z]+\//i, 'no path in the result');
	t.deepEqual(
		throughput.map(({name}: {name: string}) => name),
		targets.map(({name}) => name),
	);
	for (const row of throughput) {
		t.is(row.failures, 0);
		t.is(row.rounds.length, 2);
		for (const figure of ['requests', 'requestsPerSecond', 'ratio', 'p50Ms', 'p99Ms', 'rssMb']) {
			t.true(row[figure] > 0, `${row.name}: ${figure}`);
		}
		t.true(bench.output().includes(row.title));
	}
	const row = (name: string) => throughput.find((each: {name: string}) => each.name === name);
	t.like(row('bare-koa'), {ratio: 1, bodyBytes: row('get-source').bodyBytes});
	const [post, verify] = [row('bare-koa-post'), row('verify')];
	t.is(post.bodyBytes, verify.bodyBytes);
	t.is(verify.likeness.title, post.title);
	t.is(row('bare-node').bodyBytes, row('self').bodyBytes);
	t.is(row('bare-node-post').bodyBytes, verify.bodyBytes);
	for (const figure of ['ratio', 'capacity', 'p99Ratio'])
		t.true(verify.likeness[figure] > 0, figure);

	for (const name of ['self', 'forward-auth', 'get-source', 'verify', 'unknown-key']) {
		const {p99Ratio, requestsPerSecond, fullPerSecond, other} = result.halfLoad.rows.find(
			(each: {name: string}) => each.name === name,
		);
		t.true(p99Ratio > 0 && other.p99Ratio > 0 && requestsPerSecond < fullPerSecond, name);
	}
	if ('missing' in result.balanced) t.log(result.balanced.missing);
	else {
		t.is(result.balanced.rows.length, 12);
		for (const {name, failures, other} of result.balanced.rows) {
			t.is(failures, 0);
			t.is(other?.p50Ratio > 0, !name.endsWith(', directly'), name);
		}
	}

	for (const row of [...result.byKeys, ...result.byProcesses, ...result.millionUsed.rows]) {
		t.is(row.failures, 0);
		t.true(row.capacity > 0, row.name);
	}
	t.true(
		result.byProcesses.every(
			({name, scaling}: {name: string; scaling?: number}) =>
				(scaling ?? 0) > 0 === name.endsWith('-2'),
		),
	);
	t.true(result.millionUsed.misses.per1000 > 0);
	t.deepEqual(
		result.barrier.phases.map(({name}: {name: string}) => name),
		['saturation', 'half', 'idle'],
	);
	for (const phase of result.barrier.phases) {
		t.like(phase, {revocations: 5, acceptedAfter: 0, usesAfter: 15});
		t.like(phase.barrier, {count: 5});
		t.is(phase.requestsPerSecond > 0, phase.name !== 'idle');
	}
	t.like(result.coldStart, {keys: 300, failures: 0});
	t.true(result.coldStart.memory.rssKnownMb > 0);
	t.like(result.coldStartLaden, {keys: 300, failures: 0});
	t.true(result.coldStartLaden.memory.rssKnownMb > 0);
	t.like(result.coldStartLimited, {keys: 300, failures: 0});
	t.true(result.coldStartLimited.memory.rssKnownMb > 0);
	t.deepEqual(
		result.limitsRedisBusy.rows.map(({name}: {name: string}) => name),
		['quiet', 'busyCore', 'busyRedis'],
	);
	for (const {plain, limited} of result.limitsRedisBusy.rows) {
		t.true(plain.p99Ms > 0 && limited.p99Ms > 0);
	}
	t.is(result.limitsRedisMemory.keys, 300);
	t.true(result.limitsRedisMemory.limitsBytesPerKey > 0);
	t.true(result.limitsRedisMemory.usageBytesPerKey > 0);
	t.like(result.startUpStorm, {keys: 300, failures: 0});
	t.like(result.lastUsed, {keys: 200, passKeys: 200, failures: 0});
	t.is(result.writes.latencies.length, 6);
	for (const {one, many} of result.writes.latencies) t.deepEqual([one.count, many.count], [10, 10]);
	t.is(result.keyLists.keys, 2000);
	t.true(result.keyLists.lists.every(({count}: {count: number}) => count === 2));
	t.deepEqual(
		result.refusedLogins.cases.map(({count}: {count: number}) => count),
		[5, 5, 5, 5, 5],
	);
	t.true(result.parallelLogins.with.p99Ms > 0);
	t.true(result.parallelLogins.logins > 0);
	t.true(result.postgresStall.rounds.every(({decided}: {decided: number}) => decided > 0));
	t.is(result.webhooks.latency.count, 50);
	t.true(result.webhooks.deliveriesPerSecond > 0);
	for (const {count} of [result.webhooks.without, result.webhooks.beside]) t.is(count, 45);
	t.deepEqual(
		result.console.sizes.map(({keys}: {keys: number}) => keys),
		[50, 300],
	);
	for (const {starts, move, memory} of result.console.sizes) {
		t.true(starts.paintMs > 0 && starts.completeMs >= starts.paintMs);
		t.is(move.count, 10);
		t.true(memory.peakMb >= memory.rssMb && memory.rssMb > 0);
	}
	t.true(result.million.latencies.every(({count}: {count: number}) => count === 10));
	t.is(result.audit.auditEntries, 2000);
	t.true(result.audit.pages.every(({count}: {count: number}) => count === 10));
	if ('missing' in result.backup) t.log(result.backup.missing);
	else {
		const [tenth, all] = result.backup.sizes;
		t.true(tenth.usageRows > 0 && all.usageRows > tenth.usageRows && all.keys > tenth.keys);
		for (const size of result.backup.sizes) {
			for (const name of ['backup', 'drill', 'restore']) {
				t.true(size[name].seconds > 0 && size[name].peakMb > 0, name);
			}
		}
	}
});

test('an interrupted bench stops what it has started', async (t) => {
	const bench = await startBench(['--quick', '--seconds', '60']);
	await bench.prints('rounds of');
	bench.child.kill('SIGINT');
	t.is(await bench.exitCode(), 130, bench.output());
	t.deepEqual(await bench.left(), []);
});

test('two versions are not compared by what measures one', async (t) => {
	const bench = await startBench(['--quick', '--only', 'barrier', '--compare', 'HEAD']);
	t.is(await bench.exitCode(), 2);
	t.regex(bench.output(), /^--compare: two versions are compared by requests beside bare Koa/);
	t.deepEqual(await bench.left(), []);
});

test('two versions are measured in turn, where git has the other one', async (t) => {
	const bench = await startBench(['--quick', '--compare', 'no-such-version']);
	t.is(await bench.exitCode(), 1);
	t.regex(bench.output(), /--compare: git knows no commit no-such-version here/);
	t.deepEqual(await bench.left(), []);

	const {status, stdout} = spawnSync('git', ['rev-parse', '--short=7', 'HEAD'], {
		cwd: path.join(import.meta.dirname, '..', '..', '..'),
		encoding: 'utf8',
	});
	if (status !== 0) {
		t.log('two versions were not measured: this is no clone of the repository');
		return;
	}
	const commit = stdout.trim();
	const output = path.join(testServices().directory, 'bench-compared.json');
	const options = ['--quick', '--only', 'self', '--compare', 'HEAD', '--output', output];
	const comparing = await startBench(options);
	t.is(await comparing.exitCode(), 0, comparing.output());
	t.deepEqual(await comparing.left(), []);
	const {comparedWith, throughput} = JSON.parse(await readFile(output, 'utf8'));
	t.is(comparedWith, commit);
	t.deepEqual(
		throughput.map(({name}: {name: string}) => name),
		['bare-koa', 'self', `self@${commit}`],
	);
	const [, self, other] = throughput;
	t.like(self.other, {title: other.title});
	t.true(self.other.ratio > 0 && self.other.capacity > 0);
	t.is(other.other, undefined);
});

test('a command line that cannot be understood starts nothing', async (t) => {
	const bench = await startBench(['--rounds', 'many']);
	t.is(await bench.exitCode(), 2);
	t.regex(bench.output(), /--rounds: expected a number above 0/);
});
