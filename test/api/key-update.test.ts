import test from 'ava';
import {apiVersion} from '../../contract/events.ts';
import {keyDetail, type KeyDetail} from '../../contract/keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeKey, makeOrganisation, patiently, type Server} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();
const second = await appliance.startServer();

test.after.always(() => appliance.stop());

const inAYear = '2099-01-01T00:00:00Z';

async function make() {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, organisation.id, 'before');
	const path = `/api/v1/organizations/${organisation.id}/api-keys/${key.id}`;
	return {
		organisation: organisation.id,
		id: key.id,
		path,
		patch: (body: object, headers: Record<string, string> = {}, at: Server = server) =>
			patiently(() => at.call(path, {method: 'PATCH', bearer: jwt, body, headers})),
		read: () => patiently(() => server.call(path, {bearer: jwt})),
		/** Of both servers. */
		uses: () =>
			Promise.all(
				[server, second].map(
					async (at) => (await at.call('/api/v1/keys/self', {bearer: key.key})).status,
				),
			),
		told: async () => {
			const entries = await db('audit_entries')
				.where({chain: organisation.id, target_id: key.id, action: 'key.updated'})
				.orderBy('sequence')
				.select('content');
			return entries.map(
				({content}) => (JSON.parse(content) as {details: Record<string, string>}).details,
			);
		},
	};
}

test('what is named is changed, the rest stays, and it is in force everywhere when that is answered', async (t) => {
	const {patch, read, uses, organisation, told, id} = await make();
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	t.deepEqual(await uses(), [200, 200]);
	const before = await read();
	t.is(before.headers.etag, '"1"');
	const narrowed = await patch({name: 'after', ip_allow: ['192.0.2.0/24']}, {'If-Match': '"1"'});
	t.is(narrowed.status, 200, narrowed.text);
	t.is(narrowed.headers.etag, '"2"');
	t.regex(String(narrowed.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
	t.deepEqual(await uses(), [403, 403]);
	t.is((await read()).text, narrowed.text);
	t.deepEqual(keyDetail.parse(narrowed.json()), {
		...(before.json() as KeyDetail),
		name: 'after',
		ip_allow: ['192.0.2.0/24'],
		version: 2,
		last_used_at: (narrowed.json() as KeyDetail).last_used_at,
		last_used_address: (narrowed.json() as KeyDetail).last_used_address,
	});

	const ends = await patch({expires_at: inAYear}, {}, second);
	t.like(ends.json() as KeyDetail, {
		name: 'after',
		ip_allow: ['192.0.2.0/24'],
		expires_at: inAYear,
		version: 3,
	});
	const lifted = await patch({expires_at: null, ip_allow: null});
	t.like(lifted.json() as KeyDetail, {name: 'after', ip_allow: null, expires_at: null, version: 4});
	t.deepEqual(await uses(), [200, 200]);

	const details = await told();
	t.deepEqual(
		details.map(({changed}) => changed),
		['name, ip_allow', 'expires_at', 'expires_at, ip_allow'],
	);
	t.like(details[0] ?? {}, {name: 'after', previous_name: 'before', ip_allow: '192.0.2.0/24'});
	const events = await db('events').where({organisation_id: organisation}).orderBy('sequence');
	t.deepEqual(
		events.map(({type}) => type),
		['key.updated', 'key.updated', 'key.updated'],
	);
	const [first, , last] = events.map(({payload}) => JSON.parse(payload).data);
	t.like(first, {changed: ['name', 'ip_allow'], previous: {name: 'before', ip_allow: null}});
	t.like(last, {
		key: {id, ip_allow: null},
		previous: {expires_at: inAYear, ip_allow: ['192.0.2.0/24']},
	});
});

test('where nothing is changed, nothing is told', async (t) => {
	const {patch, told} = await make();
	const first = await patch({name: 'after', ip_deny: ['10.0.0.0/8']});
	for (const body of [{}, {name: 'after'}, {ip_deny: ['10.0.0.0/8']}, {expires_at: null}]) {
		const again = await patch(body);
		t.is(again.status, 200);
		t.is(again.text, first.text);
		t.is(again.headers.etag, '"2"');
		t.is(again.headers['latchkey-revocation'], undefined);
	}
	t.is((await told()).length, 1);
});

test('a change is made to the version that it was meant for, or not at all', async (t) => {
	const {patch, read} = await make();
	await patch({name: 'second'});
	const refused = ['"1"', 'W/"2"', '2', '"2', '"1", W/"2"', '', '"22"'];
	for (const tag of refused) {
		const answer = await patch({name: 'third'}, {'If-Match': tag});
		t.is(answer.status, 412, tag);
		t.is(answer.headers['latchkey-error-code'], 'precondition_failed');
		t.deepEqual(answer.json(), {error: 'The API key was changed meanwhile; read it again'});
	}
	t.is((await read()).headers.etag, '"2"');
	t.is((await patch({name: 'third'}, {'If-Match': '"1", "2"'})).headers.etag, '"3"');
	t.is((await patch({name: 'fourth'}, {'If-Match': '*'})).headers.etag, '"4"');
});

// By itself: others would have to wait behind it.
test.serial('of fifty changes of one version one is made', async (t) => {
	const {patch, read, told} = await make();
	const answers = await Promise.all(
		Array.from({length: 50}, (_, n) =>
			patch({name: `number ${n}`}, {'If-Match': '"1"'}, n % 2 === 0 ? server : second),
		),
	);
	const statuses = answers.map(({status}) => status).toSorted((a, b) => a - b);
	t.deepEqual(statuses, [200, ...Array.from({length: 49}, () => 412)]);
	const made = answers.find(({status}) => status === 200);
	t.is((await read()).text, made?.text ?? '');
	t.is((await told()).length, 1);
});

test('changes of different members at once are all made, each by what the other left', async (t) => {
	const {patch, read, told} = await make();
	const bodies = [
		{name: 'after'},
		{ip_allow: ['192.0.2.0/24']},
		{ip_deny: ['10.0.0.0/8']},
		{expires_at: inAYear},
	];
	const answers = await Promise.all(bodies.map((body) => patch(body)));
	t.deepEqual(new Set(answers.map(({status}) => status)), new Set([200]));
	t.like((await read()).json() as KeyDetail, {...Object.assign({}, ...bodies), version: 5});
	t.is((await told()).length, 4);
});

test('what cannot be changed, or not so, is refused, and nothing is done', async (t) => {
	const {patch, read, path} = await make();
	const before = (await read()).text;
	for (const [body, error] of [
		[{id: 'x'}, 'Unknown member: id'],
		[{key: 'x'}, 'Unknown member: key'],
		[{version: 7}, 'Unknown member: version'],
		[{name: null}, 'name is required'],
		[{name: ' '}, 'name is required'],
		[{expires_at: '2020-01-01T00:00:00Z'}, 'expires_at must be in the future'],
		[{ip_allow: []}, 'ip_allow must not be empty: use null for no restriction'],
		[{name: 'after', ip_allow: ['10.0.0.1/8']}, 'ip_allow[0] has host bits set: write 10.0.0.0/8'],
	] as const) {
		const answer = await patch(body);
		t.deepEqual([answer.status, answer.json()], [400, {error}]);
		t.is(answer.headers['latchkey-error-code'], 'invalid_field');
	}
	t.is((await patch({}, {'Content-Type': 'text/plain'})).status, 415);
	t.is((await read()).text, before);
	const merge = {'Content-Type': 'application/merge-patch+json'};
	t.like((await patch({name: 'merged'}, merge)).json() as KeyDetail, {name: 'merged'});
	const elsewhere = await server.call(`${path}/suspend`, {bearer: jwt, body: {}, headers: merge});
	t.is(elsewhere.status, 415, 'only where a change is asked for');

	await server.call(path, {method: 'DELETE', bearer: jwt});
	const revoked = await patch({name: 'late'});
	t.deepEqual([revoked.status, revoked.json()], [409, {error: 'The API key is revoked'}]);
	const nowhere = `${path.slice(0, -12)}000000000000`;
	const missing = await server.call(nowhere, {method: 'PATCH', bearer: jwt, body: {name: 'x'}});
	t.deepEqual([missing.status, missing.json()], [404, {error: 'API key not found'}]);
});

test('another end is told anew, and an expired key that is given one works again', async (t) => {
	const {patch, id, uses} = await make();
	await db('api_keys')
		.where({id})
		.update({expires_at: db.raw('now()'), expiry_announced_at: db.raw('now()')});
	t.deepEqual(await uses(), [401, 401]);
	const kept = await patch({name: 'still expired'});
	t.like(kept.json() as KeyDetail, {status: 'expired', version: 2});
	t.like((await patch({expires_at: inAYear})).json() as KeyDetail, {status: 'active'});
	t.deepEqual(await uses(), [200, 200]);
	const told = await db('api_keys').where({id}).first('expiry_announced_at', 'expiry_warned_days');
	t.deepEqual(told, {
		expiry_announced_at: null,
		expiry_warned_days: null,
	});
});

test.serial('a change whose entry cannot be written is not made', async (t) => {
	const {patch, read, uses, organisation} = await make();
	const before = await read();
	const owner = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => owner.destroy());
	await owner.raw(
		`create function refuse_entry() returns trigger language plpgsql as $$ begin raise 'no entry'; end $$;
		create trigger refuse_entry before insert on audit_entries for each row when (new.chain = '${organisation}') execute function refuse_entry()`,
	);
	t.is((await patch({ip_allow: ['192.0.2.0/24']})).status, 500);
	t.is((await read()).text, before.text);
	t.deepEqual(await uses(), [200, 200]);
	await owner.raw('drop trigger refuse_entry on audit_entries; drop function refuse_entry');
	t.is((await patch({ip_allow: ['192.0.2.0/24']})).headers.etag, '"2"');
	t.deepEqual(await uses(), [403, 403]);
});

test('each change of state is another version', async (t) => {
	const {path, read} = await make();
	for (const verb of ['suspend', 'resume']) {
		const {status} = await server.call(`${path}/${verb}`, {bearer: jwt, body: {}});
		t.is(status, 200);
	}
	await server.call(path, {method: 'DELETE', bearer: jwt});
	const {headers, text} = await read();
	t.is(headers.etag, '"4"');
	t.like(JSON.parse(text) as KeyDetail, {version: 4, status: 'revoked'});
});
