import type {Knex} from 'knex';
import {createCaller, logIn} from '../caller.ts';
import {layOut, spread} from '../figures.ts';
import type {Scenario} from '../scenario.ts';
import {connectBench, insertUnannounced} from '../statements.ts';

const pageSize = 100;
const warmUp = 3;
const goalMs = 50;

/** Of keys that are made to be found among all others. */
const fewKeys = 5;

/**
 * How much is found: a whole page among the newest keys (`plenty`), a whole page of which the newest
 * key is behind seven tenths of all keys (`old`), less than a page (`little`), nothing.
 */
type Amount = 'plenty' | 'old' | 'little' | 'nothing';

/**
 * `open`: an organisation of whose keys a fifth is without any restriction, and half of which are not
 * used. `strict`: one that restricts all of them by scopes or roles, and where all but a few are in use.
 */
type Home = 'open' | 'strict';

const [mostMaker, fewMaker, noMaker] = [1, 2, 3].map(
	(digit) => `0000000${digit}-0000-4000-8000-000000000000`,
);

const lists: readonly (readonly [Home, Amount, string])[] = [
	// What any page takes.
	['open', 'plenty', ''],
	['open', 'plenty', 'status=active'],
	['open', 'plenty', 'status=revoked'],
	['open', 'plenty', 'status=expired'],
	['open', 'little', 'status=suspended'],
	['open', 'nothing', 'status=scheduled'],
	['open', 'plenty', 'tag=env:prod'],
	['open', 'old', 'tag=legacy'],
	['open', 'little', 'tag=audit:2019'],
	['open', 'nothing', 'tag=nowhere'],
	['open', 'plenty', 'owner=team/payments'],
	['open', 'little', 'owner=service/lonely'],
	['open', 'nothing', 'owner=team/nobody'],
	['open', 'plenty', 'role=reader'],
	['open', 'old', 'role=old-reader'],
	['open', 'little', 'role=closer'],
	['open', 'nothing', 'role=nobody'],
	['open', 'plenty', 'scope=ledger.close'],
	['strict', 'plenty', 'scope=orders.read'],
	['strict', 'old', 'scope=legacy.read'],
	['strict', 'little', 'scope=ledger.close'],
	['strict', 'nothing', 'scope=nothing.like.it'],
	['open', 'plenty', 'q=prod'],
	['open', 'plenty', 'q=a'],
	['open', 'old', 'q=legacy'],
	['open', 'little', 'q=zebra'],
	['open', 'nothing', 'q=nothing like it'],
	['open', 'nothing', 'q=prodprod'],
	['open', 'nothing', 'q=~'],
	['open', 'nothing', 'q=--'],
	['open', 'plenty', 'expires_before=2090-01-01T00:00:00Z'],
	['open', 'little', 'expires_before=2001-01-01T00:00:00Z'],
	['open', 'nothing', 'expires_before=2000-01-01T00:00:00Z'],
	['open', 'plenty', 'expires_after=2020-01-01T00:00:00Z'],
	['open', 'nothing', 'expires_after=2098-01-01T00:00:00Z'],
	['open', 'plenty', 'idle_days=10'],
	['strict', 'little', 'idle_days=90'],
	['strict', 'nothing', 'idle_days=250'],
	['open', 'plenty', `created_by=${mostMaker}`],
	['open', 'little', `created_by=${fewMaker}`],
	['open', 'nothing', `created_by=${noMaker}`],
	['open', 'plenty', 'status=active&tag=env:prod'],
	['open', 'plenty', 'status=active&tag=env:prod&scope=orders.read'],
	['open', 'plenty', 'status=active&idle_days=10&q=prod'],
	['open', 'old', 'status=active&tag=legacy'],
	['open', 'old', 'idle_days=10&q=legacy&status=active'],
	['strict', 'little', 'status=expired&tag=env:prod&scope=ledger.close'],
	['strict', 'nothing', 'status=suspended&tag=env:test&scope=ledger.close'],
	['strict', 'nothing', 'status=active&tag=env:test&scope=nothing.like.it'],
	['strict', 'nothing', 'status=active&tag=env:prod&scope=nothing.like.it&q=a'],
	['strict', 'nothing', 'tag=env:prod&q=test'],
	['strict', 'nothing', 'status=active&q=prod&tag=env:test'],
	['strict', 'nothing', 'idle_days=90&tag=env:test&scope=orders.read'],
	['strict', 'nothing', 'idle_days=1&status=expired&scope=customers.write&q=a'],
	['strict', 'nothing', 'role=reader&scope=invoices.write'],
	['strict', 'nothing', 'role=reader&owner=team/payments&q=zebra'],
	['open', 'nothing', 'tag=env:prod&role=reader&status=scheduled'],
	['open', 'nothing', 'owner=team/payments&status=suspended&expires_after=2030-01-01T00:00:00Z'],
	['strict', 'nothing', `created_by=${mostMaker}&scope=nothing.like.it&status=active`],
];

/** Lists of many keys, narrowed in every way: what one caller waits for a page, with nothing else going on. */
export const keyLists: Scenario = {
	name: 'key-lists',
	title: 'pages of a list of many keys, narrowed by each parameter and by several',
	keys: () => 1,
	async run(bench) {
		const {options, services, say} = bench;
		const {listedKeys, listSamples} = options.sizes;
		const db = connectBench(services.database);
		const caller = createCaller(bench.signal);
		const faults: string[] = [];
		try {
			const begunAt = performance.now();
			const homes: Record<Home, string> = {
				open: await fill(db, 'open', listedKeys),
				strict: await fill(db, 'strict', listedKeys),
			};
			say(
				`${2 * listedKeys} keys inserted in ${Math.round((performance.now() - begunAt) / 1000)} s`,
			);
			const server = await bench.startServer();
			const rows = [];
			for (const [home, amount, query] of lists) {
				// A token is good for some minutes.
				const jwt = await logIn(caller, server);
				const path = `/api/v1/organizations/${homes[home]}/api-keys?limit=${pageSize}&${query.replaceAll(' ', '%20')}`;
				const times: number[] = [];
				for (let i = 0; i < listSamples + warmUp; i++) {
					const {status, text, ms} = await caller.send(server, path, {bearer: jwt});
					if (i >= warmUp) times.push(ms);
					const count = status === 200 ? (JSON.parse(text) as unknown[]).length : undefined;
					if (count === undefined) faults.push(`${query}: answered ${status}`);
					else if (!isRight(count, amount)) faults.push(`${query}: ${count} keys, not ${amount}`);
				}
				rows.push({home, amount, query, ...spread(times)});
			}
			const slowest = Math.max(...rows.map(({p99Ms}) => p99Ms));
			return {
				result: {keys: listedKeys, goals: {p99Ms: goalMs}, slowestP99Ms: slowest, lists: rows},
				table: layOut(
					[`${listedKeys.toLocaleString('en')} keys`, 'of', 'found', 'p50 ms', 'p99 ms', 'max ms'],
					[
						...rows.map(({home, amount, query, p50Ms, p99Ms, maxMs}) => [
							query || 'no parameter',
							home,
							amount,
							...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
						]),
						['the slowest; goal', '', '', '', slowest.toFixed(1), String(goalMs)],
					],
				),
				faults: [...new Set(faults)],
			};
		} finally {
			caller.close();
			await db.destroy();
		}
	},
};

function isRight(count: number, amount: Amount): boolean {
	if (amount === 'nothing') return count === 0;
	return amount === 'little' ? count > 0 && count <= 2 * fewKeys : count === pageSize;
}

/** An organisation with keys as it has them after a year; the newest has number 1. @returns its id */
async function fill(db: Knex, home: Home, count: number): Promise<string> {
	const [organisation] = await db('organisations')
		.insert({name: home, plan: 'team'})
		.returning('id');
	if (organisation === undefined) throw new Error('an organisation was not made');
	const organisationId = organisation.id;
	const isOpen = home === 'open';
	await insertUnannounced(db, async (transaction) => {
		for (const version of [4, 8]) {
			await transaction.raw("select require_terms_version(?, '0.1.0')", [version]);
		}
		await transaction.raw(insertKeys, {
			organisationId,
			isOpen,
			count,
			step: stepOf(count),
			old: Math.floor(count * 0.7),
			mostMaker: mostMaker ?? '',
			fewMaker: fewMaker ?? '',
		});
		await transaction.raw(insertRoles, {organisationId});
		await transaction.raw(giveRoles, {
			organisationId,
			isOpen,
			step: stepOf(count),
			old: Math.floor(count * 0.7),
		});
	});
	for (const table of ['key_roles', 'key_role_members']) {
		await db.raw('vacuum (analyze) ??', [table]);
	}
	return organisationId;
}

/** Of whose multiples each is followed by one key of the few: odd, so that they are odd and even. */
function stepOf(count: number): number {
	return 2 * Math.floor(count / fewKeys / 2) - 1;
}

const insertKeys = `insert into api_keys (
		organisation_id, name, hash, hint, created_at, created_by_service_account_id, expires_at, last_used_at,
		last_used_ip, revoked_at, suspended_at, terms, tags, owner, description, metadata
	)
	select :organisationId,
		(array['billing', 'checkout', 'search', 'import', 'reporting', 'mobile', 'partner', 'shop'])[1 + i % 8]
			|| case when i > :old then ' legacy' when is_few then ' zebra' else '' end
			|| case when is_prod then ' prod ' else ' dev ' end || i,
		sha256(gen_random_uuid()::text::bytea),
		'hklst_' || substr(translate(encode(sha256(i::text::bytea), 'base64'), '+/=', 'abc'), 1, 6),
		now() - i * (interval '300 days' / :count),
		case when is_few then :fewMaker::uuid else :mostMaker::uuid end,
		case when is_few then timestamptz '2000-06-01' when i % 16 = 1 then now() - interval '1 day'
			when i % 4 = 0 then now() + i % 700 * interval '1 day' + interval '1 hour' end,
		case when :isOpen and i % 2 = 0 then null
			when not :isOpen and is_few then now() - i * (interval '300 days' / :count) + interval '1 minute'
			else now() - i % 7200 * interval '1 second' end,
		'203.0.113.7',
		case when not is_few and i % 10 = 3 then now() - interval '1 hour' end,
		case when is_few and i % 2 = 0 then now() end,
		case when i % 2 = 1 or (:isOpen and i % 5 = 0) then '{}' else jsonb_build_object('scopes', jsonb_build_array(
			(array['orders.read', 'orders.*', 'customers.read', 'stock:write'])[1 + i % 4],
			'service' || i % 40 || '.read',
			case when is_few then 'ledger.close' when i > :old then 'legacy.*' else 'reports/daily' end
		)) end,
		array[case when is_prod then 'env:prod' else 'env:test' end, 'team:' || i % 50]
			|| case when i > :old then array['legacy'] when is_few then array['audit:2019'] else '{}' end,
		case when is_few then '{"type":"service","id":"lonely"}'::jsonb
			when i % 3 = 0 then '{"type":"team","id":"payments"}'
			else jsonb_build_object('type', 'team', 'id', 't' || i % 200) end,
		'Used by the nightly job of the web shop',
		'{"cost_centre":"4711","ticket":"OPS-1234"}'
	from (
		select i, i % :step::integer = 7 as is_few, i % 10 < 6 or i % :step::integer = 7 as is_prod
		from generate_series(1, :count::integer) as i
	) as numbered`;

const insertRoles = `insert into key_roles (organisation_id, name, scopes) values
	(:organisationId, 'reader', '{orders.read,customers.read}'),
	(:organisationId, 'old-reader', '{legacy.read}'),
	(:organisationId, 'invoicing', '{invoices.*}'),
	(:organisationId, 'closer', '{ledger.close,invoices.write}')`;

/** Who has a role is known by the number at the end of the name. */
const giveRoles = `insert into key_role_members (key_id, role_id)
	select k.id, r.id
	from (
		select id, substring(name from '[0-9]+$')::integer as i from api_keys
		where organisation_id = :organisationId
	) as k
	join key_roles r on r.organisation_id = :organisationId and case r.name
		when 'closer' then i % :step::integer = 7 and i % 2 = 1
		when 'old-reader' then i > :old and i % 2 = 1
		else i <= :old and i % 2 = 1 and i % :step::integer <> 7 and (not :isOpen or i % 5 <> 0)
			and (i % 4 = 1) = (r.name = 'reader')
	end`;
