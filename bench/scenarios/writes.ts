import type {CreatedKey} from '../../contract/keys.ts';
import type {Source} from '../../contract/sources.ts';
import {createCaller, logIn, type Timed} from '../caller.ts';
import {layOut, spread, type Spread} from '../figures.ts';
import type {Scenario} from '../scenario.ts';

const warmUp = 20;
/** Callers at once, where it is not one. */
const many = 16;

type Row = {name: string; title: string; one: Spread; many: Spread};

/** What a caller waits for a change: each is in PostgreSQL, with its entry in the trail, when it is answered. */
export const writes: Scenario = {
	name: 'writes',
	title: 'creating, changing and deleting sources and keys: by one caller, and by 16 at once',
	keys: () => 1,
	async run(bench) {
		const {options, fixture} = bench;
		const {samples} = options.sizes;
		const caller = createCaller(bench.signal);
		const faults: string[] = [];
		const rows: Row[] = [];
		try {
			const server = await bench.startServer();
			const jwt = await logIn(caller, server);
			const [known] = fixture.known;
			if (known === undefined) throw new Error('no keys');
			const keys = `/api/v1/organizations/${known.organisationId}/api-keys`;
			const send = (bearer: string, path: string, method: string, body?: object) =>
				caller.send(server, path, {bearer, method, ...(body && {body})});

			/** `samples` of each, as so many callers that each wait for their answer. */
			const timesOf = async (
				title: string,
				callers: number,
				ask: (index: number) => Promise<Timed>,
				each: (text: string) => void,
			): Promise<number[]> => {
				const times: number[] = [];
				let next = 0;
				const work = async () => {
					for (let i = next++; i < samples + warmUp; i = next++) {
						const {status, text, ms} = await ask(i);
						if (status >= 300) faults.push(`${title}: answered ${status}`);
						else each(text);
						if (i >= warmUp) times.push(ms);
					}
				};
				await Promise.all(Array.from({length: callers}, work));
				return times;
			};
			const measure = async (
				name: string,
				title: string,
				ask: (index: number) => Promise<Timed>,
				each: (text: string) => void = () => {},
			) => {
				const one = spread(await timesOf(title, 1, ask, each));
				const shift = samples + warmUp;
				const together = await timesOf(title, many, (index) => ask(index + shift), each);
				rows.push({name, title, one, many: spread(together)});
			};

			const sources: string[] = [];
			const source = (index: number) => `/api/v1/sources/${sources[index]}`;
			await measure(
				'create-source',
				'POST source, by key',
				(index) => send(known.text, '/api/v1/sources', 'POST', {name: `s ${index}`, type: 'http'}),
				(text) => sources.push((JSON.parse(text) as Source).id),
			);
			await measure('update-source', 'PUT source, by key', (index) =>
				send(known.text, source(index), 'PUT', {name: `changed ${index}`}),
			);
			await measure('delete-source', 'DELETE source, by key', (index) =>
				send(known.text, source(index), 'DELETE'),
			);
			const made: string[] = [];
			await measure(
				'create-key',
				'POST key',
				(index) => send(jwt, keys, 'POST', {name: `k ${index}`}),
				(text) => made.push((JSON.parse(text) as CreatedKey).id),
			);
			await measure('update-key', 'PATCH key', (index) =>
				send(jwt, `${keys}/${made[index]}`, 'PATCH', {name: `changed ${index}`}),
			);
			await measure('revoke-key', 'DELETE key, one server', (index) =>
				send(jwt, `${keys}/${made[index]}`, 'DELETE'),
			);
		} finally {
			caller.close();
		}
		return {
			result: {samples, callers: many, latencies: rows},
			table: layOut(
				['changes', 'one: p50 ms', 'p99 ms', `${many} at once: p50 ms`, 'p99 ms'],
				rows.map(({title, one, many: together}) => [
					title,
					...[one.p50Ms, one.p99Ms, together.p50Ms, together.p99Ms].map((ms) => ms.toFixed(1)),
				]),
			),
			faults: [...new Set(faults)],
		};
	},
};
