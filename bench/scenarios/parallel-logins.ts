import {setTimeout as delay} from 'node:timers/promises';
import {createCaller} from '../caller.ts';
import {layOut, median, rounded, sum} from '../figures.ts';
import type {Measurement} from '../load/job.ts';
import type {Program} from '../program.ts';
import {failures, type Scenario} from '../scenario.ts';
import {administrator} from '../services.ts';
import {find} from '../targets.ts';
import {writeRequests} from '../turns.ts';

const goalRatio = 2;
const connections = 16;

type Logins = {done: number; turnedAway: number};

/**
 * What people who log in cost those who verify keys (S-57): a hash takes 19 MiB and a core for a
 * while.
 */
export const parallelLogins: Scenario = {
	name: 'parallel-logins',
	title: 'verification of keys while people log in',
	keys: ({keys}) => keys,
	async run(bench) {
		const {options, fixture, directory, signal} = bench;
		const server = await bench.startServer({
			cores: 'all',
			env: {LATCHKEY_TRUSTED_PROXIES: 'loopback'},
		});
		const load = bench.startLoad();
		const target = find('verify');
		const keys = fixture.known.slice(0, options.keys);
		const requestsFile = await writeRequests(directory, 'parallel-logins', {target, keys});
		const measure = () =>
			load.measure(
				{
					port: server.port,
					requestsFile,
					status: target.status,
					connections,
					choice: 'random',
					requestsPerSecond: options.sizes.loginLoad,
					warmupMs: options.warmupSeconds * 1000,
					measureMs: options.seconds * 1000,
					serverPid: server.pid,
				},
				signal,
			);
		const without: Measurement[] = [];
		const during: Measurement[] = [];
		const logins: Logins = {done: 0, turnedAway: 0};
		await measure();
		for (let round = 0; round < options.rounds; round++) {
			without.push(await measure());
			const stopping = new AbortController();
			const people = Array.from({length: options.sizes.parallelLogins}, (_, i) =>
				logInAgainAndAgain(server, i, logins, {stopping: stopping.signal, signal}),
			);
			// Whatever ends the one, or the others, nobody is left behind.
			const measuring = measure().finally(() => stopping.abort());
			const [measured] = await Promise.all([measuring, ...people]);
			during.push(measured);
		}
		const result = {
			requestsPerSecond: options.sizes.loginLoad,
			parallel: options.sizes.parallelLogins,
			without: figures(without),
			with: figures(during),
			goalRatio,
			logins: logins.done,
			turnedAway: logins.turnedAway,
		};
		return {
			result,
			table: table(result),
			faults: [...without, ...during].flatMap((each) => failures('parallel logins', each)),
		};
	},
};

/** Somebody who is turned away comes again when the answer says so. */
async function logInAgainAndAgain(
	server: Program,
	person: number,
	logins: Logins,
	{stopping, signal}: {stopping: AbortSignal; signal: AbortSignal},
): Promise<void> {
	const caller = createCaller(signal);
	const headers = {'X-Forwarded-For': `10.1.0.${person + 1}`};
	while (!stopping.aborted) {
		const {status} = await caller.send(server, '/api/v1/auth/login', {
			bearer: '',
			body: administrator,
			headers,
		});
		if (status === 200) {
			logins.done++;
		} else {
			logins.turnedAway++;
			await delay(1000, undefined, {signal: stopping}).catch(() => undefined);
		}
	}
	caller.close();
}

function figures(rounds: readonly Measurement[]) {
	return {
		requests: sum(rounds.map(({requests}) => requests)),
		p50Ms: rounded(median(rounds.map(({p50Ms}) => p50Ms)), 2),
		p99Ms: rounded(median(rounds.map(({p99Ms}) => p99Ms)), 2),
	};
}

type Figures = ReturnType<typeof figures>;

function table(result: {
	parallel: number;
	without: Figures;
	with: Figures;
	logins: number;
	turnedAway: number;
}): string {
	const row = (name: string, {requests, p50Ms, p99Ms}: Figures, ratio: string) => [
		name,
		String(requests),
		p50Ms.toFixed(1),
		p99Ms.toFixed(1),
		ratio,
	];
	const ratio = (result.with.p99Ms / result.without.p99Ms).toFixed(2);
	return `${layOut(
		['verification', 'requests', 'p50 ms', 'p99 ms', 'ratio'],
		[
			row('nobody logs in', result.without, ''),
			row(`${result.parallel} log in at once`, result.with, `${ratio} (goal ${goalRatio})`),
		],
	)}\n${result.logins} logins, ${result.turnedAway} times turned away with 503`;
}
