import test from 'ava';
import fc from 'fast-check';
import {apiVersion} from '../../contract/events.ts';
import {
	createKeyRequest,
	fullKey,
	keyDetail,
	type FullKey,
	type KeyDetail,
} from '../../contract/keys.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {appendixA} from '../helpers/merge-patch.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

async function make() {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, organisation.id, 'labelled');
	const list = `/api/v1/organizations/${organisation.id}/api-keys`;
	const path = `${list}/${key.id}`;
	return {
		organisation: organisation.id,
		key: key.key,
		id: key.id,
		list,
		path,
		create: (body: object) => server.call(list, {bearer: jwt, body: {name: 'a', ...body}}),
		patch: (body: object) => server.call(path, {method: 'PATCH', bearer: jwt, body}),
		read: async (at = path) => keyDetail.parse((await server.call(at, {bearer: jwt})).json()),
		revoke: () => server.call(path, {method: 'DELETE', bearer: jwt}),
		use: () => server.call('/api/v1/keys/self', {bearer: key.key}),
	};
}

const labels = {
	description: 'Invoices, in the night',
	owner: {type: 'team', id: 'payments'},
	tags: ['env:prod', 'region=eu'],
	delete_protected: true,
	metadata: {z: 'first', a: {plan: 'gold'}},
};
const none = {description: null, owner: null, tags: [], delete_protected: false, metadata: {}};

test('what a request names is answered, shown in its place, told and on record', async (t) => {
	const {list, create, read, organisation} = await make();
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	const answer = await create(labels);
	t.is(answer.status, 201, answer.text);
	const made = answer.json() as {id: string; key: string; created_at: string};
	t.is(
		answer.text,
		`{"id":"${made.id}","name":"a","key":"${made.key}","created_at":"${made.created_at}","last_used_at":null,"revoked_at":null,` +
			'"description":"Invoices, in the night","owner":{"type":"team","id":"payments"},"tags":["env:prod","region=eu"],"delete_protected":true,"metadata":{"z":"first","a":{"plan":"gold"}}}',
	);
	t.deepEqual(Object.keys((await create({tags: null})).json() as object).slice(6), ['tags']);
	const detail = await read(`${list}/${made.id}`);
	t.like(detail, labels);
	t.is(JSON.stringify(detail.metadata), JSON.stringify(labels.metadata), 'in their order');
	t.deepEqual(Object.keys(detail), [
		...'id name created_at last_used_at revoked_at hint expires_at'.split(' '),
		...'created_by last_used_address revoked_by'.split(' '),
		...'status not_before description scopes roles ip_allow ip_deny rate_limits'.split(' '),
		...'quota owner tags delete_protected suspended_at lineage_id replaces_id replaced_by_id'.split(
			' ',
		),
		...'grace_until revocation_reason first_used_at version'.split(' '),
		...'creator revoker suspended_reason revocation_note metadata'.split(' '),
		...'quota_used quota_resets_at rotation_due_at'.split(' '),
		...'last_used_agent last_used_address_at'.split(' '),
	]);
	const full = (await server.call(`${list}?view=full`, {bearer: jwt})).json() as FullKey[];
	t.deepEqual(
		full.map((each) => fullKey.parse(each).description),
		[null, labels.description, null],
	);
	const {metadata: _, ...listed} = labels;
	t.like(full[1], listed);
	t.false('metadata' in (full[1] ?? {}));
	t.deepEqual(Object.keys(full[1] ?? {}), [
		...'id name created_at last_used_at revoked_at hint expires_at'.split(' '),
		...'status not_before description scopes roles ip_allow ip_deny rate_limits'.split(' '),
		...'quota owner tags delete_protected suspended_at lineage_id replaces_id replaced_by_id'.split(
			' ',
		),
		...'grace_until revocation_reason first_used_at version rotation_due_at creator'.split(' '),
	]);
	const plain = await server.call(list, {bearer: jwt});
	t.deepEqual(Object.keys((plain.json() as object[])[0] ?? {}).length, 5);

	const [entry] = await db('audit_entries')
		.where({chain: organisation, action: 'key.created', target_id: made.id})
		.select('content');
	t.like(JSON.parse(entry?.content ?? '{}').details, {
		description: 'Invoices, in the night',
		owner: 'team/payments',
		tags: 'env:prod, region=eu',
		delete_protected: 'true',
		metadata: '{"z":"first","a":{"plan":"gold"}}',
	});
	const events = await db('events').where({organisation_id: organisation}).select('payload');
	const told = events.map(({payload}) => JSON.parse(payload).data.key);
	const {owner, tags} = labels;
	t.like(
		told.find(({id}) => id === made.id),
		{status: 'active', owner, tags},
	);
});

test('a label is changed, told with what it was before, and taken away; no server forgets the key for it', async (t) => {
	const {patch, read, id, organisation, use} = await make();
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
	});
	t.is((await use()).status, 200);
	const changed = await patch(labels);
	t.is(changed.status, 200, changed.text);
	t.like(changed.json() as KeyDetail, {...labels, version: 2});
	const same = await patch({tags: labels.tags, metadata: {a: {plan: 'gold'}}, owner: labels.owner});
	t.like(same.json() as KeyDetail, {version: 2}, 'nothing was changed');
	const merged = await patch({metadata: {z: null, b: 1}, tags: ['region=eu']});
	t.like(merged.json() as KeyDetail, {
		metadata: {a: {plan: 'gold'}, b: 1},
		tags: ['region=eu'],
		description: labels.description,
		version: 3,
	});
	const lifted = await patch(Object.fromEntries(Object.keys(none).map((name) => [name, null])));
	t.like(lifted.json() as KeyDetail, {...none, version: 4});
	t.like(await read(), none);
	const entries = await db('audit_entries')
		.where({chain: organisation, target_id: id, action: 'key.updated'})
		.orderBy('sequence')
		.select('content');
	const [first, , last] = entries.map(({content}) => JSON.parse(content).details);
	t.like(first, {changed: Object.keys(none).join(', '), owner: 'team/payments'});
	t.is(first.previous_owner, null);
	t.like(last, {previous_owner: 'team/payments', previous_delete_protected: 'true', tags: null});
	const events = await db('events').where({organisation_id: organisation}).orderBy('sequence');
	t.deepEqual(
		events.map(({payload}) => JSON.parse(payload).data.previous),
		[
			none,
			{tags: labels.tags, metadata: labels.metadata},
			{...labels, tags: ['region=eu'], metadata: {a: {plan: 'gold'}, b: 1}},
		],
	);
});

test('what is wrong is refused by name, and nothing is made or changed', async (t) => {
	const {create, patch, list, read} = await make();
	for (const [body, field, error] of [
		[{tags: ['a b']}, 'tags[0]', 'tags[0] must be letters, digits and . _ : / = -'],
		[
			{owner: {type: 'T', id: 'a'}},
			'owner.type',
			'owner.type must be lower-case letters, digits and _',
		],
		[{owner: {type: 't', id: 'a', b: 1}}, 'b', 'Unknown member: b'],
		[{description: 'a\0'}, 'description', 'description must not contain control characters'],
		[{delete_protected: 'no'}, 'delete_protected', 'delete_protected must be true or false'],
		[
			{metadata: {a: '\uD800'}},
			'metadata',
			'metadata must be well-formed Unicode text without NUL',
		],
	] as const) {
		for (const answer of [await create(body), await patch(body)]) {
			t.deepEqual([answer.status, answer.json()], [400, {error}], field);
			t.is(answer.headers['latchkey-error-code'], 'invalid_field');
		}
	}
	const problem = await server.call(list, {
		bearer: jwt,
		body: {name: 'a', owner: {type: 'team', id: ''}},
		headers: {Accept: 'application/problem+json'},
	});
	t.like(problem.json(), {field: 'owner.id', detail: 'owner.id is required'});
	t.is(((await server.call(list, {bearer: jwt})).json() as object[]).length, 1);
	t.is((await read()).version, 1);
});

test('the bound of metadata is held against what a change leads to', async (t) => {
	const {patch, read} = await make();
	const text = 'a'.repeat(4000);
	t.is((await patch({metadata: {a: text}})).status, 200);
	const over = await patch({metadata: {b: 'b'.repeat(100)}});
	t.deepEqual([over.status, over.json()], [400, {error: 'metadata must be at most 4096 bytes'}]);
	t.like(await read(), {metadata: {a: text}, version: 2});
	const instead = await patch({metadata: {a: null, b: text}});
	t.like(instead.json() as KeyDetail, {metadata: {b: text}, version: 3});
});

test('RFC 7396, appendix A', async (t) => {
	const {create, list} = await make();
	for (const [original, patch, result] of appendixA) {
		const made = (await create({metadata: {m: original}})).json() as {id: string};
		const answer = await server.call(`${list}/${made.id}`, {
			method: 'PATCH',
			bearer: jwt,
			body: {metadata: {m: patch}},
			headers: {'Content-Type': 'application/merge-patch+json'},
		});
		const expected = result === null ? {} : {m: result};
		t.deepEqual((answer.json() as KeyDetail).metadata, expected, JSON.stringify(patch));
	}
});

const word = fc.string({unit: 'binary', minLength: 1, maxLength: 20});
const visible = fc
	.string({unit: 'grapheme', minLength: 1, maxLength: 60})
	.filter((text) => /\S/u.test(text));
const safeJson = fc.jsonValue({maxDepth: 3, stringUnit: 'binary'});
const randomKey = fc.record(
	{
		description: visible,
		owner: fc.record({type: fc.stringMatching(/^[a-z][a-z0-9_]{0,31}$/), id: visible}),
		tags: fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/=-]{0,63}$/), {
			maxLength: 20,
		}),
		delete_protected: fc.boolean(),
		metadata: fc.dictionary(word, safeJson, {maxKeys: 5}),
	},
	{requiredKeys: []},
);

test('a hundred random keys are read back as they were written', async (t) => {
	const {create, read, list} = await make();
	const fits = (key: object) => {
		const text = JSON.stringify(key);
		// The parser of bodies takes neither, whoever they belong to.
		const isPollution = text.includes('__proto__') || text.includes('constructor');
		return !isPollution && createKeyRequest.safeParse({name: 'a', ...key}).success;
	};
	const written = fc.sample(randomKey.filter(fits), 100);
	const full = new Map<string, object>();
	for (const key of written) {
		// As JSON has them: it knows no -0.
		const wanted = JSON.parse(JSON.stringify({...none, ...key})) as typeof key;
		const answer = await create(key);
		t.is(answer.status, 201, `${answer.text} ${JSON.stringify(key)}`);
		const {id} = answer.json() as {id: string};
		const detail = await read(`${list}/${id}`);
		for (const name of Object.keys(none) as (keyof typeof none)[]) {
			t.deepEqual(detail[name], wanted[name] as never);
		}
		const {metadata: _, ...listed} = wanted;
		full.set(id, listed);
	}
	const keys = (await server.call(`${list}?view=full`, {bearer: jwt})).json() as FullKey[];
	for (const [id, wanted] of full)
		t.like(
			keys.find((key) => key.id === id),
			wanted,
		);
});

test('a protected key is not revoked, but suspended; lifted, it is revoked', async (t) => {
	const {patch, revoke, path, use, read} = await make();
	await patch({delete_protected: true});
	const refused = await revoke();
	t.is(refused.status, 409);
	t.is(
		refused.text,
		'{"error":"The API key is protected against deletion; lift the protection first"}',
	);
	t.is(refused.headers['latchkey-error-code'], 'delete_protected');
	t.is((await use()).status, 200);
	t.like(await read(), {revoked_at: null, version: 2});
	t.is((await server.call(`${path}/suspend`, {bearer: jwt, body: {}})).status, 200);
	t.is((await revoke()).status, 409);
	await patch({delete_protected: false});
	t.is((await revoke()).text, '{"message":"API key revoked successfully"}');
	t.is((await revoke()).status, 404);
});

test('a protected key that revokes itself is suspended, with the same answer', async (t) => {
	const {patch, key, use, read, path, id, organisation} = await make();
	// The first suspension ever holds leases up for a moment: both calls would wait for that, too.
	const other = await make();
	t.is((await server.call(`${other.path}/suspend`, {bearer: jwt, body: {}})).status, 200);
	await patch({delete_protected: true});
	const revokeSelf = () => server.call('/api/v1/keys/self/revoke', {method: 'POST', bearer: key});
	const answers = await Promise.all([revokeSelf(), revokeSelf()]);
	const [done, late] = answers.toSorted((a, b) => a.status - b.status);
	t.is(done?.status, 200);
	t.is(done?.text, '{"message":"API key revoked successfully"}');
	t.regex(String(done?.headers['latchkey-revocation']), /^verifiers=\d+; ms=\d+$/);
	t.is(late?.status, 401, 'it could not any more');
	t.is((await use()).status, 401);
	t.like(await read(), {status: 'suspended', suspended_reason: 'self', revoked_at: null});
	const entries = await db('audit_entries')
		.where({chain: organisation, target_id: id})
		.orderBy('sequence')
		.select('content');
	const {action, actor} = JSON.parse(entries.at(-1)?.content ?? '{}');
	t.is(action, 'key.suspended');
	t.like(actor, {type: 'api_key', id});
	t.is((await server.call(`${path}/resume`, {method: 'POST', bearer: jwt})).status, 200);
	t.is((await use()).status, 200);
});

test('a lineage with a protected key in it is not revoked; a rotation ends one that its successor lives on for', async (t) => {
	const {patch, path, list, key: before} = await make();
	await patch({delete_protected: true});
	const rotate = async (at: string, body: object) => {
		const answer = await server.call(`${at}/rotate`, {bearer: jwt, body});
		t.is(answer.status, 201, answer.text);
		return answer.json() as KeyDetail & {key: string};
	};
	const works = async (key: string) =>
		(await server.call('/api/v1/keys/self', {bearer: key})).status === 200;
	const first = await rotate(path, {grace_seconds: 600});
	t.true(first.delete_protected);
	await server.call(`${list}/${first.id}`, {
		method: 'PATCH',
		bearer: jwt,
		body: {delete_protected: false},
	});
	const refused = await server.call(`${list}/${first.id}?lineage=true`, {
		method: 'DELETE',
		bearer: jwt,
	});
	t.deepEqual([refused.status, refused.headers['latchkey-error-code']], [409, 'delete_protected']);
	t.deepEqual([await works(before), await works(first.key)], [true, true]);

	await server.call(`${path}/rotation/finish`, {method: 'POST', bearer: jwt});
	t.deepEqual([await works(before), await works(first.key)], [false, true]);
	await server.call(`${list}/${first.id}`, {
		method: 'PATCH',
		bearer: jwt,
		body: {delete_protected: true},
	});
	const second = await rotate(`${list}/${first.id}`, {grace_seconds: 0});
	t.deepEqual([await works(first.key), await works(second.key)], [false, true]);
	t.true(second.delete_protected);
});
