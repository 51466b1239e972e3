import {failures, type Scenario} from '../scenario.ts';
import {faults, summarise, table} from '../summary.ts';
import {baseline, find} from '../targets.ts';
import {measureInTurns} from '../turns.ts';

const asked = ['self', 'forward-auth', 'verify'];

/**
 * Throughput against the number of keys that are presented, some far more often than others. The
 * server knows all of them before it is measured.
 */
export const byKeys: Scenario = {
	name: 'by-keys',
	title: 'throughput by number of keys, skewed choice',
	keys: ({sizes}) => Math.max(...sizes.keyCounts),
	async run(bench) {
		const {options, fixture} = bench;
		const {keyCounts, rounds} = options.sizes;
		await bench.startWorker();
		const server = await bench.startServer();
		const bareKoa = await bench.startBareKoa(server);
		const known = fixture.known.slice(0, Math.max(...keyCounts));
		const {connections} = options;
		// The frequent ones last: the seldom used are to be forgotten first.
		const keys = known.toReversed();
		const target = find('self');
		const filled = await bench.useOnce({program: server, target, keys, connections});

		const subjects = [
			{
				name: baseline,
				title: find(baseline).title,
				target: find(baseline),
				program: bareKoa,
				keys: known,
				choice: 'zipf' as const,
			},
			...keyCounts.flatMap((count) =>
				asked.map((name) => ({
					name: `${name}-${count}`,
					title: `${name}, ${count.toLocaleString('en')} keys`,
					target: find(name),
					program: server,
					keys: known.slice(0, count),
					choice: 'zipf' as const,
				})),
			),
		];
		const load = bench.startLoad();
		const series = await measureInTurns({...bench, options: {...options, rounds}, subjects, load});
		const rows = summarise(series);
		return {
			result: rows,
			table: table(rows),
			faults: [...failures('first use of the keys', filled, keys.length), ...faults(series)],
		};
	},
};
