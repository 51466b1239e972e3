import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {openServer} from '../helpers/opening.ts';

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

test.after.always(() => appliance.stop());

for (const {language, program, args} of samples.filter((_, index) => present[index])) {
	test(`the ${language} client works unmodified`, async (t) => {
		const {stdout} = await run(program, args, {
			cwd: clients,
			env: {
				...process.env,
				LATCHKEY_HOST: server.url,
				API_KEY: key,
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
	});
}

async function isHere([program = '', ...args]: readonly string[]): Promise<boolean> {
	return run(program, args).then(
		() => true,
		() => false,
	);
}
