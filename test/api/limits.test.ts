import test from 'ava';
import {defaultOrganisation, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt} = await openAppliance({
	LATCHKEY_MAX_SOURCES: '3',
	LATCHKEY_MAX_WEBHOOK_ENDPOINTS: '2',
	LATCHKEY_MAX_SERVICE_ACCOUNTS: '2',
	LATCHKEY_MAX_INVITATIONS: '2',
	LATCHKEY_MAX_MEMBERS: '2',
});
const api = `/api/v1/organizations/${(await defaultOrganisation(server, jwt)).id}`;

test.after.always(() => appliance.stop());

const post = (path: string, body: unknown) => server.call(path, {bearer: jwt, body});
const statuses = (answers: readonly {status: number}[]) =>
	answers.map(({status}) => status).sort((a, b) => a - b);

test.serial(
	'of additions at once none passes the bound, and the refusal says both ways out',
	async (t) => {
		const sources = await Promise.all(
			Array.from({length: 10}, (_, n) => post('/api/v1/sources', {name: `s${n}`, type: 'x'})),
		);
		t.deepEqual(statuses(sources), [201, 201, 201, ...Array.from({length: 7}, () => 409)]);
		const refused = sources.find(({status}) => status === 409);
		t.is(
			refused?.text,
			'{"error":"An organization has 3 sources at most: delete one first, or ask the operator to raise LATCHKEY_MAX_SOURCES"}',
		);
		t.is(refused?.headers['latchkey-error-code'], 'limit_reached');

		const machines = await Promise.all(
			Array.from({length: 6}, (_, n) =>
				post(`${api}/service-accounts`, {name: `m${n}`, role: 'viewer'}),
			),
		);
		t.deepEqual(statuses(machines), [201, 201, 409, 409, 409, 409]);

		const hooks = await Promise.all(
			Array.from({length: 5}, (_, n) =>
				post(`${api}/webhooks`, {url: `https://hooks.example.com/${n}`}),
			),
		);
		t.deepEqual(statuses(hooks), [201, 201, 409, 409, 409]);
	},
);

test.serial('a bound is for one organisation, and room that is made can be used', async (t) => {
	const other = await makeOrganisation(server, jwt, 'team');
	const there = await server.call('/api/v1/sources', {
		bearer: jwt,
		body: {name: 's', type: 'x'},
		headers: {'Latchkey-Organization': other.id},
	});
	t.is(there.status, 201);
	const [source] = (await server.call('/api/v1/sources', {bearer: jwt})).json() as {id: string}[];
	const path = `/api/v1/sources/${source?.id}`;
	t.is((await server.call(path, {bearer: jwt, method: 'DELETE'})).status, 200);
	t.is((await post('/api/v1/sources', {name: 'again', type: 'x'})).status, 201);
	t.is((await post('/api/v1/sources', {name: 'again', type: 'x'})).status, 409);
});

test.serial(
	'invitations: one that is replaced makes room; members: a code outlasts a full organisation',
	async (t) => {
		const invite = (email: string) => post(`${api}/invitations`, {email, role: 'viewer'});
		const codeOf = (answer: {json: () => unknown}) => (answer.json() as {code: string}).code;
		const ana = codeOf(await invite('ana@example.com'));
		t.is((await invite('bo@example.com')).status, 201);
		const third = await invite('cy@example.com');
		t.is(third.status, 409);
		t.regex(third.text, /2 open invitations at most: withdraw one first.*LATCHKEY_MAX_INVITATIONS/);
		const bo = codeOf(await invite('bo@example.com'));

		const accept = (code: string) =>
			post('/api/v1/invitations/accept', {code, password: 'seven quiet dogs at noon'});
		t.is((await accept(ana)).status, 200);
		const full = await accept(bo);
		t.is(full.status, 409);
		t.regex(full.text, /2 members at most: remove one first.*LATCHKEY_MAX_MEMBERS/);
		const members = (await server.call(`${api}/members`, {bearer: jwt})).json() as {
			user_id: string;
			email: string;
		}[];
		t.is(members.length, 2);
		const users = (await server.call('/api/v1/users', {bearer: jwt})).json() as {email: string}[];
		t.false(users.some(({email}) => email === 'bo@example.com'));
		const anaId = members.find(({email}) => email === 'ana@example.com')?.user_id;
		await server.call(`${api}/members/${anaId}`, {bearer: jwt, method: 'DELETE'});
		t.is((await accept(bo)).status, 200);
	},
);

test.serial(
	'invitations that fell with their inviter count no more; to renew one takes room again',
	async (t) => {
		const {id} = await makeOrganisation(server, jwt, 'team');
		const path = `/api/v1/organizations/${id}`;
		const bearer = await server.logIn(await makeMember(appliance.database, id, 'admin'));
		const invite = async (who: string, email: string) =>
			(
				await server.call(`${path}/invitations`, {
					bearer: who,
					body: {email: `${email}@example.com`, role: 'viewer'},
				})
			).status;
		t.is(await invite(bearer, 'fallen'), 201);
		t.is(await invite(bearer, 'another'), 201);
		t.is(await invite(jwt, 'third'), 409);
		const members = (await server.call(`${path}/members`, {bearer: jwt})).json() as {
			user_id: string;
			role: string;
		}[];
		const inviter = members.find(({role}) => role === 'admin')?.user_id;
		await server.call(`${path}/members/${inviter}`, {bearer: jwt, method: 'DELETE'});
		t.is(await invite(jwt, 'third'), 201);
		t.is(await invite(jwt, 'fourth'), 201);
		t.is(await invite(jwt, 'fallen'), 409);
		t.is(await invite(jwt, 'Third'), 201, 'in place of an open one');
	},
);
