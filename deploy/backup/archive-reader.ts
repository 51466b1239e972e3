import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {Decrypter} from 'age-encryption';
import {createTarDecoder} from 'modern-tar';
import {BackupError, messageOf} from './errors.ts';
import {backupFormat, manifestSchema, part, type Manifest} from './manifest.ts';

/** What opens an encrypted backup. */
export type Opener = {passphrase?: string | undefined; identities?: readonly string[]};

/** Small parts are kept in memory; a chunk of the dump is one at a time. */
const mostPartBytes = 64 << 20;
/** Of age's own beginning of a file. */
const mostHeaderBytes = 64 << 10;
const ageMark = Buffer.from('age-encryption.org/v1\n');

/** A backup whose checksums have all been compared. */
export type Archive = {
	file: string;
	manifest: Manifest;
	/** By name: the files of the folder of secrets. */
	secrets: ReadonlyMap<string, Buffer>;
	/** Lines of `chain sequence hash`. */
	auditHeads: string;
	isEncrypted: boolean;
	bytes: number;
	/** Of the file as it lies there. */
	sha256: string;
	/** The dump once more, each chunk compared with its checksum before it is handed on. */
	dump: () => AsyncGenerator<Buffer, void>;
};

/**
 * Reads a backup from one end to the other and compares every checksum.
 *
 * @throws {BackupError} when it is not whole, not as it was written, or cannot be opened
 */
export async function readArchive(file: string, opener: Opener): Promise<Archive> {
	const sums = new Map<string, string>();
	const small = new Map<string, Buffer>();
	const whole = createHash('sha256');
	let told: string | undefined;
	let bytes = 0;
	const fileKey = await unlock(file, opener);
	const watch = (data: Buffer) => {
		whole.update(data);
		bytes += data.length;
	};
	for await (const {name, content} of partsOf(file, fileKey, watch)) {
		if (told !== undefined) throw altered(file, `${name} stands after the checksums`);
		if (name === part.sums) told = content.toString();
		else {
			if (sums.has(name)) throw altered(file, `${name} is there twice`);
			sums.set(name, createHash('sha256').update(content).digest('hex'));
			if (!name.startsWith(part.dump)) small.set(name, content);
		}
	}
	if (told === undefined) throw cutOff(file);
	const expected = [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join('');
	if (told !== expected) throw altered(file, firstDifference(told, expected));
	if (!sums.keys().some((name) => name.startsWith(part.dump))) {
		throw altered(file, 'it holds no dump');
	}
	const secrets = [...small]
		.filter(([name]) => name.startsWith(part.secrets))
		.map(([name, content]) => [name.slice(part.secrets.length), content] as const);
	return {
		file,
		manifest: parseManifest(file, small.get(part.manifest)),
		secrets: new Map(secrets),
		auditHeads: small.get(part.auditHeads)?.toString() ?? '',
		isEncrypted: fileKey !== undefined,
		bytes,
		sha256: whole.digest('hex'),
		async *dump() {
			let count = 0;
			for await (const {name, content} of partsOf(file, fileKey)) {
				if (!name.startsWith(part.dump)) continue;
				count++;
				if (createHash('sha256').update(content).digest('hex') !== sums.get(name)) {
					throw altered(file, `${name} has changed since it was checked`);
				}
				yield content;
			}
			const all = [...sums.keys()].filter((name) => name.startsWith(part.dump)).length;
			if (count !== all) throw altered(file, 'it has become shorter since it was checked');
		},
	};
}

type Part = {name: string; content: Buffer};

async function* partsOf(
	file: string,
	fileKey: Uint8Array | undefined,
	watch?: (data: Buffer) => void,
): AsyncGenerator<Part, void> {
	const source = createReadStream(file, {highWaterMark: 1 << 20});
	if (watch !== undefined) source.on('data', (data) => watch(data as Buffer));
	let stream = Readable.toWeb(source) as ReadableStream<Uint8Array>;
	try {
		if (fileKey !== undefined) {
			const decrypter = new Decrypter();
			decrypter.addIdentity({unwrapFileKey: () => fileKey});
			stream = await decrypter.decrypt(stream);
		}
		const entries = stream.pipeThrough(createTarDecoder({strict: true}));
		for await (const {header, body} of entries) {
			if (header.size > mostPartBytes) throw altered(file, `${header.name} is too large`);
			yield {name: header.name, content: await buffer(body)};
		}
	} catch (error) {
		if (error instanceof BackupError) throw error;
		// The libraries say it in their own words, and say nothing else by errors.
		const isOfDisk = error instanceof Error && 'syscall' in error;
		if (isOfDisk) throw new BackupError(`${file} cannot be read: ${messageOf(error)}`);
		throw cutOff(file);
	} finally {
		source.destroy();
	}
}

/**
 * The key of an encrypted file. To find it takes a passphrase seconds, on purpose, so it is done once.
 *
 * @returns undefined: the file is not encrypted
 */
async function unlock(file: string, opener: Opener): Promise<Uint8Array | undefined> {
	const start = await readStart(file);
	if (start.length === 0) throw cutOff(file);
	if (!start.subarray(0, ageMark.length).equals(ageMark)) return undefined;
	const {passphrase, identities = []} = opener;
	if (passphrase === undefined && identities.length === 0) {
		throw new BackupError(
			`${file} is encrypted. Give what opens it: --passphrase-file or --identity.`,
		);
	}
	const decrypter = new Decrypter();
	if (passphrase !== undefined) decrypter.addPassphrase(passphrase);
	try {
		for (const identity of identities) decrypter.addIdentity(identity);
	} catch {
		throw new BackupError('The identity file holds no identity of age (AGE-SECRET-KEY-1…).');
	}
	try {
		return await decrypter.decryptHeader(start);
	} catch {
		const what = passphrase === undefined ? 'identity' : 'passphrase';
		throw new BackupError(
			`${file} does not open with this ${what}: it is another one, or the beginning of the file was altered.`,
		);
	}
}

async function readStart(file: string): Promise<Buffer> {
	try {
		const handle = await open(file);
		try {
			const start = Buffer.alloc(mostHeaderBytes);
			const {bytesRead} = await handle.read(start, 0, start.length, 0);
			return start.subarray(0, bytesRead);
		} finally {
			await handle.close();
		}
	} catch (error) {
		throw new BackupError(`${file} cannot be read: ${messageOf(error)}`);
	}
}

function parseManifest(file: string, content: Buffer | undefined): Manifest {
	let read: unknown;
	try {
		read = JSON.parse(content?.toString() ?? '');
	} catch {
		throw altered(file, `it has no ${part.manifest}`);
	}
	const {format} = (read ?? {}) as {format?: unknown};
	if (typeof format === 'number' && format > backupFormat) {
		throw new BackupError(
			`${file} has the form ${format}, which this version of Latchkey does not know. Take a newer version.`,
		);
	}
	const parsed = manifestSchema.safeParse(read);
	if (!parsed.success) throw altered(file, `${part.manifest} is not one`);
	return parsed.data;
}

function firstDifference(told: string, expected: string): string {
	const lines = told.split('\n');
	const line = expected.split('\n').find((each, i) => each !== lines[i]);
	return line === undefined || line === ''
		? 'parts are missing'
		: `${line.slice(66)} is not what was written`;
}

function altered(file: string, what: string): BackupError {
	return new BackupError(`${file} is not as it was written: ${what}. Take another backup.`);
}

function cutOff(file: string): BackupError {
	return new BackupError(
		`${file} is not a whole backup: it was cut off or altered. Take another backup.`,
	);
}
