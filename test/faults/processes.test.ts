import {Agent, request} from 'node:http';
import test from 'ava';
import type {CreatedKey, Key} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {uncaught} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';

let appliance: Appliance;

test.before(async () => {
	appliance = await createAppliance();
});

test.after.always(() => appliance.stop());

test.serial('servers that start at once make one administrator and one organisation', async (t) => {
	const servers = await Promise.all(Array.from({length: 3}, () => appliance.startServer()));
	const jwts = await Promise.all(servers.map((server) => server.logIn()));
	const made = await rows<{users: number; organisations: number; memberships: number}>(
		`select (select count(*)::int from users) as users,
			(select count(*)::int from organisations) as organisations,
			(select count(*)::int from memberships) as memberships`,
	);
	t.deepEqual(made, [{users: 1, organisations: 1, memberships: 1}]);
	for (const [i, server] of servers.entries()) {
		const answer = await server.call('/api/v1/organizations', {bearer: jwts[i] ?? ''});
		t.deepEqual(
			(answer.json() as Organisation[]).map(({name, plan}) => ({name, plan})),
			[{name: 'default', plan: 'team'}],
		);
	}
	t.deepEqual(await Promise.all(servers.map((server) => server.stop())), [0, 0, 0]);
});

test.serial(
	'kill -9 under load: what was acknowledged holds, and nothing has to be repaired',
	async (t) => {
		const created = new Map<string, CreatedKey>();
		const revoking = new Set<string>();
		const revoked = new Set<string>();
		let sent = 0;

		for (let round = 0; round < 4; round++) {
			const server = await appliance.startServer();
			const jwt = await server.logIn();
			const path = await keysPathOf(server, jwt);
			const before = created.size + revoked.size;
			const callers = Array.from({length: 8}, async (_, caller) => {
				// Until the server is gone: the first failed connection ends the caller.
				for (let i = 0; ; i++) {
					const victim = [...created.keys()].find((id) => !revoking.has(id));
					if (i % 2 === caller % 2 || victim === undefined) {
						sent++;
						const answer = await server.call(path, {bearer: jwt, body: {name: `key ${sent}`}});
						t.is(answer.status, 201, answer.text);
						const key = answer.json() as CreatedKey;
						created.set(key.id, key);
					} else {
						revoking.add(victim);
						const answer = await server.call(`${path}/${victim}`, {method: 'DELETE', bearer: jwt});
						t.is(answer.status, 200, answer.text);
						revoked.add(victim);
					}
				}
			});
			const ended = Promise.allSettled(callers);
			await eventually(() => created.size + revoked.size > before + 40 + round * 17);
			server.kill('SIGKILL');
			t.is(await server.exited, null);
			await ended;
		}

		const server = await appliance.startServer();
		const jwt = await server.logIn();
		const answer = await server.call(await keysPathOf(server, jwt), {bearer: jwt});
		const listed = new Map((answer.json() as Key[]).map((key) => [key.id, key]));
		t.log(`${created.size} creates and ${revoked.size} revokes acknowledged, ${listed.size} keys`);
		t.true(listed.size <= sent);
		for (const {id, key} of created.values()) {
			const isRevoked = listed.get(id)?.revoked_at;
			if (revoked.has(id)) t.is(typeof isRevoked, 'string');
			// A revoke that was sent and never answered may or may not have happened.
			else if (!revoking.has(id)) t.is(isRevoked, null);
			const use = await server.call('/api/v1/sources', {bearer: key});
			t.is(use.status, typeof isRevoked === 'string' ? 401 : 200);
		}
		t.is(await server.stop(), 0);
	},
);

test.serial(
	'SIGTERM and SIGHUP under load fail no request, end with 0 and lose no count',
	async (t) => {
		const worker = await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '500'});
		let accepted = 0;
		const ids: string[] = [];

		for (let round = 0; round < 4; round++) {
			const server = await appliance.startServer();
			const jwt = await server.logIn();
			const {id, key} = await makeKey(server, jwt, (await defaultOrganisation(server, jwt)).id);
			ids.push(id);
			let answered = 0;
			const failures: string[] = [];
			// Half of them keep their connection, as proxies do; the others make one for each request.
			const callers = Array.from({length: 16}, async (_, caller) => {
				const agent = new Agent({keepAlive: caller % 2 === 0, maxSockets: 1});
				for (;;) {
					const outcome = await get(server, '/api/v1/sources', key, agent);
					if (outcome === 'refused') break;
					if (outcome === 200) {
						answered++;
						continue;
					}
					failures.push(String(outcome));
					break;
				}
				agent.destroy();
			});
			await eventually(() => answered > 200 + round * 37);
			server.kill(round % 2 === 0 ? 'SIGTERM' : 'SIGHUP');
			t.is(await server.exited, 0, server.output().slice(-2000));
			await Promise.all(callers);
			t.deepEqual(failures, []);
			t.deepEqual(uncaught(server), []);
			accepted += answered;
		}

		const counted = async () => {
			const [row] = await rows<{sum: string | null}>(
				`select sum(count) from usage_hourly where outcome = 'valid' and key_id in (${ids.map((id) => `'${id}'`).join(', ')})`,
			);
			return Number(row?.sum ?? 0);
		};
		await eventually(async () => (await counted()) >= accepted, {what: `${accepted} uses`});
		t.is(await counted(), accepted);
		t.log(`${accepted} accepted, ${await counted()} counted`);
		t.is(await worker.stop(), 0);
	},
);

test.serial('SIGTERM lets a slow request end and takes no new connection', async (t) => {
	const server = await appliance.startServer();
	const jwt = await server.logIn();
	const path = await keysPathOf(server, jwt);
	const body = JSON.stringify({name: 'sent slowly'});
	const outgoing = request(`${server.url}${path}`, {
		method: 'POST',
		agent: false,
		headers: {
			Authorization: `Bearer ${jwt}`,
			'Content-Type': 'application/json',
			'Content-Length': body.length,
		},
	});
	const answered = new Promise<number>((resolve, reject) => {
		outgoing.once('response', (incoming) => resolve(incoming.statusCode ?? 0));
		outgoing.once('error', reject);
	});
	outgoing.write(body.slice(0, 5));
	// Once another call is through, the server has read the first part too.
	await server.call('/livez');
	server.kill('SIGTERM');
	await eventually(() =>
		server.call('/livez').then(
			() => false,
			() => true,
		),
	);
	outgoing.end(body.slice(5));
	t.is(await answered, 201);
	t.is(await server.exited, 0);
});

/** @returns the status, `refused` where no server took the request, or how it failed */
function get(server: Server, path: string, key: string, agent: Agent): Promise<number | string> {
	return new Promise((resolve) => {
		const outgoing = request(
			`${server.url}${path}`,
			{agent, headers: {Authorization: `Bearer ${key}`}},
			(incoming) => {
				incoming.resume();
				incoming.once('error', (error) => resolve(`cut off: ${error.message}`));
				incoming.once('end', () => resolve(incoming.statusCode ?? 0));
			},
		);
		outgoing.once('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'ECONNREFUSED') resolve('refused');
			// Reset before the server had taken the connection: nobody has seen the request.
			else if (!outgoing.reusedSocket && error.code === 'ECONNRESET') resolve('refused');
			else resolve(`${error.message} ${outgoing.reusedSocket ? 'on a kept connection' : ''}`);
		});
		outgoing.end();
	});
}

async function keysPathOf(server: Server, jwt: string): Promise<string> {
	return `/api/v1/organizations/${(await defaultOrganisation(server, jwt)).id}/api-keys`;
}

async function rows<Row>(statement: string): Promise<Row[]> {
	const db = connectDatabase(appliance.database, 'test');
	try {
		return (await db.raw<{rows: Row[]}>(statement)).rows;
	} finally {
		await db.destroy();
	}
}
