import {createHash, type Hash} from 'node:crypto';
import type {FileHandle} from 'node:fs/promises';
import {Encrypter} from 'age-encryption';
import {createTarPacker} from 'modern-tar';
import {part} from './manifest.ts';

/** Of the dump so much is one part: it bounds the memory of whoever writes or reads it. */
export const chunkBytes = 8 << 20;

/** To whom a backup is encrypted. */
export type Encryption = {recipient: string} | {passphrase: string};

/**
 * Writes a backup: a tar archive whose last part has the SHA-256 of each one before it, encrypted with age
 * where asked. Memory stays flat however large it grows.
 */
export class ArchiveWriter {
	readonly #file: FileHandle;
	readonly #hash: Hash = createHash('sha256');
	readonly #tar = createTarPacker();
	readonly #written: Promise<void>;
	readonly #sums: string[] = [];
	#fault: unknown;
	#bytes = 0;

	/** @param file open for writing, and empty */
	constructor(file: FileHandle, encryption: Encryption | undefined) {
		this.#file = file;
		this.#written = this.#write(encryption).catch((error: unknown) => {
			this.#fault = error;
			// Whoever adds parts waits for room that never comes otherwise.
			this.#tar.controller.error(error);
			throw error;
		});
		this.#written.catch(() => {});
	}

	async add(name: string, content: Uint8Array): Promise<void> {
		this.#sums.push(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`);
		await this.#put(name, content);
	}

	/** Adds what a program writes, in parts of `chunkBytes`. @returns how many bytes it was */
	async addChunks(prefix: string, source: AsyncIterable<Buffer>): Promise<number> {
		const chunk = Buffer.allocUnsafe(chunkBytes);
		let [filled, total, count] = [0, 0, 0];
		const flush = async () => {
			count++;
			await this.add(`${prefix}${String(count).padStart(6, '0')}`, chunk.subarray(0, filled));
			filled = 0;
		};
		for await (const data of source) {
			total += data.length;
			for (let taken = 0; taken < data.length;) {
				const length = data.copy(chunk, filled, taken);
				taken += length;
				filled += length;
				if (filled === chunk.length) await flush();
			}
		}
		if (filled > 0) await flush();
		return total;
	}

	/** Ends the archive and has it on the disk. */
	async end(): Promise<{bytes: number; sha256: string}> {
		await this.#put(part.sums, Buffer.from(this.#sums.join('')));
		this.#tar.controller.finalize();
		await this.#written;
		await this.#file.sync();
		return {bytes: this.#bytes, sha256: this.#hash.digest('hex')};
	}

	/** Gives the archive up. */
	async abort(): Promise<void> {
		this.#tar.controller.error(new Error('given up'));
		await this.#written.catch(() => {});
	}

	async #put(name: string, content: Uint8Array): Promise<void> {
		if (this.#fault !== undefined) throw this.#fault;
		const mtime = new Date();
		const header = {name, size: content.length, mode: 0o600, type: 'file', mtime} as const;
		const writer = this.#tar.controller.add(header).getWriter();
		try {
			// A copy: it may wait in a queue while the next chunk is read.
			await writer.write(Uint8Array.from(content));
			await writer.close();
		} catch (error) {
			throw this.#fault ?? error;
		}
	}

	async #write(encryption: Encryption | undefined): Promise<void> {
		let stream: ReadableStream<Uint8Array> = this.#tar.readable;
		if (encryption !== undefined) {
			const encrypter = new Encrypter();
			if ('recipient' in encryption) encrypter.addRecipient(encryption.recipient);
			else encrypter.setPassphrase(encryption.passphrase);
			stream = await encrypter.encrypt(stream);
		}
		for await (const data of stream) {
			this.#hash.update(data);
			this.#bytes += data.length;
			for (let written = 0; written < data.length;) {
				written += (await this.#file.write(data, written)).bytesWritten;
			}
		}
	}
}
