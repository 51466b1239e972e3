import test from 'ava';
import {defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server} = await openServer({LATCHKEY_PROCESSES: '3'});

test.after.always(() => appliance.stop());

/** Process ids of the server processes that have answered, from the log. */
function answering(): Set<string> {
	return new Set(
		server
			.output()
			.split('\n')
			.filter((line) => line.includes('"msg":"request"'))
			.map((line) => /"pid":(\d+)/.exec(line)?.[1] ?? ''),
	);
}

test.serial(
	'three processes share the port, and a revocation is in force in all of them',
	async (t) => {
		const jwt = await server.logIn();
		const organisation = await defaultOrganisation(server, jwt);
		await eventually(
			async () => {
				await server.call('/api/v1/setup');
				return answering().size === 3;
			},
			{what: 'all processes to have answered'},
		);

		const key = await makeKey(server, jwt, organisation.id);
		const use = async () => (await server.call('/api/v1/keys/self', {bearer: key.key})).status;
		const before = await Promise.all(Array.from({length: 12}, use));
		t.deepEqual(new Set(before), new Set([200]));
		const answer = await server.call(
			`/api/v1/organizations/${organisation.id}/api-keys/${key.id}`,
			{
				method: 'DELETE',
				bearer: jwt,
			},
		);
		t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=3; ms=\d+$/);
		const after = await Promise.all(Array.from({length: 12}, use));
		t.deepEqual(new Set(after), new Set([401]));
	},
);

test.serial('metrics are the sum over the processes', async (t) => {
	// The twelve uses of the test before, whichever processes they went to.
	const counted = await eventually(
		async () => {
			const {text} = await server.call('/metrics');
			const count =
				/^latchkey_http_request_duration_seconds_count\{.*keys\/self.*status="200".*\} (\d+)/m.exec(
					text,
				);
			return Number(count?.[1]) >= 12 && Number(count?.[1]);
		},
		{what: 'the count of all processes'},
	);
	t.is(counted, 12);
});

test.serial('a process that is killed is replaced; SIGHUP ends all of them with 0', async (t) => {
	const [victim] = answering();
	process.kill(Number(victim), 'SIGKILL');
	await eventually(() => server.output().includes('another one starts'), {
		what: 'the loss to be noticed',
	});
	const known = answering();
	await eventually(
		async () => {
			await server.call('/api/v1/setup').catch(() => undefined);
			return answering().size > known.size;
		},
		{what: 'a new process to answer'},
	);
	// The end of a terminal: all of them get it, and the first one passes it on.
	server.kill('SIGHUP');
	t.is(await server.exited, 0);
});
