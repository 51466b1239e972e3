import ava from 'ava';
import {keyExplanation, type KeyExplanation} from '../../contract/verification.ts';
import {defaultOrganisation, makeOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

/* What would become of a use of a key, told by its id: nothing comes of the asking itself. */

const test = ava.serial;
const {appliance, server, jwt, db} = await openAppliance();
const {id: organisation} = await defaultOrganisation(server, jwt);
const base = `/api/v1/organizations/${organisation}`;

test.after.always(() => appliance.stop());

async function make(terms: object): Promise<{id: string; key: string}> {
	const body = {name: 'explained', ...terms};
	const made = await patiently(() => server.call(`${base}/api-keys`, {bearer: jwt, body}));
	if (made.status !== 201) throw new Error(made.text);
	return made.json() as {id: string; key: string};
}

const ask = (id: string, body: object = {}, within = base) =>
	server.call(`${within}/api-keys/${id}/explain`, {bearer: jwt, body});

async function explain(id: string, body: object = {}): Promise<KeyExplanation> {
	const answer = await ask(id, body);
	if (answer.status !== 200) throw new Error(answer.text);
	return keyExplanation.parse(answer.json());
}

/** The steps that do not pass, with what is told of them. */
const others = ({checks}: KeyExplanation) =>
	checks
		.filter(({outcome}) => outcome !== 'pass')
		.map(({check, outcome, detail}) => [check, outcome, detail]);

test('a use is held against all that the key carries, also by its roles', async (t) => {
	const role = {name: 'reader', scopes: ['orders.read']};
	const made = await server.call(`${base}/key-roles`, {bearer: jwt, body: role});
	t.is(made.status, 201, made.text);
	const {id, key} = await make({roles: ['reader'], scopes: ['eu'], ip_allow: ['10.20.0.0/16']});

	const accepted = await explain(id, {
		ip: '10.20.3.4',
		scopes: 'orders.read AND eu',
		method: 'GET',
	});
	t.like(accepted, {
		valid: true,
		code: 'VALID',
		key_id: id,
		organization_id: organisation,
		roles: ['reader'],
		source: 'database',
		limits_source: null,
	});
	t.deepEqual(others(accepted), [
		['limits', 'skipped', 'none is for this use'],
		['quota', 'skipped', 'there is none'],
	]);

	const answer = await ask(id, {ip: '192.0.2.1', scopes: ['orders.write']});
	t.false(answer.text.includes(key));
	const refused = keyExplanation.parse(answer.json());
	t.like(refused, {valid: false, code: 'IP_DENIED'});
	t.deepEqual(others(refused).slice(0, 2), [
		['address', 'fail', '192.0.2.1 is in none of ip_allow'],
		['scopes', 'fail', 'the key lacks orders.write'],
	]);
	t.deepEqual(others(await explain(id))[0], ['address', 'fail', 'no address was given']);
});

test('it takes nothing of the limits, and neither counts nor records a use', async (t) => {
	const {id} = await make({
		rate_limits: [
			{name: 'all', limit: 2, window_seconds: 3600},
			{name: 'writes', limit: 5, window_seconds: 3600, auto: false},
		],
		quota: {limit: 3, period: 'total'},
	});
	const entries = async () => (await db('audit_entries').count<{count: string}[]>())[0]?.count;
	const before = await entries();
	for (let time = 0; time < 4; time++) {
		const {rate_limits: limits, quotas} = await explain(id, {limits: [{name: 'writes', cost: 2}]});
		t.deepEqual(
			[...limits, ...quotas].map(({name, remaining}) => [name, remaining]),
			[
				['all', 2],
				['writes', 5],
				['quota', 3],
			],
		);
	}
	t.like(await explain(id, {quota_cost: 4}), {code: 'QUOTA_EXCEEDED'});
	t.is(await entries(), before);
	const shown = await server.call(`${base}/api-keys/${id}`, {bearer: jwt});
	t.like(shown.json(), {last_used_at: null, quota_used: 0});
});

test('keys that are over are explained, too; what is asked wrongly is told, and strangers have none', async (t) => {
	const {id} = await make({
		rate_limits: [{name: 'all', limit: 2, window_seconds: 3600}],
		ip_allow: ['10.20.0.0/16'],
	});
	for (const [body, message] of [
		[{ip: 'nowhere'}, 'ip must be an address such as 203.0.113.7 or 2001:db8::1'],
		[{scopes: 'orders.*'}, 'scopes must name scopes, without *'],
		[{method: 'get it'}, 'method must be that of a request, such as GET'],
		[{key: 'hklst_x'}, 'Unknown member: key'],
		[
			{limits: [{name: 'all', limit: 1, window_seconds: 60}]},
			'limits[0].name is that of a limit of the key: leave limit out, or choose another name',
		],
	] as const) {
		const answer = await ask(id, body);
		t.deepEqual([answer.status, answer.json()], [400, {error: message}]);
	}
	const revoked = await server.call(`${base}/api-keys/${id}`, {bearer: jwt, method: 'DELETE'});
	t.is(revoked.status, 200, revoked.text);
	const over = await explain(id);
	t.like(over, {code: 'REVOKED', status: 'revoked'});
	t.deepEqual(
		others(over).map(([check]) => check),
		['revoked', 'address', 'scopes', 'quota'],
		'all else is told besides',
	);
	const elsewhere = await makeOrganisation(server, jwt, 'team');
	const stranger = await ask(id, {}, `/api/v1/organizations/${elsewhere.id}`);
	t.deepEqual([stranger.status, stranger.json()], [404, {error: 'API key not found'}]);
});
