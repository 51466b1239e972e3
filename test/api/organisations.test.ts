import test from 'ava';
import {organisation as schema, organisationList} from '../../contract/organisations.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

test('the first start makes the organisation `default` on the Team plan', async (t) => {
	const [first] = organisationList.parse(
		(await server.call('/api/v1/organizations', {bearer: jwt})).json(),
	);
	t.like(first, {name: 'default', plan: 'team'});
});

test('an organisation without a plan is free, and its members come in their order', async (t) => {
	const answer = await server.call('/api/v1/organizations', {bearer: jwt, body: {name: 'Acme'}});
	t.is(answer.status, 201);
	const made = schema.parse(answer.json());
	t.is(
		answer.text,
		`{"id":"${made.id}","name":"Acme","plan":"free","created_at":"${made.created_at}"}`,
	);
	t.is((await server.call(`/api/v1/organizations/${made.id}`, {bearer: jwt})).text, answer.text);
});

test('bad input names the field and changes nothing', async (t) => {
	const made = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${made.id}`;
	for (const [body, error] of [
		[{name: ''}, 'name is required'],
		[{plan: 'gold'}, 'plan must be one of free, pro, team'],
		[{plan: null}, 'plan must be one of free, pro, team'],
		[{owner: 'me'}, 'Unknown member: owner'],
	] as const) {
		const changed = await server.call(path, {method: 'PATCH', bearer: jwt, body});
		t.is(changed.status, 400);
		t.is(changed.text, JSON.stringify({error}));
	}
	t.deepEqual((await server.call(path, {bearer: jwt})).json(), made);
});

test('an owner renames but does not change the plan, and sees only what is theirs', async (t) => {
	const mine = await makeOrganisation(server, jwt, 'free');
	await makeOrganisation(server, jwt, 'free');
	const owner = await server.logIn(await makeMember(appliance.database, mine.id, 'owner'));
	const path = `/api/v1/organizations/${mine.id}`;

	const renamed = await server.call(path, {
		method: 'PATCH',
		bearer: owner,
		body: {name: 'Renamed'},
	});
	t.is(renamed.status, 200);
	t.like(renamed.json(), {name: 'Renamed', plan: 'free'});
	for (const body of [{plan: 'team'}, {plan: 'team', name: 'Both'}]) {
		const upgraded = await server.call(path, {method: 'PATCH', bearer: owner, body});
		t.is(upgraded.status, 403);
		t.is(upgraded.text, '{"error":"This operation requires an operator"}');
	}
	const created = await server.call('/api/v1/organizations', {bearer: owner, body: {name: 'New'}});
	t.is(created.status, 403);
	const seen = organisationList.parse(
		(await server.call('/api/v1/organizations', {bearer: owner})).json(),
	);
	t.deepEqual(seen, [{...mine, name: 'Renamed'}]);
});

test('a developer cannot rename', async (t) => {
	const mine = await makeOrganisation(server, jwt, 'free');
	const developer = await server.logIn(await makeMember(appliance.database, mine.id, 'developer'));
	const path = `/api/v1/organizations/${mine.id}`;
	t.is(
		(await server.call(path, {method: 'PATCH', bearer: developer, body: {name: 'x'}})).status,
		403,
	);
	t.deepEqual((await server.call(path, {bearer: developer})).json(), mine);
});
