import {parseAllDocuments} from 'yaml';

/** What the tests look at in a manifest; that it is one, the schemas tell. */
export type Manifest = {
	apiVersion: string;
	kind: string;
	metadata: {
		name: string;
		labels?: Record<string, string>;
		annotations?: Record<string, string>;
	};
	spec: Record<string, unknown>;
	[member: string]: unknown;
};

type Items = {items?: readonly {key: string; path: string}[]};

export type Source = {
	secret?: Items & {name: string; optional?: boolean};
	configMap?: Items & {name: string};
};

export type Probe = {httpGet: {path: string; port: string}; [member: string]: unknown};

export type Container = {
	name: string;
	image: string;
	args: readonly string[];
	env?: readonly {name: string; value?: string; valueFrom?: object}[];
	ports?: readonly {name: string; containerPort: number}[];
	startupProbe?: Probe;
	readinessProbe?: Probe;
	livenessProbe?: Probe;
	resources: {limits?: Record<string, string>};
	securityContext: Record<string, unknown>;
	volumeMounts: readonly {name: string; mountPath: string; readOnly?: boolean}[];
};

export type PodSpec = {
	containers: readonly Container[];
	initContainers?: readonly Container[];
	volumes: readonly {name: string; projected?: {sources: readonly Source[]}}[];
	securityContext: Record<string, unknown>;
	automountServiceAccountToken: boolean;
	enableServiceLinks: boolean;
	terminationGracePeriodSeconds?: number;
	[member: string]: unknown;
};

export type Template = {metadata: {labels: Record<string, string>}; spec: PodSpec};

export type Pod = {manifest: Manifest; labels: Record<string, string>; spec: PodSpec};

/** What Helm rendered, as Kubernetes reads it (YAML 1.1). */
export function readManifests(text: string): Manifest[] {
	return parseAllDocuments(text, {version: '1.1'}).flatMap((document) => {
		const [error] = document.errors;
		if (error !== undefined) throw error;
		const manifest = document.toJS() as Manifest | null;
		return manifest === null ? [] : [manifest];
	});
}

/** Of deployments, jobs and those that make jobs. */
export function podsOf(manifests: readonly Manifest[]): Pod[] {
	return manifests
		.filter(({kind}) => ['Deployment', 'Job', 'CronJob'].includes(kind))
		.map((manifest) => {
			const {spec} = (manifest.spec['jobTemplate'] ?? manifest) as Pick<Manifest, 'spec'>;
			const template = spec['template'] as Template;
			return {manifest, labels: template.metadata.labels, spec: template.spec};
		});
}
