import test from 'ava';
import {
	createAppliance,
	makeKey,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';

let appliance: Appliance;
let servers: Server[];
let jwt: string;

test.before(async () => {
	appliance = await createAppliance();
	servers = [await appliance.startServer()];
	servers.push(...(await Promise.all([appliance.startServer(), appliance.startServer()])));
	jwt = await first().logIn();
});

test.after.always(() => appliance.stop());

function first(): Server {
	const [server] = servers;
	if (server === undefined) throw new Error('no server');
	return server;
}

function useEverywhere(key: string): Promise<number[]> {
	return Promise.all(
		servers.map(async (server) => (await server.call('/api/v1/sources', {bearer: key})).status),
	);
}

test.serial('a revocation that is answered is in force on every server', async (t) => {
	const organisation = await makeOrganisation(first(), jwt, 'team');
	for (let round = 0; round < 20; round++) {
		const key = await makeKey(first(), jwt, organisation.id);
		t.deepEqual(await useEverywhere(key.key), [200, 200, 200]);
		const revoker = servers[round % 3] ?? first();
		const answer = await revoker.call(
			`/api/v1/organizations/${organisation.id}/api-keys/${key.id}`,
			{method: 'DELETE', bearer: jwt},
		);
		t.is(answer.status, 200);
		t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=3; ms=\d+$/);
		t.deepEqual(await useEverywhere(key.key), [401, 401, 401]);
	}
});

test.serial('two revocations at once: the 404 holds everywhere too', async (t) => {
	const organisation = await makeOrganisation(first(), jwt, 'team');
	for (let round = 0; round < 10; round++) {
		const key = await makeKey(first(), jwt, organisation.id);
		t.deepEqual(await useEverywhere(key.key), [200, 200, 200]);
		const path = `/api/v1/organizations/${organisation.id}/api-keys/${key.id}`;
		const statuses = await Promise.all(
			servers.map(async (server) => {
				const {status} = await server.call(path, {method: 'DELETE', bearer: jwt});
				return {status, after: await useEverywhere(key.key)};
			}),
		);
		t.deepEqual(
			statuses.map(({status}) => status).toSorted((a, b) => a - b),
			[200, 404, 404],
		);
		for (const {after} of statuses) t.deepEqual(after, [401, 401, 401]);
	}
});

test.serial(
	'a plan change is in force on every server when it is answered, both ways',
	async (t) => {
		const organisation = await makeOrganisation(first(), jwt, 'team');
		const {key} = await makeKey(first(), jwt, organisation.id);
		const path = `/api/v1/organizations/${organisation.id}`;
		for (let round = 0; round < 10; round++) {
			const server = servers[round % 3] ?? first();
			t.deepEqual(await useEverywhere(key), [200, 200, 200]);
			const down = await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'free'}});
			t.regex(String(down.headers['latchkey-revocation']), /^verifiers=3; ms=\d+$/);
			t.deepEqual(await useEverywhere(key), [403, 403, 403]);
			await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'team'}});
		}
	},
);

test.serial(
	'an unknown key is refused, and nobody waits for a key that was never there',
	async (t) => {
		const organisation = await makeOrganisation(first(), jwt, 'team');
		const answer = await first().call(
			`/api/v1/organizations/${organisation.id}/api-keys/00000000-0000-4000-8000-000000000000`,
			{method: 'DELETE', bearer: jwt},
		);
		t.is(answer.status, 404);
		t.is(answer.headers['latchkey-revocation'], undefined);
	},
);

test.serial(
	'a stopped server is waited for and named; when it wakes it accepts nothing',
	async (t) => {
		const [revoker, , frozen] = servers;
		if (revoker === undefined || frozen === undefined) throw new Error('no server');
		const organisation = await makeOrganisation(revoker, jwt, 'team');
		const key = await makeKey(revoker, jwt, organisation.id);
		t.deepEqual(await useEverywhere(key.key), [200, 200, 200]);
		frozen.kill('SIGSTOP');
		const answer = await revoker.call(
			`/api/v1/organizations/${organisation.id}/api-keys/${key.id}`,
			{
				method: 'DELETE',
				bearer: jwt,
			},
		);
		t.is(answer.status, 200);
		// Stopped, it said nothing; its lease ran out, so that it may decide nothing from memory.
		t.regex(
			String(answer.headers['latchkey-revocation']),
			/^verifiers=3; ms=\d+; lapsed="[0-9a-f-]{36}"$/,
		);
		frozen.kill('SIGCONT');
		t.deepEqual(await useEverywhere(key.key), [401, 401, 401]);
		const another = await makeKey(revoker, jwt, organisation.id);
		t.deepEqual(await useEverywhere(another.key), [200, 200, 200]);
	},
);

test.serial('a server that stops takes its lease with it: nobody waits for it', async (t) => {
	const last = servers.pop();
	t.is(await last?.stop(), 0);
	const organisation = await makeOrganisation(first(), jwt, 'team');
	const key = await makeKey(first(), jwt, organisation.id);
	const answer = await first().call(`/api/v1/organizations/${organisation.id}/api-keys/${key.id}`, {
		method: 'DELETE',
		bearer: jwt,
	});
	t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
});
