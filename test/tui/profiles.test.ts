import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import test from 'ava';
import type {Me} from '../../contract/people.ts';
import {administrator, makeOrganisation} from '../helpers/appliance.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {openServer} from '../helpers/opening.ts';
import {makeHome, type Result, runScript} from './script.ts';

/*
Several appliances, by name: one that is reached in two ways stands for two.
*/

const {appliance, server} = await openServer();

const elsewhere = server.url.replace('127.0.0.1', 'localhost');

test.after.always(() => appliance.stop());

function run(HOME: string, line: string, env: Record<string, string> = {}): Promise<Result> {
	const stdin = line.startsWith('login') ? administrator.password : '';
	return runScript(line.split(' '), {HOME, ...env}, stdin);
}

const logIn = `login --email ${administrator.email} --password-stdin`;

function profileFile(home: string): string {
	return path.join(home, '.config/latchkey/profile.json');
}

async function serverOf(home: string, options = '', env: Record<string, string> = {}) {
	const {stdout, stderr} = await run(home, `whoami${options}`, env);
	return / at (\S+)$/m.exec(stdout)?.[1] ?? stderr;
}

test('a login makes a profile, and the last one counts', async (t) => {
	const home = makeHome();
	t.is((await run(home, `${logIn} --profile one --url ${server.url}`)).status, 0);
	t.is((await run(home, `${logIn} --profile two --url ${elsewhere}`)).status, 0);
	t.is(fs.statSync(profileFile(home)).mode & 0o777, 0o600);
	t.false(fs.readFileSync(profileFile(home), 'utf8').includes('token'));
	t.is(await serverOf(home), elsewhere);
	t.is(await serverOf(home, ' --profile one'), server.url);
	t.is(await serverOf(home, '', {LATCHKEY_PROFILE: 'one'}), server.url);
	t.is(await serverOf(home, ' --profile two', {LATCHKEY_PROFILE: 'one'}), elsewhere);
	t.is(await serverOf(home, ' --profile two', {LATCHKEY_URL: server.url}), elsewhere);
	t.is(await serverOf(home, '', {LATCHKEY_URL: server.url}), server.url);
	t.is((await run(home, 'profiles use one')).status, 0);
	t.is(await serverOf(home), server.url);
	const {stdout} = await run(home, 'profiles list --json');
	t.deepEqual(JSON.parse(stdout), [
		{name: 'one', url: `${server.url}/`, current: true},
		{name: 'two', url: `${elsewhere}/`, current: false},
	]);
	t.is((await run(home, 'profiles list --quiet')).stdout, 'one\ntwo\n');
	t.regex((await run(home, 'profiles list')).stdout, /^one +http:\S+ +- +current$/m);
});

test('a profile goes when nobody is logged in by it any more', async (t) => {
	const home = makeHome();
	await run(home, `${logIn} --profile one --url ${server.url}`);
	const kept = await run(home, 'profiles remove one');
	t.is(kept.status, 2);
	t.regex(kept.stderr, /latchkey logout --profile one/);
	t.is((await run(home, 'logout --profile one')).status, 0);
	t.is((await run(home, 'profiles remove one')).status, 0);
	t.deepEqual(JSON.parse((await run(home, 'profiles list --json')).stdout), []);
});

test('what is wrong about a profile is said, with exit 2', async (t) => {
	const home = makeHome();
	await run(home, `${logIn} --profile one --url ${server.url}`);
	for (const [line, said] of [
		['whoami --profile two', /no profile "two"/],
		['whoami --profile constructor', /no profile "constructor"/],
		['whoami --profile ../one', /is named with letters/],
		[`whoami --profile one --url ${elsewhere}`, /both name a server/],
		['profiles use two', /no profile "two"/],
		['profiles remove two', /no profile "two"/],
		['profiles use', /Which profile/],
		[`${logIn} --profile two`, /no profile "two"/],
	] as const) {
		const {status, stderr} = await run(home, line);
		t.is(status, 2, line);
		t.regex(stderr, said, line);
	}
	fs.writeFileSync(profileFile(home), 'nonsense');
	t.regex((await run(home, 'whoami')).stderr, /does not hold profiles/);
	fs.chmodSync(profileFile(home), 0o640);
	const readable = await run(home, 'whoami');
	t.is(readable.status, 2);
	t.regex(readable.stderr, /can be read by others.*\n.*chmod 600/);
});

test('the file of the first version, which knew one server, is understood', async (t) => {
	const home = makeHome();
	fs.mkdirSync(path.dirname(profileFile(home)), {recursive: true});
	fs.writeFileSync(profileFile(home), JSON.stringify({url: `${server.url}/`}), {mode: 0o600});
	t.is((await run(home, logIn)).status, 0);
	t.is(await serverOf(home), server.url);
	t.is((await run(home, `${logIn} --profile two --url ${elsewhere}`)).status, 0);
	t.is((await run(home, 'profiles list --quiet')).stdout, 'default\ntwo\n');
});

test('an organisation is chosen for a server, until it is cleared', async (t) => {
	const home = makeHome();
	const chosen = await makeOrganisation(server, await server.logIn(), 'pro');
	await run(home, `${logIn} --profile one --url ${server.url}`);
	await run(home, `${logIn} --profile two --url ${elsewhere}`);
	const where = async (options = '') => {
		const {stdout} = await run(home, `whoami --json${options}`);
		return (JSON.parse(stdout) as Me).organization?.id;
	};
	const own = await where();
	t.is((await run(home, 'use nobody')).status, 3);
	t.is((await run(home, 'use')).status, 2);
	t.regex((await run(home, `use ${chosen.id}`)).stderr, /^Commands act in on pro at http/);
	t.is(await where(), chosen.id, 'chosen');
	t.is(await where(' --profile one'), own, 'the other server has its own');
	t.is(await where(` --org ${own}`), own, 'option');
	t.is((await run(home, 'keys create --name x')).status, 5, 'on the pro plan');
	await run(home, logIn);
	t.is(await where(), chosen.id, 'a new session goes on there');
	t.is((await run(home, 'use --clear')).status, 0);
	t.is(await where(), own, 'cleared');
	const token = await server.logIn();
	t.is((await run(home, `use ${chosen.id}`, {LATCHKEY_TOKEN: token})).status, 2);
});

test('TLS with a private authority, which the profile remembers', async (t) => {
	const home = makeHome();
	const authority = await createAuthority();
	const ca = path.join(home, 'ca.pem');
	fs.writeFileSync(ca, authority.cert);
	const proxy = https.createServer(await authority.issue('localhost'), (request, response) => {
		const {url, method, headers} = request;
		const onward = http.request(new URL(url ?? '/', server.url), {method, headers}, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		request.pipe(onward);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	t.teardown(() => proxy.close());
	const url = `https://localhost:${(proxy.address() as AddressInfo).port}`;

	const unknown = await run(home, `${logIn} --profile far --url ${url}`);
	t.is(unknown.status, 7);
	t.regex(unknown.stderr, /certificate is not trusted\..*--ca FILE/s);
	t.is((await run(home, 'profiles list --quiet')).stdout, '', 'a failed login makes none');
	t.is((await run(home, `${logIn} --profile far --url ${url} --ca ${ca}`)).status, 0);
	t.is(await serverOf(home), url);
	t.is(await serverOf(home, '', {LATCHKEY_URL: url}), url);
	const stranger = makeHome();
	const env = {LATCHKEY_URL: url, LATCHKEY_TOKEN: await server.logIn()};
	t.is((await run(stranger, 'whoami', env)).status, 7);
	t.is((await run(stranger, 'whoami', {...env, LATCHKEY_CA_FILE: ca})).status, 0);
	t.is((await run(stranger, `whoami --ca ${ca}`, env)).status, 0, 'for one command');
	t.is((await run(stranger, `${logIn} --url ${url} --ca-file ${ca}`)).status, 0, 'earlier name');

	const other = path.join(home, 'other.pem');
	fs.writeFileSync(other, (await createAuthority()).cert);
	const der = path.join(home, 'ca.der');
	fs.writeFileSync(der, Buffer.from(authority.cert.replaceAll(/-----.*-----/g, ''), 'base64'));
	const damaged = path.join(home, 'damaged.pem');
	fs.writeFileSync(damaged, authority.cert.replace(/\n\w{20}/, '\nAAAAAAAAAAAAAAAAAAAA'));
	for (const [file, status, said] of [
		[other, 7, /does not come from the authority in .*other\.pem/],
		[der, 2, /in DER.*\n?.*openssl x509 -inform der/],
		[damaged, 2, /damaged\.pem .* holds a certificate that is damaged/],
		[path.join(home, 'profile.json'), 2, /is not there/],
		[home, 2, /is a folder/],
	] as const) {
		const answer = await run(stranger, `whoami --ca ${file}`, env);
		t.is(answer.status, status, file);
		t.regex(answer.stderr, said);
	}
	const byAddress = {...env, LATCHKEY_URL: url.replace('localhost', '127.0.0.1')};
	const misnamed = await run(stranger, `whoami --ca ${ca}`, byAddress);
	t.regex(misnamed.stderr, /is for another name: it is for localhost\./);

	fs.rmSync(ca);
	t.regex((await run(home, 'whoami')).stderr, /ca\.pem .* is not there/);
});
