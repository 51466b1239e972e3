import type {KeyHashText} from '../../core/keys/token.ts';
import {hashKeyToText, type PlainKey} from '../../core/keys/token.ts';
import {Memory} from '../../core/verification/memory.ts';
import {layOut, rounded} from '../figures.ts';
import type {PresentedKey} from '../fixture.ts';
import {chooser} from '../load/choice.ts';
import {failures, type Scenario} from '../scenario.ts';
import {faults, summarise, table, type Row} from '../summary.ts';
import {baseline, find} from '../targets.ts';
import {measureInTurns} from '../turns.ts';

/** Of a server as it is set up. */
const knownKeys = 100_000;
const goal = 0.95;

/**
 * Throughput where many more keys are in use than memory has room for, some far more often than others,
 * against a thousand keys that are all known. The server has by then forgotten and read as many as after
 * hours of such use.
 */
export const millionUsed: Scenario = {
	name: 'million-used',
	title: 'a million keys in use, skewed choice, with a memory of a tenth',
	keys: ({sizes}) => sizes.bulkKeys,
	isLong: true,
	async run(bench) {
		const {options, fixture} = bench;
		const {bulkKeys, rounds} = options.sizes;
		const {connections} = options;
		const most = Math.min(knownKeys, Math.ceil(bulkKeys / 10));
		await bench.startWorker();
		const server = await bench.startServer({env: {LATCHKEY_CACHE_MAX_KEYS: String(most)}});
		const all = fixture.known.slice(0, bulkKeys);
		const few = all.slice(0, Math.ceil(bulkKeys / 1000));
		const target = find('self');
		const {keys, missesPer1000} = afterLongUse(all, most);
		const filled = await bench.useOnce({program: server, target, keys, connections});
		const subjects = [
			{
				name: baseline,
				title: find(baseline).title,
				target: find(baseline),
				program: await bench.startBareKoa(server),
				keys: few,
				choice: 'zipf' as const,
			},
			...[few, all].map((presented) => ({
				name: `self-${presented.length}`,
				title: `self, ${presented.length.toLocaleString('en')} keys`,
				target,
				program: server,
				keys: presented,
				choice: 'zipf' as const,
				...(presented === all && {other: `self-${few.length}`}),
			})),
		];
		const load = bench.startLoad();
		const series = await measureInTurns({...bench, options: {...options, rounds}, subjects, load});
		const rows = summarise(series);
		const [known, used] = rows.slice(1);
		const misses = costOfMisses(known, used, missesPer1000);
		const missTable = layOut(
			[`memory of ${most.toLocaleString('en')} keys`, ''],
			[
				['misses per 1000 uses, by the rule of memory', misses.per1000.toFixed(0)],
				['CPU of a use that is known, µs', misses.knownMicros.toFixed(0)],
				['more of the server for each miss, µs', misses.missMicros.toFixed(0)],
				[`most that a miss may cost for a capacity of ${goal}, µs`, misses.mostMicros.toFixed(0)],
			],
		);
		return {
			result: {rows, misses},
			table: `${table(rows)}\n\n${missTable}`,
			faults: [...failures('first use of the keys', filled, keys.length), ...faults(series)],
		};
	},
};

/**
 * What to use in turn so that memory is as it would be after long use, and how many of the uses that follow it
 * does not have: the keys that it has by then, those that came first before the others, and once more those
 * that were used since they came.
 */
function afterLongUse(
	all: readonly PresentedKey[],
	most: number,
): {keys: readonly PresentedKey[]; missesPer1000: number} {
	const next = chooser('zipf', all.length);
	const memory = new Memory(most);
	const hashes = new Map<number, KeyHashText>();
	const uses = 20 * most;
	/** In the order in which they came, and whether they were used since. */
	const came = new Map<number, boolean>();
	let misses = 0;
	for (let use = 0; use < uses; use++) {
		const index = next() ?? 0;
		const hash = hashes.get(index) ?? hashKeyToText((all[index]?.text ?? '') as PlainKey);
		hashes.set(index, hash);
		if (memory.use(hash) >= 0) {
			came.set(index, true);
			continue;
		}
		memory.add(hash);
		came.delete(index);
		came.set(index, false);
		if (use >= uses / 2) misses++;
	}
	const known = [...came].filter(([index]) => memory.use(hashes.get(index) as KeyHashText) >= 0);
	const again = known.filter(([, isUsed]) => isUsed);
	const keys = [...known, ...again].flatMap(([index]) => all[index] ?? []);
	return {keys, missesPer1000: (misses / (uses / 2)) * 1000};
}

/** What follows from the CPU time of both rows. */
function costOfMisses(known: Row | undefined, used: Row | undefined, per1000: number) {
	const knownMicros = (known?.cpuPer1000 ?? NaN) * 1000;
	const capacity = used?.other?.capacity ?? NaN;
	const share = per1000 / 1000;
	return {
		per1000: rounded(per1000, 1),
		knownMicros: rounded(knownMicros, 1),
		missMicros: rounded((knownMicros * (1 / capacity - 1)) / share, 1),
		mostMicros: rounded((knownMicros * (1 / goal - 1)) / share, 1),
	};
}
