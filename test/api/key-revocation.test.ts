import test from 'ava';
import {apiVersion} from '../../contract/events.ts';
import {keyDetail, type KeyDetail} from '../../contract/keys.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

async function make() {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const {id, key} = await makeKey(server, jwt, organisation);
	const path = `/api/v1/organizations/${organisation}/api-keys/${id}`;
	return {
		path,
		revoke: (query = '') => server.call(`${path}${query}`, {method: 'DELETE', bearer: jwt}),
		read: async () =>
			keyDetail.parse((await server.call(path, {bearer: jwt})).json()) satisfies KeyDetail,
		key,
		use: async () => (await server.call('/api/v1/keys/self', {bearer: key})).status,
		told: async () => {
			const entry = await db('audit_entries')
				.where({chain: organisation, action: 'key.revoked'})
				.first('content');
			const event = await db('events')
				.where({organisation_id: organisation, type: 'key.revoked'})
				.first('payload');
			return {
				details: JSON.parse(entry?.content ?? '{}').details as Record<string, string>,
				data: JSON.parse(event?.payload ?? '{}').data as {reason: string},
			};
		},
	};
}

const answer = '{"message":"API key revoked successfully"}';

test('a reason and a note are kept, shown and told; the answer is the documented one', async (t) => {
	const {revoke, read, use, told} = await make();
	t.like(await read(), {revocation_reason: null, revocation_note: null});
	const revoked = await revoke('?reason=key_compromise&note=found%20in%20a%20log');
	t.is(revoked.text, answer);
	t.is(await use(), 401);
	t.like(await read(), {
		status: 'revoked',
		revocation_reason: 'key_compromise',
		revocation_note: 'found in a log',
	});
	const {details, data} = await told();
	t.like(details, {reason: 'key_compromise', note: 'found in a log'});
	t.is(data.reason, 'key_compromise');
	t.is((await revoke('?reason=superseded')).status, 404);
	t.is((await read()).revocation_reason, 'key_compromise', 'the first one stays');
});

test('without a reason it is unspecified', async (t) => {
	const {revoke, read, told} = await make();
	t.is((await revoke()).text, answer);
	t.like(await read(), {revocation_reason: 'unspecified', revocation_note: null});
	const {details, data} = await told();
	t.deepEqual(
		[details['reason'], details['note'], data.reason],
		['unspecified', undefined, 'unspecified'],
	);
});

test('what is not a reason is refused, and nothing is revoked', async (t) => {
	const {revoke, use} = await make();
	const reasons =
		'reason must be one of unspecified, key_compromise, superseded, affiliation_changed, privilege_withdrawn';
	for (const [query, error] of [
		['?reason=because', reasons],
		['?reason=', reasons],
		['?reason=superseded&reason=unspecified', reasons],
		['?note=', 'note is required'],
		[`?note=${'x'.repeat(1001)}`, 'note must be at most 1000 characters'],
		['?dry_run=true', 'Unknown query parameter: dry_run'],
	] as const) {
		const refused = await revoke(query);
		t.deepEqual([refused.status, refused.json()], [400, {error}]);
	}
	t.is(await use(), 200);
});

test('a key revokes itself, once, and nothing is done with it afterwards', async (t) => {
	const {key, read, use, told} = await make();
	t.is(await use(), 200);
	const revoke = (body: object = {}) =>
		server.call('/api/v1/keys/self/revoke', {bearer: key, body});
	t.is((await revoke({reason: 'x'})).status, 400);
	t.is(await use(), 200);
	const answers = await Promise.all(Array.from({length: 10}, () => revoke()));
	const [revoked, ...others] = answers.toSorted((a, b) => a.status - b.status);
	t.is(revoked?.text, answer);
	t.regex(String(revoked?.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
	for (const {status, text} of others) {
		t.deepEqual([status, text], [401, '{"error":"Invalid or missing API key"}']);
	}
	t.is(await use(), 401);
	t.like(await read(), {status: 'revoked', revocation_reason: 'self', revoked_by: null});
	t.is((await told()).data.reason, 'self');
	const asUser = await server.call('/api/v1/keys/self/revoke', {bearer: jwt, body: {}});
	t.is(asUser.status, 403);
});
