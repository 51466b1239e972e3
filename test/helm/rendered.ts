import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {findHelm, type Helm} from '../helpers/helm.ts';
import {readManifests, type Manifest} from './manifests.ts';

export const projectDirectory = path.join(import.meta.dirname, '..', '..', '..');
export const chart = path.join(projectDirectory, 'deploy/helm/latchkey');

/** Files of values, each with what goes together. */
const cases = ['least', 'full', 'urls', 'cluster'] as const;

export type Case = (typeof cases)[number];

export const template = ['template', 'keys', chart, '--namespace', 'appliance'] as const;
export const valuesOf = (name: Case) =>
	path.join(projectDirectory, 'test/helm/values', `${name}.yaml`);

/** What Helm makes of them; empty where there is no Helm. */
export const rendered = new Map<Case, Manifest[]>();

/** To be called once in a test file. @returns makes a test of what Helm makes of the chart */
export function setUpHelm() {
	let helm: Helm | undefined;
	test.before(async () => {
		helm = await findHelm();
		for (const name of cases) {
			const text = await helm?.(...template, '--values', valuesOf(name));
			if (text !== undefined) rendered.set(name, readManifests(text));
		}
	});
	return (title: string, check: (t: ExecutionContext, helm: Helm) => void | Promise<void>) => {
		test(title, async (t) => {
			if (helm !== undefined) return check(t, helm);
			t.log('Helm is not here and cannot be fetched for this machine: the chart was not rendered');
			t.pass();
		});
	};
}

export const ofKind = (name: Case, kind: string) =>
	(rendered.get(name) ?? []).filter((manifest) => manifest.kind === kind);
