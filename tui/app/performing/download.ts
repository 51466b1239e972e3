import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {Client} from '../../client/client.ts';
import type {Input} from '../../client/request.ts';
import {Failure} from '../../failure.ts';
import type {Effect} from '../effect.ts';

type Download = Extract<Effect, {do: 'download'}>;

/** How often `onLines` hears of it, ms. */
const tellEvery = 1000;
/** More than the last line of an export can be. */
const longestEnd = 4096;

/**
 * Writes lines to a new file that only its owner can read, as they arrive; of what ends early
 * nothing stays.
 *
 * @returns its path, and how many lines it has of what it holds
 * @throws {Failure} also where the file exists, and before anything is asked for
 */
export async function download(
	{route, input, file, frame}: Download,
	{client, folder, now}: {client: Pick<Client, 'download'>; folder: string; now: () => number},
	onLines: (lines: number) => void,
): Promise<{file: string; lines: number}> {
	const whole = path.resolve(folder, file.replace(/^~(?=\/)/, os.homedir()));
	const target = await newFile(whole);
	try {
		let lines = -frame.lines;
		let end = '';
		let toldAt = now();
		// The effect was made for this route.
		for await (const chunk of await client.download(route, input as Input<typeof route>)) {
			await target.write(chunk);
			lines += chunk.toString('latin1').split('\n').length - 1;
			end = (end + chunk.toString('latin1')).slice(-longestEnd);
			if (now() - toldAt >= tellEvery) {
				toldAt = now();
				onLines(Math.max(0, lines));
			}
		}
		const last = end.slice(end.lastIndexOf('\n', end.length - 2) + 1);
		if (!last.startsWith(frame.end) || !last.endsWith('\n')) {
			throw new Failure('unexpected', 'The export was cut off before its end; no file was kept');
		}
		await target.close();
		return {file: whole, lines};
	} catch (error) {
		await target.discard();
		throw error;
	}
}

/** @throws {Failure} usage, where there is one already, or the folder takes none */
async function newFile(file: string) {
	const handle = await fs.promises.open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
		throw unwritten(
			file,
			error.code === 'EEXIST' ? 'it exists, and stays as it is' : error.message,
		);
	});
	const remove = () => fs.rmSync(file, {force: true});
	// Quitting in between leaves no half of a file behind.
	process.once('exit', remove);
	return {
		write: (chunk: Buffer) =>
			handle.writeFile(chunk).catch((error: Error) => {
				throw unwritten(file, error.message);
			}),
		async close() {
			await handle.close();
			process.off('exit', remove);
		},
		async discard() {
			process.off('exit', remove);
			await handle.close();
			remove();
		},
	};
}

function unwritten(file: string, reason: string): Failure {
	return new Failure('usage', `${file} was not written: ${reason}`);
}
