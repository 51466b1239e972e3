import type {Knex} from 'knex';
import {createCaller, logIn} from '../caller.ts';
import {layOut, spread} from '../figures.ts';
import type {Scenario} from '../scenario.ts';
import {connectBench, insertUnannounced} from '../statements.ts';

const warmUp = 3;
/** Days that are counted, up to and with this one. */
const days = 30;

/** What is asked for, what it shows, and the most milliseconds that its 99th percentile may be. */
const questions: readonly (readonly [title: string, query: string, goalMs: number | undefined])[] =
	[
		['overview by day', 'usage?step=day', 300],
		['overview by hour, of a day', 'usage?step=hour', undefined],
		['top 50 keys by day', 'usage?step=day&group_by=key', 500],
		['top 50 keys by hour, of a day', 'usage?step=hour&group_by=key', undefined],
		['owners by day', 'usage?step=day&group_by=owner', undefined],
		['tags by day', 'usage?step=day&group_by=tag', undefined],
		['addresses by day', 'usage?step=day&group_by=address', undefined],
		['keys of an owner by day', 'usage?step=day&group_by=key&owner=team/t7', undefined],
		['50 keys of a list, by hour', 'usage?step=hour&group_by=key&keys=:keys', undefined],
		['a key by day', 'api-keys/:key/usage?step=day', undefined],
		['a key by address, by hour', 'api-keys/:key/usage?step=hour&group_by=address', undefined],
		['file of all keys by day', 'usage/export?step=day&group_by=key', undefined],
	];

/** What one caller waits for the counts of a month of many keys, with nothing else going on. */
export const usage: Scenario = {
	name: 'usage',
	title: 'the use of many keys over a month: of all of them, of those used most, of one',
	keys: () => 1,
	async run(bench) {
		const {options, services, say} = bench;
		const {usageKeys, usageSamples} = options.sizes;
		const db = connectBench(services.database);
		const caller = createCaller(bench.signal);
		const faults: string[] = [];
		try {
			const begunAt = performance.now();
			const organisationId = await fill(db, usageKeys, bench.signal);
			const rows = await countRows(db);
			say(
				`${rows.hourly} counts of hours and ${rows.daily} of days inserted in ${Math.round((performance.now() - begunAt) / 1000)} s`,
			);
			const keys = (
				await db('api_keys').where({organisation_id: organisationId}).limit(50).select('id')
			).map(({id}) => id);
			const server = await bench.startServer();
			const results = [];
			for (const [title, query, goalMs] of questions) {
				// A token is good for some minutes.
				const jwt = await logIn(caller, server);
				const asked = query.replace(':keys', keys.join(',')).replace(':key', keys[0] ?? '');
				const path = `/api/v1/organizations/${organisationId}/${asked}`;
				const isFile = query.includes('/export');
				const samples = isFile ? Math.ceil(usageSamples / 20) : usageSamples + warmUp;
				const times: number[] = [];
				for (let i = 0; i < samples; i++) {
					const {status, text, ms} = await caller.send(server, path, {bearer: jwt});
					if (i >= warmUp || isFile) times.push(ms);
					if (status !== 200) faults.push(`${title}: answered ${status}`);
					else if (!isFile && (JSON.parse(text) as {series: []}).series.length === 0) {
						faults.push(`${title}: nothing was told`);
					}
				}
				results.push({title, query, goalMs, ...spread(times)});
			}
			return {
				result: {keys: usageKeys, days, ...rows, questions: results},
				table: layOut(
					[
						`${usageKeys.toLocaleString('en')} keys, ${rows.hourly.toLocaleString('en')} counts of hours`,
						'p50 ms',
						'p99 ms',
						'max ms',
						'goal ms',
					],
					results.map(({title, p50Ms, p99Ms, maxMs, goalMs}) => [
						title,
						...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
						String(goalMs ?? ''),
					]),
				),
				faults: [...new Set(faults)],
			};
		} finally {
			caller.close();
			await db.destroy();
		}
	},
};

async function countRows(db: Knex): Promise<{hourly: number; daily: number}> {
	const answer = await db.raw<{rows: [{hourly: number; daily: number}]}>(
		`select (select count(*) from usage_hourly)::float8 as hourly, (select count(*) from usage_daily)::float8 as daily`,
	);
	return answer.rows[0];
}

/**
 * An organisation whose keys are each used in every hour, some far more often than others, and refused in
 * every third; from three addresses a day, for two purposes.
 *
 * @returns its id
 */
async function fill(db: Knex, count: number, signal: AbortSignal): Promise<string> {
	const [organisation] = await db('organisations')
		.insert({name: 'usage', plan: 'team'})
		.returning('id');
	if (organisation === undefined) throw new Error('an organisation was not made');
	const organisationId = organisation.id;
	await insertUnannounced(db, (transaction) =>
		transaction.raw(
			`insert into api_keys (organisation_id, name, hash, hint, owner)
			select :organisationId, 'service ' || i, sha256(gen_random_uuid()::text::bytea), 'hklst_abcdef',
				jsonb_build_object('type', 'team', 'id', 't' || i % 200)
			from generate_series(1, :count::integer) as i`,
			{organisationId, count},
		),
	);
	for (let day = 0; day < days; day++) {
		signal.throwIfAborted();
		await db.raw(fillDay, {organisationId, day});
	}
	for (const statement of fillings) {
		signal.throwIfAborted();
		await db.raw(statement, {organisationId, days});
	}
	for (const table of [
		'usage_hourly',
		'usage_daily',
		'usage_totals_hourly',
		'usage_details_hourly',
		'usage_details_daily',
	]) {
		await db.raw('vacuum (analyze) ??', [table]);
	}
	return organisationId;
}

const eachKey = `(select id, substring(name from '[0-9]+$')::integer as i from api_keys where organisation_id = :organisationId)`;
const eachHour = `generate_series(date_trunc('day', now(), 'UTC') - :day::integer * interval '1 day',
	least(date_trunc('hour', now(), 'UTC'), date_trunc('day', now(), 'UTC') - :day::integer * interval '1 day' + interval '23 hours'),
	interval '1 hour')`;
const outcome = `case when (k.i + extract(hour from h)::integer) % 3 = 0
	then (array['expired', 'ip_denied', 'rate_limited'])[1 + k.i % 3] else 'valid' end`;
const sumsBy = (place: string) => `from usage_hourly u join api_keys k on k.id = u.key_id
	where k.organisation_id = :organisationId group by ${place}`;

const fillDay = `insert into usage_hourly (hour, key_id, process_id, outcome, count, added)
	select h, k.id, '00000000-0000-4000-8000-000000000000', ${outcome}, c, c
	from ${eachHour} as h, ${eachKey} as k, lateral (select 1 + 100000 / k.i + extract(hour from h)::integer as c) as counted
	order by h, k.id`;

const fillings = [
	`insert into usage_daily (organisation_id, day, key_id, outcome, count)
	select :organisationId, (u.hour at time zone 'UTC')::date, u.key_id, u.outcome, sum(u.count)
	${sumsBy('2, 3, 4')}`,
	`insert into usage_totals_hourly (organisation_id, hour, outcome, count)
	select :organisationId, u.hour, u.outcome, sum(u.count) ${sumsBy('2, 3')}`,
	`insert into usage_details_daily (organisation_id, day, key_id, kind, value, count, refused)
	select :organisationId, d, k.id, kind, value, 1000 / k.i + n, n
	from generate_series((now() at time zone 'UTC')::date - :days::integer + 1, (now() at time zone 'UTC')::date, interval '1 day') as d,
		${eachKey} as k, generate_series(1, 5) as n,
		lateral (select case when n <= 3 then 'address' else 'tag' end as kind,
			case when n <= 3 then '10.' || k.i % 250 || '.' || k.i / 250 || '.' || n else 'purpose-' || (k.i + n) % 40 end as value) as v`,
	`insert into usage_details_hourly (hour, process_id, detail, key_id, kind, value, agent, count, refused, first_at,
		last_at, added, added_refused)
	select h, '00000000-0000-4000-8000-000000000000', 3 * k.i + n, k.id, 'client',
		'10.' || k.i % 250 || '.' || k.i / 250 || '.' || n, 'curl/8', 10, 0, h, h, 10, 0
	from generate_series(date_trunc('hour', now(), 'UTC') - interval '23 hours', date_trunc('hour', now(), 'UTC'),
		interval '1 hour') as h, ${eachKey} as k, generate_series(0, 2) as n`,
];
