import {readFile} from 'node:fs/promises';
import {request} from 'node:https';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {ConfigurationError} from '../core/config/load.ts';
import {SecretsError} from '../core/secrets/errors.ts';
import {generateSecret, type SecretName} from './secrets.ts';

/** The API of the cluster, as a pod is told of it. */
export type KubernetesAccess = {
	host: string;
	port: number;
	namespace: string;
	/** Of the pod's service account. */
	token: string;
	/** Authorities of the API, in PEM. */
	ca: string;
};

/** Where Kubernetes puts it. */
const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Without this one, what is in the database cannot be opened. */
const indispensable = 'encryption_key';
const answerWithinMs = 10_000;
/** Largest answer that is read: a Secret has 1 MiB at most. */
const mostBytes = 4 * 1024 * 1024;

/** @throws {ConfigurationError} outside of a pod that may use the API */
export async function findKubernetes(
	environment: Readonly<Record<string, string | undefined>>,
	directory = accountDirectory,
): Promise<KubernetesAccess> {
	const {KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port} = environment;
	if (!host || !port) {
		throw new ConfigurationError([
			'--kubernetes-secret: works in a pod only, where KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are set',
		]);
	}
	const read = async (name: string) => {
		try {
			return (await readFile(path.join(directory, name), 'utf8')).trim();
		} catch (error) {
			throw new ConfigurationError([
				`--kubernetes-secret: cannot read ${path.join(directory, name)} (${codeOf(error)}); mount the token of a service account there`,
			]);
		}
	};
	const [token, ca, namespace] = await Promise.all([
		read('token'),
		read('ca.crt'),
		read('namespace'),
	]);
	return {host, port: Number(port), namespace, token, ca};
}

/**
 * Makes a Secret with new secrets, unless there is one of that name: then nothing is changed. Of any
 * number that do this at once, one makes it.
 *
 * @returns the names of the secrets that this call made
 * @throws {SecretsError} where the one that is there cannot be used, or the API refuses
 */
export async function createKubernetesSecret(
	access: KubernetesAccess,
	name: string,
	secrets: readonly SecretName[],
	patienceMs = 60_000,
): Promise<readonly SecretName[]> {
	const all = `/api/v1/namespaces/${encodeURIComponent(access.namespace)}/secrets`;
	const secret = {
		apiVersion: 'v1',
		kind: 'Secret',
		type: 'Opaque',
		metadata: {
			name,
			labels: {'app.kubernetes.io/name': 'latchkey', 'app.kubernetes.io/part-of': 'latchkey'},
			annotations: {
				'latchkey/about': 'Made once by latchkey init. Without encryption_key the data is lost.',
			},
		},
		stringData: Object.fromEntries(secrets.map((each) => [each, generateSecret(each)])),
	};
	const deadline = performance.now() + patienceMs;
	const ask = (...request: AskArguments) => askPatiently(deadline, access, ...request);

	const created = await ask('POST', all, secret);
	if (created.status === 201) return secrets;
	if (created.status !== 409) throw refused('create secrets', access, created);
	const found = await ask('GET', `${all}/${encodeURIComponent(name)}`);
	if (found.status !== 200) throw refused(`get the secret ${name}`, access, found);
	const {data} = found.body as {data?: Record<string, string>};
	if (!data?.[indispensable]) {
		throw new SecretsError(
			`The Secret ${name} in the namespace ${access.namespace} has no ${indispensable}. Restore that from a backup, or give the Secret that has it as secrets.existingSecret. Only where there is no data yet, delete it: kubectl --namespace ${access.namespace} delete secret ${name}. Nothing was changed.`,
		);
	}
	return [];
}

type Answer = {status: number; body: unknown};
type AskArguments = [method: string, path: string, body?: object];

/** An API that is away or starting, or that a network policy does not let us reach yet, is asked again. */
async function askPatiently(
	deadline: number,
	access: KubernetesAccess,
	...request: AskArguments
): Promise<Answer> {
	for (let pause = 200; ; pause = Math.min(pause * 2, 5000)) {
		const isLast = performance.now() + pause > deadline;
		try {
			const answer = await ask(access, ...request);
			if ((answer.status < 500 && answer.status !== 429) || isLast) return answer;
		} catch (error) {
			if (isLast || isAboutCertificate(error)) {
				throw new SecretsError(
					`The API of Kubernetes at ${access.host} port ${access.port} cannot be reached (${codeOf(error)}). Does a NetworkPolicy let this pod get there? Nothing was changed.`,
				);
			}
		}
		await sleep(pause);
	}
}

function ask(
	{host, port, token, ca}: KubernetesAccess,
	...[method, path, body]: AskArguments
): Promise<Answer> {
	const {promise, resolve, reject} = Promise.withResolvers<Answer>();
	const sent = request({
		host,
		port,
		ca,
		method,
		path,
		agent: false,
		signal: AbortSignal.timeout(answerWithinMs),
		headers: {
			Authorization: `Bearer ${token}`,
			Accept: 'application/json',
			...(body === undefined ? {} : {'Content-Type': 'application/json'}),
		},
	});
	sent.once('error', reject);
	sent.once('response', (response) => {
		let text = '';
		response.setEncoding('utf8').on('data', (piece: string) => {
			text += piece;
			if (text.length > mostBytes) response.destroy(new Error('too long an answer'));
		});
		response.once('error', reject);
		response.once('end', () => {
			resolve({status: response.statusCode ?? 0, body: parsed(text)});
		});
	});
	sent.end(body === undefined ? undefined : JSON.stringify(body));
	return promise;
}

/** Proxies answer with pages. */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return {};
	}
}

function refused(what: string, {namespace}: KubernetesAccess, {status, body}: Answer) {
	const {message} = (body ?? {}) as {message?: unknown};
	// Of our own request it could only repeat the name.
	const said = typeof message === 'string' && status !== 422 ? `: ${message.slice(0, 300)}` : '';
	const remedy =
		status === 401 || status === 403
			? ` The service account needs the right to ${what} in the namespace ${namespace}.`
			: '';
	return new SecretsError(
		`The API of Kubernetes answered ${status}${said}.${remedy} Nothing was changed.`,
	);
}

function isAboutCertificate(error: unknown): boolean {
	return /CERT|UNABLE_TO|SELF_SIGNED|ALTNAME/.test(codeOf(error));
}

function codeOf(error: unknown): string {
	if (!(error instanceof Error)) return 'unknown';
	return 'code' in error ? String(error.code) : error.message;
}
