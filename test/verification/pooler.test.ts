import {spawn} from 'node:child_process';
import {chmod, mkdtemp, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import path from 'node:path';
import test from 'ava';
import {
	createAppliance,
	makeKey,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {eventually, freePort} from '../helpers/program.ts';
import {findTool, type Tool} from '../helpers/tools.ts';

/*
Behind pgbouncer in transaction mode: each transaction may run in another session, settings and
prepared statements of a session do not hold. Where pgbouncer can be had.
*/

const pgbouncer = await findTool('pgbouncer', ['--version'], /^PgBouncer 1\./m);

if (pgbouncer !== undefined) {
	test('behind a pooler in transaction mode everything works, and a revocation still holds', async (t) => {
		const appliance = await createAppliance();
		t.teardown(() => appliance.stop());
		const port = await startPooler(pgbouncer, appliance, (stop) => t.teardown(stop));
		const servers = await Promise.all([startBehind(appliance, port), startBehind(appliance, port)]);
		const [one, two] = servers as [Server, Server];
		const jwt = await one.logIn();
		const organisation = await makeOrganisation(one, jwt, 'team');
		for (let round = 0; round < 10; round++) {
			const key = await makeKey(one, jwt, organisation.id);
			for (const server of [one, two, one, two]) {
				t.is((await server.call('/api/v1/sources', {bearer: key.key})).status, 200);
			}
			const answer = await two.call(`/api/v1/organizations/${organisation.id}/api-keys/${key.id}`, {
				method: 'DELETE',
				bearer: jwt,
			});
			t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
			for (const server of [one, two]) {
				t.is((await server.call('/api/v1/sources', {bearer: key.key})).status, 401);
			}
		}
		// Many at once: more clients than the pooler has sessions.
		const key = await makeKey(one, jwt, organisation.id);
		const answers = await Promise.all(
			Array.from({length: 60}, () => one.call('/api/v1/sources', {bearer: key.key})),
		);
		t.deepEqual(new Set(answers.map(({status}) => status)), new Set([200]));
		// Ended, it has written all of its log.
		await one.stop();
		t.false(one.output().includes('"level":"error"'));
	});
}

function startBehind(appliance: Appliance, port: number): Promise<Server> {
	const {host, port: directPort, database, user} = appliance.database;
	const direct = new URLSearchParams({host, port: String(directPort), user});
	return appliance.startServer({
		LATCHKEY_DATABASE_HOST: '',
		LATCHKEY_DATABASE_URL: `postgresql://${user}@127.0.0.1:${port}/${database}`,
		LATCHKEY_DATABASE_DIRECT_URL: `postgresql:///${database}?${direct.toString()}`,
	});
}

/** @returns the port it listens on */
async function startPooler(
	program: Tool,
	{database: {host, port: upstream, user}}: Appliance,
	atEnd: (stop: () => Promise<void>) => void,
): Promise<number> {
	const {directory, postgresUser} = testServices();
	const home = await mkdtemp(path.join(directory, 'pooler-'));
	await chmod(home, 0o755);
	const port = await freePort();
	const settings = path.join(home, 'pgbouncer.ini');
	await writeFile(
		settings,
		`[databases]
* = host=${host} port=${upstream} user=${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
`,
		{mode: 0o644},
	);
	const child = spawn(program.file, [settings], {
		env: {...process.env, ...program.env},
		stdio: 'ignore',
		...(postgresUser === undefined ? {} : {uid: postgresUser.uid, gid: postgresUser.gid}),
	});
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	atEnd(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	await eventually(() => isOpen(port), {what: 'the pooler to listen'});
	return port;
}

function isOpen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
}
