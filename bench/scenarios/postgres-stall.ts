import {setTimeout as delay} from 'node:timers/promises';
import {eventually} from '../../test/helpers/program.ts';
import {freeze} from '../../test/helpers/faults.ts';
import {startTraffic} from '../../test/helpers/stall.ts';
import {layOut} from '../figures.ts';
import type {Program} from '../program.ts';
import type {Scenario} from '../scenario.ts';

const serverCount = 3;
const checksPerSecond = 300;
const keyCount = 200;
/** How long decisions must go on without a gap, once PostgreSQL is back. */
const leastWatchedSeconds = 2;
const goalMs = 3000;

/**
 * PostgreSQL is stopped where it stands (SIGSTOP) for longer than a lease and goes on, while checks
 * of keys come to three servers at a steady rate: how long none was decided once it was back.
 */
export const postgresStall: Scenario = {
	name: 'postgres-stall',
	title: 'PostgreSQL stands still under load: how soon decisions are back',
	keys: () => keyCount,
	async run(bench) {
		const {options, fixture, services, signal} = bench;
		const {stallSeconds, stallRounds} = options.sizes;
		const watchedSeconds = Math.max(leastWatchedSeconds, 1.5 * stallSeconds);
		const servers: Program[] = [];
		for (let i = 0; i < serverCount; i++) servers.push(await bench.startServer({cores: 'all'}));
		const rounds: {backMs: number; slowestMs: number; refused: number; decided: number}[] = [];
		const faults: string[] = [];
		for (let round = 0; round < stallRounds; round++) {
			const load = startTraffic(
				servers.map(({port}) => `http://127.0.0.1:${port}`),
				fixture.known.slice(0, keyCount).map(({text}) => text),
				checksPerSecond,
			);
			let goOn = () => {};
			try {
				await eventually(() => load.fewest(0) > checksPerSecond / 10, {what: 'decisions'});
				goOn = await freeze({pid: services.postgresPid()});
				await delay(stallSeconds * 1000, undefined, {signal});
				goOn();
				const backAt = performance.now();
				await delay(watchedSeconds * 1000, undefined, {signal});
				rounds.push({
					backMs: load.longestGapMs(backAt),
					slowestMs: load.slowestMs(),
					refused: load.statuses.get(503) ?? 0,
					decided: load.statuses.get(200) ?? 0,
				});
			} finally {
				goOn();
				await load.stop();
			}
			const others = [...load.statuses.keys()].filter((status) => status !== 200 && status !== 503);
			faults.push(...others.map((status) => `postgres-stall: an answer with ${status}`));
		}
		const result = {stallSeconds, checksPerSecond, servers: serverCount, goalMs, rounds};
		const most = (of: (round: (typeof rounds)[number]) => number) => Math.max(...rounds.map(of));
		const table = layOut(
			['PostgreSQL stands still', ''],
			[
				[`rounds of ${stallSeconds} s, ${checksPerSecond} checks/s`, String(rounds.length)],
				[
					`longest without a decision once it is back (goal ${goalMs})`,
					`${most(({backMs}) => backMs)} ms`,
				],
				['slowest answer', `${most(({slowestMs}) => slowestMs)} ms`],
				['answers: 200, 503', rounds.map((each) => `${each.decided}, ${each.refused}`).join('; ')],
			],
		);
		return {result, table, faults};
	},
};
