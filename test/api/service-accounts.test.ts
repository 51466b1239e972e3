import {createHash} from 'node:crypto';
import test from 'ava';
import {permissions} from '../../contract/permissions.ts';
import {roles} from '../../contract/people.ts';
import {
	createdClientSecret,
	clientSecretList,
	serviceAccount,
	serviceAccountRoles,
	type CreatedClientSecret,
	type ServiceAccount,
} from '../../contract/service-accounts.ts';
import {clientSecrets} from '../../core/people/machines/secrets.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

/** An organisation of its own, with the path of its service accounts. */
async function ownPath(): Promise<{organisationId: string; path: string}> {
	const {id} = await makeOrganisation(server, jwt, 'team');
	return {organisationId: id, path: `/api/v1/organizations/${id}/service-accounts`};
}

async function make(path: string, name = 'CI', role = 'developer'): Promise<ServiceAccount> {
	const answer = await server.call(path, {bearer: jwt, body: {name, role}});
	if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
	return serviceAccount.parse(answer.json());
}

async function makeSecret(path: string, body: object = {}): Promise<CreatedClientSecret> {
	const answer = await server.call(`${path}/secrets`, {bearer: jwt, body});
	if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
	return createdClientSecret.parse(answer.json());
}

async function actionsOf(chain: string): Promise<string[]> {
	const rows = await db('audit_entries').where({chain}).orderBy('sequence').select('action');
	return rows.map(({action}) => action).slice(1);
}

test('a service account is created, read, changed, disabled, deleted; each change is on record', async (t) => {
	const {organisationId, path} = await ownPath();
	t.is((await server.call(path, {bearer: jwt})).text, '[]');
	const made = await make(path);
	t.like(made, {name: 'CI', role: 'developer', disabled: false});
	const own = `${path}/${made.id}`;
	t.deepEqual((await server.call(own, {bearer: jwt})).json(), made);

	const change = (body: object) => server.call(own, {method: 'PATCH', bearer: jwt, body});
	t.deepEqual((await change({name: 'Deploy', role: 'viewer'})).json(), {
		...made,
		name: 'Deploy',
		role: 'viewer',
	});
	t.like((await change({disabled: true})).json(), {name: 'Deploy', disabled: true});
	t.like((await change({disabled: true})).json(), {disabled: true}, 'again: nothing to record');
	t.like((await change({disabled: false})).json(), {disabled: false});
	t.is((await change({})).status, 200);

	const second = await make(path, 'Terraform', 'admin');
	const list = (await server.call(path, {bearer: jwt})).json() as ServiceAccount[];
	t.deepEqual(
		list.map(({id}) => id),
		[second.id, made.id],
	);
	const page = await server.call(`${path}?limit=1`, {bearer: jwt});
	t.like(page.json(), {0: {id: second.id}, length: 1});
	const next = /<(.*)>; rel="next"/.exec(String(page.headers['link']))?.[1] ?? '';
	t.like((await server.call(next, {bearer: jwt})).json(), {0: {id: made.id}, length: 1});

	await makeSecret(own);
	const deleted = await server.call(own, {method: 'DELETE', bearer: jwt});
	t.is(deleted.status, 200);
	t.is(deleted.text, '{"message":"Service account deleted successfully"}');
	t.is((await server.call(own, {bearer: jwt})).status, 404);
	t.is((await db('client_secrets').where({service_account_id: made.id})).length, 0);

	t.deepEqual(await actionsOf(organisationId), [
		'service_account.created',
		'service_account.updated',
		'service_account.disabled',
		'service_account.enabled',
		'service_account.created',
		'client_secret.created',
		'service_account.deleted',
	]);
});

test('S-22, S-23: a secret is shown once; its hash is stored, its hint is listed', async (t) => {
	const {organisationId, path} = await ownPath();
	const own = `${path}/${(await make(path)).id}`;
	const answer = await server.call(`${own}/secrets`, {
		bearer: jwt,
		body: {expires_at: '2099-01-01T00:00:00Z'},
	});
	t.is(answer.headers['cache-control'], 'no-store');
	const {id, client_secret: secret, expires_at} = createdClientSecret.parse(answer.json());
	t.is(expires_at, '2099-01-01T00:00:00Z');
	t.regex(secret, /^lksc_[0-9A-Za-z]{49}$/);
	t.truthy(clientSecrets.parse(secret));

	const row = await db('client_secrets').where({id}).first();
	t.deepEqual(row?.hash, createHash('sha256').update(secret).digest());
	const list = await server.call(`${own}/secrets`, {bearer: jwt});
	t.deepEqual(clientSecretList.parse(list.json()), [
		{
			id,
			hint: secret.slice(0, 11),
			created_at: (answer.json() as {created_at: string}).created_at,
			last_used_at: null,
			expires_at: '2099-01-01T00:00:00Z',
		},
	]);
	const entries = await db('audit_entries').where({chain: organisationId}).select('content');
	t.false(JSON.stringify(entries).includes(secret.slice(11)));
});

test('two secrets overlap, for rotation; a third waits until one is revoked or has run out', async (t) => {
	const {organisationId, path} = await ownPath();
	const own = `${path}/${(await make(path)).id}`;
	// Asked for at once, all the same two and no more.
	const answers = await Promise.all(
		Array.from({length: 4}, () => server.call(`${own}/secrets`, {bearer: jwt, body: {}})),
	);
	t.deepEqual(answers.map(({status}) => String(status)).toSorted(), ['201', '201', '409', '409']);
	const refused = answers.find(({status}) => status === 409);
	t.is(refused?.headers['latchkey-error-code'], 'too_many_secrets');

	const [first, second] = answers
		.filter(({status}) => status === 201)
		.map((answer) => createdClientSecret.parse(answer.json()));
	const revoked = await server.call(`${own}/secrets/${first?.id}`, {method: 'DELETE', bearer: jwt});
	t.is(revoked.text, '{"message":"Client secret revoked successfully"}');
	const again = await server.call(`${own}/secrets/${first?.id}`, {method: 'DELETE', bearer: jwt});
	t.is(again.status, 404);
	t.is(again.text, '{"error":"Client secret not found"}');
	await makeSecret(own);
	await db('client_secrets')
		.where({id: second?.id ?? ''})
		.update({expires_at: db.raw("now() - interval '1 second'")});
	await makeSecret(own);
	t.deepEqual(
		(await actionsOf(organisationId)).filter((action) => action.startsWith('client_secret')),
		[
			'client_secret.created',
			'client_secret.created',
			'client_secret.revoked',
			'client_secret.created',
			'client_secret.created',
		],
	);
});

test('what is asked wrongly is named, and changes nothing', async (t) => {
	const {organisationId, path} = await ownPath();
	const made = await make(path);
	const own = `${path}/${made.id}`;
	const before = await actionsOf(organisationId);
	for (const [method, to, body, message] of [
		['POST', path, {role: 'viewer'}, 'name is required'],
		['POST', path, {name: 'a'}, 'role must be one of admin, developer, viewer, verifier'],
		[
			'POST',
			path,
			{name: 'a', role: 'owner'},
			'role must be one of admin, developer, viewer, verifier',
		],
		[
			'POST',
			path,
			{name: 'a', role: 'operator'},
			'role must be one of admin, developer, viewer, verifier',
		],
		['PATCH', own, {role: 'owner'}, 'role must be one of admin, developer, viewer, verifier'],
		['PATCH', own, {disabled: 'yes'}, 'disabled must be true or false'],
		['PATCH', own, {name: ' '}, 'name is required'],
		['PATCH', own, {id: made.id}, 'Unknown member: id'],
		['POST', `${own}/secrets`, {secret: 'lksc_mine'}, 'Unknown member: secret'],
		[
			'POST',
			`${own}/secrets`,
			{expires_at: '2020-01-01T00:00:00Z'},
			'expires_at must be in the future',
		],
	] as const) {
		const answer = await server.call(to, {method, bearer: jwt, body});
		t.is(answer.status, 400, JSON.stringify(body));
		t.deepEqual(answer.json(), {error: message});
	}
	t.deepEqual(await actionsOf(organisationId), before);
	t.deepEqual((await server.call(own, {bearer: jwt})).json(), made);
});

test('S-81: what another organisation has is not there, nor what is not an id', async (t) => {
	const {path} = await ownPath();
	const other = await ownPath();
	const foreign = await make(other.path);
	const foreignSecret = await makeSecret(`${other.path}/${foreign.id}`);
	const own = await make(path);
	for (const id of [foreign.id, 'no-id', '00000000-0000-4000-8000-000000000000']) {
		for (const [method, to, body] of [
			['GET', `${path}/${id}`, undefined],
			['PATCH', `${path}/${id}`, {name: 'taken over'}],
			['DELETE', `${path}/${id}`, undefined],
			['GET', `${path}/${id}/secrets`, undefined],
			['POST', `${path}/${id}/secrets`, {}],
			['DELETE', `${path}/${id}/secrets/${foreignSecret.id}`, undefined],
			['DELETE', `${path}/${id}/secrets/no-id`, undefined],
		] as const) {
			const answer = await server.call(to, {method, bearer: jwt, body});
			t.is(answer.status, 404, `${method} ${to}`);
			t.is(answer.text, '{"error":"Service account not found"}');
		}
	}
	for (const secretId of [foreignSecret.id, 'no-id']) {
		const answer = await server.call(`${path}/${own.id}/secrets/${secretId}`, {
			method: 'DELETE',
			bearer: jwt,
		});
		t.is(answer.text, '{"error":"Client secret not found"}');
	}
	t.like((await server.call(`${other.path}/${foreign.id}`, {bearer: jwt})).json(), foreign);
	t.is((await db('client_secrets').where({id: foreignSecret.id})).length, 1);
});

test('nobody can give a role above the own: who may manage them has the highest they can have', async (t) => {
	const {organisationId, path} = await ownPath();
	const rank = (role: string) => roles.findIndex((each) => each === role);
	const highest = Math.min(...serviceAccountRoles.map(rank));
	t.true(permissions['service_accounts:manage'].every((role) => rank(role) <= highest));
	for (const role of ['viewer', 'developer', 'admin'] as const) {
		const token = await server.logIn(await makeMember(appliance.database, organisationId, role));
		const answer = await server.call(path, {bearer: token, body: {name: 'a', role: 'viewer'}});
		t.is(answer.status, role === 'admin' ? 201 : 403, role);
	}
});
