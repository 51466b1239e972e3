import {execFile} from 'node:child_process';
import {mkdtemp, readFile, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {routes} from '../../contract/routes.ts';
import {administrator} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {openServer} from '../helpers/opening.ts';

/* A TypeScript client that is generated from what the server says of itself (oazapfts), and used. */

const run = promisify(execFile);
const modules = path.join(import.meta.dirname, '../../../node_modules');
const {appliance, server} = await openServer();

test.after.always(() => appliance.stop());

/** What somebody would write who has only the generated client. */
const program = `
import {ok} from '@oazapfts/runtime';
import * as latchkey from './client.js';

const [url = '', email = '', password = ''] = process.argv.slice(2);
latchkey.defaults.baseUrl = url;
const {access_token} = await ok(latchkey.login({email, password}));
const asPerson = {headers: {Authorization: \`Bearer \${access_token}\`}};

const [organization] = await ok(latchkey.listOrganisations(asPerson));
if (organization === undefined) throw new Error('no organization');
const created = await ok(
	latchkey.createKey(
		organization.id,
		{name: 'generated', scopes: ['orders.read'], rate_limits: [{name: 'burst', limit: 5, window_seconds: 60}]},
		{idempotencyKey: 'once-and-only-once'},
		asPerson,
	),
);
// @ts-expect-error: the contract has no such member.
const wrong: latchkey.CreateKeyRequest = {name: 'generated', scope: ['orders.read']};
const verification = await ok(latchkey.verifyKey({key: created.key}, {}, asPerson));
const self = await ok(latchkey.keySelf({}, {headers: {'X-API-Key': created.key}}));
const refused = await latchkey.createKey(organization.id, wrong, {}, asPerson);
const found = await ok(latchkey.getKey(organization.id, created.id, asPerson));
await ok(latchkey.revokeKey(organization.id, created.id, {}, asPerson));
const after = await latchkey.keySelf({}, {headers: {'X-API-Key': created.key}});
console.log(
	JSON.stringify({
		limit: created.rate_limits?.[0]?.limit,
		valid: verification.valid,
		name: self.name,
		scopes: found.scopes,
		refused: [refused.status, refused.data],
		after: after.status,
	}),
);
`;

const settings = {
	compilerOptions: {
		target: 'es2024',
		module: 'nodenext',
		strict: true,
		noUncheckedIndexedAccess: true,
		skipLibCheck: true,
		types: ['node'],
		outDir: 'out',
	},
	files: ['program.ts'],
};

test('a generated client compiles, and does what its types say', async (t) => {
	const folder = await mkdtemp(path.join(testServices().directory, 'client-'));
	const file = (name: string) => path.join(folder, name);
	await symlink(modules, file('node_modules'));
	await writeFile(file('openapi.json'), (await server.call('/openapi.json')).text);
	await writeFile(file('package.json'), JSON.stringify({type: 'module'}));
	await writeFile(file('tsconfig.json'), JSON.stringify(settings));
	await writeFile(file('program.ts'), program);

	const node = (...args: string[]) => run(process.execPath, args, {cwd: folder});
	const generate = path.join(modules, 'oazapfts/dist/cli.js');
	await node(generate, file('openapi.json'), file('client.ts'));
	const client = await readFile(file('client.ts'), 'utf8');
	t.deepEqual(
		Object.keys(routes).filter((name) => !client.includes(`export function ${name}(`)),
		[],
	);
	await t.notThrowsAsync(node(path.join(modules, 'typescript/bin/tsc')));

	const {email, password} = administrator;
	const {stdout} = await node(file('out/program.js'), server.url, email, password);
	t.deepEqual(JSON.parse(stdout), {
		limit: 5,
		valid: true,
		name: 'generated',
		scopes: ['orders.read'],
		refused: [400, {error: 'Unknown member: scope'}],
		after: 401,
	});
});
