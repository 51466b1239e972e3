import type {IncomingMessage} from 'node:http';
import {verifyRequest} from '../../contract/verification.ts';
import {parseJson} from './body.ts';

/** The body as clients write it: one member, nothing escaped, ASCII. */
const plainBody = /^\{"key": ?"([ !#-[\]-~]*)"\}$/;

/** The longest text that the plain form may have: the contract's bound cannot be reached in it. */
export const mostPlainBytes = 4096;

/**
 * The key in the body of `POST /api/v1/keys/verify`. The plain form is read at a glance; everything
 * else goes through the parser and the contract, of which the plain form has nothing to fear.
 *
 * @param bytes at most `mostPlainBytes`
 * @returns undefined for a body that the application refuses
 */
export function keyInBody(bytes: Buffer): string | undefined {
	const plain = plainBody.exec(bytes.toString('latin1'))?.[1];
	if (plain !== undefined) return plain;
	const body = verifyRequest.safeParse(parseJson(bytes));
	return body.success ? body.data.key : undefined;
}

/**
 * Waits for a body of known length. One that came with its headers is there as soon as Node has
 * gone through what it received, before any event of the stream.
 *
 * @param then called once with all of it; never when the client goes away before
 */
export function readWhole(
	request: IncomingMessage,
	length: number,
	then: (bytes: Buffer) => void,
): void {
	process.nextTick(() => {
		const first = request.read() as Buffer | null;
		if (first?.length === length) return then(first);
		const chunks = first === null ? [] : [first];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.once('end', () => then(Buffer.concat(chunks)));
	});
}
