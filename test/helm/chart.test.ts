import {execFile} from 'node:child_process';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {parse} from 'yaml';
import {testServices} from '../helpers/environment.ts';
import {podsOf, type Manifest} from './manifests.ts';
import {
	chart,
	ofKind,
	projectDirectory,
	rendered,
	setUpHelm,
	template,
	valuesOf,
	type Case,
} from './rendered.ts';

const root = projectDirectory;
const withHelm = setUpHelm();

withHelm('helm lint has nothing to say, whatever is switched on', async (t, run) => {
	for (const name of rendered.keys()) {
		const said = await run('lint', '--strict', chart, '--values', valuesOf(name));
		t.regex(said, /1 chart\(s\) linted, 0 chart\(s\) failed/);
	}
});

withHelm(
	'what does not go together is refused in words, and so is a misspelt value',
	async (t, run) => {
		const refusals: readonly (readonly [set: string, said: RegExp])[] = [
			['image.repository=', /image\.repository: missing; give the name/],
			['server.replica=3', /additional properties 'replica' not allowed/],
			['serverr.replicas=3', /additional properties 'serverr' not allowed/],
			['server.drainDelayMs=99999', /maximum/],
			['database.tls.mode=verify-ca', /value must be one of/],
			['database.host=', /database\.host: missing; give it, or database\.urlKey/],
			['database.urlKey=uri', /database\.host: given together with database\.urlKey/],
			['database.existingSecret=', /database\.existingSecret: missing; make a Secret/],
			['database.tls.caSecret=a,database.tls.caConfigMap=b', /remove one of the two/],
			['redis.host=', /redis\.host: missing/],
			['redis.urlKey=url', /redis\.host: given together with redis\.urlKey/],
			['redis.cluster.nodes={n1:7000}', /leave only one of them/],
			['redis.cluster.nodes={n1}', /does not match pattern/],
			['redis.host=,redis.sentinel.nodes={s1:26379}', /redis\.sentinel\.name: missing/],
			['redis.existingSecret=,redis.host=,redis.urlKey=url', /redis\.existingSecret: missing/],
			['redis.host=,redis.urlKey=url', /networkPolicy\.redisPorts: missing/],
			['database.host=,database.urlKey=uri', /networkPolicy\.databasePorts: missing/],
			[
				'ingress.enabled=true,ingress.host=keys.example',
				/trustedProxies: missing; give the networks/,
			],
			['ingress.enabled=true,trustedProxies={10.0.0.0/8}', /ingress\.host: missing/],
			['backup.image.repository=', /backup\.image\.repository: missing/],
			['backup.encryption.passphraseKey=p', /backup\.encryption\.existingSecret: missing/],
			['backup.encryption.existingSecret=s', /passphraseKey: missing; give it, or recipientKey/],
			[
				'backup.drill=true,backup.encryption.existingSecret=s,backup.encryption.recipientKey=r',
				/backup\.encryption\.identityKey: missing; a drill opens the backup/,
			],
			['backup.schedule=nightly', /does not match pattern/],
			['httpRoute.enabled=true,trustedProxies={10.0.0.0/8}', /httpRoute\.parentRefs: give both/],
		];
		for (const [set, said] of refusals) {
			const refused = run(...template, '--values', valuesOf('least'), '--set', set);
			const error = await t.throwsAsync(refused, undefined, set);
			t.regex(error?.message ?? '', said, set);
		}
	},
);

withHelm(
	'manifests are what Kubernetes takes: every member exists and is of its type',
	async (t) => {
		const manifests = [...rendered.values()].flat();
		const folder = await mkdtemp(path.join(testServices().directory, 'manifests-'));
		const check = async (name: string, lines: readonly string[]) => {
			const file = path.join(folder, name);
			await writeFile(file, lines.join('\n'));
			const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
			const options = [
				'--noEmit',
				'--strict',
				'--skipLibCheck',
				'--module',
				'nodenext',
				'--types',
				'',
			];
			return promisify(execFile)(process.execPath, [tsc, ...options, file], {cwd: folder}).then(
				() => '',
				(error: {stdout: string}) => error.stdout,
			);
		};
		const known = manifests.flatMap((manifest) => {
			const types = typesOf(manifest);
			return types === undefined ? [] : [{manifest, types}];
		});
		t.deepEqual(
			[
				...new Set(manifests.filter((one) => typesOf(one) === undefined).map(({kind}) => kind)),
			].toSorted(),
			['HTTPRoute', 'PodMonitor', 'PrometheusRule', 'ServiceMonitor'],
		);
		const checked = ({manifest, types}: (typeof known)[number], i: number) => [
			`import type {${manifest.kind} as T${i}} from ${JSON.stringify(types)};`,
			`export const m${i}: T${i} = ${JSON.stringify(manifest)};`,
		];
		t.is(await check('all.ts', known.flatMap(checked)), '');

		// It can fail: a misspelt member, one of another type, one that is missing.
		const [first] = known.filter(({manifest}) => manifest.kind === 'Deployment');
		if (first === undefined) return t.fail('no deployment');
		const text = checked(first, 0).join('\n');
		const faults = [
			text.replace('"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"'),
			text.replace('"containerPort":8080', '"containerPort":"8080"'),
			text.replace('"topologyKey":"kubernetes.io/hostname",', ''),
		];
		const found = await check(
			'wrong.ts',
			faults.map((fault, i) =>
				fault.replaceAll('0: T0', `${i}: T${i}`).replace('as T0', `as T${i}`),
			),
		);
		for (const said of [
			/readOnlyRootFileSystem/,
			/'string' is not assignable to type 'number'/,
			/'topologyKey' is missing/,
		]) {
			t.regex(found, said);
		}
	},
);

/** Where TypeScript has the definition of a manifest, made from the OpenAPI document of Kubernetes. */
function typesOf({apiVersion}: Manifest): string | undefined {
	const folder = {
		v1: 'core/v1',
		'apps/v1': 'apps/v1',
		'batch/v1': 'batch/v1',
		'policy/v1': 'policy/v1',
		'autoscaling/v2': 'autoscaling/v2',
		'networking.k8s.io/v1': 'networking/v1',
		'rbac.authorization.k8s.io/v1': 'rbac/v1',
	}[apiVersion];
	return folder && path.join(root, 'node_modules/kubernetes-types', `${folder}.d.ts`);
}

withHelm('whatever selects pods selects those of its program, and no other', (t) => {
	for (const [name, manifests] of rendered) {
		const pods = podsOf(manifests);
		const named = (labels: Record<string, string>) =>
			pods
				.filter((pod) => Object.entries(labels).every(([key, value]) => pod.labels[key] === value))
				.map(({spec}) => (spec.initContainers ?? spec.containers)[0]?.name);
		const selected = manifests.flatMap(({kind, metadata, spec}) => {
			const selector = (spec?.['podSelector'] ?? spec?.['selector']) as Selector | undefined;
			if (selector === undefined || kind === 'ServiceMonitor') return [];
			const labels =
				kind === 'Service' ? (selector as Record<string, string>) : selector.matchLabels;
			return [
				{what: `${kind} ${metadata.name}`, found: named(labels ?? {}), labels: metadata.labels},
			];
		});
		t.true(selected.length >= (name === 'urls' ? 5 : 8), name);
		for (const {what, found, labels} of selected) {
			t.deepEqual(found, [labels?.['app.kubernetes.io/component']], `${name}: ${what}`);
		}
	}
	const [monitor] = ofKind('full', 'ServiceMonitor');
	const [service] = ofKind('full', 'Service');
	const wanted = (monitor?.spec['selector'] as Selector | undefined)?.matchLabels ?? {};
	t.true(Object.entries(wanted).every(([key, value]) => service?.metadata.labels?.[key] === value));
	const [budget] = ofKind('full', 'HorizontalPodAutoscaler');
	const target = budget?.spec['scaleTargetRef'] as {name: string};
	t.true(ofKind('full', 'Deployment').some(({metadata}) => metadata.name === target.name));
});

type Selector = {matchLabels?: Record<string, string>};

withHelm('hooks come in their order: ways out, rights, the Secret, the schema', (t) => {
	const hooks = (rendered.get('least') ?? [])
		.filter(({metadata}) => metadata.annotations?.['helm.sh/hook'] !== undefined)
		.map(({kind, metadata}) => ({
			is: `${kind} ${metadata.labels?.['app.kubernetes.io/component']}`,
			weight: Number(metadata.annotations?.['helm.sh/hook-weight']),
			when: metadata.annotations?.['helm.sh/hook'],
			gone: metadata.annotations?.['helm.sh/hook-delete-policy'],
		}));
	t.deepEqual(
		Map.groupBy(hooks, ({weight}) => weight),
		new Map(
			[
				[-40, 'NetworkPolicy migrate', 'NetworkPolicy init'],
				[-30, 'ServiceAccount init', 'Role init', 'RoleBinding init'],
				[-20, 'Job init'],
				[-10, 'Job migrate'],
			].map(([weight, ...names]) => [
				Number(weight),
				hooks
					.filter(({is}) => names.includes(is))
					.toSorted((a, b) => names.indexOf(a.is) - names.indexOf(b.is)),
			]),
		),
	);
	for (const {when, gone} of hooks) {
		t.is(when, 'pre-install,pre-upgrade');
		t.is(gone, 'before-hook-creation,hook-succeeded');
	}
	// What is deleted with its hook must not be needed afterwards, and no Secret is one of these.
	t.false((rendered.get('least') ?? []).some(({kind}) => kind === 'Secret'));
	t.deepEqual(
		(rendered.get('full') ?? []).filter(
			({metadata}) => metadata.labels?.['app.kubernetes.io/component'] === 'init',
		),
		[],
	);
	const [role] = ofKind('least', 'Role');
	t.deepEqual(role?.['rules'], [
		{apiGroups: [''], resources: ['secrets'], verbs: ['create']},
		{
			apiGroups: [''],
			resources: ['secrets'],
			resourceNames: ['keys-latchkey-secrets'],
			verbs: ['get'],
		},
	]);
});

withHelm('network policies let each program get where it must, and nobody else in', (t) => {
	const ports = (name: Case, component: string, way: 'ingress' | 'egress') => {
		const found = ofKind(name, 'NetworkPolicy').filter(
			({metadata}) => metadata.labels?.['app.kubernetes.io/component'] === component,
		);
		t.is(found.length, 1);
		t.deepEqual(found[0]?.spec['policyTypes'], ['Ingress', 'Egress']);
		const rules = (found[0]?.spec[way] ?? []) as readonly {
			ports?: readonly {port: number; endPort?: number}[];
		}[];
		t.true(rules.every((rule) => (rule.ports ?? []).length > 0));
		return rules.map((rule) => rule.ports?.map(({port, endPort}) => endPort ?? port));
	};
	t.deepEqual(ports('least', 'server', 'ingress'), [['http']] as never);
	t.deepEqual(ports('least', 'server', 'egress'), [[53, 53], [5432], [6379], [443, 80, 65_535]]);
	t.deepEqual(ports('least', 'worker', 'ingress'), [['metrics']] as never);
	t.deepEqual(ports('least', 'worker', 'egress'), [[53, 53], [5432], [6379], [443, 80, 65_535]]);
	t.deepEqual(ports('least', 'migrate', 'ingress'), []);
	t.deepEqual(ports('least', 'migrate', 'egress'), [[53, 53], [5432]]);
	t.deepEqual(ports('least', 'backup', 'ingress'), []);
	t.deepEqual(ports('least', 'backup', 'egress'), [[53, 53], [5432]]);
	t.deepEqual(ports('least', 'init', 'ingress'), []);
	t.deepEqual(ports('least', 'init', 'egress'), [[443, 6443]]);
	t.deepEqual(ports('cluster', 'worker', 'egress'), [[53, 53], [5432], [7000, 7001, 7002]]);
	t.deepEqual(ports('full', 'server', 'egress'), [
		[53, 53],
		[6432, 5432],
		[26_379, 26_380, 6379],
		[443, 80, 65_535],
		[3128],
	]);
	t.deepEqual(ofKind('urls', 'NetworkPolicy'), []);
});

withHelm(
	'the Prometheus operator gets the alert rules as they are, and the jobs that they name',
	async (t) => {
		const file = path.join(root, 'deploy/monitoring/prometheus/latchkey.rules.yml');
		const [rule] = ofKind('full', 'PrometheusRule');
		t.deepEqual(rule?.spec, parse(await readFile(file, 'utf8')));
		for (const [kind, member, port, job] of [
			['ServiceMonitor', 'endpoints', 'http', 'latchkey'],
			['PodMonitor', 'podMetricsEndpoints', 'metrics', 'latchkey-worker'],
		] as const) {
			const [monitor] = ofKind('full', kind);
			t.deepEqual(monitor?.spec[member], [
				{
					port,
					path: '/metrics',
					interval: '15s',
					authorization: {credentials: {name: 'metrics-token', key: 'token'}},
					relabelings: [{targetLabel: 'job', replacement: job}],
				},
			]);
		}
	},
);

test('the chart is of this version, and its page has every value', async (t) => {
	const read = async (file: string) => readFile(path.join(root, file), 'utf8');
	const {version} = JSON.parse(await read('package.json')) as {version: string};
	const {appVersion, version: own} = parse(await read('deploy/helm/latchkey/Chart.yaml'));
	t.deepEqual([appVersion, own], [version, version]);
	const schema = JSON.parse(await read('deploy/helm/latchkey/values.schema.json')) as Schema;
	const values = parse(await read('deploy/helm/latchkey/values.yaml')) as Record<string, unknown>;
	t.deepEqual(undescribed(schema, schema, values), []);
});

type Schema = {
	properties?: Record<string, Schema>;
	additionalProperties?: unknown;
	$ref?: string;
	definitions?: Record<string, Schema>;
};

/** Values of the schema that have no default, or the other way round. */
function undescribed(root: Schema, schema: Schema, values: unknown, at = ''): string[] {
	const own =
		schema.$ref === undefined ? schema : root.definitions?.[schema.$ref.split('/')[2] ?? ''];
	if (own?.properties === undefined || own.additionalProperties !== false) return [];
	const given = (values ?? {}) as Record<string, unknown>;
	const names = new Set([...Object.keys(own.properties), ...Object.keys(given)]);
	return [...names].flatMap((name) => {
		const next = own.properties?.[name];
		const where = `${at}${name}`;
		if (where === 'global') return [];
		if (next === undefined || !(name in given)) return [where];
		return undescribed(root, next, given[name], `${where}.`);
	});
}
