import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
	appendFile,
	chmod,
	copyFile,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	writeFile,
} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';

/*
The scripts beside the bundle that a person runs, as far as they go without a Docker engine: what they
refuse, and that nothing is done then.
*/

const root = path.join(import.meta.dirname, '../../..');
/** No `docker` in it. */
let programs: string;

type Ended = {status: number; said: string};

function run(file: string, args: string[] = [], env: Record<string, string> = {}): Promise<Ended> {
	return new Promise((resolve) => {
		const options = {env: {PATH: programs, ...env}};
		execFile('/bin/sh', [file, ...args], options, (error, stdout, stderr) => {
			resolve({status: error === null ? 0 : Number(error.code), said: `${stdout}${stderr}`});
		});
	});
}

test.before(async () => {
	programs = await mkdtemp(path.join(tmpdir(), 'airgap-programs-'));
	const names = ['cp', 'cut', 'dirname', 'grep', 'sed', 'sha256sum', 'tail', 'tr'];
	for (const name of names) {
		await writeFile(
			path.join(programs, name),
			`#!/bin/sh\nPATH=/usr/bin:/bin exec ${name} "$@"\n`,
			{mode: 0o755},
		);
	}
});
test.after.always(() => rm(programs, {recursive: true, force: true}));

const files = {
	'images.tar.gz': 'images',
	'images.txt': 'latchkey:local\n',
	'airgap.yml': 'services: {}\n',
	'airgap.env': 'COMPOSE_FILE=docker-compose.yml:airgap.yml\n',
	'docker-compose.yml': 'services: {}\n',
};

/** An archive as it is unpacked. */
async function unpacked(): Promise<{folder: string; load: string}> {
	const folder = await mkdtemp(path.join(tmpdir(), 'airgap-'));
	await mkdir(path.join(folder, 'deploy/airgap'), {recursive: true});
	const load = path.join(folder, 'deploy/airgap/load');
	await copyFile(path.join(root, 'deploy/airgap/load'), load);
	await chmod(load, 0o755);
	const sums = Object.entries(files).map(
		([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ./${name}`,
	);
	for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
	const ofLoad = createHash('sha256')
		.update(await readFile(load))
		.digest('hex');
	await writeFile(
		path.join(folder, 'SHA256SUMS'),
		`${[...sums, `${ofLoad}  ./deploy/airgap/load`].join('\n')}\n`,
	);
	return {folder, load};
}

test('load takes nothing of an archive in which anything differs, and names it', async (t) => {
	const {folder, load} = await unpacked();
	t.teardown(() => rm(folder, {recursive: true}));
	// Whole, it gets as far as the engine.
	t.like(await run(load), {
		status: 1,
		said: 'load: the Docker engine does not answer. Nothing was loaded.\n',
	});
	for (const name of Object.keys(files)) {
		const file = path.join(folder, name);
		await appendFile(file, 'more');
		const {status, said} = await run(load);
		t.is(status, 1);
		t.true(said.includes(`./${name} `) && said.includes('Nothing was loaded'), said);
		await writeFile(file, files[name as keyof typeof files]);
	}
	await writeFile(path.join(folder, 'SHA256SUMS'), '');
	t.regex((await run(load)).said, /no line for images\.tar\.gz\. Nothing was loaded/);
	await rm(path.join(folder, 'images.tar.gz'));
	t.regex((await run(load)).said, /images\.tar\.gz is not here: unpack the archive first/);
	t.is((await run(load, ['what'])).status, 2);
	t.false((await readdir(folder)).includes('.env'));
});

test('save writes over nothing, and takes Compose files of this folder alone', async (t) => {
	const save = path.join(root, 'deploy/airgap/save');
	t.is((await run(save)).status, 2);
	t.is((await run(save, ['--what', 'a.tar'])).status, 2);
	const there = await run(save, [path.join(root, 'package.json')]);
	t.is(there.status, 1);
	t.regex(there.said, /is there already; nothing was written/);
	const file = path.join(programs, 'new.tar');
	for (const [compose, said] of [
		['docker-compose.yml:/etc/passwd', /not in this folder/],
		['none.yml', /which is not there/],
	] as const) {
		const answer = await run(save, [file], {COMPOSE_FILE: compose});
		t.is(answer.status, 1);
		t.regex(answer.said, said);
	}
	t.false((await readdir(programs)).includes('new.tar'));
});

test('Caddy of the bundle refuses what is half given about TLS, before it listens', async (t) => {
	const start = path.join(root, 'deploy/compose/balancer/start');
	const domain = {LATCHKEY_DOMAIN: 'keys.lab.internal'};
	for (const [env, said] of [
		[{LATCHKEY_TLS: 'internal'}, /LATCHKEY_TLS needs LATCHKEY_DOMAIN/],
		[{LATCHKEY_DOMAIN: 'https://keys.lab.internal'}, /without https:\/\/ or a path/],
		[{...domain, LATCHKEY_TLS: 'file'}, /public, files, internal or acme/],
		[{...domain, LATCHKEY_TLS: 'files'}, /needs LATCHKEY_TLS_FOLDER/],
		[{...domain, LATCHKEY_TLS_FOLDER: '/etc/tls'}, /has to be files, or acme/],
		[{...domain, LATCHKEY_TLS: 'acme'}, /needs LATCHKEY_ACME_CA/],
		[{...domain, LATCHKEY_TLS: 'acme', LATCHKEY_ACME_CA: 'ca.lab'}, /needs LATCHKEY_ACME_CA/],
		[{...domain, LATCHKEY_ACME_CA: 'https://ca.lab/directory'}, /has to be acme/],
	] as const) {
		const answer = await run(start, [], env);
		t.is(answer.status, 78, JSON.stringify(env));
		t.regex(answer.said, /^Configuration: .* See docs\/tls\.md\.$/m);
		t.regex(answer.said, said);
	}
});
