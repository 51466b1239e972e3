import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';

/* What is delivered with Latchkey: the packages that run in its image, as package-lock.json names them. */

type Locked = {
	version: string;
	integrity?: string;
	license?: string;
	dependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	peerDependencies?: Record<string, string>;
	dev?: boolean;
	optional?: boolean;
	devOptional?: boolean;
};

export type Package = {
	/** From the root of the project: `node_modules/…`. */
	folder: string;
	name: string;
	version: string;
	/** As the package declares it, in the terms of SPDX. */
	license: string;
	/** Of the archive: `sha512-…`. */
	integrity: string;
	/** Folders of what it needs itself. */
	needs: readonly string[];
	/** PostgreSQL and Node.js for use without Docker: not in the image. */
	isOptional: boolean;
};

export type Delivered = {
	name: string;
	version: string;
	license: string;
	/** Folders of what Latchkey itself needs. */
	needs: readonly string[];
	packages: readonly Package[];
};

/** Reads what `npm ci --omit=dev` would install, in the order of names. */
export async function readDelivered(root: string): Promise<Delivered> {
	const text = await readFile(path.join(root, 'package-lock.json'), 'utf8');
	const {packages: locked} = JSON.parse(text) as {packages: Record<string, Locked>};
	const {'': own, ...others} = locked;
	const packages = Object.entries(others)
		.filter(([, {dev}]) => dev !== true)
		.map(([folder, entry]): Package => ({
			folder,
			name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
			version: entry.version,
			license: entry.license ?? 'UNKNOWN',
			integrity: entry.integrity ?? '',
			needs: needsOf(folder, entry, locked),
			isOptional: entry.optional === true || entry.devOptional === true,
		}))
		.toSorted((one, other) => inOrder(idOf(one), idOf(other)));
	return {
		name: 'latchkey',
		version: own?.version ?? '',
		license: own?.license ?? '',
		needs: own === undefined ? [] : needsOf('', own, locked),
		packages,
	};
}

export const idOf = ({name, version}: Pick<Package, 'name' | 'version'>) => `${name}@${version}`;

/** Not by locale: the same everywhere. */
export const inOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** As Node.js finds them: in the folder itself, else in those above. */
function needsOf(folder: string, entry: Locked, locked: Record<string, Locked>): string[] {
	const names = Object.keys({
		...entry.dependencies,
		...entry.optionalDependencies,
		...entry.peerDependencies,
	});
	return names.flatMap((name) => {
		for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
			const found = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
			if (Object.hasOwn(locked, found)) return [found];
			if (at === '') return [];
		}
	});
}

const licenceFile = /^(licen[cs]e|copying|notice)/i;

/** Texts of the licence that a package brings along; most bring one. */
export async function licenceTexts(root: string, {folder}: Package): Promise<string[]> {
	const names = await readdir(path.join(root, folder));
	const files = names.filter((name) => licenceFile.test(name)).toSorted(inOrder);
	const texts = await Promise.all(
		files.map(async (name) => readFile(path.join(root, folder, name), 'utf8')),
	);
	return texts.map((text) => text.replaceAll('\r\n', '\n').trim());
}
