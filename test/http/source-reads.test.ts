import {randomUUID} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import {sourceList, type Source} from '../../contract/sources.ts';
import {mostListed} from '../../core/sources/reading.ts';
import {makeKey, makeOrganisation, patiently} from '../helpers/appliance.ts';
import {bytesOf, type Answer, type CallOptions} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/* Sources that are read with a known key are answered before the application, byte for byte as by it. */

const {appliance, server, jwt, db} = await openAppliance();
const path = '/api/v1/sources';

test.after.always(() => appliance.stop());

/** The same request by the application, which a header leads it to, and before it. */
async function alike(t: ExecutionContext, target: string, options: CallOptions): Promise<Answer> {
	const headers = {...options.headers, Accept: 'text/problem'};
	const slow = await server.call(target, {...options, headers});
	const fast = await server.call(target, options);
	t.is(bytesOf(fast), bytesOf(slow), target);
	return fast;
}

async function home() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const {key, id: keyId} = await makeKey(server, jwt, id);
	const add = async (name: string) => {
		const body = {name, type: 'http "日本"'};
		const made = await patiently(() => server.call(path, {bearer: key, body}));
		return made.json() as Source;
	};
	return {id, key, keyId, add};
}

test('one source, and the list of all, are the same both ways', async (t) => {
	const {key, add} = await home();
	t.is((await alike(t, path, {bearer: key})).text, '[]');
	const made = [await add('first'), await add('second'), await add('dritte ß')];
	for (const source of made) {
		const answer = await alike(t, `${path}/${source.id}`, {bearer: key});
		t.deepEqual(answer.json(), source);
	}
	const upper = made[0]?.id.toUpperCase() ?? '';
	t.deepEqual((await alike(t, `${path}/${upper}`, {bearer: key})).json(), made[0]);
	const listed = sourceList.parse((await alike(t, path, {bearer: key})).json());
	const ids = (sources: readonly Source[]) => sources.map(({id}) => id).toSorted();
	t.deepEqual(ids(listed), ids(made));
	await alike(t, `${path}?limit=2`, {bearer: key});
	await alike(t, path, {bearer: key, method: 'HEAD'});
	await alike(t, path, {headers: {'X-API-Key': key}});
});

test('who has it already gets 304, until something changes', async (t) => {
	const {key, add} = await home();
	const made = await add('first');
	for (const target of [path, `${path}/${made.id}`]) {
		const {status, headers} = await alike(t, target, {bearer: key});
		const tag = String(headers['etag']);
		t.is(status, 200);
		const ask = async (known: string, more = {}) =>
			alike(t, target, {bearer: key, headers: {'If-None-Match': known, ...more}});
		const same = await ask(tag);
		t.deepEqual([same.status, same.text, same.headers['etag']], [304, '', tag]);
		t.is(same.headers['content-length'], undefined);
		for (const known of [`W/${tag}`, `"other", ${tag}`, '*']) t.is((await ask(known)).status, 304);
		t.is((await ask(tag, {'Cache-Control': 'no-cache'})).status, 200);
		t.is((await ask('"AAAAAAAAAAAAAAAAAAAAAA"')).status, 200);
		const body = {name: `changed for ${target}`};
		await patiently(() => server.call(`${path}/${made.id}`, {bearer: key, method: 'PUT', body}));
		const changed = await ask(tag);
		t.is(changed.status, 200);
		t.not(changed.headers['etag'], tag);
	}
	const [{headers: of}, other] = [await alike(t, path, {bearer: key}), await home()];
	const known = {'If-None-Match': String(of['etag'])};
	t.is((await alike(t, path, {bearer: other.key, headers: known})).text, '[]');
	t.is((await alike(t, path, {bearer: `${key}x`, headers: known})).status, 401);
});

test('what is not there, or is somebody else’s, is not found', async (t) => {
	const [{key, add}, other] = [await home(), await home()];
	const mine = await add('mine');
	for (const id of [randomUUID(), 'x', `${mine.id}x`, `${mine.id}/x`, '']) {
		t.is((await alike(t, `${path}/${id}`, {bearer: key})).status, 404, id);
	}
	t.is((await alike(t, `${path}/${mine.id}`, {bearer: other.key})).status, 404);
	t.is((await alike(t, path, {bearer: other.key})).text, '[]');
});

test('a list that is longer is whole, and in the same order', async (t) => {
	const {id, key} = await home();
	await db.raw(
		`insert into sources (organisation_id, name, type, created_at)
		select ?, 'source ' || n, 'http', now() - n * interval '1 second' from generate_series(1, ?::int) n`,
		[id, mostListed],
	);
	const names = async () =>
		sourceList.parse((await alike(t, path, {bearer: key})).json()).map(({name}) => name);
	t.deepEqual(
		await names(),
		Array.from({length: mostListed}, (_, n) => `source ${n + 1}`),
	);
	await db('sources').insert({organisation_id: id, name: 'newest', type: 'http'});
	t.is((await names()).length, mostListed + 1);
	t.is((await names())[0], 'newest');
	// One that is sent while it is read has a tag of what it is read from.
	await db.raw(
		`insert into sources (organisation_id, name, type) select ?, 'more ' || n, 'http' from generate_series(1, 1000) n`,
		[id],
	);
	const tagOf = async () => String((await alike(t, path, {bearer: key})).headers['etag']);
	const tag = await tagOf();
	const known = {bearer: key, headers: {'If-None-Match': tag}};
	t.is((await alike(t, path, known)).status, 304);
	await db('sources').where({organisation_id: id, name: 'more 500'}).delete();
	t.is((await alike(t, path, known)).status, 200);
	t.not(await tagOf(), tag);
});

test('who may not is refused the same way, whatever is asked for', async (t) => {
	const {id, key, add} = await home();
	const {id: sourceId} = await add('there');
	const list = `/api/v1/organizations/${id}/api-keys`;
	const make = async (terms: object) =>
		(await server.call(list, {bearer: jwt, body: {name: 'bound', ...terms}})).json() as {
			id: string;
			key: string;
		};
	const scoped = await make({scopes: ['orders.read']});
	const elsewhere = await make({ip_allow: ['203.0.113.0/24']});
	const limited = await make({rate_limits: [{name: 'few', limit: 100, window_seconds: 3600}]});
	const revoked = await make({});
	await server.call(path, {bearer: revoked.key});
	await server.call(`${list}/${revoked.id}`, {bearer: jwt, method: 'DELETE'});
	for (const target of [path, `${path}/${sourceId}`, `${path}/${randomUUID()}`]) {
		t.is((await alike(t, target, {bearer: scoped.key})).status, 403);
		t.is((await alike(t, target, {bearer: elsewhere.key})).status, 403);
		t.is((await alike(t, target, {bearer: revoked.key})).status, 401);
		t.is((await alike(t, target, {bearer: `${key}x`})).status, 401);
		t.is((await alike(t, target, {})).status, 401);
	}
	const answer = await server.call(path, {bearer: limited.key});
	t.is(answer.status, 200);
	t.regex(String(answer.headers['ratelimit']), /"few";r=99/);
});

test('each use counts once, and many at once get each their own', async (t) => {
	const homes = await Promise.all(Array.from({length: 8}, () => home()));
	const sources = await Promise.all(homes.map(({add}, n) => add(`source of ${n}`)));
	await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '200'});
	const answers = await Promise.all(
		Array.from({length: 160}, async (_, n) => {
			const [at, source] = [homes[n % 8], sources[n % 8]];
			const target = n % 16 < 8 ? path : `${path}/${source?.id}`;
			return server.call(target, {bearer: at?.key ?? ''});
		}),
	);
	for (const [n, answer] of answers.entries()) {
		t.is(answer.status, 200);
		t.deepEqual([answer.json()].flat(), [sources[n % 8]]);
	}
	const [{keyId} = {keyId: ''}] = homes;
	const counted = async () => {
		const {rows} = await db.raw<{rows: {count: number}[]}>(
			'select coalesce(sum(count), 0)::int as count from usage_daily where key_id = ?',
			[keyId],
		);
		return rows[0]?.count;
	};
	// The one that made its source, and twenty that read it.
	await eventually(async () => (await counted()) === 21);
});
