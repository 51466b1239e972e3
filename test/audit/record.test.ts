import {createHash} from 'node:crypto';
import test from 'ava';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import type {AuditEntryRow} from '../../core/db/audit-tables.ts';
import {administrator, makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {entriesOf as entriesIn} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, db, jwt} = await openAppliance();
const owner = connectDatabase(appliance.ownerDatabase, 'test');

test.after.always(async () => {
	await owner.destroy();
	await appliance.stop();
});

const entriesOf = (chain: string) => entriesIn(db, chain);

test.serial(
	'S-85, S-89: each change has one entry: who, what, when, from where, by which request',
	async (t) => {
		const organisation = await makeOrganisation(server, jwt, 'team');
		const path = `/api/v1/organizations/${organisation.id}`;
		const key = await makeKey(server, jwt, organisation.id, 'Production');
		const headers = {'Latchkey-Organization': organisation.id};
		const source = await server.call('/api/v1/sources', {
			bearer: key.key,
			body: {name: 'Orders', type: 'webhook'},
		});
		const {id: sourceId} = source.json() as {id: string};
		const change = {method: 'PUT', bearer: jwt, headers, body: {name: 'Invoices'}};
		await server.call(`/api/v1/sources/${sourceId}`, change);
		await server.call(`/api/v1/sources/${sourceId}`, {method: 'DELETE', bearer: jwt, headers});
		const revoked = await server.call(`${path}/api-keys/${key.id}`, {
			method: 'DELETE',
			bearer: jwt,
		});
		await server.call(path, {method: 'PATCH', bearer: jwt, body: {name: 'Acme', plan: 'free'}});
		await server.call(path, {method: 'PATCH', bearer: jwt, body: {name: 'Acme', plan: 'pro'}});

		const entries = await entriesOf(organisation.id);
		t.deepEqual(
			entries.map(({action, actor, target}) => [action, actor.type, target.id]),
			[
				['organization.created', 'user', organisation.id],
				['key.created', 'user', key.id],
				['source.created', 'api_key', sourceId],
				['source.updated', 'user', sourceId],
				['source.deleted', 'user', sourceId],
				['key.revoked', 'user', key.id],
				['organization.updated', 'user', organisation.id],
				['plan.downgraded', 'user', organisation.id],
				['plan.upgraded', 'user', organisation.id],
			],
		);
		const revocation = entries.find(({action}) => action === 'key.revoked');
		t.like(revocation, {
			outcome: 'success',
			actor: {name: administrator.email},
			target: {name: 'Production'},
			address: '127.0.0.1',
			request_id: String(revoked.headers['request-id']),
		});
		t.false(JSON.stringify(entries).includes(key.key));
	},
);

test.serial('what changes nothing leaves no entry', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}`;
	await server.call(`${path}/api-keys`, {bearer: jwt, body: {name: ''}});
	await server.call(`${path}/api-keys/${organisation.id}`, {method: 'DELETE', bearer: jwt});
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'team'}});
	t.is((await entriesOf(organisation.id)).length, 1);
});

test.serial(
	'S-89: failed logins and denied authorizations are on record, repeats of these once',
	async (t) => {
		const organisation = await makeOrganisation(server, jwt, 'team');
		const viewer = await makeMember(appliance.database, organisation.id, 'viewer');
		const token = await server.logIn(viewer);
		const body = {name: 'a key'};
		const path = `/api/v1/organizations/${organisation.id}/api-keys`;
		for (let i = 0; i < 3; i++) {
			t.is((await server.call(path, {bearer: token, body})).status, 403);
		}
		const denied = (await entriesOf(organisation.id)).slice(1);
		t.is(denied.length, 1);
		t.like(denied[0], {
			action: 'authorization.denied',
			outcome: 'refused',
			actor: {type: 'user', name: viewer.email},
			target: {type: 'route', name: 'createKey'},
			details: {code: 'role_required'},
		});

		const strange = await makeOrganisation(server, jwt, 'team');
		const before = (await entriesOf(applianceChain)).length;
		for (const id of [strange.id, strange.id, 'nonsense']) {
			const answer = await server.call(`/api/v1/organizations/${id}/api-keys`, {bearer: token});
			t.is(answer.status, 404);
		}
		const named = {'Latchkey-Organization': '00000000-0000-4000-8000-000000000000'};
		t.is((await server.call('/api/v1/sources', {bearer: token, headers: named})).status, 404);
		t.deepEqual(
			(await entriesOf(applianceChain))
				.slice(before)
				.map(({action, actor, target, details}) => [action, actor.name, target.name, details]),
			[
				[
					'authorization.denied',
					viewer.email,
					'listKeys',
					{code: 'organization_not_found', organization_id: strange.id},
				],
				[
					'authorization.denied',
					viewer.email,
					'listSources',
					{code: 'organization_not_found', organization_id: named['Latchkey-Organization']},
				],
			],
		);
		t.is((await entriesOf(strange.id)).length, 1, 'nothing in the trail of the other organisation');

		for (const email of [viewer.email, 'nobody@example.com', 'hunter2']) {
			const body = {email, password: 'not the password'};
			t.is((await server.call('/api/v1/auth/login', {body})).status, 401);
		}
		const failed = (await entriesOf(applianceChain)).filter(
			({action}) => action === 'user.login_failed',
		);
		t.deepEqual(
			failed.map(({target, details}) => [target.name, details?.['reason']]),
			[
				[viewer.email, 'password'],
				['nobody@example.com', 'unknown'],
				// Not an address: it may be a password in the wrong field.
				[undefined, 'unknown'],
			],
		);
	},
);

test.serial(
	'S-30: an API key that tries to manage keys is refused, and that is on record',
	async (t) => {
		const organisation = await makeOrganisation(server, jwt, 'team');
		const key = await makeKey(server, jwt, organisation.id);
		const path = `/api/v1/organizations/${organisation.id}/api-keys`;
		t.is((await server.call(path, {bearer: key.key, body: {name: 'another'}})).status, 403);
		const entries = await entriesOf(organisation.id);
		t.like(entries.at(-1), {action: 'authorization.denied', actor: {type: 'api_key', id: key.id}});
		t.is(entries.filter(({action}) => action === 'key.created').length, 1);
	},
);

test.serial('S-88: a change whose entry cannot be written does not happen', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, organisation.id);
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	await owner.raw('alter table audit_entries rename to audit_entries_away');
	try {
		const created = await server.call(path, {bearer: jwt, body: {name: 'a key'}});
		t.is(created.status, 500);
		const revoked = await server.call(`${path}/${key.id}`, {method: 'DELETE', bearer: jwt});
		t.is(revoked.status, 500);
	} finally {
		await owner.raw('alter table audit_entries_away rename to audit_entries');
	}
	const rows = await db('api_keys').where({organisation_id: organisation.id});
	t.deepEqual(
		rows.map(({id, revoked_at}) => [id, revoked_at]),
		[[key.id, null]],
	);
});

test.serial('the hash of an entry can be computed from what stands in it', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	await Promise.all(Array.from({length: 10}, () => makeKey(server, jwt, organisation.id)));
	const {rows} = await db.raw<{rows: (AuditEntryRow & {microseconds: string})[]}>(
		`select *, (extract(epoch from recorded_at) * 1000000)::bigint as microseconds
		from audit_entries where chain = ? order by sequence`,
		[organisation.id],
	);
	t.is(rows.length, 11);
	let previous = createHash('sha256')
		.update(Buffer.from(organisation.id.replaceAll('-', ''), 'hex'))
		.digest();
	for (const [i, row] of rows.entries()) {
		t.is(row.sequence, String(i + 1));
		t.deepEqual(row.previous_hash, previous);
		const place = Buffer.alloc(16);
		place.writeBigInt64BE(BigInt(row.sequence));
		place.writeBigInt64BE(BigInt(row.microseconds), 8);
		previous = createHash('sha256').update(previous).update(place).update(row.content).digest();
		t.deepEqual(row.hash, previous);
	}
});
