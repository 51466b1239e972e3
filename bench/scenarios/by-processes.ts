import {layOut, rounded} from '../figures.ts';
import {failures, type Scenario} from '../scenario.ts';
import {faults, summarise, table, type Row} from '../summary.ts';
import {baseline, find} from '../targets.ts';
import {measureInTurns} from '../turns.ts';

const processCounts = [1, 2];
const asked = ['self', 'verify'];
const goalOfTwo = 1.8;

/**
 * Throughput against LATCHKEY_PROCESSES. Nothing is pinned here but the load: with two cores, of
 * which the load wants one, requests/s can only show that a second process makes nothing worse. How
 * far it would scale is told by the CPU time of all processes, each of which has as many connections: with
 * less in hand at once each request costs more.
 */
export const byProcesses: Scenario = {
	name: 'by-processes',
	title: 'throughput by number of server processes',
	keys: ({sizes}) => sizes.processKeys,
	async run(bench) {
		const {options, fixture} = bench;
		const {rounds, processKeys} = options.sizes;
		const {connections} = options;
		const wrong: string[] = [];
		await bench.startWorker();
		const keys = fixture.known.slice(0, processKeys);
		const servers = [];
		for (const count of processCounts) {
			const env = {LATCHKEY_PROCESSES: String(count)};
			const program = await bench.startServer({cores: 'all', env});
			servers.push({count, program});
			// We cannot choose the process that gets a request: after these uses each knows the keys.
			for (let i = 0; i < count * 3; i++) {
				const filled = await bench.useOnce({program, target: find('self'), keys, connections});
				wrong.push(...failures('first use of the keys', filled, keys.length));
			}
		}
		const [first] = servers;
		if (first === undefined) throw new Error('no server');
		const subjects = [
			{
				name: baseline,
				title: find(baseline).title,
				target: find(baseline),
				program: await bench.startBareKoa(first.program),
				keys,
				choice: 'random' as const,
			},
			...servers.flatMap(({count, program}) =>
				asked.map((name) => ({
					...(count > 1 && {other: `${name}-1`}),
					name: `${name}-${count}`,
					title: `${name}, processes: ${count}`,
					target: find(name),
					program,
					keys,
					choice: 'random' as const,
					connections: count * connections,
				})),
			),
		];
		const load = bench.startLoad();
		const series = await measureInTurns({...bench, options: {...options, rounds}, subjects, load});
		const rows = summarise(series);
		const scaled = rows.map((row) => ({...row, scaling: scalingOf(row)}));
		const scalingTable = layOut(
			['for the same CPU time of each process', `times one (goal of two: ${goalOfTwo})`],
			scaled.flatMap(({title, scaling}) =>
				scaling === undefined ? [] : [[title, scaling.toFixed(2)]],
			),
		);
		return {
			result: scaled,
			table: `${table(rows)}\n\n${scalingTable}`,
			faults: [...wrong, ...faults(series)],
		};
	},
};

/** How many times the requests of one process all of them would make, each with a core of its own. */
function scalingOf({name, other}: Row): number | undefined {
	const count = processCounts.find((each) => name.endsWith(`-${each}`));
	if (other === undefined || count === undefined) return undefined;
	return rounded(count * other.capacity, 2);
}
