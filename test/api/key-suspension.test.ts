import test from 'ava';
import {apiVersion} from '../../contract/events.ts';
import {fullKey, key as listedKey, keyDetail, type KeyDetail} from '../../contract/keys.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();
const second = await appliance.startServer();

test.after.always(() => appliance.stop());

const refusal = '{"error":"Invalid or missing API key"}';

async function make(name = 'a key') {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, organisation.id, name);
	const path = `/api/v1/organizations/${organisation.id}/api-keys/${key.id}`;
	return {
		organisation: organisation.id,
		id: key.id,
		key: key.key,
		path,
		post: (verb: string, body: object = {}, at = server) =>
			at.call(`${path}/${verb}`, {bearer: jwt, body}),
		/** Of both servers. */
		uses: () =>
			Promise.all(
				[server, second].map(async (at) => {
					const {status, text} = await at.call('/api/v1/keys/self', {bearer: key.key});
					return status === 200 ? 200 : `${status} ${text}`;
				}),
			),
		code: async () => {
			const answer = await server.call('/api/v1/keys/verify', {
				bearer: jwt,
				body: {key: key.key},
				headers: {'Latchkey-Organization': organisation.id},
			});
			return (answer.json() as {code: string}).code;
		},
		told: async () => {
			const entries = await db('audit_entries')
				.where({chain: organisation.id, target_id: key.id})
				.orderBy('sequence')
				.select('content');
			return entries.map(({content}) => JSON.parse(content) as {action: string; details: object});
		},
	};
}

test('a suspended key is refused everywhere when that is answered, and accepted when it is resumed', async (t) => {
	const {path, post, uses, code, id} = await make();
	t.deepEqual(await uses(), [200, 200]);
	t.is(await code(), 'VALID');
	const suspended = await post('suspend', {reason: 'unusual traffic'});
	t.is(suspended.status, 200, suspended.text);
	t.regex(String(suspended.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
	t.deepEqual(await uses(), [`401 ${refusal}`, `401 ${refusal}`]);
	t.is(await code(), 'SUSPENDED');
	const shown = keyDetail.parse(suspended.json());
	t.like(shown, {id, status: 'suspended', suspended_reason: 'unusual traffic', revoked_at: null});
	t.is((await server.call(path, {bearer: jwt})).text, suspended.text);

	const resumed = await post('resume', {}, second);
	t.is(resumed.status, 200);
	t.regex(String(resumed.headers['latchkey-revocation']), /^verifiers=2; /);
	t.deepEqual(await uses(), [200, 200]);
	t.is(await code(), 'VALID');
	t.like(keyDetail.parse(resumed.json()), {
		status: 'active',
		suspended_at: null,
		suspended_reason: null,
	});
});

test('it is shown where it was asked for, and nowhere else', async (t) => {
	const {organisation, path, post} = await make();
	await post('suspend');
	const list = path.slice(0, path.lastIndexOf('/'));
	const [documented] = (await server.call(list, {bearer: jwt})).json() as object[];
	t.deepEqual(Object.keys(documented ?? {}), Object.keys(listedKey.shape));
	const [full] = (await server.call(`${list}?view=full`, {bearer: jwt})).json() as object[];
	t.like(fullKey.parse(full), {status: 'suspended'});
	const members = Object.keys(full ?? {});
	t.is(members[7], 'status', 'behind the seven that were published');
	t.true(members.indexOf('suspended_at') > members.indexOf('ip_allow'));
	const reliance = await server.call(`/api/v1/organizations/${organisation}/reliance`, {
		bearer: jwt,
	});
	t.like(reliance.json() as object, {active_keys: 0});
});

test('repeated, it is answered alike, and neither done nor told again', async (t) => {
	const {post, told, organisation} = await make();
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const first = await post('suspend', {reason: 'first'});
	const again = await post('suspend', {reason: 'second'}, second);
	t.is(again.text, first.text);
	t.truthy(
		again.headers['latchkey-revocation'],
		'what is in force for the first is for the second',
	);
	const resumed = await post('resume');
	t.is((await post('resume')).text, resumed.text);
	const entries = (await told()).slice(1);
	t.deepEqual(
		entries.map(({action}) => action),
		['key.suspended', 'key.resumed'],
	);
	t.like(entries[0]?.details, {reason: 'first'});
	const events = await db('events').where({organisation_id: organisation}).orderBy('sequence');
	t.deepEqual(
		events.map(({type, payload}) => {
			const {data} = JSON.parse(payload) as {
				data: {reason: string; key: {suspended_at: string | null}};
			};
			return [type, data.reason, data.key.suspended_at !== null];
		}),
		[
			['key.suspended', 'first', true],
			['key.resumed', 'first', false],
		],
	);
});

test('of many at once one suspends, and every answer holds', async (t) => {
	const {post, told, uses} = await make();
	await uses();
	const answers = await Promise.all(
		Array.from({length: 20}, async (_, n) => {
			// A server that has too many waiting says so, and is asked again.
			const {status} = await eventually(async () => {
				const answer = await post('suspend', {}, n % 2 === 0 ? server : second);
				return answer.status !== 503 && answer;
			});
			return [status, ...(await uses())];
		}),
	);
	for (const [status, ...used] of answers) {
		t.is(status, 200);
		t.deepEqual(used, [`401 ${refusal}`, `401 ${refusal}`]);
	}
	t.is((await told()).filter(({action}) => action === 'key.suspended').length, 1);
});

test('what is revoked stays so, and what has expired is not resumed', async (t) => {
	const {path, post, told} = await make();
	await server.call(path, {method: 'DELETE', bearer: jwt});
	for (const verb of ['suspend', 'resume']) {
		const answer = await post(verb);
		t.deepEqual([answer.status, answer.json()], [409, {error: 'The API key is revoked'}]);
		t.is(answer.headers['latchkey-error-code'], 'key_revoked');
		t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/, 'so it is');
	}
	t.is((await told()).length, 2);

	const short = await make();
	await short.post('suspend');
	await db('api_keys')
		.where({id: short.id})
		.update({expires_at: db.raw('now()')});
	const expired = await short.post('resume');
	t.deepEqual([expired.status, expired.json()], [409, {error: 'The API key has expired'}]);
	t.is(expired.headers['latchkey-error-code'], 'key_expired');
	t.is(await short.code(), 'SUSPENDED', 'it is checked first');
	t.like((await server.call(short.path, {bearer: jwt})).json() as KeyDetail, {
		status: 'suspended',
	});
	t.is((await server.call(short.path, {method: 'DELETE', bearer: jwt})).status, 200);
});

test('whoever is told that a key is revoked finds it refused, also before the revocation is answered', async (t) => {
	for (let round = 0; round < 10; round++) {
		const {path, post, uses} = await make();
		t.deepEqual(await uses(), [200, 200]);
		const revoked = second.call(path, {method: 'DELETE', bearer: jwt});
		let answer = await post('resume');
		while (answer.status === 200) answer = await post('resume');
		t.deepEqual(await uses(), [`401 ${refusal}`, `401 ${refusal}`]);
		t.is(answer.status, 409);
		t.is((await revoked).status, 200);
	}
});

test('what is not asked for rightly is refused, and nothing is done', async (t) => {
	const {path, post, uses} = await make();
	for (const [body, error] of [
		[{reason: 7}, 'reason is required'],
		[{reason: 'x'.repeat(1001)}, 'reason must be at most 1000 characters'],
		[{reason: 'a‮b'}, /^reason must not contain /],
		[{until: 'tomorrow'}, 'Unknown member: until'],
	] as const) {
		const answer = await post('suspend', body);
		t.is(answer.status, 400);
		const said = (answer.json() as {error: string}).error;
		if (typeof error === 'string') t.is(said, error);
		else t.regex(said, error);
	}
	t.is((await post('resume', {reason: 'x'})).status, 400);
	const nowhere = `${path.slice(0, -12)}000000000000`;
	for (const verb of ['suspend', 'resume']) {
		const answer = await server.call(`${nowhere}/${verb}`, {bearer: jwt, body: {}});
		t.deepEqual([answer.status, answer.json()], [404, {error: 'API key not found'}]);
	}
	t.deepEqual(await uses(), [200, 200]);
	t.is((await post('suspend', {reason: 'x'.repeat(1000)})).status, 200);
});

test('a key that is suspended from psql is refused at once', async (t) => {
	const {id, uses} = await make();
	t.deepEqual(await uses(), [200, 200]);
	await db('api_keys')
		.where({id})
		.update({suspended_at: db.raw('now()')});
	t.truthy(await eventually(async () => (await uses()).every((each) => each !== 200)));
	await db('api_keys').where({id}).update({suspended_at: null});
	t.truthy(await eventually(async () => (await uses()).every((each) => each === 200)));
});

test('the list is another one, for whoever has it already, once a key in it has expired', async (t) => {
	const {path, id} = await make();
	const list = `${path.slice(0, path.lastIndexOf('/'))}?view=full`;
	await db('api_keys')
		.where({id})
		.update({expires_at: db.raw("now() + interval '3 seconds'")});
	const before = await server.call(list, {bearer: jwt});
	const after = await eventually(async () => {
		const answer = await server.call(list, {
			bearer: jwt,
			headers: {'If-None-Match': String(before.headers.etag)},
		});
		return answer.status === 200 && answer;
	});
	t.regex(after.text, /"status":"expired"/);
});
