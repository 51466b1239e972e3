import {mkdtemp, writeFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:https';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import test from 'ava';
import {SecretsError} from '../../core/secrets/errors.ts';
import {ConfigurationError} from '../../core/config/load.ts';
import {appSecrets} from '../../deploy/init.ts';
import {
	createKubernetesSecret,
	findKubernetes,
	type KubernetesAccess,
} from '../../deploy/kubernetes-secret.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {testServices} from '../helpers/environment.ts';
import {freePort, startProgram} from '../helpers/program.ts';

/*
There is no cluster here: this is an HTTPS server that treats Secrets as the API of Kubernetes documents it
(201, 401, 403, 404, 409 AlreadyExists; stringData becomes data), with a certificate of its own authority.
*/

const token = 'the-token-of-the-service-account';

type Api = {
	access: KubernetesAccess;
	/** Of the namespace, by name. */
	secrets: Map<string, {data?: Record<string, string>; metadata: object}>;
	/** Verbs that the service account has. */
	rights: Set<string>;
	requests: string[];
	/** Answers that many requests with 503 first. */
	failures: {left: number};
	server: Server;
};

async function startApi(t: {teardown: (end: () => void) => void}): Promise<Api> {
	const authority = await createAuthority();
	const secrets: Api['secrets'] = new Map();
	const rights = new Set(['create', 'get']);
	const requests: string[] = [];
	const failures = {left: 0};
	const server = createServer(await authority.issue('127.0.0.1'), (request, response) => {
		let text = '';
		request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
		request.once('end', () => {
			const answer = (code: number, body: object) =>
				response
					.writeHead(code, {'Content-Type': 'application/json'})
					.end(JSON.stringify({kind: 'Status', code, ...body}));
			requests.push(`${request.method} ${request.url}`);
			if (failures.left-- > 0) return answer(503, {message: 'starting'});
			if (request.headers.authorization !== `Bearer ${token}`) {
				return answer(401, {message: 'Unauthorized'});
			}
			const verb = request.method === 'POST' ? 'create' : 'get';
			if (!rights.has(verb)) {
				return answer(403, {message: `secrets is forbidden: User "x" cannot ${verb} resource`});
			}
			const url = /^\/api\/v1\/namespaces\/keys\/secrets(?:\/([^/]+))?$/.exec(request.url ?? '');
			if (url === null) return answer(404, {message: 'not found'});
			if (verb === 'get') {
				const found = secrets.get(url[1] ?? '');
				return found === undefined ? answer(404, {message: 'not found'}) : answer(200, found);
			}
			const sent = JSON.parse(text) as {
				metadata: {name: string};
				stringData: Record<string, string>;
			};
			const {name} = sent.metadata;
			if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
				return answer(422, {message: `invalid: ${text}`});
			}
			if (secrets.has(name)) return answer(409, {reason: 'AlreadyExists'});
			const data = Object.fromEntries(
				Object.entries(sent.stringData).map(([key, value]) => [
					key,
					Buffer.from(value).toString('base64'),
				]),
			);
			secrets.set(name, {data, metadata: sent.metadata});
			answer(201, {data});
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.close();
		server.closeAllConnections();
	});
	const {port} = server.address() as AddressInfo;
	const access = {host: '127.0.0.1', port, namespace: 'keys', token, ca: authority.cert};
	return {access, secrets, rights, requests, failures, server};
}

test('the first makes the Secret, those after it change nothing', async (t) => {
	const {access, secrets, requests} = await startApi(t);
	t.deepEqual(await createKubernetesSecret(access, 'latchkey-secrets', appSecrets), appSecrets);
	const {data = {}} = secrets.get('latchkey-secrets') ?? {};
	t.deepEqual(Object.keys(data).toSorted(), ['encryption_key', 'instance_id', 'setup_token']);
	t.regex(Buffer.from(data['encryption_key'] ?? '', 'base64').toString(), /^[\w-]{43}$/);
	t.deepEqual(await createKubernetesSecret(access, 'latchkey-secrets', appSecrets), []);
	t.deepEqual(secrets.get('latchkey-secrets')?.data, data);
	t.deepEqual(requests, [
		'POST /api/v1/namespaces/keys/secrets',
		'POST /api/v1/namespaces/keys/secrets',
		'GET /api/v1/namespaces/keys/secrets/latchkey-secrets',
	]);
});

test('of many at once, one makes it', async (t) => {
	const {access, secrets} = await startApi(t);
	const made = await Promise.all(
		Array.from({length: 8}, () => createKubernetesSecret(access, 'keys', appSecrets)),
	);
	t.is(made.filter((names) => names.length > 0).length, 1);
	t.is(secrets.size, 1);
});

test('an API that is starting is asked again, one that stays away is told of', async (t) => {
	const {access, failures, requests, server} = await startApi(t);
	failures.left = 2;
	t.deepEqual(await createKubernetesSecret(access, 'keys', appSecrets), appSecrets);
	t.is(requests.length, 3);
	server.close();
	server.closeAllConnections();
	const error = await t.throwsAsync(createKubernetesSecret(access, 'keys', appSecrets, 300), {
		instanceOf: SecretsError,
	});
	t.regex(error?.message ?? '', /cannot be reached \(ECONN\w+\)\. Does a NetworkPolicy/);
});

test('a Secret without the master key, missing rights and a stranger’s API are refused in words', async (t) => {
	const {access, secrets, rights} = await startApi(t);
	const refusal = async (name = 'keys', with_ = access) => {
		const error = await t.throwsAsync(createKubernetesSecret(with_, name, appSecrets, 300), {
			instanceOf: SecretsError,
		});
		t.notRegex(error?.message ?? '', /[\w-]{43}|the-token/);
		return error?.message ?? '';
	};
	secrets.set('keys', {data: {setup_token: 'eA=='}, metadata: {}});
	t.regex(await refusal(), /The Secret keys in the namespace keys has no encryption_key\. Restore/);
	secrets.set('keys', {metadata: {}});
	t.regex(await refusal(), /has no encryption_key/);
	// The API repeats what it refused, secrets included.
	t.regex(await refusal('Not_A_Name'), /answered 422\. Nothing was changed/);
	rights.delete('get');
	t.regex(await refusal(), /403: .*needs the right to get the secret keys in the namespace keys/);
	rights.delete('create');
	t.regex(await refusal(), /403: .*needs the right to create secrets in the namespace keys/);
	t.regex(await refusal('keys', {...access, token: 'wrong'}), /401: Unauthorized/);
	const another = await createAuthority();
	t.regex(
		await refusal('keys', {...access, ca: another.cert}),
		/cannot be reached \(.*(CERT|VERIFY)/,
	);
	t.deepEqual([...secrets.keys()], ['keys']);
});

test('where the API is, a pod is told; elsewhere the command says what is missing', async (t) => {
	const directory = await mkdtemp(path.join(testServices().directory, 'account-'));
	const environment = {KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443'};
	await t.throwsAsync(findKubernetes(environment, directory), {
		instanceOf: ConfigurationError,
		message: /cannot read .*\/token \(ENOENT\); mount the token of a service account/,
	});
	for (const name of ['token', 'ca.crt', 'namespace']) {
		await writeFile(path.join(directory, name), `${name}\n`);
	}
	t.deepEqual(await findKubernetes(environment, directory), {
		host: 'fd00::1',
		port: 443,
		namespace: 'namespace',
		token: 'token',
		ca: 'ca.crt',
	});

	const run = async (...args: string[]) => {
		const program = startProgram(['init', ...args], {
			KUBERNETES_SERVICE_HOST: '',
			LATCHKEY_PORT: `tcp://10.96.0.7:${await freePort()}`,
		});
		return {status: await program.exited, said: program.output()};
	};
	const outside = await run('--kubernetes-secret', 'keys');
	t.is(outside.status, 78);
	t.regex(outside.said, /--kubernetes-secret: works in a pod only/);
	for (const args of [
		['--kubernetes-secret'],
		['--kubernetes-secret', ''],
		['--secret', 'x'],
		['x'],
	]) {
		const wrong = await run(...args);
		t.is(wrong.status, 2);
		t.regex(wrong.said, /^Usage: latchkey init/);
	}
});
