import test from 'ava';
import {apiVersion} from '../../contract/events.ts';
import {fullKey, key as listedKey, keyDetail, type KeyDetail} from '../../contract/keys.ts';
import {rotatedKey, type RotatedKey} from '../../contract/rotation.ts';
import {toTimestamp} from '../../contract/text.ts';
import {makeOrganisation, type Server} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();
const second = await appliance.startServer();

test.after.always(() => appliance.stop());

const refusal = '401 {"error":"Invalid or missing API key"}';
const inSeconds = (seconds: number) => toTimestamp(new Date(Date.now() + seconds * 1000));

/** A key of an organisation of its own, and what can be done there. */
async function make(terms: object = {}) {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const list = `/api/v1/organizations/${organisation.id}/api-keys`;
	const made = await server.call(list, {bearer: jwt, body: {name: 'billing', ...terms}});
	const {id, key} = made.json() as {id: string; key: string};
	const post = (of: string, verb: string, body: object = {}, at = server) =>
		at.call(`${list}/${of}/${verb}`, {bearer: jwt, body});
	return {
		organisation: organisation.id,
		list,
		id,
		key,
		post,
		rotate: async (of: string, body: object = {}): Promise<RotatedKey> => {
			const answer = await post(of, 'rotate', body);
			if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
			return rotatedKey.parse(answer.json());
		},
		show: async (of: string) =>
			keyDetail.parse((await server.call(`${list}/${of}`, {bearer: jwt})).json()),
		patch: (of: string, body: object) =>
			server.call(`${list}/${of}`, {method: 'PATCH', bearer: jwt, body}),
		revoke: (of: string, query = '') =>
			server.call(`${list}/${of}${query}`, {method: 'DELETE', bearer: jwt}),
		code: async (ofKey: string) => {
			const answer = await server.call('/api/v1/keys/verify', {
				bearer: jwt,
				body: {key: ofKey},
				headers: {'Latchkey-Organization': organisation.id},
			});
			return (answer.json() as {code: string}).code;
		},
		told: async () => {
			const entries = await db('audit_entries')
				.where({chain: organisation.id})
				.orderBy('sequence')
				.select('content', 'target_id');
			return entries
				.map(({content, target_id}) => ({
					...(JSON.parse(content) as {action: string; details: Record<string, unknown>}),
					target: target_id,
				}))
				.filter(({action}) => action.startsWith('key.'));
		},
	};
}

/** Of both servers. */
async function uses(key: string): Promise<(200 | string)[]> {
	return Promise.all(
		[server, second].map(async (at) => {
			const {status, text} = await at.call('/api/v1/keys/self', {bearer: key});
			return status === 200 ? 200 : `${status} ${text}`;
		}),
	);
}

const [accepted, refused] = [
	[200, 200],
	[refusal, refusal],
];

test.serial('a rotated key goes on beside its successor, which carries the same', async (t) => {
	const terms = {
		scopes: ['invoices.*'],
		ip_deny: ['192.0.2.0/24'],
		not_before: '2020-01-01T00:00:00Z',
	};
	const {id, key, list, post, show} = await make(terms);
	t.deepEqual(await uses(key), accepted);
	const answer = await post(id, 'rotate', {grace_seconds: 604_800, reason: 'yearly'});
	t.is(answer.status, 201, answer.text);
	t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
	t.is(answer.headers['cache-control'], 'no-store');
	const next = rotatedKey.parse(answer.json());
	t.deepEqual(Object.keys(answer.json() as object), Object.keys(rotatedKey.shape));
	t.is(Object.keys(next)[2], 'key');
	t.like(next, {
		name: 'billing',
		status: 'active',
		...terms,
		lineage_id: id,
		replaces_id: id,
		replaced_by_id: null,
		grace_until: null,
		version: 1,
	});
	t.not(next.key, key);
	const old = await show(id);
	t.like(old, {status: 'rotating', revoked_at: null, lineage_id: id, replaced_by_id: next.id});
	t.deepEqual(next.previous, {id, hint: old.hint, grace_until: old.grace_until});
	const left = Date.parse(old.grace_until ?? '') - Date.now();
	t.true(left > 604_700_000 && left <= 604_801_000);
	t.deepEqual(await uses(key), accepted);
	t.deepEqual(await uses(next.key), accepted);

	const documented = (await server.call(list, {bearer: jwt})).json() as object[];
	for (const each of documented) t.deepEqual(Object.keys(each), Object.keys(listedKey.shape));
	const full = (await server.call(`${list}?view=full`, {bearer: jwt})).json() as object[];
	const members = Object.keys(fullKey.parse(full[0]));
	const at = members.indexOf('suspended_at');
	t.deepEqual(members.slice(at, at + 6), [
		'suspended_at',
		'lineage_id',
		'replaces_id',
		'replaced_by_id',
		'grace_until',
		'revocation_reason',
	]);
});

test.serial('what the request names is other than it was', async (t) => {
	const {id, rotate, show} = await make({
		scopes: ['invoices.*'],
		expires_at: '2099-01-01T00:00:00Z',
	});
	const next = await rotate(id, {name: 'narrow', scopes: ['invoices.read'], expires_at: null});
	t.like(next, {name: 'narrow', scopes: ['invoices.read'], expires_at: null});
	const last = await rotate(next.id, {scopes: null, finish_previous: true});
	t.like(last, {name: 'narrow', scopes: null, lineage_id: id, replaces_id: next.id});
	t.like(await show(id), {scopes: ['invoices.*'], expires_at: '2099-01-01T00:00:00Z'});
});

test.serial('its labels are those of the old one, changed as a change would', async (t) => {
	const {id, patch, rotate} = await make();
	const labels = {
		description: 'Invoices',
		owner: {type: 'team', id: 'payments'},
		tags: ['env:prod'],
		metadata: {plan: 'gold', region: 'eu'},
		delete_protected: true,
	};
	t.is((await patch(id, labels)).status, 200);
	const next = await rotate(id, {grace_seconds: 0});
	t.like(next, labels);
	const last = await rotate(next.id, {metadata: {plan: null, seats: 3}, tags: null});
	t.deepEqual([last.metadata, last.tags], [{region: 'eu', seats: 3}, []]);
});

test.serial('its roles are those of the old one', async (t) => {
	const {id, organisation, patch, rotate} = await make();
	const roles = `/api/v1/organizations/${organisation}/key-roles`;
	await server.call(roles, {bearer: jwt, body: {name: 'billing', scopes: ['invoices.*']}});
	t.is((await patch(id, {roles: ['billing']})).status, 200);
	const next = await rotate(id);
	t.deepEqual(next.roles, ['billing']);
	const without = await rotate(next.id, {roles: null, finish_previous: true});
	t.deepEqual(without.roles, []);
});

test.serial('its whole lifetime begins anew', async (t) => {
	const {id, rotate, show} = await make({expires_at: inSeconds(1000)});
	await db.raw(
		"update api_keys set created_at = created_at - interval '500 seconds' where id = ?",
		[id],
	);
	const old = await show(id);
	const next = await rotate(id);
	const lifeOf = ({created_at, expires_at}: KeyDetail) =>
		Date.parse(expires_at ?? '') - Date.parse(created_at);
	t.true(Math.abs(lifeOf(next) - lifeOf(old)) <= 1000);
	t.is((await show(id)).grace_until, old.expires_at, 'never beyond its own end');
	t.is(next.previous.grace_until, old.expires_at);
});

test.serial(
	'at the end of its grace it is refused everywhere, and dead to those who know nothing of it',
	async (t) => {
		const {id, key, list, code, rotate, show, post, patch, revoke} = await make();
		const {previous, id: nextId} = await rotate(id, {grace_seconds: 3});
		const deadline = Date.parse(previous.grace_until ?? '');
		const documented = async (headers = {}) => server.call(list, {bearer: jwt, headers});
		const before = await documented();
		const revokedAt = async () =>
			((await documented()).json() as {id: string; revoked_at: string | null}[]).find(
				(each) => each.id === id,
			)?.revoked_at;
		t.is(await revokedAt(), null);
		let [lastAccepted, firstRefused] = [0, 0];
		await eventually(async () => {
			const begin = Date.now();
			const answers = await uses(key);
			if (answers.some((each) => each === 200)) lastAccepted = begin;
			if (firstRefused === 0 && answers.includes(refusal)) firstRefused = Date.now();
			return answers.every((each) => each === refusal);
		});
		t.true(lastAccepted < deadline + 250, 'none that began later');
		t.true(firstRefused >= deadline - 250, 'none that ended earlier');
		t.is(await code(key), 'ROTATED');
		t.is(await revokedAt(), previous.grace_until);
		const etag = String(before.headers.etag);
		t.is((await documented({'If-None-Match': etag})).status, 200, 'another list than before');
		t.like(await show(id), {
			status: 'rotated',
			revoked_at: null,
			grace_until: previous.grace_until,
		});
		for (const answer of [
			await patch(id, {name: 'x'}),
			await post(id, 'suspend'),
			await post(id, 'resume'),
		]) {
			t.is(answer.headers['latchkey-error-code'], 'key_revoked');
		}
		t.is((await revoke(id)).status, 404);
		for (const verb of ['finish', 'cancel']) {
			for (const each of [id, nextId]) {
				const answer = await post(each, `rotation/${verb}`);
				t.deepEqual(
					[answer.status, answer.json()],
					[409, {error: 'The API key is not being rotated'}],
				);
			}
		}
		t.deepEqual(await uses(key), refused);
	},
);

test.serial('without any grace the old key is revoked when that is answered', async (t) => {
	const {id, key, rotate, show, told} = await make();
	t.deepEqual(await uses(key), accepted);
	const next = await rotate(id, {grace_seconds: 0, reason: 'leaked'});
	t.deepEqual(await uses(key), refused);
	t.deepEqual(await uses(next.key), accepted);
	t.is(next.previous.grace_until, null);
	t.like(await show(id), {
		status: 'revoked',
		revocation_reason: 'rotation',
		revocation_note: 'leaked',
		grace_until: null,
		replaced_by_id: next.id,
	});
	t.deepEqual(
		(await told()).map(({action, target}) => [action, target]),
		[
			['key.created', id],
			['key.rotated', next.id],
			['key.revoked', id],
		],
	);
});

test.serial('a key that has expired is rotated like others, but has no grace', async (t) => {
	const {id, key, rotate, show} = await make({expires_at: inSeconds(900)});
	await db.raw(
		"update api_keys set created_at = now() - interval '900 seconds', expires_at = now() where id = ?",
		[id],
	);
	const next = await rotate(id, {grace_seconds: 3600});
	t.is(next.status, 'active');
	t.is(next.previous.grace_until, null);
	t.like(await show(id), {status: 'revoked', revocation_reason: 'rotation'});
	t.deepEqual(await uses(key), refused);
});

test.serial('the key policy says how long a grace is, and at most', async (t) => {
	const {id, organisation, post, rotate} = await make();
	const policy = await server.call(`/api/v1/organizations/${organisation}/key-policy`, {
		method: 'PATCH',
		bearer: jwt,
		body: {max_grace_seconds: 7200, default_grace_seconds: 3600},
	});
	t.is(policy.status, 200, policy.text);
	const long = await post(id, 'rotate', {grace_seconds: 7201});
	t.deepEqual(
		[long.status, long.json(), long.headers['latchkey-error-code']],
		[
			400,
			{error: 'grace_seconds must be at most 7200: the key policy says so'},
			'policy_violation',
		],
	);
	const {previous} = await rotate(id);
	const left = Date.parse(previous.grace_until ?? '') - Date.now();
	t.true(left > 3_500_000 && left <= 3_601_000);
});

test.serial('at most two keys of a lineage live', async (t) => {
	const {id, post, rotate, key, show} = await make();
	const next = await rotate(id);
	const again = await post(id, 'rotate');
	t.deepEqual(
		[again.status, again.json(), again.headers['latchkey-error-code']],
		[
			409,
			{error: `The API key has already been rotated; its successor is ${next.id}`},
			'already_rotated',
		],
	);
	const open = await post(next.id, 'rotate');
	t.deepEqual(
		[open.status, open.json(), open.headers['latchkey-error-code']],
		[
			409,
			{
				error:
					'The key before this one is still in its grace period; finish or cancel that rotation first',
			},
			'rotation_open',
		],
	);
	const third = await rotate(next.id, {finish_previous: true});
	t.like(third, {lineage_id: id, replaces_id: next.id});
	t.like(await show(id), {status: 'rotated', replaced_by_id: next.id});
	t.deepEqual(await uses(key), refused);
	t.deepEqual(await uses(next.key), accepted);
	t.deepEqual(await uses(third.key), accepted);
});

test.serial('of two rotations at once one makes a key', async (t) => {
	for (let round = 0; round < 5; round++) {
		const {id, post, list} = await make();
		const answers = await Promise.all([
			post(id, 'rotate'),
			post(id, 'rotate', {grace_seconds: 0}, second),
		]);
		t.deepEqual(
			answers.map(({status}) => status).toSorted((a, b) => a - b),
			[201, 409],
		);
		t.is(((await server.call(list, {bearer: jwt})).json() as object[]).length, 2);
	}
});

test.serial('a rotation is finished by either id', async (t) => {
	for (const by of ['old', 'new']) {
		const {id, key, post, rotate, code, told, revoke} = await make();
		const next = await rotate(id);
		t.deepEqual(await uses(key), accepted);
		const finished = await post(by === 'old' ? id : next.id, 'rotation/finish');
		t.is(finished.status, 200, finished.text);
		t.regex(String(finished.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
		t.deepEqual(await uses(key), refused);
		t.like(keyDetail.parse(finished.json()), {id: next.id, status: 'active'});
		t.is(await code(key), 'ROTATED');
		t.is((await post(next.id, 'rotation/cancel')).headers['latchkey-error-code'], 'no_rotation');
		t.is((await revoke(id)).status, 404);
		const [last] = (await told()).slice(-1);
		t.like(last, {action: 'key.rotation_finished', target: id});
		t.like(last?.details, {successor_id: next.id, cause: 'request'});
	}
});

test.serial('a rotation is cancelled by either id, and can be made again', async (t) => {
	for (const by of ['old', 'new']) {
		const {id, key, post, rotate, told} = await make();
		const next = await rotate(id);
		t.deepEqual(await uses(next.key), accepted);
		const cancelled = await post(by === 'old' ? id : next.id, 'rotation/cancel', {}, second);
		t.is(cancelled.status, 200, cancelled.text);
		t.regex(String(cancelled.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
		t.deepEqual(await uses(next.key), refused);
		t.deepEqual(await uses(key), accepted);
		t.like(keyDetail.parse(cancelled.json()), {
			id,
			status: 'active',
			grace_until: null,
			replaced_by_id: null,
		});
		t.deepEqual(
			(await told()).slice(2).map(({action, target, details}) => [action, target, details]),
			[
				['key.rotation_cancelled', id, {hint: key.slice(0, 12), successor_id: next.id}],
				['key.revoked', next.id, {hint: next.hint, reason: 'rotation'}],
			],
		);
		t.is((await rotate(id)).replaces_id, id);
	}
});

test.serial('a key that is suspended while it is rotated is so afterwards', async (t) => {
	const {id, key, post, rotate} = await make();
	await post(id, 'suspend');
	const next = await rotate(id);
	t.is(next.status, 'active');
	t.deepEqual(await uses(key), refused);
	t.like((await post(id, 'rotation/cancel')).json() as KeyDetail, {status: 'suspended'});
	t.deepEqual(await uses(next.key), refused);
});

test.serial('an end that is changed in the grace ends it, too', async (t) => {
	const {id, patch, rotate} = await make();
	await rotate(id);
	const end = inSeconds(1000);
	t.like((await patch(id, {expires_at: end})).json() as KeyDetail, {grace_until: end});
	const later = await patch(id, {expires_at: null});
	t.like(later.json() as KeyDetail, {grace_until: end, status: 'rotating'});
});

test.serial('a whole lineage is revoked at once, by the id of any of its keys', async (t) => {
	for (const which of [0, 1, 2]) {
		const {id, key, rotate, revoke, show} = await make();
		const next = await rotate(id, {grace_seconds: 0});
		const last = await rotate(next.id);
		t.deepEqual(await uses(next.key), accepted);
		const of = [id, next.id, last.id][which] ?? '';
		const answer = await revoke(of, '?lineage=true&reason=key_compromise');
		t.deepEqual([answer.status, answer.text], [200, '{"message":"API key revoked successfully"}']);
		for (const each of [key, next.key, last.key]) t.deepEqual(await uses(each), refused);
		t.like(await show(id), {revocation_reason: 'rotation'});
		t.like(await show(next.id), {revocation_reason: 'key_compromise'});
		t.like(await show(last.id), {revocation_reason: 'key_compromise'});
		// Whoever comes second is told when the first one's revocations hold, be the key itself long gone.
		await db('api_keys')
			.where({id})
			.update({revoked_at: new Date(Date.now() - 7_200_000)});
		const again = await revoke(of, '?lineage=true');
		t.is(again.status, 404);
		t.regex(String(again.headers['latchkey-revocation']), /^verifiers=2;/);
	}
	const {id, revoke} = await make();
	t.is((await revoke(id, '?lineage=false')).status, 400);
	t.is((await revoke(id, '?lineage=true')).status, 200, 'also of a key that was never rotated');
});

test.serial('what is rotated while its lineage is revoked is revoked, too', async (t) => {
	for (let round = 0; round < 5; round++) {
		const {id, list, post, revoke} = await make();
		const [rotated] = await Promise.all([
			post(id, 'rotate', {}, second),
			revoke(id, '?lineage=true'),
		]);
		t.true([201, 409].includes(rotated.status), rotated.text);
		const keys = (await server.call(list, {bearer: jwt})).json() as {revoked_at: string | null}[];
		t.true(keys.every(({revoked_at}) => revoked_at !== null));
	}
});

test.serial('with an Idempotency-Key many make one new key, and get the same bytes', async (t) => {
	const {id, list} = await make();
	const send = (at: Server) =>
		eventually(async () => {
			const answer = await at.call(`${list}/${id}/rotate`, {
				bearer: jwt,
				body: {grace_seconds: 60},
				headers: {'Idempotency-Key': `rotate ${id}`.replace(' ', '-')},
			});
			return answer.status === 503 || answer.status === 409 ? false : answer;
		});
	const answers = await Promise.all(
		Array.from({length: 50}, (_, n) => send(n % 2 === 0 ? server : second)),
	);
	t.is(new Set(answers.map(({status, text}) => `${status} ${text}`)).size, 1);
	t.is(answers[0]?.status, 201);
	t.is(answers.filter(({headers}) => headers['idempotency-replayed'] === 'true').length, 49);
	for (const {headers} of answers) t.regex(String(headers['latchkey-revocation']), /^verifiers=2;/);
	t.is(((await server.call(list, {bearer: jwt})).json() as object[]).length, 2);
});

test.serial('what is asked for wrongly is refused, and nothing is done', async (t) => {
	const {id, list, post, told, organisation, key} = await make();
	for (const [body, error] of [
		[{grace_seconds: -1}, 'grace_seconds must be a whole number from 0 to 2592000'],
		[{grace_seconds: 2_592_001}, 'grace_seconds must be a whole number from 0 to 2592000'],
		[{grace_seconds: '1d'}, 'grace_seconds must be a whole number from 0 to 2592000'],
		[
			{finish_when_unused_seconds: 3599},
			'finish_when_unused_seconds must be a whole number from 3600 to 2592000',
		],
		[
			{finish_when_unused_seconds: 7201, grace_seconds: 7200},
			'finish_when_unused_seconds must be a whole number from 3600 to 7200',
		],
		[
			{finish_when_unused_seconds: 3600, grace_seconds: 0},
			'finish_when_unused_seconds must be left out where grace_seconds is below 3600',
		],
		[{finish_previous: 'yes'}, 'finish_previous must be true or false'],
		[{reason: ''}, 'reason is required'],
		[{expires_at: '2020-01-01T00:00:00Z'}, 'expires_at must be in the future'],
		[{kind: 'honeytoken'}, 'Unknown member: kind'],
		[{lineage_id: id}, 'Unknown member: lineage_id'],
	] as const) {
		const answer = await post(id, 'rotate', body);
		t.deepEqual([answer.status, answer.json()], [400, {error}]);
	}
	const nowhere = '00000000-0000-4000-8000-000000000000';
	for (const verb of ['rotate', 'rotation/finish', 'rotation/cancel']) {
		const answer = await post(nowhere, verb);
		t.deepEqual([answer.status, answer.json()], [404, {error: 'API key not found'}]);
	}
	const never = await post(id, 'rotation/finish');
	t.is(never.headers['latchkey-error-code'], 'no_rotation');
	t.is(never.headers['latchkey-revocation'], undefined, 'nothing to wait for');
	const setPlan = (plan: string) =>
		server.call(`/api/v1/organizations/${organisation}`, {
			method: 'PATCH',
			bearer: jwt,
			body: {plan},
		});
	await setPlan('pro');
	t.is((await post(id, 'rotate')).headers['latchkey-error-code'], 'plan_required');
	await setPlan('team');
	t.is((await told()).length, 1);
	t.deepEqual(await uses(key), accepted);
	await server.call(`${list}/${id}`, {method: 'DELETE', bearer: jwt});
	const revoked = await post(id, 'rotate');
	t.is(revoked.headers['latchkey-error-code'], 'key_revoked');
});

test.serial('endpoints are told what becomes of both keys', async (t) => {
	const {id, organisation, rotate, post} = await make();
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const next = await rotate(id, {reason: 'yearly'});
	await post(id, 'rotation/cancel');
	const last = await rotate(id);
	await post(id, 'rotation/finish');
	const events = await db('events').where({organisation_id: organisation}).orderBy('sequence');
	t.deepEqual(
		events.map(({type, payload}) => {
			const {data} = JSON.parse(payload) as {data: {key: KeyDetail}};
			const {key, ...rest} = data;
			return [type, key.id, key.lineage_id, rest];
		}),
		[
			['key.rotated', next.id, id, {previous: next.previous, reason: 'yearly'}],
			['key.rotation_cancelled', id, id, {successor_id: next.id}],
			['key.revoked', next.id, id, {reason: 'rotation'}],
			['key.rotated', last.id, id, {previous: last.previous, reason: null}],
			['key.rotation_finished', id, id, {successor_id: last.id, cause: 'request'}],
		],
	);
});

test.serial(
	'a grace that is ended from psql is over at once, and one that is given holds',
	async (t) => {
		const {id, key, rotate} = await make();
		await rotate(id);
		t.deepEqual(await uses(key), accepted);
		await db('api_keys')
			.where({id})
			.update({grace_until: db.raw('now()')});
		t.truthy(await eventually(async () => (await uses(key)).every((each) => each === refusal)));
		await db('api_keys')
			.where({id})
			.update({grace_until: db.raw("now() + interval '1 hour'")});
		t.truthy(await eventually(async () => (await uses(key)).every((each) => each === 200)));
		await db('api_keys')
			.where({id})
			.update({rotation_ended_at: db.raw('now()')});
		t.truthy(await eventually(async () => (await uses(key)).every((each) => each === refusal)));
	},
);
