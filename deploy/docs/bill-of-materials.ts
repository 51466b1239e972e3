import {type Delivered, idOf, inOrder, licenceTexts, type Package} from './packages.ts';

/*
 * What is in the image, for whoever has to account for it: a list that programs read and the licences that
 * people read. Both are the same for the same package-lock.json, without a time or a number drawn by lot.
 * `npm sbom --omit dev` is of no use for the first: it leaves out what a package for development needs, too.
 */

/** The packages of the image, as CycloneDX 1.6. */
export function billOfMaterials(delivered: Delivered): string {
	const {name, version, license} = delivered;
	const packages = delivered.packages.filter(({isOptional}) => !isOptional);
	const byFolder = new Map(packages.map((each) => [each.folder, each]));
	const urlsOf = (folders: readonly string[]) => {
		const found = folders.flatMap((folder) => byFolder.get(folder) ?? []);
		return [...new Set(found.map(urlOf))].toSorted(inOrder);
	};
	const own = `pkg:npm/${name}@${version}`;
	const all = new Map(packages.map((each) => [urlOf(each), each]));
	const bill = {
		$schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
		bomFormat: 'CycloneDX',
		specVersion: '1.6',
		version: 1,
		metadata: {
			component: {
				type: 'application',
				'bom-ref': own,
				name,
				version,
				licenses: licencesOf(license),
				purl: own,
			},
		},
		components: [...all].map(([url, each]) => ({
			type: 'library',
			'bom-ref': url,
			name: each.name,
			version: each.version,
			hashes: hashesOf(each.integrity),
			licenses: licencesOf(each.license),
			purl: url,
		})),
		dependencies: [
			{ref: own, dependsOn: urlsOf(delivered.needs)},
			...[...all].map(([ref, {needs}]) => ({ref, dependsOn: urlsOf(needs)})),
		],
	};
	return `${JSON.stringify(bill, undefined, '\t')}\n`;
}

function urlOf({name, version}: Package): string {
	return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function licencesOf(license: string) {
	return /^[\w.-]+$/.test(license)
		? [{license: {id: license}}]
		: [{expression: license.replaceAll(/^\(|\)$/g, '')}];
}

function hashesOf(integrity: string) {
	const [algorithm = '', digest = ''] = integrity.split('-');
	return [
		{
			alg: algorithm.replace('sha', 'SHA-').toUpperCase(),
			content: Buffer.from(digest, 'base64').toString('hex'),
		},
	];
}

/** The licences of the packages of the image, each text once. */
export async function licencesPage(root: string, delivered: Delivered): Promise<string> {
	const packages = delivered.packages.filter(({isOptional}) => !isOptional);
	const byText = new Map<string, Set<string>>();
	for (const each of packages) {
		const texts = await licenceTexts(root, each);
		const declared = `Declared in its package.json as ${each.license}; it brings no text of it.`;
		for (const text of texts.length === 0 ? [declared] : texts) {
			byText.set(text, (byText.get(text) ?? new Set()).add(idOf(each)));
		}
	}
	const list = packages.map((each) => `${idOf(each)}: ${each.license}`);
	const parts = [...byText].map(([text, ids]) => [rule, ...ids, '', text].join('\n'));
	return `${[
		"Licences of the packages in Latchkey's image. Written by `npm run docs`. Latchkey's own is in LICENSE.",
		[...new Set(list)].join('\n'),
		...parts,
	].join('\n\n')}\n`;
}

const rule = '-'.repeat(100);
