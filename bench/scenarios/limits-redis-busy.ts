import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {layOut, median, rounded} from '../figures.ts';
import type {Measurement} from '../load/job.ts';
import {connectBenchRedis} from '../redis.ts';
import type {Services} from '../services.ts';
import {failures, type Scenario} from '../scenario.ts';
import {find, type Target} from '../targets.ts';
import {writeRequests} from '../turns.ts';

const connections = 16;
/** For so long a script keeps Redis from everybody else: longer than any use waits for it. */
const scriptMs = 100;

/** Starts something that takes a core that is not the server's. @returns what ends it */
type Disturb = (services: Services) => Promise<() => Promise<void>>;

const conditions: readonly {name: string; title: string; disturb: Disturb}[] = [
	{name: 'quiet', title: 'nothing else', disturb: async () => async () => {}},
	{name: 'busyCore', title: 'another program takes as much CPU', disturb: burnCore},
	{name: 'busyRedis', title: 'Redis is saturated', disturb: saturate},
];

/**
 * Keys without limits at a steady rate, beside some with limits: when Redis has no time for anybody,
 * the former must not wait. Redis shares a core with the load, so it is held against another program
 * that takes the same core.
 */
export const limitsRedisBusy: Scenario = {
	name: 'limits-redis-busy',
	title: 'keys without limits, and keys with limits, while Redis is saturated',
	keys: ({keys}) => keys,
	carrying: ({keys}) => ({limited: keys}),
	async run(bench) {
		const {options, fixture, services, directory, signal} = bench;
		const server = await bench.startServer();
		const of = async (target: Target, requestsPerSecond: number) => {
			const load = bench.startLoad();
			const keys = fixture[target.keys].slice(0, options.keys);
			await bench.useOnce({program: server, target, keys, connections});
			const requestsFile = await writeRequests(directory, target.name, {target, keys});
			return () =>
				load.measure(
					{
						port: server.port,
						requestsFile,
						status: target.status,
						connections,
						choice: 'random',
						requestsPerSecond,
						warmupMs: options.warmupSeconds * 1000,
						measureMs: options.seconds * 1000,
						serverPid: server.pid,
					},
					signal,
				);
		};
		const plain = await of(find('forward-auth'), options.sizes.busyRedisLoad);
		const limited = await of(find('forward-auth-limited'), options.sizes.busyRedisLoad / 10);
		const measured = conditions.map((condition) => ({
			...condition,
			plain: [] as Measurement[],
			limited: [] as Measurement[],
		}));
		for (let round = 0; round < options.rounds; round++) {
			for (const each of measured) {
				const calm = await each.disturb(services);
				try {
					const [ofPlain, ofLimited] = await Promise.all([plain(), limited()]);
					each.plain.push(ofPlain);
					each.limited.push(ofLimited);
				} finally {
					await calm();
				}
			}
			await server.truncateLog();
		}
		const rows = measured.map(({name, title, plain: ofPlain, limited: ofLimited}) => ({
			name,
			title,
			plain: figures(ofPlain),
			limited: figures(ofLimited),
		}));
		const beside = (name: string) => rows.find((row) => row.name === name)?.plain.p99Ms ?? NaN;
		const result = {
			requestsPerSecond: options.sizes.busyRedisLoad,
			rows,
			p99Ratio: rounded(beside('busyRedis') / beside('busyCore'), 2),
			goalRatio: 1,
		};
		const table = layOut(
			['keys without limits', 'p50 ms', 'p99 ms', 'with limits: p50 ms', 'p99 ms'],
			rows.map((row) => [
				row.title,
				...[row.plain, row.limited].flatMap(({p50Ms, p99Ms}) => [
					p50Ms.toFixed(2),
					p99Ms.toFixed(2),
				]),
			]),
		);
		return {
			result,
			table: `${table}\np99 beside a saturated Redis, against a core as busy: ${result.p99Ratio} (goal ${result.goalRatio})`,
			faults: measured.flatMap((each) =>
				[...each.plain, ...each.limited].flatMap((one) => failures(each.title, one)),
			),
		};
	},
};

function figures(rounds: readonly Measurement[]) {
	return {
		p50Ms: rounded(median(rounds.map(({p50Ms}) => p50Ms)), 2),
		p99Ms: rounded(median(rounds.map(({p99Ms}) => p99Ms)), 2),
	};
}

/** Scripts one after another, so that whoever asks Redis waits for a whole one, or two. */
async function saturate(services: Services): Promise<() => Promise<void>> {
	const redis = await connectBenchRedis(services);
	const turn = async (turns: number) =>
		redis.eval('for i = 1, tonumber(ARGV[1]) do end', 0, Math.round(turns));
	// Scripts have no clock to go by.
	const sample = 10_000_000;
	const from = performance.now();
	await turn(sample);
	const turns = (sample * scriptMs) / (performance.now() - from);
	let isStopping = false;
	const again = async () => {
		while (!isStopping) await turn(turns);
	};
	const running = Promise.all([again(), again()]);
	// Its fault is told where it ends.
	running.catch(() => undefined);
	return async () => {
		isStopping = true;
		try {
			await running;
		} finally {
			redis.disconnect();
		}
	};
}

async function burnCore(): Promise<() => Promise<void>> {
	const child = spawn(process.execPath, ['--eval', 'for (;;);'], {stdio: 'ignore'});
	const exited = once(child, 'exit');
	return async () => {
		child.kill('SIGKILL');
		await exited;
	};
}
