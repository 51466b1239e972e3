import test from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import {createdClientSecret, serviceAccount} from '../../contract/service-accounts.ts';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {memberList} from '../../contract/members.ts';
import {userList} from '../../contract/users.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

const header = 'latchkey-keys-left';

/** An organisation with a developer, who makes keys in it. */
async function staffed() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}`;
	const login = await makeMember(appliance.database, id, 'developer');
	const token = await server.logIn(login);
	const members = memberList.parse((await server.call(`${path}/members`, {bearer: jwt})).json());
	const userId = members.find(({email}) => email === login.email)?.user_id ?? '';
	const call = async (
		method: 'DELETE' | 'PATCH' | 'POST',
		at: string,
		bearer: string,
		body?: object,
	) => {
		const answer = await server.call(at, {method, bearer, ...(body && {body})});
		if (answer.status >= 300) throw new Error(`${method} ${at}: ${answer.text}`);
		return answer;
	};
	const make = async (bearer: string, terms: object = {}): Promise<string> => {
		const body = {name: 'a key', ...terms};
		return ((await call('POST', `${path}/api-keys`, bearer, body)).json() as CreatedKey).id;
	};
	const remove = (bearer = jwt) =>
		server.call(`${path}/members/${userId}`, {method: 'DELETE', bearer});
	const disable = (disabled: boolean, bearer = jwt) =>
		server.call(`/api/v1/users/${userId}`, {method: 'PATCH', bearer, body: {disabled}});
	return {id, path, token, userId, call, make, remove, disable, email: login.email};
}

test('removing a member counts the keys they made there that live, and no other', async (t) => {
	const {id, path, token, userId, call, make, remove} = await staffed();
	const keys = `${path}/api-keys`;
	const plain = await make(token);
	const suspended = await make(token);
	await call('POST', `${keys}/${suspended}/suspend`, token, {});
	const scheduled = await make(token, {not_before: '2099-01-01T00:00:00Z'});
	const rotating = await make(token);
	// Whoever rotates makes the new one; the old one lives as long as its grace.
	await call('POST', `${keys}/${rotating}/rotate`, jwt, {grace_seconds: 3600});

	const revoked = await make(token);
	await call('DELETE', `${keys}/${revoked}`, token);
	const expired = await make(token, {expires_at: '2099-01-01T00:00:00Z'});
	await db('api_keys')
		.where({id: expired})
		.update({expires_at: db.raw("now() - interval '1 second'")});
	const [finished, over] = [await make(token), await make(token)];
	for (const old of [finished, over]) {
		await call('POST', `${keys}/${old}/rotate`, jwt, {grace_seconds: 3600});
	}
	await call('POST', `${keys}/${finished}/rotation/finish`, jwt, {});
	await db('api_keys')
		.where({id: over})
		.update({grace_until: db.raw("now() - interval '1 second'")});
	await make(jwt);

	const answer = await remove();
	t.is(answer.status, 200);
	t.is(answer.text, '{"message":"Member removed successfully"}');
	t.is(answer.headers[header], '4');
	const listed = await server.call(`${keys}?created_by=${userId}&limit=100`, {bearer: jwt});
	const ids = (listed.json() as {id: string}[]).map((key) => key.id);
	t.deepEqual(
		ids.toSorted(),
		[plain, suspended, scheduled, rotating, revoked, expired, finished, over].toSorted(),
		'the list has the dead ones, too',
	);
	const entry = (await entriesOf(db, id)).find(({action}) => action === 'member.removed');
	t.deepEqual(entry?.details, {role: 'developer', sessions: 1, keys_left: 4});
});

test('a key that an enforced policy has ended is not counted', async (t) => {
	const {path, token, call, make, remove} = await staffed();
	const old = await make(token);
	await make(token);
	await db.raw("update api_keys set created_at = now() - interval '40 days' where id = ?", [old]);
	const policy = {max_lifetime_days: 30, applies_to_existing: 'enforce'};
	await call('PATCH', `${path}/key-policy`, jwt, policy);
	t.is((await remove()).headers[header], '1');
});

test('whoever made none leaves none, whoever goes by themselves is told as well', async (t) => {
	const none = await staffed();
	await none.make(jwt);
	t.is((await none.remove()).headers[header], '0');

	const own = await staffed();
	await own.make(own.token);
	t.is((await own.remove(own.token)).headers[header], '1');
});

test('who may not remove or disable is told nothing, nor is who asks about nobody', async (t) => {
	const {path, token, make, disable, userId} = await staffed();
	await make(token);
	const viewer = await makeMember(appliance.database, path.split('/').at(-1) ?? '', 'viewer');
	const bearer = await server.logIn(viewer);
	const refused = await server.call(`${path}/members/${userId}`, {method: 'DELETE', bearer});
	t.is(refused.status, 403);
	t.false(header in refused.headers);
	const notOperator = await disable(true, bearer);
	t.is(notOperator.status, 403);
	t.false(header in notOperator.headers);
	const gone = `${path}/members/${path.split('/').at(-1)}`;
	const missing = await server.call(gone, {method: 'DELETE', bearer: jwt});
	t.is(missing.status, 404);
	t.false(header in missing.headers);
});

test('disabling a user counts their keys in every organisation; nothing else of them does', async (t) => {
	const {userId, token, email, make, disable} = await staffed();
	await make(token);
	const elsewhere = await staffed();
	const theirs = await elsewhere.make(jwt);
	await elsewhere.make(jwt);
	await db('api_keys').where({id: theirs}).update({created_by: userId});

	const disabled = await disable(true);
	t.is(disabled.status, 200);
	t.is(disabled.headers[header], '2');
	t.is((await disable(true)).headers[header], '2', 'asked again it is told again');
	t.false(header in (await disable(false)).headers);
	const users = userList.parse((await server.call('/api/v1/users', {bearer: jwt})).json());
	t.false(users.find((user) => user.email === email)?.disabled);
	const told = (await entriesOf(db, applianceChain)).filter(({target}) => target.id === userId);
	t.deepEqual(
		told.map(({action, details}) => [action, details]),
		[
			['user.disabled', {sessions: 1, keys_left: 2}],
			['user.enabled', {sessions: 0}],
		],
	);
	t.is((await elsewhere.remove()).headers[header], '0');
});

test('a service account that is disabled or deleted leaves the keys it made', async (t) => {
	const {path, call, make} = await staffed();
	const accounts = `${path}/service-accounts`;
	const {id} = serviceAccount.parse(
		(await call('POST', accounts, jwt, {name: 'CI', role: 'developer'})).json(),
	);
	const made = createdClientSecret.parse(
		(await call('POST', `${accounts}/${id}/secrets`, jwt, {})).json(),
	);
	const form = new URLSearchParams({
		grant_type: 'client_credentials',
		client_id: made.client_id,
		client_secret: made.client_secret,
	});
	const granted = await server.call('/oauth2/token', {
		headers: {'Content-Type': 'application/x-www-form-urlencoded'},
		body: form.toString(),
	});
	const {access_token: token} = granted.json() as {access_token: string};
	await make(token);
	await make(jwt);

	const own = `${accounts}/${id}`;
	const patched = await call('PATCH', own, jwt, {name: 'CI 2'});
	t.false(header in patched.headers);
	t.is((await call('PATCH', own, jwt, {disabled: true})).headers[header], '1');
	t.is((await call('DELETE', own, jwt)).headers[header], '1');
	const listed = await server.call(`${path}/api-keys?created_by=${id}`, {bearer: jwt});
	t.is((listed.json() as unknown[]).length, 1, 'and they are found by its id, though it is gone');
});
