import {layOut} from '../figures.ts';
import {failures, type Scenario} from '../scenario.ts';
import {faults, summarise, type Row} from '../summary.ts';
import {baseline, find} from '../targets.ts';
import {measureInTurns, type Subject} from '../turns.ts';

const goal = 1.5;
const share = 0.5;
const asked = ['self', 'forward-auth', 'get-source', 'verify', 'wrong-checksum', 'unknown-key'];
/** Bare Koa at the rate of the target that it stands beside. */
const sameRate = (name: string) => `${name} on bare Koa`;

/**
 * How long an answer takes where nothing is saturated: each target at half of the rate that it does at full
 * load in this run, beside bare Koa at half of its own rate, and at the very same one.
 */
export const halfLoad: Scenario = {
	name: 'half-load',
	title: 'p50 and p99 at half of the rate that each target does at full load',
	keys: ({keys}) => keys,
	async run(bench) {
		const {options, fixture} = bench;
		const {connections} = options;
		await bench.startWorker();
		const server = await bench.startServer();
		const koa = await bench.startBareKoa(server);
		const load = bench.startLoad();
		const wrong: string[] = [];
		for (const name of ['self', 'unknown-key']) {
			const target = find(name);
			const keys = fixture[target.keys].slice(0, options.keys);
			const filled = await bench.useOnce({program: server, target, keys, connections});
			wrong.push(...failures('first use of the keys', filled, keys.length));
		}
		const subjectOf = (name: string): Subject => {
			const target = find(name);
			return {
				name,
				title: target.title,
				target,
				program: target.program === 'server' ? server : koa,
				keys: fixture[target.keys].slice(0, options.keys),
				choice: 'random',
			};
		};
		const bases = [...new Set([baseline, ...asked.map(baseOf)])];
		const everything = [...bases, ...asked].map(subjectOf);
		const full = await measureInTurns({...bench, subjects: everything, load});
		const rates = new Map(summarise(full).map((row) => [row.name, row.requestsPerSecond]));

		const halved = everything.flatMap((subject): Subject[] => {
			const {name} = subject;
			const requestsPerSecond = share * (rates.get(name) ?? NaN);
			const title = `${subject.title}, half of its rate`;
			if (bases.includes(name)) return [{...subject, title, requestsPerSecond}];
			const koaAtSame = subjectOf(baseOf(name));
			return [
				{...subject, title, requestsPerSecond, other: sameRate(name)},
				{...koaAtSame, title: sameRate(name), name: sameRate(name), requestsPerSecond},
			];
		});
		const half = await measureInTurns({...bench, subjects: halved, load});
		const rows = summarise(half).map((row) => ({...row, fullPerSecond: rates.get(row.name)}));
		return {
			result: {goal, rows},
			table: tableOf(rows),
			faults: [...wrong, ...faults(full), ...faults(half)],
		};
	},
};

/** What it is held against. */
function baseOf(name: string): string {
	return find(name).likeness ?? baseline;
}

function tableOf(rows: readonly (Row & {fullPerSecond: number | undefined})[]): string {
	const head = [
		'',
		'full load/s',
		'half load/s',
		'p50 ms',
		'p99 ms',
		`p99 against bare Koa's (goal ${goal})`,
		'at the same rate',
		'server core',
	];
	const lines = rows.flatMap((row) => {
		if (row.fullPerSecond === undefined) return [];
		return [
			[
				find(row.name).title,
				String(row.fullPerSecond),
				String(row.requestsPerSecond),
				row.p50Ms.toFixed(2),
				row.p99Ms.toFixed(2),
				(row.likeness ?? row).p99Ratio.toFixed(2),
				row.other?.p99Ratio.toFixed(2) ?? '',
				`${Math.round(row.serverBusy * 100)} %`,
			],
		];
	});
	return layOut(head, lines);
}
