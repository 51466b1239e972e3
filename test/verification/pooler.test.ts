import test from 'ava';
import {
	createAppliance,
	makeKey,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {findPooler, startPooler} from '../helpers/pooler.ts';

/*
Behind pgbouncer in transaction mode: each transaction may run in another session, settings and
prepared statements of a session do not hold. Where pgbouncer can be had.
*/

const pgbouncer = await findPooler();

if (pgbouncer !== undefined) {
	test('behind a pooler in transaction mode everything works, and a revocation still holds', async (t) => {
		const appliance = await createAppliance();
		t.teardown(() => appliance.stop());
		const port = await startPooler(pgbouncer, appliance.database, (stop) => t.teardown(stop));
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
