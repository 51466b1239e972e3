import {execFile, spawn} from 'node:child_process';
import {mkdtemp, readFile, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import {
	defaultOrganisation,
	makeKey as makeKeyIn,
	makeOrganisation,
	patiently,
} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {call, type Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually, freePort} from '../helpers/program.ts';

// The services of docs/services.md, as they stand there, against a running server.

const root = path.join(import.meta.dirname, '..', '..', '..');
const page = await readFile(path.join(root, 'docs', 'services.md'), 'utf8');
const directory = await mkdtemp(path.join(testServices().directory, 'recipes-'));
await symlink(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
const block = /^```\w+\n((?:\/\/|#) (\S+\.(?:mjs|py|go))\n.*?)^```$/gms;
for (const [, text = '', file = ''] of page.matchAll(block)) {
	await writeFile(path.join(directory, file), text);
}

/** How each is run, and what tells that its language is here. */
const recipes = [
	{name: 'Express', command: [process.execPath, 'express.mjs'], probe: [process.execPath, '-v']},
	{name: 'Koa', command: [process.execPath, 'koa.mjs'], probe: [process.execPath, '-v']},
	{name: 'Fastify', command: [process.execPath, 'fastify.mjs'], probe: [process.execPath, '-v']},
	{name: 'Python', command: ['python3', 'latchkey.py'], probe: ['python3', '--version']},
	{name: 'Go', command: ['./go-service'], probe: ['go', 'version']},
];

const {appliance, server, jwt} = await openAppliance();
const {id: organisationId} = await defaultOrganisation(server, jwt);
const keysPath = `/api/v1/organizations/${organisationId}/api-keys`;
const {key: own} = await makeKey({scopes: ['latchkey:keys:verify']});
const environment = {...process.env, LATCHKEY_URL: server.url, LATCHKEY_KEY: own};
const month = 30 * 24 * 3600;

type Service = {name: string; get: (headers?: Record<string, string>) => Promise<Answer>};
const services: Service[] = [];
const children: (() => Promise<void>)[] = [];
const absent: string[] = [];
for (const {name, command, probe} of recipes) {
	if (await isHere(probe)) services.push(await start(name, command));
	else absent.push(name);
}

test.after.always(async () => {
	await Promise.all(children.map((stop) => stop()));
	await appliance.stop();
});

async function isHere([program = '', ...args]: readonly string[]): Promise<boolean> {
	return promisify(execFile)(program, args).then(
		() => true,
		() => false,
	);
}

async function start(name: string, [program = '', ...args]: readonly string[]): Promise<Service> {
	if (name === 'Go') {
		const cache = path.join(testServices().directory, 'go');
		const env = {...environment, GOCACHE: cache, GOFLAGS: '-mod=mod'};
		const build = ['build', '-o', 'go-service', 'latchkey.go'];
		await promisify(execFile)('go', build, {cwd: directory, env});
	}
	const port = await freePort();
	const child = spawn(program, args, {
		cwd: directory,
		env: {...environment, PORT: String(port)},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
	}
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	children.push(async () => {
		child.kill('SIGKILL');
		await ended;
		if (/hklst_\w{9}/.test(output)) throw new Error(`${name} writes of a key`);
	});
	const get = (headers: Record<string, string> = {}) =>
		call(`http://127.0.0.1:${port}`, '/orders', {headers});
	await eventually(() => get(), {what: `${name} to listen: ${output}`});
	return {name, get};
}

async function makeKey(terms: object): Promise<CreatedKey> {
	const body = {name: 'of a service', ...terms};
	const answer = await patiently(() => server.call(keysPath, {bearer: jwt, body}));
	if (answer.status !== 201) throw new Error(answer.text);
	return answer.json() as CreatedKey;
}

function refused(t: ExecutionContext, {name}: Service, answer: Answer, status: number): void {
	t.is(answer.status, status, name);
	const {error} = answer.json() as {error: string};
	t.truthy(error, name);
	t.deepEqual(answer.json(), {error}, name);
	t.is(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined, name);
}

test.serial('each recipe is on the page, and all are run whose language is here', (t) => {
	t.log(
		absent.length === 0 ? 'all are run' : `not run, as they are not here: ${absent.join(', ')}`,
	);
	t.is(services.length + absent.length, 5);
	t.true(services.length >= 3);
	t.is([...page.matchAll(block)].length, 6);
});

test.serial('a good key is let in, by either header', async (t) => {
	const {key, id} = await makeKey({scopes: ['orders.*']});
	for (const service of services) {
		const lines = [
			{'X-API-Key': key},
			{Authorization: `Bearer ${key}`},
			{authorization: `bearer ${key}`},
		];
		for (const headers of lines) {
			const answer = await service.get(headers);
			t.is(answer.status, 200, `${service.name}: ${answer.text}`);
			t.deepEqual(answer.json(), {key: id});
			t.is(answer.headers.ratelimit, undefined);
		}
	}
});

test.serial(
	'no key, a wrong one, one of another organisation, one without the scope: nobody is let in',
	async (t) => {
		const {key: narrow} = await makeKey({scopes: ['orders.write']});
		const {id: other} = await makeOrganisation(server, jwt, 'team');
		const {key: strange} = await makeKeyIn(server, jwt, other);
		const wrong = [strange, '', 'x', 'x'.repeat(300), `${own.slice(0, -1)}_`, '"}'];
		for (const service of services) {
			refused(t, service, await service.get(), 401);
			refused(t, service, await service.get({Authorization: 'Basic eDp5'}), 401);
			for (const key of wrong) {
				refused(t, service, await service.get({'X-API-Key': key}), 401);
				refused(t, service, await service.get({Authorization: `Bearer ${key}`}), 401);
			}
			refused(t, service, await service.get({'X-API-Key': narrow}), 403);
		}
	},
);

test.serial('networks hold, by the address that a trusted proxy saw', async (t) => {
	const {key} = await makeKey({ip_allow: ['192.0.2.0/24']});
	const {key: local} = await makeKey({ip_allow: ['127.0.0.0/8']});
	for (const service of services) {
		const from = (forwarded: string) =>
			service.get({'X-API-Key': key, 'X-Forwarded-For': forwarded});
		refused(t, service, await service.get({'X-API-Key': key}), 403);
		t.is((await service.get({'X-API-Key': local})).status, 200, service.name);
		t.is((await from('203.0.113.9, 192.0.2.7')).status, 200, service.name);
		refused(t, service, await from('192.0.2.7, 203.0.113.9'), 403);
	}
});

test.serial('who is limited gets 429 with Retry-After, and what is left', async (t) => {
	for (const service of services) {
		const {key} = await makeKey({
			rate_limits: [{name: 'burst', limit: 2, window_seconds: month}],
			quota: {limit: 10, period: 'total'},
		});
		const left = async (status: number) => {
			const answer = await service.get({'X-API-Key': key});
			t.is(answer.status, status, `${service.name}: ${answer.text}`);
			return answer;
		};
		t.regex(String((await left(200)).headers.ratelimit), /^"burst";r=1;t=\d+, "quota";r=9$/);
		t.regex(String((await left(200)).headers.ratelimit), /^"burst";r=0;t=\d+, "quota";r=8$/);
		const late = await left(429);
		refused(t, service, late, 429);
		const seconds = Number(late.headers['retry-after']);
		t.true(seconds > month / 4 && seconds <= month / 2, `${service.name}: ${seconds}`);
		t.regex(String(late.headers.ratelimit), /^"burst";r=0;t=\d+, "quota";r=8$/);

		const {key: spent} = await makeKey({quota: {limit: 0, period: 'day'}});
		const over = await service.get({'X-API-Key': spent});
		refused(t, service, over, 429);
		t.true(Number(over.headers['retry-after']) <= 86_400, service.name);
		t.true(Number(over.headers['retry-after']) >= 1, service.name);
	}
});

test.serial('a key that is revoked is refused at the next request', async (t) => {
	for (const service of services) {
		const {key, id} = await makeKey({});
		t.is((await service.get({'X-API-Key': key})).status, 200, service.name);
		const gone = await server.call(`${keysPath}/${id}`, {bearer: jwt, method: 'DELETE'});
		t.is(gone.status, 200);
		refused(t, service, await service.get({'X-API-Key': key}), 401);
	}
});

test.serial(
	'where Latchkey cannot be asked, or refuses the service, nobody is let in',
	async (t) => {
		const {key} = await makeKey({});
		const all = await server.call(keysPath, {bearer: jwt});
		const verifying = (all.json() as {id: string; name: string}[]).at(-1);
		const suspend = (verb: string) =>
			server.call(`${keysPath}/${verifying?.id}/${verb}`, {
				bearer: jwt,
				method: 'POST',
				...(verb === 'suspend' && {body: {}}),
			});
		const closed = async () => {
			for (const service of services) {
				const answer = await service.get({'X-API-Key': key});
				refused(t, service, answer, 503);
				t.is(answer.headers['retry-after'], '1', service.name);
			}
		};
		t.is((await suspend('suspend')).status, 200);
		await closed();
		t.is((await suspend('resume')).status, 200);
		for (const service of services) t.is((await service.get({'X-API-Key': key})).status, 200);
		await server.stop();
		await closed();
	},
);
