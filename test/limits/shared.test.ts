import test from 'ava';
import type {SharedLimits} from '../../contract/shared-limits.ts';
import {makeOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/* What keys use up together, on two servers: how it is told, and what is left of it. */

const {appliance, server, jwt} = await openAppliance();
const servers = [server, await appliance.startServer()];

test.after.always(() => appliance.stop());

const payments = {type: 'team', id: 'r&d/berlin'};
const ofPayments = `owner/team/${encodeURIComponent(payments.id)}`;
/** Nothing comes back while a test runs. */
const month = 2_592_000;

async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	const call = async <T>(path: string, method: string, body?: object) => {
		const options = {method, bearer: jwt, ...(body === undefined ? {} : {body})};
		const answer = await patiently(() => server.call(`${base}/${path}`, options));
		if (answer.status >= 300) throw new Error(answer.text);
		return answer.json() as T;
	};
	return {
		key: async (terms: object = {}) =>
			(await call<{key: string}>('api-keys', 'POST', {name: 'a key', ...terms})).key,
		put: (path: string, body: object) => call<SharedLimits>(`shared-limits/${path}`, 'PUT', body),
		get: (path: string) => call<SharedLimits>(`shared-limits/${path}`, 'GET'),
		remove: (path: string) => call(`shared-limits/${path}`, 'DELETE'),
	};
}

let turn = 0;

/** Each use at the next server. */
function attempt(key: string) {
	turn = (turn + 1) % servers.length;
	return (servers[turn] ?? server).call('/api/v1/forward-auth', {bearer: key});
}

async function statuses(key: string, uses: number): Promise<number[]> {
	const found: number[] = [];
	for (let each = 0; each < uses; each++) found.push((await attempt(key)).status);
	return found;
}

test('keys of an owner use up its limit together, on every server, and nobody else does', async (t) => {
	const {key, put, remove} = await open();
	const [one, two] = [await key({owner: payments}), await key({owner: payments})];
	const others = await key({owner: {...payments, id: 'r&d'}});
	await put(ofPayments, {rate_limits: [{name: 'all', limit: 4, window_seconds: month}]});
	t.deepEqual(
		[await statuses(one, 2), await statuses(two, 2)],
		[
			[200, 200],
			[200, 200],
		],
	);
	for (const each of [one, two]) {
		const refused = await attempt(each);
		t.deepEqual([refused.status, refused.text], [429, '{"error":"Rate limit exceeded"}']);
		t.regex(String(refused.headers['ratelimit']), /"owner:all";r=0;t=\d+/);
		t.true(Number(refused.headers['retry-after']) > 0);
	}
	t.deepEqual(await statuses(others, 5), [200, 200, 200, 200, 200]);

	await put(ofPayments, {rate_limits: [{name: 'all', limit: 5, window_seconds: month}]});
	t.is((await attempt(one)).headers['ratelimit-policy'], `"owner:all";q=5;w=${month}`);
	await remove(ofPayments);
	const free = await attempt(two);
	t.deepEqual([free.status, free.headers['ratelimit']], [200, undefined]);
});

test('what a key shares is asked together with its own: all of it, or nothing is taken', async (t) => {
	const {key, put} = await open();
	const limit = (name: string, uses: number) => ({name, limit: uses, window_seconds: month});
	const tight = await key({owner: payments, rate_limits: [limit('own', 1)]});
	const wide = await key({owner: payments});
	await put('organization', {rate_limits: [limit('all', 4)]});
	await put(ofPayments, {rate_limits: [limit('all', 3)]});
	t.deepEqual(await statuses(tight, 4), [200, 429, 429, 429]);
	// Three refusals took nothing of what both share.
	t.deepEqual(await statuses(wide, 3), [200, 200, 429]);
	const refused = await attempt(wide);
	t.is(refused.headers['ratelimit-policy'], `"org:all";q=4;w=${month}, "owner:all";q=3;w=${month}`);
	t.regex(String(refused.headers['ratelimit']), /^"org:all";r=1;t=\d+, "owner:all";r=0;t=\d+$/);
	t.deepEqual(await statuses(await key(), 2), [200, 429], 'one is left for the others');
});

test('a quota that is shared is counted for all, told a moment later, and stays used', async (t) => {
	const {key, put, get, remove} = await open();
	const keys = [await key({owner: payments}), await key({owner: payments})];
	const quota = {limit: 5, period: 'total'};
	await put('organization', {quota: {...quota, limit: 100}});
	await put(ofPayments, {quota});
	for (const each of keys) await statuses(each, 2);
	const isUsed = (path: string, used: number) =>
		eventually(async () => (await get(path)).quota_used === used, {what: `${used} of ${path}`});
	await isUsed(ofPayments, 4);
	await isUsed('organization', 4);
	t.deepEqual(await statuses(await key(), 2), [200, 200]);
	await isUsed('organization', 6);
	t.deepEqual(await statuses(keys[0] ?? '', 2), [200, 429]);
	const refused = await attempt(keys[1] ?? '');
	t.is(refused.text, '{"error":"Quota exceeded"}');
	t.is(refused.headers['ratelimit-policy'], '"org:quota";q=100, "owner:quota";q=5');
	await isUsed(ofPayments, 5);

	await remove(ofPayments);
	t.is((await attempt(keys[0] ?? '')).status, 200);
	const again = await put(ofPayments, {quota});
	t.is(again.quota_used, 5, 'taking it away and setting it again gives nothing back');
	t.is((await attempt(keys[0] ?? '')).status, 429);
	await put(ofPayments, {quota: {...quota, limit: 6}});
	t.deepEqual(await statuses(keys[0] ?? '', 2), [200, 429]);
});
