import {createKeyFormat} from '../../core/keys/token.ts';
import {layOut, median, rounded} from '../figures.ts';
import type {PresentedKey} from '../fixture.ts';
import type {Job, Measurement} from '../load/job.ts';
import {failures, type Scenario} from '../scenario.ts';
import {find, type Target} from '../targets.ts';
import {writeRequests} from '../turns.ts';

const connections = 16;
const floodConnections = 64;

/** What comes at full speed beside known keys, and what keys it has. */
type Flood = {name: string; title: string; target: Target; keys: 'unknown' | 'wrongChecksum'};

type Row = {name: string; title: string; measured: readonly Measurement[]; flood?: Measurement};

const wrongChecksum = find('wrong-checksum');
const unknownKey = find('unknown-key');
const floods: readonly Flood[] = [
	{
		name: 'refused',
		title: 'wrong checksums, at keys/self',
		target: wrongChecksum,
		keys: 'wrongChecksum',
	},
	{name: 'self', title: 'unknown keys, at keys/self', target: unknownKey, keys: 'unknown'},
	{
		name: 'verify',
		title: 'unknown keys, at keys/verify',
		target: {...find('verify'), bearer: ({asker}) => asker},
		keys: 'unknown',
	},
];

/**
 * Known keys at a steady rate, beside requests at full speed: such as need no look-up to be refused, and
 * such that PostgreSQL must be asked about each of them.
 */
export const unknownFlood: Scenario = {
	name: 'unknown-flood',
	title: 'known keys beside a flood of distinct unknown ones',
	keys: ({keys}) => keys,
	async run(bench) {
		const {options, fixture, directory, signal} = bench;
		const {floodKeys, floodLoad} = options.sizes;
		const server = await bench.startServer();
		const target = find('forward-auth');
		const keys = fixture.known.slice(0, options.keys);
		await bench.useOnce({program: server, target, keys, connections});
		const jobOf = async (name: string, of: Target, all: readonly PresentedKey[]) => ({
			port: server.port,
			requestsFile: await writeRequests(directory, name, {target: of, keys: all}),
			status: of.status,
			warmupMs: options.warmupSeconds * 1000,
			measureMs: options.seconds * 1000,
			serverPid: server.pid,
		});
		const known: Job = {
			...(await jobOf('known', target, keys)),
			connections,
			choice: 'random',
			requestsPerSecond: floodLoad,
		};
		const [load, flooding] = [bench.startLoad(), bench.startLoad()];
		const calm = async () => {
			const measured: Measurement[] = [];
			for (let round = 0; round < options.rounds; round++) {
				measured.push(await load.measure(known, signal));
			}
			return measured;
		};
		const rows: Row[] = [{name: 'quiet', title: 'nothing else', measured: await calm()}];
		const wrong: string[] = [];
		for (const {name, title, target: of, keys: kind} of floods) {
			const all = Array.from({length: floodKeys}, (_, i) => strange(keys[i % keys.length], kind));
			const job: Job = {
				...(await jobOf(name, of, all)),
				connections: floodConnections,
				choice: 'once',
			};
			let isOver = false;
			const flood = flooding.measure(job, signal).finally(() => {
				isOver = true;
			});
			// Its fault is told where it is awaited.
			flood.catch(() => undefined);
			const measured: Measurement[] = [];
			do measured.push(await load.measure(known, signal));
			while (!isOver);
			const came = await flood;
			wrong.push(...failures(title, came, floodKeys));
			// The flood may have ended in the middle of the last one.
			const whole = measured.length > 1 ? measured.slice(0, -1) : measured;
			rows.push({name, title, measured: whole, flood: came});
			await server.truncateLog();
		}
		const [quiet] = rows;
		const p99 = (measured: readonly Measurement[]) => median(measured.map(({p99Ms}) => p99Ms));
		const p50 = (measured: readonly Measurement[]) => median(measured.map(({p50Ms}) => p50Ms));
		const result = rows.map(({name, title, measured, flood}) => {
			return {
				name,
				title,
				floodPerSecond: flood === undefined ? 0 : Math.round(flood.requests / flood.seconds),
				p50Ms: rounded(p50(measured), 2),
				p99Ms: rounded(p99(measured), 2),
				p99Ratio: rounded(p99(measured) / p99(quiet?.measured ?? []), 2),
			};
		});
		const table = layOut(
			['known keys, beside', 'flood requests/s', 'p50 ms', 'p99 ms', 'p99 against quiet'],
			result.map(({title, floodPerSecond, p50Ms, p99Ms, p99Ratio}) => [
				title,
				String(floodPerSecond),
				p50Ms.toFixed(2),
				p99Ms.toFixed(2),
				p99Ratio.toFixed(2),
			]),
		);
		wrong.push(
			...rows.flatMap(({title, measured}) => measured.flatMap((one) => failures(title, one))),
		);
		return {result, table: `${table}\n(goal: 2)`, faults: wrong};
	},
};

const format = createKeyFormat('hklst_');

function strange(key: PresentedKey | undefined, kind: Flood['keys']): PresentedKey {
	if (key === undefined) throw new Error('no keys');
	const text: string = format.generate();
	const last = text.endsWith('0') ? '1' : '0';
	return {...key, text: kind === 'unknown' ? text : text.slice(0, -1) + last};
}
