import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import {makeKey, makeOrganisation, patiently} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {openServer} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const run = promisify(execFile);
const clients = path.join(import.meta.dirname, '..', '..', '..', 'test', 'clients');

/** Clients of the published contract: how each is run, and what tells that its language is here. */
const samples = [
	{
		language: 'JavaScript',
		program: process.execPath,
		probe: [process.execPath, '--version'],
		args: ['client.mjs'],
	},
	{language: 'Python', program: 'python3', probe: ['python3', '--version'], args: ['client.py']},
	{language: 'Ruby', program: 'ruby', probe: ['ruby', '--version'], args: ['client.rb']},
	{language: 'Go', program: 'go', probe: ['go', 'version'], args: ['run', 'client.go']},
	{language: 'cURL', program: 'sh', probe: ['curl', '--version'], args: ['client.sh']},
];

const present = await Promise.all(samples.map(({probe}) => isHere(probe)));

const {appliance, server} = await openServer();
const jwt = await server.logIn();
const organisation = await makeOrganisation(server, jwt, 'team');
const {key} = await makeKey(server, jwt, organisation.id);

/** As often as a client uses its key. */
const uses = 5;
const month = 30 * 24 * 3600;

test.after.always(() => appliance.stop());

for (const {language, program, args} of samples.filter((_, index) => present[index])) {
	const works = async (t: ExecutionContext, apiKey: string) => {
		const {stdout} = await run(program, args, {
			cwd: clients,
			env: {
				...process.env,
				LATCHKEY_HOST: server.url,
				API_KEY: apiKey,
				GOCACHE: path.join(testServices().directory, 'go'),
				GOFLAGS: '-mod=mod',
			},
		});
		t.deepEqual(JSON.parse(stdout), {
			statuses: [201, 200, 200, 200, 200, 401],
			listed: true,
			name: 'renamed',
			error: 'Invalid or missing API key',
		});
	};

	test(`the ${language} client works unmodified`, (t) => works(t, key));

	test(`the ${language} client works unmodified with a key that is limited, until it is`, async (t) => {
		const path = `/api/v1/organizations/${organisation.id}/api-keys`;
		const rate_limits = [{name: 'burst', limit: uses, window_seconds: month}];
		const body = {name: language, rate_limits};
		const made = await patiently(() => server.call(path, {bearer: jwt, body}));
		t.is(made.status, 201, made.text);
		const {key: limited} = made.json() as {key: string};
		await works(t, limited);
		// The next use, or a later one where the server could not wait for Redis meanwhile.
		const refused = await eventually(async () => {
			const answer = await server.call('/api/v1/sources', {bearer: limited});
			return answer.status !== 200 && answer;
		});
		t.is(refused.status, 429);
		t.deepEqual(refused.json(), {error: 'Rate limit exceeded'});
	});
}

async function isHere([program = '', ...args]: readonly string[]): Promise<boolean> {
	return run(program, args).then(
		() => true,
		() => false,
	);
}
