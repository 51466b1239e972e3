import {failures, type Scenario} from '../scenario.ts';
import {faults, summarise, table} from '../summary.ts';
import {find, targets} from '../targets.ts';
import {measureInTurns, type Subject} from '../turns.ts';

/** Every target beside bare Koa, in turn: the table of bench/README.md. */
export const throughput: Scenario = {
	name: 'throughput',
	title: 'requests beside bare Koa',
	keys: ({keys}) => keys,
	carrying: ({keys}) => ({laden: keys, scoped: keys, described: keys, limited: keys}),
	async run(bench) {
		const {options, fixture} = bench;
		await bench.startWorker();
		const server = await bench.startServer();
		const version = bench.otherVersion;
		const other = version && {name: version.name, program: await bench.startServer({version})};
		const programs = {
			server,
			'bare-koa': await bench.startBareKoa(server),
			'bare-node': await bench.startBareNode(server, fixture.known.slice(0, options.keys)),
		};
		const subjects = targets
			.filter(({name}) => options.targets.includes(name))
			.flatMap((target): Subject[] => {
				const subject = {
					name: target.name,
					title: target.title,
					target,
					program: programs[target.program],
					keys: fixture[target.keys].slice(0, options.keys),
					choice: 'random' as const,
				};
				if (other === undefined || target.program !== 'server') return [subject];
				const name = `${target.name}@${other.name}`;
				const title = `${target.title}, ${other.name}`;
				return [
					{...subject, other: name},
					{...subject, name, title, program: other.program},
				];
			});
		// First uses are measured by cold-start: here the server has met every key before.
		const {connections} = options;
		const wrong: string[] = [];
		for (const name of [
			'self',
			'self-laden',
			'forward-auth-scopes',
			'verify-full',
			'forward-auth-limited',
			'unknown-key',
		]) {
			const target = find(name);
			const keys = fixture[target.keys].slice(0, options.keys);
			for (const program of [server, ...(other === undefined ? [] : [other.program])]) {
				const filled = await bench.useOnce({program, target, keys, connections});
				wrong.push(...failures('first use of the keys', filled, keys.length));
			}
		}
		const series = await measureInTurns({...bench, subjects, load: bench.startLoad()});
		const rows = summarise(series);
		return {result: rows, table: table(rows), faults: [...wrong, ...faults(series)]};
	},
};
