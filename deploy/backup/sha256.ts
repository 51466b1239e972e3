import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';

/** SHA-256 of a file, in hexadecimal digits. */
export async function sha256OfFile(file: string): Promise<string> {
	const hash = createHash('sha256');
	await pipeline(createReadStream(file, {highWaterMark: 1 << 20}), hash);
	return hash.digest('hex');
}
