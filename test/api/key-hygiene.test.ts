import test, {type ExecutionContext} from 'ava';
import {keyFindingNames, keyHygiene, type KeyHygiene} from '../../contract/key-hygiene.ts';
import type {CreatedKey} from '../../contract/keys.ts';
import {toTimestamp} from '../../contract/text.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();
const owner = connectDatabase(appliance.ownerDatabase, 'test');

test.after.always(async () => {
	await owner.destroy();
	await appliance.stop();
});

/** The text of a day that lies so far back, or ahead. */
const inDays = (days: number) => toTimestamp(new Date(Date.now() + days * 86_400_000));
const dayAgo = (days: number) => inDays(-days).slice(0, 10);

/** Nothing is found of a key that carries these and was used. */
const sound = {scopes: ['orders.read'], ip_allow: ['10.0.0.0/8'], expires_at: inDays(300)};

async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	const change = (path: string, body: object, method = 'POST') =>
		server.call(`${base}/${path}`, {method, bearer: jwt, body});
	return {
		id,
		base,
		change,
		report: async (t: ExecutionContext, query = '', bearer = jwt): Promise<KeyHygiene> => {
			const answer = await server.call(`${base}/key-hygiene${query}`, {bearer});
			t.is(answer.status, 200, answer.text);
			return keyHygiene.parse(answer.json());
		},
		/** A key that was made, used last and changed so many days ago. */
		make: async (name: string, terms: object, {made = 40, used = 1 as number | null} = {}) => {
			const answer = await change('api-keys', {name, ...terms});
			if (answer.status !== 201) throw new Error(answer.text);
			const key = answer.json() as CreatedKey;
			await db.raw(
				`update api_keys set created_at = now() - :made * interval '24 hours',
					last_used_at = now() - :used::integer * interval '24 hours' where id = :id`,
				{made, used, id: key.id},
			);
			await need(key.id, ['orders.read']);
			return key.id;
		},
	};
}

/** That uses of a key needed some scopes so many days ago. */
async function need(key: string, scopes: readonly string[], daysAgo = 1) {
	const at = db.raw("now() - ? * interval '24 hours'", [daysAgo]);
	const rows = scopes.map((scope) => ({
		key_id: key,
		scope,
		first_needed_at: at,
		last_needed_at: at,
		count: 1,
	}));
	await db('key_needed_scopes').insert(rows as never);
}

/** That a key was used from some addresses. */
async function useFrom(key: string, addresses: readonly string[], {refused = 0, daysAgo = 1} = {}) {
	const at = db.raw("now() - ? * interval '24 hours'", [daysAgo]);
	const rows = addresses.map((address) => ({
		key_id: key,
		address,
		user_agent: 'curl/8',
		first_seen_at: at,
		last_seen_at: at,
		count: 1,
		refused,
	}));
	await db('key_clients').insert(rows as never);
}

/** As if what keys need had been recorded for so long. */
async function watchSince(days: number) {
	await owner.raw(
		"update knex_migrations set migration_time = now() - ? * interval '24 hours' where name = '0043_usage'",
		[days],
	);
}

function findingsOf({keys}: KeyHygiene, id: string) {
	return keys.find((key) => key.id === id)?.findings ?? [];
}

const named = (report: KeyHygiene, id: string) =>
	findingsOf(report, id).map(({finding}) => finding);

test.serial('before keys were watched for 30 days none is over-privileged', async (t) => {
	const {make, report} = await open();
	const id = await make('watched', {...sound, scopes: ['orders.read', 'orders.write']});
	await watchSince(29);
	const early = await report(t);
	t.deepEqual(early.keys, []);
	t.is(early.watched_since.slice(0, 10), dayAgo(29));
	await watchSince(31);
	t.deepEqual(named(await report(t), id), ['over_privileged']);
});

test.serial(
	'each finding is told with a sentence and an action, and that action mends it',
	async (t) => {
		const {id: organisation, base, make, report, change} = await open();
		await make('sound', sound);
		const leaver = await makeMember(appliance.database, organisation, 'developer');
		const user = await db('users').where({email: leaver.email}).first('id');
		const keys = {
			never_used: await make('never used', sound, {used: null}),
			idle: await make('idle', sound, {made: 400, used: 120}),
			no_end: await make('no end', {scopes: sound.scopes, ip_allow: sound.ip_allow}),
			unrestricted: await make('unrestricted', {expires_at: sound.expires_at}),
			expiring: await make('expiring', {...sound, expires_at: inDays(20)}),
			over_privileged: await make('over-privileged', {
				...sound,
				scopes: ['orders.*', 'invoices.read', 'invoices.pay'],
			}),
			shared: await make('shared', {scopes: sound.scopes, expires_at: sound.expires_at}),
			maker_left: await make('maker left', sound),
		};
		await need(keys.unrestricted, ['orders.write']);
		await need(keys.over_privileged, ['orders.items.read', 'invoices.read']);
		await useFrom(
			keys.shared,
			Array.from({length: 11}, (_, host) => `198.51.${host % 2}.${host}`),
		);
		await db('api_keys')
			.where({id: keys.maker_left})
			.update({created_by: user?.id ?? null});
		t.is((await change(`members/${user?.id}`, {}, 'DELETE')).status, 200);

		const all = await report(t);
		const each = Object.fromEntries(keyFindingNames.map((name) => [name, 1]));
		t.deepEqual(all.counts, {keys: 9, affected: 8, findings: each as never});
		for (const name of keyFindingNames) t.deepEqual(named(all, keys[name]), [name], name);
		const said = (name: keyof typeof keys) => {
			const [found] = findingsOf(all, keys[name]);
			return found && [found.detail, found.action.name, found.action.body];
		};
		t.deepEqual(said('never_used'), [
			'Not used once in the 40 days since it could be',
			'revoke',
			null,
		]);
		t.deepEqual(said('idle'), [`Not used since ${dayAgo(120)}, for 120 days`, 'suspend', null]);
		const [detail, action, body] = said('no_end') ?? [];
		t.deepEqual([detail, action], ['It is accepted until somebody revokes it', 'update']);
		t.regex(JSON.stringify(body), new RegExp(`^{"expires_at":"${inDays(365).slice(0, 10)}T`));
		t.deepEqual(said('unrestricted'), [
			'Anyone who has it may do everything, from anywhere; in the last 92 days its uses needed orders.read, orders.write',
			'update',
			{scopes: ['orders.read', 'orders.write']},
		]);
		t.deepEqual(said('expiring'), [
			`It ends on ${inDays(20).slice(0, 10)}, in 19 days`,
			'rotate',
			null,
		]);
		t.deepEqual(said('over_privileged'), [
			'No use in the last 92 days needed invoices.pay',
			'update',
			{scopes: ['orders.*', 'invoices.read']},
		]);
		t.deepEqual(said('shared'), [
			'Used from 11 addresses in the last 30 days, in 2 networks',
			'update',
			{ip_allow: ['198.51.0.0/24', '198.51.1.0/24']},
		]);
		t.deepEqual(said('maker_left'), [
			`${leaver.email}, who made it, is no longer a member, and may still know it`,
			'rotate',
			null,
		]);

		for (const key of all.keys) {
			const path = `${base}/api-keys/${key.id}`;
			const [found] = key.findings;
			if (found === undefined) continue;
			const {name, body: proposed} = found.action;
			const calls = {
				revoke: () => server.call(path, {method: 'DELETE', bearer: jwt}),
				suspend: () => server.call(`${path}/suspend`, {bearer: jwt, body: {}}),
				rotate: () => server.call(`${path}/rotate`, {bearer: jwt, body: {}}),
				update: () =>
					server.call(path, {
						method: 'PATCH',
						bearer: jwt,
						body: proposed ?? {},
						headers: {'If-Match': `"${key.version}"`},
					}),
			};
			const answer = await calls[name]();
			t.true([200, 201].includes(answer.status), answer.text);
		}
		const after = await report(t);
		t.is(after.counts?.affected, 0, JSON.stringify(after.keys));
	},
);

test.serial('pages have each key once, and the counts are on the first of them', async (t) => {
	const {base, make, report} = await open();
	const made: string[] = [];
	for (let n = 0; n < 5; n++) {
		made.push(await make(`idle ${n}`, sound, {made: 200 - n, used: 100}));
		await make(`sound ${n}`, sound);
	}
	const seen: string[] = [];
	let pages = 0;
	let next: string | undefined = `${base}/key-hygiene?finding=idle&limit=2`;
	while (next !== undefined) {
		const answer = await server.call(next, {bearer: jwt});
		t.is(answer.status, 200, answer.text);
		const {counts, keys} = keyHygiene.parse(answer.json());
		if (pages++ === 0) t.like(counts, {keys: 10, affected: 5, findings: {idle: 5, no_end: 0}});
		else t.is(counts, null);
		t.true(keys.length <= 2);
		seen.push(...keys.map(({id}) => id));
		next = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1];
	}
	t.is(pages, 3);
	t.deepEqual(seen, made, 'oldest first');
	t.is((await report(t, '?finding=idle&idle_days=101')).keys.length, 0);
	t.is((await report(t, '?finding=expiring')).keys.length, 0);
	t.is((await report(t, '?finding=expiring&expiring_days=301')).keys.length, 10);
});

test.serial('what cannot be asked is refused, with the field and what it may be', async (t) => {
	const {base} = await open();
	for (const [query, error] of [
		['finding=rusty', /^finding must be never_used or idle or /],
		['idle_days=0', /^idle_days must be a whole number from 1 to 3650$/],
		['expiring_days=3651', /^expiring_days must be a whole number from 1 to 3650$/],
		['most_addresses=many', /^most_addresses must be a whole number from 1 to 99$/],
		['limit=0', /^limit must be a whole number from 1 to 1000$/],
		['cursor=x', /^cursor is not valid$/],
		['age=9', /^Unknown query parameter: age$/],
	] as const) {
		const answer = await server.call(`${base}/key-hygiene?${query}`, {bearer: jwt});
		t.is(answer.status, 400, query);
		t.regex((answer.json() as {error: string}).error, error, query);
	}
});
