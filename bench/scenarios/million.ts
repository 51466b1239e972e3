import type {Knex} from 'knex';
import type {CreatedKey} from '../../contract/keys.ts';
import {createKeyFormat} from '../../core/keys/token.ts';
import {createCaller, logIn, type Timed} from '../caller.ts';
import {layOut, spread} from '../figures.ts';
import type {Scenario} from '../scenario.ts';
import {connectBench, insertUnannounced} from '../statements.ts';

/** Of the bulk, one tenth belongs to one organisation; the rest is spread over the others. */
const crowdedShare = 10;
const warmUp = 20;

/** A table of a million keys: what one caller waits for, with nothing else going on. */
export const million: Scenario = {
	name: 'million',
	title: 'latencies with a million keys in PostgreSQL',
	keys: ({sizes}) => sizes.samples + warmUp,
	isLong: true,
	async run(bench) {
		const {options, fixture, services, say} = bench;
		const {bulkKeys, samples} = options.sizes;
		const db = connectBench(services.database);
		const caller = createCaller(bench.signal);
		const faults: string[] = [];
		try {
			const crowded = fixture.known[0]?.organisationId ?? '';
			const begunAt = performance.now();
			await insertBulk(db, crowded, bulkKeys);
			say(`${bulkKeys} rows inserted in ${Math.round((performance.now() - begunAt) / 1000)} s`);
			const server = await bench.startServer();
			const jwt = await logIn(caller, server);
			const list = `/api/v1/organizations/${crowded}/api-keys`;
			const rows: {name: string; title: string; times: number[]}[] = [];

			/** One after another; the first few only warm up. */
			const measure = async (
				name: string,
				title: string,
				status: number,
				ask: (index: number) => Promise<Timed>,
				each: (answer: Timed) => void = () => {},
			) => {
				const times = [];
				for (let i = 0; i < samples + warmUp; i++) {
					const answer = await ask(i);
					if (answer.status !== status) {
						faults.push(`${title}: answered ${answer.status} instead of ${status}`);
					}
					if (i >= warmUp) times.push(answer.ms);
					each(answer);
				}
				rows.push({name, title, times});
			};
			const self = (bearer: string) => caller.send(server, '/api/v1/keys/self', {bearer});
			const format = createKeyFormat('hklst_');

			await measure('unknown', 'check, unknown key', 401, () => self(format.generate()));
			const key = (i: number) => fixture.known[i]?.text ?? '';
			await measure('known-first', 'check, known key not in memory', 200, (i) => self(key(i)));
			await measure('known-again', 'check, known key in memory', 200, (i) => self(key(i)));
			let next = `${list}?limit=100`;
			await measure(
				'list-page',
				'list, pages of 100 one after another',
				200,
				() => caller.send(server, next, {bearer: jwt}),
				({headers}) => {
					next = /^<([^>]+)>; rel="next"/.exec(String(headers['link']))?.[1] ?? `${list}?limit=100`;
				},
			);
			const created: string[] = [];
			await measure(
				'create',
				'create a key',
				201,
				(i) => caller.send(server, list, {bearer: jwt, body: {name: `bench ${i}`}}),
				({text}) => void created.push((JSON.parse(text) as CreatedKey).id),
			);
			await measure('revoke', 'revoke a key, one server', 200, (i) =>
				caller.send(server, `${list}/${created[i]}`, {bearer: jwt, method: 'DELETE'}),
			);

			const result = rows.map(({name, title, times}) => ({name, title, ...spread(times)}));
			return {
				result: {bulkKeys, latencies: result},
				table: layOut(
					[`${bulkKeys.toLocaleString('en')} keys`, 'p50 ms', 'p99 ms', 'max ms'],
					result.map(({title, p50Ms, p99Ms, maxMs}) => [
						title,
						...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
					]),
				),
				faults,
			};
		} finally {
			caller.close();
			await db.destroy();
		}
	},
};

/** Rows that no key leads to: their hashes are random. */
async function insertBulk(db: Knex, crowded: string, count: number): Promise<void> {
	await insertUnannounced(db, (transaction) =>
		transaction.raw(
			`with homes as (
				select array_agg(id) as ids from organisations where name like 'Organisation %'
			)
			insert into api_keys (organisation_id, name, hash, hint, created_at)
			select case when i % ? = 0 then ?::uuid else ids[1 + i % cardinality(ids)] end,
				'bulk ' || i, sha256(gen_random_uuid()::text::bytea), 'hklst_000000',
				now() - i * interval '1 second'
			from homes, generate_series(1, ?) as i`,
			[crowdedShare, crowded, count],
		),
	);
}
