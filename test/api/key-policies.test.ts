import test, {type ExecutionContext} from 'ava';
import {keyPolicyState, type KeyPolicyState} from '../../contract/key-policies.ts';
import type {CreatedKey, KeyDetail} from '../../contract/keys.ts';
import type {RotatedKey} from '../../contract/rotation.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {ServiceAccount} from '../../contract/service-accounts.ts';
import {apiVersion} from '../../contract/events.ts';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();
const second = await appliance.startServer();

test.after.always(() => appliance.stop());

const day = 86_400_000;
const inDays = (days: number) => toTimestamp(new Date(Date.now() + days * day));

async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	return {
		id,
		base,
		read: async () =>
			keyPolicyState.parse((await server.call(`${base}/key-policy`, {bearer: jwt})).json()),
		set: (body: object, headers: Record<string, string> = {}, bearer = jwt) =>
			server.call(`${base}/key-policy`, {method: 'PATCH', bearer, body, headers}),
		create: (body: object, bearer = jwt) =>
			server.call(`${base}/api-keys`, {bearer, body: {name: 'a key', ...body}}),
		patch: (key: string, body: object, bearer = jwt, headers: Record<string, string> = {}) =>
			server.call(`${base}/api-keys/${key}`, {method: 'PATCH', bearer, body, headers}),
		logIn: async (role: 'owner' | 'admin' | 'developer') =>
			server.logIn({...(await makeMember(appliance.database, id, role)), organization_id: id}),
		machine: async (role: 'admin' | 'developer') => {
			const made = await server.call(`${base}/service-accounts`, {
				bearer: jwt,
				body: {name: role, role},
			});
			const account = made.json() as ServiceAccount;
			const secret = await server.call(`${base}/service-accounts/${account.id}/secrets`, {
				bearer: jwt,
				body: {},
			});
			const {client_secret} = secret.json() as {client_secret: string};
			const token = await server.call('/oauth2/token', {
				headers: {'Content-Type': 'application/x-www-form-urlencoded'},
				body: `grant_type=client_credentials&client_id=${account.id}&client_secret=${client_secret}`,
			});
			return (token.json() as {access_token: string}).access_token;
		},
	};
}

function refused(
	t: ExecutionContext,
	answer: Answer,
	code: string,
	message: string,
	status = 400,
): void {
	t.is(answer.status, status, answer.text);
	t.is(answer.headers['latchkey-error-code'], code);
	t.is((answer.json() as {error: string}).error, message);
}

test('an organisation has a policy that asks for nothing until somebody sets it, and each change is told', async (t) => {
	const {id, read, set} = await open();
	await db('webhook_endpoints').insert({
		organisation_id: id,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const before = await read();
	t.is(before.updated_at, null);
	t.deepEqual(before.own, before.appliance);
	const answer = await set({max_lifetime_days: 90, scope_catalogue: ['orders.*']});
	t.is(answer.status, 200, answer.text);
	t.is(answer.headers.etag, '"1"');
	t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
	const after = await read();
	t.deepEqual(answer.json(), after);
	t.deepEqual(after.own, {
		...before.own,
		max_lifetime_days: 90,
		scope_catalogue: ['orders.*'],
	});
	t.is((await set({max_lifetime_days: 90})).headers.etag, '"1"', 'nothing was changed');
	t.is((await set({max_lifetime_days: null}, {'If-Match': '"1"'})).status, 200);
	const late = await set({require_expiry: true}, {'If-Match': '"1"'});
	refused(
		t,
		late,
		'precondition_failed',
		'The key policy was changed meanwhile; read it again',
		412,
	);

	const entries = await db('audit_entries')
		.where({chain: id, action: 'key_policy.updated'})
		.orderBy('sequence')
		.select('content');
	const details = entries.map(
		({content}) => (JSON.parse(content) as {details: Record<string, unknown>}).details,
	);
	t.deepEqual(details, [
		{
			changed: 'max_lifetime_days, scope_catalogue',
			max_lifetime_days: '90',
			previous_max_lifetime_days: null,
			scope_catalogue: 'orders.*',
			previous_scope_catalogue: null,
		},
		{
			changed: 'max_lifetime_days',
			max_lifetime_days: null,
			previous_max_lifetime_days: '90',
		},
	]);
	const events = await db('events').where({organisation_id: id}).orderBy('sequence');
	t.deepEqual(
		events.map(({type, payload}) => [type, (JSON.parse(payload) as {data: unknown}).data]),
		[
			[
				'key_policy.updated',
				{policy: after.own, changed: ['max_lifetime_days', 'scope_catalogue']},
			],
			[
				'key_policy.updated',
				{policy: {...after.own, max_lifetime_days: null}, changed: ['max_lifetime_days']},
			],
		],
	);
});

test('what is no policy is refused by name, and nothing is changed', async (t) => {
	const {set, read} = await open();
	const wrong: [object, string][] = [
		[{max_lifetime_days: 0}, 'max_lifetime_days must be a whole number from 1 to 3650, or null'],
		[{max_lifetime_days: 3651}, 'max_lifetime_days must be a whole number from 1 to 3650, or null'],
		[{max_lifetime_days: 1.5}, 'max_lifetime_days must be a whole number from 1 to 3650, or null'],
		[{rotate_every_days: '9'}, 'rotate_every_days must be a whole number from 1 to 3650, or null'],
		[
			{max_grace_seconds: 2_592_001},
			'max_grace_seconds must be a whole number from 0 to 2592000, or null',
		],
		[{require_expiry: 'yes'}, 'require_expiry must be true or false'],
		[{applies_to_existing: 'never'}, 'applies_to_existing must be report or enforce'],
		[
			{scope_catalogue: ['a b']},
			'scope_catalogue[0] must be a scope such as orders.read or orders.*',
		],
		[{privileged_scopes: 'orders.*'}, 'privileged_scopes must be a list of scopes, or null'],
		[{leak_action: 'notify'}, 'Unknown member: leak_action'],
		[
			{max_lifetime_days: 30, default_lifetime_days: 31},
			'default_lifetime_days must be at most max_lifetime_days, which is 30',
		],
		[
			{max_grace_seconds: 5, default_grace_seconds: 6},
			'default_grace_seconds must be at most max_grace_seconds, which is 5',
		],
	];
	for (const [body, message] of wrong) refused(t, await set(body), 'invalid_field', message);
	t.is((await set({max_lifetime_days: 1})).status, 200);
	t.is((await set({max_lifetime_days: 3650})).status, 200);
	t.is((await read()).own.max_lifetime_days, 3650);
});

test('each rule holds for a key that is made and for one that is changed', async (t) => {
	const {set, create, patch} = await open();
	const {id} = (
		await create({
			expires_at: inDays(30),
			scopes: ['orders.read'],
			ip_allow: ['10.0.0.0/8'],
		})
	).json() as CreatedKey;
	const fitting = {expires_at: inDays(30), scopes: ['orders.read'], ip_allow: ['10.0.0.0/8']};
	const says = (what: string) => `${what}: the key policy says so`;
	const cases: {policy: object; body: object; change?: object; at: string; of?: string}[] = [
		{
			policy: {max_lifetime_days: 90},
			body: {...fitting, expires_at: inDays(91)},
			at: 'expires_at must be within 90 days',
			of: 'expires_at must be within 90 days of when the key was made',
		},
		{
			policy: {max_lifetime_days: 90},
			body: {scopes: ['orders.read']},
			change: {expires_at: null},
			at: 'expires_at must be within 90 days',
			of: 'expires_at must be within 90 days of when the key was made',
		},
		{
			policy: {require_expiry: true},
			body: {},
			change: {expires_at: null},
			at: 'expires_at is required',
		},
		{
			policy: {require_scopes: true},
			body: {expires_at: inDays(1)},
			change: {scopes: null},
			at: 'scopes is required',
		},
		{
			policy: {scope_catalogue: ['orders.*']},
			body: {scopes: ['orders.items.*', 'invoices.read']},
			at: 'scopes[1] must be in the scope catalogue',
		},
		{
			policy: {scope_catalogue: ['orders.*']},
			body: {scopes: ['*']},
			at: 'scopes[0] must be in the scope catalogue',
		},
		{
			policy: {require_ip_allow: true},
			body: {scopes: []},
			change: {ip_allow: null},
			at: 'ip_allow is required',
		},
	];
	for (const {policy, body, change = body, at, of = at} of cases) {
		t.is((await set(policy)).status, 200);
		refused(t, await create(body), 'policy_violation', says(at));
		refused(t, await patch(id, change), 'policy_violation', says(of));
		t.is((await create(fitting)).status, 201);
		t.is((await patch(id, {...fitting, name: `under ${JSON.stringify(policy)}`})).status, 200);
		const none = Object.fromEntries(Object.keys(policy).map((name) => [name, null]));
		t.is((await set(none)).status, 200);
	}
});

test('the documented call gets an end from the policy, and answers what it always did', async (t) => {
	const {set, create, base} = await open();
	t.is((await set({require_expiry: true})).status, 200);
	refused(
		t,
		await create({}),
		'policy_violation',
		'expires_at is required: the key policy says so',
	);
	t.is((await set({default_lifetime_days: 30})).status, 200);
	const answer = await create({});
	t.is(answer.status, 201);
	const made = answer.json() as CreatedKey;
	t.deepEqual(Object.keys(made), ['id', 'name', 'key', 'created_at', 'last_used_at', 'revoked_at']);
	const shown = (await server.call(`${base}/api-keys/${made.id}`, {bearer: jwt})).json();
	const {expires_at: end} = shown as KeyDetail;
	const life = Date.parse(String(end)) - Date.parse(made.created_at);
	t.true(Math.abs(life - 30 * day) <= 1000, `${end}`);
	const end400 = inDays(400);
	t.is(((await create({expires_at: end400})).json() as KeyDetail).expires_at, end400);
});

test('a key that was made before the policy can be renamed, and given what the policy allows', async (t) => {
	const {set, create, patch} = await open();
	const old = (
		await create({expires_at: inDays(900), scopes: ['legacy.read']})
	).json() as KeyDetail;
	const plain = (await create({})).json() as KeyDetail;
	const policy = {
		max_lifetime_days: 90,
		require_expiry: true,
		require_scopes: true,
		scope_catalogue: ['orders.*'],
		require_ip_allow: true,
	};
	t.is((await set(policy)).status, 200);
	for (const {id} of [old, plain]) t.is((await patch(id, {name: 'renamed'})).status, 200);
	// What it has already is not given now.
	t.is((await patch(old.id, {scopes: ['legacy.read', 'orders.read']})).status, 200);
	t.is((await patch(old.id, {scopes: ['legacy.write']})).status, 400);
	t.is((await patch(old.id, {expires_at: inDays(91)})).status, 400);
	t.is((await patch(plain.id, {expires_at: inDays(89), ip_allow: ['10.0.0.0/8']})).status, 200);
	t.is((await patch(plain.id, {expires_at: null})).status, 400);
	t.is((await patch(plain.id, {ip_allow: null})).status, 400);
});

test('a key is rotated to one that the policy allows, with a grace that it allows', async (t) => {
	const {set, create, base} = await open();
	const rotate = (id: string, body: object = {}) =>
		server.call(`${base}/api-keys/${id}/rotate`, {bearer: jwt, body});
	const make = async (body: object = {}) => ((await create(body)).json() as CreatedKey).id;
	const [plain, long] = [await make(), await make({expires_at: inDays(200)})];
	t.is((await set({max_lifetime_days: 90, max_grace_seconds: 3600})).status, 200);
	refused(
		t,
		await rotate(plain, {grace_seconds: 3601}),
		'policy_violation',
		'grace_seconds must be at most 3600: the key policy says so',
	);
	for (const [id, body] of [
		[plain, {}],
		[long, {}],
		[long, {expires_at: null}],
		[long, {expires_at: inDays(91)}],
	] as const) {
		refused(
			t,
			await rotate(id, body),
			'policy_violation',
			'expires_at must be within 90 days: the key policy says so',
		);
	}
	t.is((await rotate(long, {expires_at: inDays(89)})).status, 201);
	t.is((await set({default_lifetime_days: 30, default_grace_seconds: 60})).status, 200);
	t.is((await rotate(plain, {expires_at: null})).status, 400, 'no end was asked for');
	const before = Date.now();
	const answer = await rotate(plain);
	t.is(answer.status, 201, answer.text);
	const {expires_at: end, previous} = answer.json() as RotatedKey;
	t.true(Math.abs(Date.parse(String(end)) - before - 30 * day) < 60_000, String(end));
	t.true(Date.parse(String(previous.grace_until)) < before + 3600_000);
});

test('privileged scopes are given by owners and admins, people and machines, and by operators', async (t) => {
	const {set, create, patch, logIn, machine} = await open();
	t.is((await set({privileged_scopes: ['invoices.*']})).status, 200);
	const privileged = [['invoices.pay'], ['invoices.*'], ['orders.read', '*'], null];
	const given = (scopes: string[] | null) => (scopes === null ? {} : {scopes});
	for (const bearer of [jwt, await logIn('owner'), await logIn('admin'), await machine('admin')]) {
		for (const scopes of privileged) t.is((await create(given(scopes), bearer)).status, 201);
	}
	const key = (await create({scopes: ['invoices.pay', 'orders.read']})).json() as KeyDetail;
	for (const bearer of [await logIn('developer'), await machine('developer')]) {
		for (const scopes of privileged) {
			const answer = await create(given(scopes), bearer);
			t.is(answer.status, 403, JSON.stringify(scopes));
			t.is(answer.headers['latchkey-error-code'], 'role_required');
			t.regex(answer.text, /the key policy says so/);
		}
		t.is((await create({scopes: ['orders.*']}, bearer)).status, 201);
		const changes: [object, number][] = [
			[{scopes: ['invoices.*']}, 403],
			[{scopes: null}, 403],
			[{name: `by ${bearer.slice(-8)}`}, 200],
			// It has the one already, and nobody takes the other away for good.
			[{scopes: ['invoices.pay']}, 200],
			[{scopes: ['invoices.pay', 'orders.read']}, 200],
		];
		for (const [change, status] of changes) {
			t.is((await patch(key.id, change, bearer)).status, status, JSON.stringify(change));
		}
	}
});

test('a change must say which version it is meant for, where the policy asks for it', async (t) => {
	const {set, create, patch} = await open();
	const {id} = (await create({})).json() as CreatedKey;
	t.is((await set({require_if_match: true})).status, 200);
	for (const change of [{name: 'renamed'}, {name: 'a key'}]) {
		refused(
			t,
			await patch(id, change),
			'precondition_required',
			'Send If-Match with the ETag of the API key',
			428,
		);
	}
	t.is((await patch(id, {name: 'renamed'}, jwt, {'If-Match': '"9"'})).status, 412);
	t.is((await patch(id, {name: 'renamed'}, jwt, {'If-Match': '"1"'})).status, 200);
	t.is((await patch(id, {name: 'again'}, jwt, {'If-Match': '*'})).status, 200);
});

test('a key that is being made when the policy changes is not there afterwards, unless it fits', async (t) => {
	const {id, set, create, base} = await open();
	for (let round = 0; round < 5; round++) {
		t.is((await set({require_expiry: null})).status, 200);
		const creating = Array.from({length: 12}, (_, number) =>
			(number % 2 ? server : second).call(`${base}/api-keys`, {bearer: jwt, body: {name: 'late'}}),
		);
		const changed = await set({require_expiry: true});
		t.is(changed.status, 200, changed.text);
		const there = async () =>
			db('api_keys').where({organisation_id: id}).whereNull('expires_at').count('* as n');
		const atAnswer = await there();
		const statuses = (await Promise.all(creating)).map(({status}) => status);
		t.true(
			statuses.every((status) => status === 201 || status === 400),
			String(statuses),
		);
		t.deepEqual(await there(), atAnswer);
		t.is((await create({})).status, 400);
	}
});

test('a policy that is changed waits for a key that is being made, also from psql', async (t) => {
	const {id, set} = await open();
	const transaction = await db.transaction();
	await transaction.raw('select * from hold_key_policies(?)', [id]);
	const changing = set({require_scopes: true});
	const waits = async () => {
		const {rows} = await db.raw<{rows: object[]}>(
			`select from pg_locks where locktype = 'advisory' and not granted
				and database = (select oid from pg_database where datname = current_database())`,
		);
		return rows.length > 0;
	};
	await eventually(waits, {what: 'the change to wait'});
	await transaction.commit();
	t.is((await changing).status, 200);
	const held = await db.transaction();
	await held.raw('select * from hold_key_policies(?)', [id]);
	const updating = db('key_policies').where({organisation_id: id}).update({require_scopes: false});
	const done = updating.then(() => true);
	await eventually(waits, {what: 'the change to wait'});
	await held.commit();
	t.true(await done);
});

test('a key that is made or rotated by an Idempotency-Key holds nothing that a change of the policy waits for', async (t) => {
	const {id, base, create} = await open();
	const {id: key} = (await create({})).json() as CreatedKey;
	const headers = (name: string) => ({'Idempotency-Key': `${name}-${id}`});
	for (const [name, path, body] of [
		['made', 'api-keys', {name: 'made'}],
		['rotated', `api-keys/${key}/rotate`, {}],
	] as const) {
		const changing = await db.transaction();
		await changing.raw('select lock_key_policy(?)', [id]);
		const making = server.call(`${base}/${path}`, {bearer: jwt, body, headers: headers(name)});
		await eventually(
			async () => {
				const {rows} = await db.raw<{rows: object[]}>(
					`select from pg_stat_activity where datname = current_database()
						and wait_event = 'advisory' and query like '%hold_key_policies%'`,
				);
				return rows.length > 0;
			},
			{what: 'the key to wait for the policy'},
		);
		const locked = await changing('organisations').where({id}).forUpdate().noWait().select('id');
		t.is(locked.length, 1);
		await changing.commit();
		t.is((await making).status, 201, name);
	}
});

test('a policy of one organisation is nothing to another', async (t) => {
	const [one, other] = [await open(), await open()];
	t.is((await one.set({require_expiry: true, require_scopes: true})).status, 200);
	t.is((await one.create({})).status, 400);
	t.is((await other.create({})).status, 201);
	t.is((await makeKey(server, jwt, other.id)).name, 'a key');
	const shown: KeyPolicyState = await other.read();
	t.false(shown.effective.require_expiry);
});
