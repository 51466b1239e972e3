import {execFile} from 'node:child_process';
import {chmod, mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import type {Key} from '../../contract/keys.ts';
import {administrator, defaultOrganisation} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {openServer} from '../helpers/opening.ts';

// What docs/machines.md tells people to type, typed; and docs/oauth.md, which goes on from there.

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..', '..');

const isHere = (program: string) =>
	run('sh', ['-c', `command -v ${program}`]).then(
		() => true,
		() => false,
	);
const [hasTools, hasTerraform] = await Promise.all([isHere('jq'), isHere('terraform')]);

const {appliance, server} = await openServer();
async function blocksOf(page: string): Promise<{language: string; text: string}[]> {
	const text = await readFile(path.join(root, 'docs', page), 'utf8');
	return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
		language,
		text: block,
	}));
}
const blocks = await blocksOf('machines.md');
const oauthBlocks = await blocksOf('oauth.md');

const directory = await mkdtemp(path.join(testServices().directory, 'machines-'));
const programs = path.join(directory, 'bin');
await mkdir(programs);
const latchkey = path.join(programs, 'latchkey');
const entry = path.join(root, 'dist', 'bundle', 'latchkey.js');
await writeFile(latchkey, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
await chmod(latchkey, 0o755);
const passwordFile = path.join(directory, 'password');
await writeFile(passwordFile, `${administrator.password}\n`);

const environment = {
	PATH: `${programs}:${process.env['PATH']}`,
	HOME: directory,
	LATCHKEY_URL: server.url,
	EMAIL: administrator.email,
	PASSWORD_FILE: passwordFile,
	CHECKPOINT_DISABLE: '1',
};

test.after.always(() => appliance.stop());

async function keys(): Promise<Key[]> {
	const jwt = await server.logIn();
	const {id} = await defaultOrganisation(server, jwt);
	const answer = await server.call(`/api/v1/organizations/${id}/api-keys`, {bearer: jwt});
	return answer.json() as Key[];
}

(hasTools ? test.serial : test.serial.skip)(
	'the commands of docs/machines.md and docs/oauth.md do what the pages say',
	async (t) => {
		const [script, oauth] = [blocks, oauthBlocks].map((all) =>
			all.filter(({language}) => language === 'sh').map(({text}) => text),
		);
		t.deepEqual([script?.length, oauth?.length], [4, 3]);
		const {stdout} = await run(
			'sh',
			['-eu', '-c', [...(script ?? []), ...(oauth ?? [])].join('\n')],
			{cwd: directory, env: environment},
		);
		t.regex(stdout, /billing/);
		t.regex(stdout, /\{"message":"API key revoked successfully"\}/);
		t.regex(stdout, /\{"message":"Client secret revoked successfully"\}/);
		t.regex(stdout, /\{"active":true,"scope":"orders\.\*",/);
		t.regex(stdout, /Latchkey-Revocation: verifiers=1; ms=\d+/);
		const made = await keys();
		t.deepEqual(
			made.map(({name, revoked_at}) => [name, revoked_at !== null]),
			[
				['orders', true],
				['billing', true],
				['billing', true],
			],
		);
		t.regex(await readFile(path.join(directory, 'billing.key'), 'utf8'), /^hklst_\w{49}\n$/);
	},
);

(hasTools && hasTerraform ? test.serial : test.serial.skip)(
	'Terraform makes a key and revokes it, and its state does not hold it',
	async (t) => {
		const place = path.join(directory, 'terraform');
		await mkdir(place);
		const text = blocks.find(({language}) => language === 'hcl')?.text ?? '';
		await writeFile(path.join(place, 'main.tf'), text);
		const env = {
			...environment,
			LATCHKEY_CLIENT_ID: await readFile(path.join(directory, 'client_id'), 'utf8'),
			LATCHKEY_CLIENT_SECRET_FILE: path.join(directory, 'client_secret'),
		};
		const terraform = (...args: string[]) =>
			run('terraform', [...args, '-no-color'], {cwd: place, env});
		await terraform('init');
		await terraform('apply', '-auto-approve');
		const [made] = await keys();
		t.like(made, {name: 'billing', revoked_at: null});
		const key = (await readFile(path.join(place, 'billing.key'), 'utf8')).trim();
		t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
		const state = await readFile(path.join(place, 'terraform.tfstate'), 'utf8');
		t.true(state.includes('billing'));
		t.false(state.includes(key.slice(12)));

		await terraform('destroy', '-auto-approve');
		t.is((await server.call('/api/v1/sources', {bearer: key})).status, 401);
	},
);
