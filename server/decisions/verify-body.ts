import type {IncomingMessage} from 'node:http';
import {verifyRequest, type VerifyRequest} from '../../contract/verification.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {plainUse, type LimitsAsked} from '../../core/limits/charges.ts';
import {parseJson, readBytes} from '../http/body.ts';
import type {Problem} from '../http/problem.ts';

/** The body as clients write it: one member, nothing escaped, ASCII. */
const plainBody = /^\{"key": ?"([ !#-[\]-~]*)"\}$/;

/** The longest text that the plain form may have: the contract's bound cannot be reached in it. */
export const mostPlainBytes = 4096;

/**
 * The body of `POST /api/v1/keys/verify`, with all that it asks. The plain form, which names a key and
 * no more, is read at a glance; everything else goes through the parser and the contract.
 *
 * @param bytes at most `mostPlainBytes`
 * @returns undefined for a body that the application refuses
 */
export function verifyBody(bytes: Buffer): VerifyRequest | undefined {
	const key = plainBody.exec(bytes.toString('latin1'))?.[1];
	if (key !== undefined) return {key};
	const body = verifyRequest.safeParse(parseJson(bytes));
	return body.success ? body.data : undefined;
}

/** What a body asks of the key in it, for an organisation; the address of its service says nothing of the key's. */
export function askedBy(body: VerifyRequest, organisationId: string): Asked {
	const {ip, scopes} = body;
	return {ip, origin: ip, organisationId, scopes, limits: limitsAsked(body)};
}

function limitsAsked({limits, quota_cost: quotaCost}: VerifyRequest): LimitsAsked {
	if (limits === undefined && quotaCost === undefined) return plainUse;
	const named = new Map(limits?.map(({name, cost}) => [name, cost]));
	return {named, quotaCost};
}

/**
 * Waits for a body of known length. One that came with its headers is there as soon as Node has
 * gone through what it received, before any event of the stream.
 *
 * @param then called once, with all of it or with what is to be answered instead; never when the
 *   client goes away before
 */
export function readWhole(
	request: IncomingMessage,
	length: number,
	then: (body: Buffer | Problem) => void,
): void {
	process.nextTick(() => {
		const first = request.read() as Buffer | null;
		if (first?.length === length) return then(first);
		if (first !== null) request.unshift(first);
		readBytes(request).then(then, () => {});
	});
}
