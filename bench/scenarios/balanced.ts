import {layOut} from '../figures.ts';
import {failures, type Scenario} from '../scenario.ts';
import {faults, summarise, type Row} from '../summary.ts';
import {find} from '../targets.ts';
import {measureInTurns, type Subject} from '../turns.ts';

const goal = 1.25;
const asked = ['self', 'verify'];
const missing = 'There is no Caddy 2.6 or newer here, and none may be fetched: not measured.';

/**
 * What the balancer of the bundle adds to an answer. It stands in front of one server, as what it adds is the
 * same for each of several; both are asked at a moderate rate, and at half of what goes through it.
 */
export const balanced: Scenario = {
	name: 'balanced',
	title: "what the bundle's balancer adds to p50",
	keys: ({keys}) => keys,
	async run(bench) {
		const {options, fixture} = bench;
		const server = await bench.startServer({env: {LATCHKEY_TRUSTED_PROXIES: 'loopback'}});
		const balancer = await bench.startBalancer(server);
		if (balancer === undefined) return {result: {missing}, table: missing, faults: []};
		const load = bench.startLoad();
		const keys = fixture.known.slice(0, options.keys);
		const [first = ''] = asked;
		const use = {program: server, target: find(first), keys, connections: options.connections};
		const wrong = failures('first use of the keys', await bench.useOnce(use), keys.length);
		const pair = (
			name: string,
			title: string,
			paced: {requestsPerSecond?: number} = {},
		): Subject[] => {
			const target = find(name.split(' ')[0] ?? '');
			const subject = {title, target, keys, choice: 'random', ...paced} as const;
			const direct = `${name}, directly`;
			return [
				{...subject, name, program: balancer, other: direct},
				{...subject, name: direct, title: `${title}, directly`, program: server},
			];
		};

		const full = await measureInTurns({
			...bench,
			subjects: asked.flatMap((name) => pair(name, `${find(name).title}, full load`)),
			load,
		});
		const through = new Map(summarise(full).map((row) => [row.name, row.requestsPerSecond]));
		const half = await measureInTurns({
			...bench,
			subjects: asked.flatMap((name) => {
				const rates = [options.sizes.balancedLoad, Math.round((through.get(name) ?? NaN) / 2)];
				return rates.flatMap((rate) =>
					pair(`${name} ${rate}`, `${find(name).title}, ${rate}/s`, {requestsPerSecond: rate}),
				);
			}),
			load,
		});
		const rows = summarise([...half, ...full]);
		return {
			result: {goal, rows},
			table: tableOf(rows),
			faults: [...wrong, ...faults(full), ...faults(half)],
		};
	},
};

function tableOf(rows: readonly Row[]): string {
	const head = [
		'',
		'requests/s',
		'p50 ms',
		'p99 ms',
		`p50, times direct (goal ${goal})`,
		'CPU s/1000',
	];
	const lines = rows.map((row) => [
		row.title,
		String(row.requestsPerSecond),
		row.p50Ms.toFixed(2),
		row.p99Ms.toFixed(2),
		row.other?.p50Ratio.toFixed(2) ?? '',
		row.cpuPer1000.toFixed(3),
	]);
	return layOut(head, lines);
}
