import test from 'ava';
import type {AuditEntry} from '../../contract/audit-trail.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {addEntries} from './chains.ts';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

const get = (path: string, bearer = jwt) => server.call(path, {bearer});
const entriesOf = (answer: Answer) => answer.json() as AuditEntry[];
const sequences = (answer: Answer) => entriesOf(answer).map(({sequence}) => sequence);
const nextOf = (answer: Answer) =>
	/^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link']))?.[1];

/** An organisation with its first entry and so many more. @returns where its trail is, and its id */
async function makeTrail(entries: number): Promise<{trail: string; id: string}> {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const db = connectDatabase(appliance.database, 'test');
	await addEntries(db, id, entries);
	await db.destroy();
	return {trail: `/api/v1/organizations/${id}/audit`, id};
}

test('the trail is listed newest first, each entry with every member in order', async (t) => {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, id, 'Production');
	const answer = await get(`/api/v1/organizations/${id}/audit`);
	t.is(answer.status, 200);
	const [newest, first, ...others] = entriesOf(answer);
	t.is(others.length, 0);
	t.deepEqual(Object.keys(newest ?? {}), [
		'sequence',
		'recorded_at',
		'action',
		'outcome',
		'actor',
		'target',
		'address',
		'request_id',
		'details',
		'hash',
	]);
	t.like(newest, {
		sequence: 2,
		action: 'key.created',
		outcome: 'success',
		target: {type: 'api_key', id: key.id, name: 'Production'},
		address: '127.0.0.1',
	});
	t.regex(newest?.recorded_at ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
	t.like(first, {sequence: 1, action: 'organization.created'});
});

test('pages lead through the whole trail, 100 entries where no limit is given', async (t) => {
	const {trail} = await makeTrail(249);
	const pages: number[][] = [];
	for (let next: string | undefined = trail; next !== undefined;) {
		const answer = await get(next);
		pages.push(sequences(answer));
		next = nextOf(answer);
	}
	t.deepEqual(
		pages.map((page) => page.length),
		[100, 100, 50],
	);
	t.deepEqual(
		pages.flat(),
		Array.from({length: 250}, (_, i) => 250 - i),
	);
	t.is(sequences(await get(`${trail}?limit=250`)).length, 250);
	t.is(nextOf(await get(`${trail}?limit=250`)), undefined);
});

test('with after the trail is followed, oldest first', async (t) => {
	const {trail, id} = await makeTrail(4);
	const first = await get(`${trail}?after=0&limit=3`);
	t.deepEqual(sequences(first), [1, 2, 3]);
	const next = nextOf(first) ?? '';
	t.true(next.includes('after=3'));
	t.deepEqual(sequences(await get(next)), [4, 5]);
	t.deepEqual(sequences(await get(`${trail}?after=5`)), []);
	await makeKey(server, jwt, id);
	t.deepEqual(sequences(await get(`${trail}?after=5`)), [6]);
});

test('filters narrow the trail, one by one and together', async (t) => {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const trail = `/api/v1/organizations/${id}/audit`;
	const key = await makeKey(server, jwt, id);
	const {id: userId} = (await get('/api/v1/auth/me')).json() as {id: string};
	await makeKey(server, jwt, id);
	await server.call(`/api/v1/organizations/${id}/api-keys/${key.id}`, {
		method: 'DELETE',
		bearer: jwt,
	});
	const refused = await server.call(`/api/v1/organizations/${id}/api-keys`, {
		bearer: (await makeKey(server, jwt, id)).key,
		body: {name: 'no'},
	});
	t.is(refused.status, 403);

	t.deepEqual(sequences(await get(`${trail}?action=key.created`)), [5, 3, 2]);
	for (const both of ['action=key.created&action=key.revoked', 'action=key.revoked,key.created']) {
		t.deepEqual(sequences(await get(`${trail}?${both}`)), [5, 4, 3, 2], both);
		t.deepEqual(sequences(await get(`${trail}?${both}&limit=2`)), [5, 4], both);
		t.deepEqual(sequences(await get(`${trail}?${both}&after=2`)), [3, 4, 5], both);
	}
	t.deepEqual(sequences(await get(`${trail}?target=${key.id}`)), [4, 2]);
	t.deepEqual(sequences(await get(`${trail}?actor=${userId}`)), [5, 4, 3, 2, 1]);
	t.deepEqual(sequences(await get(`${trail}?outcome=refused`)), [6]);
	t.deepEqual(
		sequences(await get(`${trail}?actor=${userId}&action=key.revoked&target=${key.id}`)),
		[4],
	);
	t.deepEqual(sequences(await get(`${trail}?actor=${key.id}`)), []);

	const page = await get(`${trail}?action=key.created&limit=2`);
	t.deepEqual(sequences(page), [5, 3]);
	t.deepEqual(sequences(await get(nextOf(page) ?? '')), [2], 'the next page keeps the filter');
});

test('since and until cut the trail at a time', async (t) => {
	const {trail} = await makeTrail(40);
	const all = entriesOf(await get(trail));
	const at = (sequence: number) =>
		all.find((entry) => entry.sequence === sequence)?.recorded_at ?? '';
	for (const sequence of [1, 2, 20, 41]) {
		// A time is taken to the millisecond: entries of one share it.
		const millisecond = `${at(sequence).slice(0, 23)}Z`;
		const from = all.filter(({recorded_at: time}) => time >= millisecond.replace('Z', '000Z'));
		const before = all.filter(({recorded_at: time}) => time < millisecond.replace('Z', '000Z'));
		t.deepEqual(
			sequences(await get(`${trail}?since=${millisecond}`)),
			from.map((entry) => entry.sequence),
		);
		t.deepEqual(
			sequences(await get(`${trail}?until=${millisecond}`)),
			before.map((entry) => entry.sequence),
		);
	}
	t.deepEqual(
		sequences(await get(`${trail}?since=2000-01-01T00:00:00Z&until=2000-01-02T00:00:00Z`)),
		[],
	);
	t.is(sequences(await get(`${trail}?since=2000-01-01T00:00:00Z`)).length, 41);
	t.is(sequences(await get(`${trail}?until=2000-01-01T00:00:00%2B01:00`)).length, 0);
});

test('S-63, S-84: what is not a filter, and a cursor of another trail, is refused by name', async (t) => {
	const own = await makeTrail(3);
	const other = await makeTrail(3);
	const cursor = new URL(nextOf(await get(`${other.trail}?limit=1`)) ?? '', server.url)
		.searchParams;
	t.is((await get(`${other.trail}?cursor=${cursor.get('cursor')}`)).status, 200);
	const keys = `/api/v1/organizations/${own.id}/api-keys`;
	await makeKey(server, jwt, own.id);
	await makeKey(server, jwt, own.id);
	const ofKeys = new URL(nextOf(await get(`${keys}?limit=1`)) ?? '', server.url).searchParams;
	for (const [query, message] of [
		[`cursor=${cursor.get('cursor')}`, 'cursor is not valid'],
		[`cursor=${ofKeys.get('cursor')}`, 'cursor is not valid'],
		['cursor=MQ', 'cursor is not valid'],
		['action=key.invented', 'action must name kinds of entries, such as key.created'],
		['action=toString', 'action must name kinds of entries, such as key.created'],
		['action=key.created&action=', 'action must name kinds of entries, such as key.created'],
		['outcome=failure', 'outcome must be success or refused'],
		["actor=' or 1=1", 'actor must be an id'],
		['target=', 'target must be an id'],
		['actor=a&actor=b', 'actor must be an id'],
		['since=yesterday', 'since must be a time such as 2030-01-15T10:30:00Z'],
		['since=0000-01-01T00:00:00Z', 'since must be a time such as 2030-01-15T10:30:00Z'],
		['until=2024-13-01T00:00:00Z', 'until must be a time such as 2030-01-15T10:30:00Z'],
		['limit=0', 'limit must be a whole number from 1 to 1000'],
		['limit=1001', 'limit must be a whole number from 1 to 1000'],
		['after=-1', 'after must be the sequence of an entry'],
		['after=1e3', 'after must be the sequence of an entry'],
		[`after=1&cursor=${cursor.get('cursor')}`, 'after and cursor exclude each other'],
		['actions=key.created', 'Unknown query parameter: actions'],
	] as const) {
		const answer = await get(`${own.trail}?${encodeURI(query)}`);
		t.deepEqual([answer.status, answer.json()], [400, {error: message}], query);
	}
});

test('owners, admins and operators may read a trail, others may not, strangers see nothing', async (t) => {
	const {trail, id} = await makeTrail(1);
	const stranger = await makeTrail(0);
	for (const [role, status] of [
		['owner', 200],
		['admin', 200],
		['developer', 403],
		['viewer', 403],
	] as const) {
		const token = await server.logIn(await makeMember(appliance.database, id, role));
		for (const path of [trail, `${trail}/export`]) {
			t.is((await get(path, token)).status, status, `${role} ${path}`);
		}
		t.is((await get(stranger.trail, token)).status, 404, role);
		t.is((await get('/api/v1/audit', token)).status, 403, role);
	}
	const {key} = await makeKey(server, jwt, id);
	t.is((await get(trail, key)).status, 403);
	t.is((await server.call(trail)).status, 401);
});

test('the operator reads the trail of the appliance itself', async (t) => {
	const answer = await get('/api/v1/audit?action=session.opened&limit=1');
	t.like(entriesOf(answer)[0], {action: 'session.opened', actor: {type: 'user'}});
	t.is(entriesOf(await get('/api/v1/audit?action=organization.created')).length, 0);
});
