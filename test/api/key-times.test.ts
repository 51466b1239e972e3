import test from 'ava';
import {toTimestamp} from '../../contract/text.ts';
import {createdKeyWithTerms, fullKey, type KeyDetail} from '../../contract/keys.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();
const second = await appliance.startServer();

test.after.always(() => appliance.stop());

const refusal = '401 {"error":"Invalid or missing API key"}';
const inSeconds = (seconds: number) => toTimestamp(new Date(Date.now() + seconds * 1000));

async function organisation() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}/api-keys`;
	return {
		id,
		path,
		create: (terms: object) =>
			server.call(path, {bearer: jwt, body: {name: 'between times', ...terms}}),
		patch: (key: string, body: object) =>
			server.call(`${path}/${key}`, {method: 'PATCH', bearer: jwt, body}),
	};
}

/** Of both servers, each by memory and past it. */
async function uses(key: string): Promise<(200 | string)[]> {
	const calls = [server, second].flatMap((at) => [
		at.call('/api/v1/keys/self', {bearer: key}),
		at.call('/api/v1/keys/self', {bearer: key, headers: {Accept: 'text/problem'}}),
	]);
	return (await Promise.all(calls)).map(({status, text}) =>
		status === 200 ? 200 : `${status} ${text}`,
	);
}

async function codeOf(key: string, id: string): Promise<string> {
	const headers = {'Latchkey-Organization': id};
	const asked = await server.call('/api/v1/keys/verify', {bearer: jwt, body: {key}, headers});
	return (asked.json() as {code: string}).code;
}

test('a key is refused until its not_before, and accepted from then on, without being read again', async (t) => {
	const {create, path, id} = await organisation();
	const start = inSeconds(4);
	const answer = await create({not_before: start});
	t.is(answer.status, 201, answer.text);
	const made = createdKeyWithTerms.parse(answer.json());
	t.deepEqual(Object.keys(made).slice(6), ['not_before']);
	t.deepEqual(
		await uses(made.key),
		Array.from({length: 4}, () => refusal),
	);
	t.is(await codeOf(made.key, id), 'NOT_YET_VALID');
	const [full] = (await server.call(`${path}?view=full`, {bearer: jwt})).json() as object[];
	t.like(fullKey.parse(full), {status: 'scheduled', not_before: start});
	t.deepEqual(Object.keys(full ?? {}).slice(7, 9), ['status', 'not_before']);

	let acceptedAt = 0;
	await eventually(async () => {
		if ((await uses(made.key)).some((each) => each !== 200)) return false;
		acceptedAt = Date.now();
		return true;
	});
	t.true(acceptedAt >= Date.parse(start) - 250);
	t.is(await codeOf(made.key, id), 'VALID');
	t.like((await server.call(`${path}/${made.id}`, {bearer: jwt})).json() as KeyDetail, {
		status: 'active',
		not_before: start,
	});
});

test('a beginning may be past, and comes before the end', async (t) => {
	const {create, path} = await organisation();
	const past = await create({not_before: '2020-01-01T00:00:00Z'});
	t.is(past.status, 201);
	t.deepEqual(await uses((past.json() as {key: string}).key), [200, 200, 200, 200]);
	t.deepEqual(Object.keys((await create({not_before: null})).json() as object).slice(6), [
		'not_before',
	]);
	const end = '2099-01-01T00:00:00Z';
	t.is((await create({not_before: '2098-12-31T23:59:59Z', expires_at: end})).status, 201);
	const before = (await server.call(path, {bearer: jwt})).text;
	for (const [terms, error] of [
		[{not_before: end, expires_at: end}, 'not_before must be before expires_at'],
		[{not_before: '2099-01-01T00:00:01Z', expires_at: end}, 'not_before must be before expires_at'],
		[{not_before: 'soon'}, 'not_before must be a time such as 2030-01-15T10:30:00Z'],
		[{not_before: 7}, 'not_before must be a time such as 2030-01-15T10:30:00Z'],
	] as const) {
		const answer = await create(terms);
		t.deepEqual([answer.status, answer.json()], [400, {error}]);
		t.is(answer.headers['latchkey-error-code'], 'invalid_field');
	}
	t.is((await server.call(path, {bearer: jwt})).text, before);
});

test('it is changed like the rest, and judged by the times that the key has then', async (t) => {
	const {create, patch, id} = await organisation();
	const end = '2099-01-01T00:00:00Z';
	const made = createdKeyWithTerms.parse((await create({expires_at: end})).json());
	t.deepEqual(await uses(made.key), [200, 200, 200, 200]);
	const late = await patch(made.id, {not_before: end});
	t.deepEqual([late.status, late.json()], [400, {error: 'not_before must be before expires_at'}]);
	const postponed = await patch(made.id, {not_before: '2098-01-01T00:00:00Z'});
	t.like(postponed.json() as KeyDetail, {status: 'scheduled', version: 2});
	t.deepEqual(
		await uses(made.key),
		Array.from({length: 4}, () => refusal),
	);
	t.is((await patch(made.id, {expires_at: '2097-01-01T00:00:00Z'})).status, 400);
	t.is((await patch(made.id, {not_before: null})).status, 200);
	t.deepEqual(await uses(made.key), [200, 200, 200, 200]);

	await db('api_keys')
		.where({id: made.id})
		.update({expires_at: new Date('2020-01-01T00:00:00Z')});
	const past = await patch(made.id, {not_before: '2019-01-01T00:00:00Z'});
	t.is(past.status, 200, 'its end is not what is changed');
	t.is(await codeOf(made.key, id), 'EXPIRED');
	await db('api_keys')
		.where({id: made.id})
		.update({not_before: db.raw("now() + interval '1 day'")});
	t.truthy(await eventually(async () => (await codeOf(made.key, id)) === 'NOT_YET_VALID'));
});
