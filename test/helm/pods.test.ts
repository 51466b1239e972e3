import {mkdir, mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {routes} from '../../contract/routes.ts';
import {
	loadBackupConfig,
	loadMigrateConfig,
	loadServerConfig,
	loadWorkerConfig,
	readMasterKeys,
} from '../../core/config/config.ts';
import {loadSettings} from '../../core/config/load.ts';
import {forgetServiceLinks} from '../../core/config/service-links.ts';
import {settings} from '../../core/config/settings.ts';
import {generateSecret} from '../../deploy/secrets.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {testServices} from '../helpers/environment.ts';
import {podsOf, type Container, type Manifest, type Pod} from './manifests.ts';
import {rendered, setUpHelm} from './rendered.ts';

const withHelm = setUpHelm();
/** That of age's own documentation. */
const ageRecipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

withHelm('every pod is within the Pod Security Standard `restricted`', (t) => {
	for (const [name, manifests] of rendered) {
		for (const {manifest, spec} of podsOf(manifests)) {
			const where = `${name}: ${manifest.metadata.name}`;
			t.is(spec.securityContext['runAsNonRoot'], true, where);
			if (name !== 'cluster') t.is(spec.securityContext['runAsUser'], 10_001, where);
			t.deepEqual(spec.securityContext['seccompProfile'], {type: 'RuntimeDefault'}, where);
			t.false(spec.automountServiceAccountToken, where);
			t.false(spec.enableServiceLinks, where);
			for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
				t.deepEqual(
					container.securityContext,
					{
						allowPrivilegeEscalation: false,
						readOnlyRootFilesystem: true,
						runAsNonRoot: true,
						capabilities: {drop: ['ALL']},
						seccompProfile: {type: 'RuntimeDefault'},
					},
					where,
				);
				t.truthy(container.resources.limits?.['memory'], where);
			}
			for (const volume of spec.volumes) t.false('hostPath' in volume, where);
			for (const member of ['hostNetwork', 'hostPID', 'hostIPC']) t.false(member in spec, where);
		}
	}
});

withHelm('each program is given settings that it knows, and no secret among them', (t) => {
	const variables = new Map(Object.values(settings).map((one) => [one.variable as string, one]));
	let secrets = 0;
	for (const [name, manifests] of rendered) {
		for (const {container} of programsOf(manifests)) {
			const program = programOf(container);
			for (const {name: variable, value} of container.env ?? []) {
				if (!variable.startsWith('LATCHKEY_')) continue;
				const setting = variables.get(variable.replace(/_FILE$/, ''));
				const where = `${name}: ${program}: ${variable}`;
				t.true((setting?.programs as readonly string[] | undefined)?.includes(program), where);
				if (setting?.secret !== true) continue;
				secrets++;
				t.true(variable.endsWith('_FILE') && value?.startsWith('/run/latchkey/'), where);
			}
			const names = (container.env ?? []).map((variable) => variable.name);
			t.is(new Set(names).size, names.length, `${name}: ${program}`);
		}
	}
	t.true(secrets > 10);
});

const programsOf = (manifests: readonly Manifest[]) =>
	podsOf(manifests).flatMap((pod) =>
		[...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => ({
			pod,
			container,
		})),
	);
/** By whose settings it is set up. */
const programOf = ({args: [name = '']}: Container) => (name === 'drill' ? 'backup' : name);

withHelm(
	'each program starts with what its pod has mounted, and with what Kubernetes tells of services',
	async (t) => {
		for (const [name, manifests] of rendered) {
			for (const {pod, container} of programsOf(manifests)) {
				const environment = await environmentOf(pod, container);
				const told = serviceLinks(manifests);
				t.true(Object.keys(told).length > 20);
				const all = {...told, ...environment};
				forgetServiceLinks(all);
				t.deepEqual(all, environment, name);
				const program = programOf(container);
				if (program === 'server') {
					const config = loadServerConfig(all);
					t.is(config.setupToken === undefined, false, name);
					t.is(config.database.ssl === false, false, name);
				} else if (program === 'worker') t.is(loadWorkerConfig(all).workerPort, 9464);
				else if (program === 'migrate') {
					const {ownerDatabase, directDatabase} = loadMigrateConfig(all);
					t.is(
						ownerDatabase.user === directDatabase.user,
						name === 'least' || name === 'urls',
						name,
					);
				} else if (program === 'backup') {
					const {recipient, backupDirectory} = loadBackupConfig(all);
					t.is(recipient, name === 'full' ? ageRecipient : undefined);
					t.is(backupDirectory, '/backups');
				} else t.notThrows(() => loadSettings('init', all));
				if (program !== 'init') t.is(readMasterKeys(all).length, 1, name);
			}
		}
	},
);

/** Variables of a container, its mounted files in a folder of the test instead of /run/latchkey. */
async function environmentOf({spec}: Pod, container: Container): Promise<Record<string, string>> {
	const files = await contentOfFiles();
	const folder = await mkdtemp(path.join(testServices().directory, 'pod-'));
	for (const {name, mountPath} of container.volumeMounts) {
		const volume = spec.volumes.find((one) => one.name === name);
		if (!mountPath.startsWith('/run/latchkey/') || volume?.projected === undefined) continue;
		const target = path.join(folder, path.basename(mountPath));
		await mkdir(target, {recursive: true});
		for (const {secret, configMap} of volume.projected.sources) {
			for (const item of (secret ?? configMap)?.items ?? []) {
				const content = files[`${name}/${item.path}`] ?? files[item.path];
				if (content === undefined) throw new Error(`what is ${name}/${item.path}?`);
				await writeFile(path.join(target, item.path), content);
			}
		}
	}
	return Object.fromEntries(
		(container.env ?? []).map(({name, value = '10.244.0.7'}) => [
			name,
			value.replace('/run/latchkey/', `${folder}/`),
		]),
	);
}

/** What operators put into Secrets, by the file that it becomes. */
const contentOfFiles = (() => {
	let made: Promise<Record<string, string>> | undefined;
	return () => (made ??= makeFiles());
})();

async function makeFiles(): Promise<Record<string, string>> {
	const authority = await createAuthority();
	const {cert, key} = await authority.issue('client');
	return {
		encryption_key: generateSecret('encryption_key'),
		setup_token: generateSecret('setup_token'),
		password: 'a password',
		'sentinel-password': 'another',
		'database/url': 'postgresql://keys_app:password@db.example/keys',
		'direct-url': 'postgresql://keys_app@db.example:5432/keys',
		'redis/url': 'redis://:password@redis.example:6379',
		'ca.crt': authority.cert,
		'tls.crt': cert,
		'tls.key': key,
		'metrics-token': 'a-token-for-metrics',
		'admin-email': 'admin@example.com',
		'admin-password': 'correct horse battery staple',
		'identity-providers.json': '[]',
		recipient: ageRecipient,
		identity: 'AGE-SECRET-KEY-1',
	};
}

/** The variables that Kubernetes would make of the chart's services, and of others that are called like it. */
function serviceLinks(manifests: readonly Manifest[]): Record<string, string> {
	const services = manifests
		.filter(({kind}) => kind === 'Service')
		.map(({metadata}) => metadata.name)
		.concat('latchkey', 'latchkey-worker', 'latchkey-redis', 'latchkey-database-rw');
	return Object.fromEntries(
		services
			.map((name) => name.toUpperCase().replaceAll('-', '_'))
			// Names that do not begin like a setting stop nothing.
			.filter((name) => name.startsWith('LATCHKEY'))
			.flatMap((name) => [
				[`${name}_SERVICE_HOST`, '10.96.0.7'],
				[`${name}_SERVICE_PORT`, '8080'],
				[`${name}_SERVICE_PORT_HTTP`, '8080'],
				[`${name}_PORT`, 'tcp://10.96.0.7:8080'],
				[`${name}_PORT_8080_TCP`, 'tcp://10.96.0.7:8080'],
				[`${name}_PORT_8080_TCP_PROTO`, 'tcp'],
				[`${name}_PORT_8080_TCP_PORT`, '8080'],
				[`${name}_PORT_8080_TCP_ADDR`, '10.96.0.7'],
			]),
	) as Record<string, string>;
}

withHelm('probes ask for what server and worker answer, and a pod has the time to end', (t) => {
	const paths = new Set(Object.values(routes).map((route) => route.path as string));
	for (const manifests of rendered.values()) {
		for (const {pod, container} of programsOf(manifests)) {
			const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
			if (pod.manifest.kind !== 'Deployment') {
				t.deepEqual(probes, [undefined, undefined, undefined]);
				continue;
			}
			t.deepEqual(
				probes.map((probe) => probe?.httpGet.path),
				['/livez', '/readyz', '/livez'],
			);
			// Those of a worker are the same (test/worker/worker.test.ts).
			for (const probe of probes) t.true(paths.has(probe?.httpGet.path ?? ''));
			for (const probe of probes) t.is(probe?.httpGet.port, container.ports?.[0]?.name);
			const variables = new Map((container.env ?? []).map(({name, value}) => [name, value]));
			const port = variables.get('LATCHKEY_WORKER_PORT') ?? settings.port.default ?? '';
			t.is(String(container.ports?.[0]?.containerPort), port);
			const ms = ['LATCHKEY_DRAIN_DELAY_MS', 'LATCHKEY_SHUTDOWN_TIMEOUT_MS'].map((name) =>
				Number(variables.get(name) ?? 0),
			);
			const grace = (pod.spec.terminationGracePeriodSeconds ?? 0) * 1000;
			t.true(grace >= (ms[0] ?? 0) + (ms[1] ?? 0) + 5000);
			if (container.args[0] === 'server') t.true((ms[0] ?? 0) >= 5000);
		}
	}
});
