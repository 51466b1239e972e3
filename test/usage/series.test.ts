import {randomUUID} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import {keyClients, keyUsageAnswer, mostClients, usageSeries} from '../../contract/usage.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {countUses, type CountedUse} from './counts.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Nothing that is asked about here is of the hour that is running. */
const today = Math.floor(Date.now() / dayMs) * dayMs;
const yesterday = today - dayMs;
const iso = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** An organisation with keys, and what asks for their use. */
async function make(...names: string[]) {
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisationId}`;
	const keys: string[] = [];
	for (const name of names) keys.push((await makeKey(server, jwt, organisationId, name)).id);
	const get = (at: string) => server.call(`${path}/${at}`, {bearer: jwt});
	const told = async (t: ExecutionContext, at: string) => {
		const answer = await get(at);
		t.is(answer.status, 200, answer.text);
		return usageSeries.parse(answer.json());
	};
	return {
		organisationId,
		path,
		keys,
		get,
		told,
		key: (at: number) => keys[at] ?? '',
		own: (uses: (Omit<CountedUse, 'organisationId' | 'keyId'> & {key: number})[]) =>
			countUses(
				db,
				uses.map(({key, ...use}) => ({...use, organisationId, keyId: keys[key] ?? ''})),
			),
		patch: (at: number, body: object) =>
			server.call(`${path}/api-keys/${keys[at]}`, {method: 'PATCH', bearer: jwt, body}),
	};
}

/** What series tell, without their times. */
function inShort({series, other}: Awaited<ReturnType<Awaited<ReturnType<typeof make>>['told']>>) {
	const counts = (points: [string, number][]) => points.map(([, count]) => count);
	return [
		...series.map(({group, total, refused, points}) => [group, total, refused, counts(points)]),
		...(other === null ? [] : [['other', other.total, other.refused, counts(other.points)]]),
	];
}

const period = (from: number, to: number, step: string) =>
	`from=${iso(from)}&to=${iso(to)}&step=${step}`;

test('the checks of a key are told by the hour, of each outcome that occurred, in whole hours', async (t) => {
	const {told, own, key} = await make('one', 'other');
	await own([
		{key: 0, at: yesterday + 1, count: 3},
		{key: 0, at: yesterday + 2 * hourMs, count: 4},
		// What another process saw in the same hour.
		{key: 0, at: yesterday + 2 * hourMs + 5, count: 5},
		{key: 0, at: yesterday + 2 * hourMs, count: 2, outcome: 'expired'},
		{key: 0, at: yesterday + 2 * hourMs, count: 1, outcome: 'ip_denied'},
		{key: 0, at: yesterday + 3 * hourMs, count: 100},
		{key: 0, at: yesterday - 1, count: 100},
		{key: 1, at: yesterday, count: 100},
	]);
	// To the last moment of an hour, and from within one.
	const asked = `from=${iso(yesterday + 1000)}&to=${iso(yesterday + 2 * hourMs + 1000)}&step=hour`;
	const answer = await told(t, `api-keys/${key(0)}/usage?${asked}`);
	t.like(answer, {
		from: iso(yesterday),
		to: iso(yesterday + 3 * hourMs),
		step: 'hour',
		group_by: 'outcome',
	});
	t.deepEqual(inShort(answer), [
		['valid', 12, 0, [3, 0, 9]],
		['expired', 2, 2, [0, 0, 2]],
		['ip_denied', 1, 1, [0, 0, 1]],
	]);
	t.deepEqual(
		answer.series[0]?.points.map(([start]) => start),
		[0, 1, 2].map((hour) => iso(yesterday + hour * hourMs)),
	);
	const only = async (result: string) =>
		inShort(await told(t, `api-keys/${key(0)}/usage?${asked}&result=${result}`));
	t.deepEqual(await only('accepted'), [['valid', 12, 0, [3, 0, 9]]]);
	t.deepEqual(await only('refused'), [
		['expired', 2, 2, [0, 0, 2]],
		['ip_denied', 1, 1, [0, 0, 1]],
	]);
	// What is asked for by name, whatever it comes to.
	t.deepEqual(inShort(await told(t, `api-keys/${key(0)}/usage?${asked}&top=1`)), [
		['valid', 12, 0, [3, 0, 9]],
		['other', 3, 3, [0, 0, 3]],
	]);
	const empty = await told(
		t,
		`api-keys/${key(0)}/usage?${period(today - 9e9, today - 8e9, 'day')}`,
	);
	t.deepEqual(inShort(empty), []);
});

test('the checks of a key are told by tag, and by address, with what is not told apart', async (t) => {
	const {told, own, key} = await make('one', 'other');
	await own([
		{key: 0, at: yesterday, count: 5, address: '203.0.113.1', tags: ['eu', 'web']},
		{
			key: 0,
			at: yesterday,
			count: 2,
			address: '203.0.113.1',
			tags: ['eu'],
			outcome: 'rate_limited',
		},
		{key: 0, at: yesterday + hourMs, count: 3, address: '203.0.113.2'},
		{key: 0, at: yesterday + hourMs, count: 1, address: ''},
		// Beyond the bounds.
		{key: 0, at: yesterday + hourMs, count: 4},
		{key: 0, at: yesterday + hourMs, count: 1, outcome: 'rate_limited'},
		{key: 1, at: yesterday, count: 9, address: '203.0.113.9', tags: ['eu']},
	]);
	const usage = `api-keys/${key(0)}/usage`;
	for (const [asked, spread] of [
		[period(yesterday, yesterday + 2 * hourMs, 'hour'), (...counts: number[]) => counts],
		[
			period(yesterday, today, 'day'),
			(...counts: number[]) => [counts.reduce((sum, count) => sum + count, 0)],
		],
	] as const) {
		t.deepEqual(inShort(await told(t, `${usage}?${asked}&group_by=address`)), [
			['203.0.113.1', 7, 2, spread(7, 0)],
			['203.0.113.2', 3, 0, spread(0, 3)],
			[null, 1, 0, spread(0, 1)],
			['other', 5, 1, spread(0, 5)],
		]);
		t.deepEqual(inShort(await told(t, `${usage}?${asked}&group_by=address&result=refused`)), [
			['203.0.113.1', 2, 2, spread(2, 0)],
			['other', 1, 1, spread(0, 1)],
		]);
		t.deepEqual(inShort(await told(t, `${usage}?${asked}&group_by=tag`)), [
			['eu', 7, 2, spread(7, 0)],
			['web', 5, 0, spread(5, 0)],
		]);
		t.deepEqual(inShort(await told(t, `${usage}?${asked}&group_by=tag&top=1`)), [
			['eu', 7, 2, spread(7, 0)],
			['other', 5, 0, spread(5, 0)],
		]);
	}
	t.deepEqual(inShort(await told(t, `usage?${period(yesterday, today, 'day')}&group_by=tag`)), [
		['eu', 16, 2, [16]],
		['web', 5, 0, [5]],
	]);
});

test('those of an organisation are told by key, owner and outcome, the rest of them together', async (t) => {
	const {told, own, key, keys, patch, organisationId} = await make(
		'billing',
		'shop',
		'search',
		'old',
	);
	const foreign = await make('billing');
	const payments = {type: 'team', id: 'payments/eu'};
	for (const at of [0, 1]) t.is((await patch(at, {owner: payments})).status, 200);
	await patch(2, {owner: {type: 'service', id: 'search'}});
	await own([
		{key: 0, at: yesterday, count: 10},
		{key: 0, at: yesterday + hourMs, count: 1, outcome: 'suspended'},
		{key: 1, at: yesterday, count: 7},
		{key: 2, at: yesterday + hourMs, count: 20},
		{key: 3, at: yesterday, count: 2},
		{key: 3, at: today - 40 * dayMs, count: 1000},
	]);
	await foreign.own([{key: 0, at: yesterday, count: 5000}]);

	const hours = period(yesterday, yesterday + 2 * hourMs, 'hour');
	const byKey = await told(t, `usage?${hours}&group_by=key&top=2`);
	t.deepEqual(inShort(byKey), [
		[key(2), 20, 0, [0, 20]],
		[key(0), 11, 1, [10, 1]],
		['other', 9, 0, [9, 0]],
	]);
	t.deepEqual(
		byKey.series.map(({name}) => name),
		['search', 'billing'],
	);
	const days = period(yesterday - dayMs, today, 'day');
	t.deepEqual(inShort(await told(t, `usage?${days}&group_by=owner`)), [
		['service/search', 20, 0, [0, 20]],
		['team/payments/eu', 18, 1, [0, 18]],
		[null, 2, 0, [0, 2]],
	]);
	t.deepEqual(inShort(await told(t, `usage?${hours}&group_by=owner&top=1`)), [
		['service/search', 20, 0, [0, 20]],
		['other', 20, 1, [19, 1]],
	]);
	t.deepEqual(inShort(await told(t, `usage?${days}`)), [
		['valid', 39, 0, [0, 39]],
		['suspended', 1, 1, [0, 1]],
	]);
	t.deepEqual(inShort(await told(t, `usage?${hours}`)), [
		['valid', 39, 0, [19, 20]],
		['suspended', 1, 1, [0, 1]],
	]);
	// Of one owner, and of some keys: those of others are not found.
	for (const step of ['hour', 'day']) {
		const whole = period(yesterday, today, step);
		const sums = async (query: string) =>
			(await told(t, `usage?${whole}&${query}`)).series.map(({group, total}) => [group, total]);
		t.deepEqual(await sums('owner=team/payments/eu&group_by=key'), [
			[key(0), 11],
			[key(1), 7],
		]);
		t.deepEqual(await sums('owner=team/payments/eu'), [
			['valid', 17],
			['suspended', 1],
		]);
		const some = [key(3), key(1).toUpperCase(), foreign.key(0), randomUUID()].join(',');
		t.deepEqual(await sums(`keys=${some}&group_by=key`), [
			[key(1), 7],
			[key(3), 2],
		]);
		t.deepEqual(await sums('owner=team/nobody'), []);
	}
	const months = await told(t, `usage?step=month&group_by=key&keys=${keys.join(',')}`);
	t.is(months.series[0]?.points.length, 12);
	t.is(months.series[0]?.group, key(3));
	t.is(months.series[0]?.total, 1002);
	// The sum of all groups is that of the whole, whatever it is divided by.
	const year = `from=${iso(today - 100 * dayMs)}&step=month`;
	for (const grouping of ['outcome', 'key', 'owner', 'address']) {
		for (const top of [1, 2, 50]) {
			const {series, other} = await told(t, `usage?${year}&group_by=${grouping}&top=${top}`);
			const sum = series.reduce((all, {total}) => all + total, other?.total ?? 0);
			t.is(sum, 1040, `${grouping} ${top}`);
			for (const {total, points} of [...series, ...(other === null ? [] : [other])]) {
				t.is(
					points.reduce((all, [, count]) => all + count, 0),
					total,
				);
			}
		}
	}
	t.truthy(organisationId);
});

test('without parameters of a series the answer is the one of before, and not both at once', async (t) => {
	const {get, key, own} = await make('one');
	await own([{key: 0, at: Date.now(), count: 3, outcome: 'valid'}]);
	const usage = `api-keys/${key(0)}/usage`;
	for (const [query, count] of [
		['', 24],
		['?by=hour', 24],
		['?by=day', 30],
		['?view=full', 24],
	] as const) {
		const buckets = keyUsageAnswer.parse((await get(usage + query)).json());
		t.true(Array.isArray(buckets));
		if (Array.isArray(buckets)) t.is(buckets.length, count);
	}
	for (const name of ['by=day', 'view=full']) {
		const answer = await get(`${usage}?${name}&top=3`);
		t.is(answer.status, 400);
		t.regex(
			answer.text,
			/^{"error":"(by|view) cannot be given with any of from, to, step, result, top, group_by/,
		);
	}
});

test('what cannot be told is refused with what could be', async (t) => {
	const {get, key} = await make('one');
	const usage = `api-keys/${key(0)}/usage`;
	for (const [at, error] of [
		[`${usage}?step=minute`, 'step must be hour or day or month'],
		[`${usage}?from=yesterday`, 'from must be a time such as 2030-01-15T10:30:00Z'],
		[`${usage}?${period(today, yesterday, 'hour')}`, 'from must be before to'],
		[`${usage}?from=2999-01-01T00:00:00Z`, 'from must be before now'],
		[`${usage}?group_by=key`, 'group_by must be outcome or tag or address'],
		[`${usage}?result=valid`, 'result must be accepted or refused'],
		[`${usage}?top=51`, 'top must be a whole number from 1 to 50'],
		[
			`${usage}?${period(today - 1001 * hourMs, today, 'hour')}`,
			'from must be at most 1,000 hours before to; ask for step=day, or for a later from',
		],
		[
			`usage?${period(today - 1001 * dayMs, today, 'day')}`,
			'from must be at most 1,000 days before to; ask for step=month, or for a later from',
		],
		[
			`usage?${period(today - 40_000 * dayMs, today, 'month')}`,
			'from must be at most 1,000 months before to; ask for a later from',
		],
		[
			`usage?${period(today - 9 * dayMs, today, 'hour')}&group_by=address`,
			'from must be within the last 7 days, for which counts of hours by address are kept; ask for step=day, or for a later from',
		],
		[`usage?owner=payments`, 'owner must be a type and an id such as team/payments'],
		[`usage?keys=one`, 'keys must be ids of at most 50 keys, with commas between'],
		[`usage/export?top=3`, 'Unknown query parameter: top'],
		[`usage/export?format=xml`, 'format must be csv or ndjson'],
		[`${usage}/export?owner=team/payments`, 'Unknown query parameter: owner'],
		[
			`${usage}/export?${period(today - 1001 * hourMs, today, 'hour')}`,
			'from must be at most 1,000 hours before to; ask for step=day, or for a later from',
		],
	] as const) {
		const answer = await get(at);
		t.is(answer.status, 400, at);
		t.is(answer.text, JSON.stringify({error}), at);
	}
	for (const at of ['usage', 'usage?top=1', 'usage/export', 'clients']) {
		const answer = await get(`api-keys/${randomUUID()}/${at}`);
		t.is(answer.status, 404);
		t.is(answer.text, '{"error":"API key not found"}');
	}
});

test('all of it can be taken as a file, in which nothing that was counted is left out', async (t) => {
	const {get, own, key, path, organisationId} = await make('=HYPERLINK("x"), "quoted"', 'plain');
	await own([
		{key: 0, at: yesterday, count: 5, address: '203.0.113.1'},
		{key: 1, at: yesterday, count: 2, outcome: 'expired', address: ''},
		{key: 1, at: yesterday - dayMs, count: 1},
	]);
	const csv = await get(`usage/export?${period(yesterday - dayMs, today, 'day')}&group_by=key`);
	t.is(csv.status, 200);
	t.is(csv.headers['content-type'], 'text/csv; charset=utf-8');
	t.is(csv.headers['content-disposition'], `attachment; filename="usage-${organisationId}.csv"`);
	const [header, first, ...rest] = csv.text.split('\r\n');
	t.is(header, 'start,group,name,count,refused');
	t.is(first, `${iso(yesterday - dayMs)},${key(1)},plain,1,0`);
	t.deepEqual(
		rest.toSorted(),
		[
			'',
			`${iso(yesterday)},${key(0)},"'=HYPERLINK(""x""), ""quoted""",5,0`,
			`${iso(yesterday)},${key(1)},plain,2,2`,
		].toSorted(),
	);
	const ndjson = await get(
		`api-keys/${key(1)}/usage/export?${period(yesterday - dayMs, today, 'day')}&format=ndjson`,
	);
	t.is(ndjson.headers['content-type'], 'application/x-ndjson');
	t.is(ndjson.headers['content-disposition'], `attachment; filename="usage-${key(1)}.ndjson"`);
	t.is(
		ndjson.text,
		`{"start":"${iso(yesterday - dayMs)}","group":"valid","name":null,"count":1,"refused":0}\n{"start":"${iso(yesterday)}","group":"expired","name":null,"count":2,"refused":2}\n`,
	);
	const addresses = await get(
		`usage/export?${period(yesterday, today, 'hour')}&group_by=address&format=ndjson&result=refused`,
	);
	t.is(
		addresses.text,
		`{"start":"${iso(yesterday)}","group":null,"name":null,"count":2,"refused":2}\n`,
	);

	// More groups in a step than are read at once.
	await db.raw(
		`insert into usage_details_daily (organisation_id, day, key_id, kind, value, count, refused)
		select ?, ?::timestamptz::date, ?, 'tag', 'tag-' || i, i, 0 from generate_series(1, 10001) as i`,
		[organisationId, iso(yesterday), key(0)],
	);
	const tags = await get(
		`usage/export?${period(yesterday, today, 'day')}&group_by=tag&format=ndjson`,
	);
	const rows = tags.text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as {group: string; count: number});
	t.is(rows.length, 10_001);
	t.is(new Set(rows.map(({group}) => group)).size, 10_001);
	t.true(rows.every(({group, count}) => group === `tag-${count}`));
	const empty = await server.call(
		`${path}/usage/export?from=${iso(today - 50 * dayMs)}&to=${iso(today - 40 * dayMs)}`,
		{bearer: jwt},
	);
	t.is(empty.text, 'start,group,name,count,refused\r\n');
});

test('a key tells from where it was used, seen last first, as many as are kept', async (t) => {
	const {get, key} = await make('one', 'other');
	t.is((await get(`api-keys/${key(0)}/clients`)).text, '[]');
	await db.raw(
		`insert into key_clients (key_id, address, user_agent, first_seen_at, last_seen_at, count, refused)
		select ?::uuid, '203.0.113.' || i, 'curl/8', now() - interval '2 days', now() - i * interval '1 minute', i, 0
			from generate_series(1, 120) as i
		union all select ?, '', '', now() - interval '2 days', now(), 7, 7
		union all select ?, '198.51.100.1', 'other', now(), now(), 1, 0`,
		[key(0), key(0), key(1)],
	);
	const clients = keyClients.parse((await get(`api-keys/${key(0)}/clients`)).json());
	t.is(clients.length, mostClients);
	t.like(clients[0], {address: null, user_agent: null, count: 7, refused: 7});
	t.like(clients[1], {address: '203.0.113.1', user_agent: 'curl/8', count: 1, refused: 0});
	t.is(clients.at(-1)?.address, '203.0.113.99');
});

test.serial('counts that cannot be read in time are not told, and not told wrongly', async (t) => {
	const {get, told, own, key} = await make('one');
	await own([{key: 0, at: yesterday, count: 3}]);
	const holder = await db.transaction();
	await holder.raw('lock table usage_totals_hourly in access exclusive mode');
	const answer = await get('usage');
	t.is(answer.status, 503);
	t.truthy(answer.headers['retry-after']);
	t.is((await get(`api-keys/${key(0)}/usage?step=day`)).status, 200);
	await holder.rollback();
	t.deepEqual(inShort(await told(t, `usage?${period(yesterday, today, 'day')}`)), [
		['valid', 3, 0, [3]],
	]);
});
