import type {IncomingMessage} from 'node:http';
import * as z from 'zod';
import {
	readVerifyRequest,
	readVerifyRequests,
	type VerifyRequest,
} from '../../contract/verification.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {plainUse, type LimitsAsked} from '../../core/limits/charges.ts';
import {askedLimit} from '../../core/limits/definitions.ts';
import type {Lookup} from '../../core/verification/verifier.ts';
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
 * @returns undefined for a body that the application answers: one that is refused, a dry run, and one
 *   with limits whose names must be held against those of the key
 */
export function verifyBody(bytes: Buffer): VerifyRequest | undefined {
	const key = plainBody.exec(bytes.toString('latin1'))?.[1];
	if (key !== undefined) return {key};
	const body = readVerifyRequest(parseJson(bytes));
	return body instanceof z.ZodError || isForApplication(body) ? undefined : body;
}

/** The same of the body of a batch. */
export function verifyBodies(bytes: Buffer): readonly VerifyRequest[] | undefined {
	const requests = readVerifyRequests(parseJson(bytes));
	return requests?.some(isForApplication) ? undefined : requests;
}

function isForApplication({dry_run: isDryRun, limits}: VerifyRequest): boolean {
	return isDryRun === true || limits?.some(isOfCaller) === true;
}

/** All that a body may say of a use, but the key. */
export type UseOfKey = Omit<VerifyRequest, 'key'>;

/** What a body asks of a key, for an organisation; the address of its service says nothing of the key's. */
export function askedBy(body: UseOfKey, organisationId: string): Asked {
	const {ip, scopes, user_agent: userAgent, method, tags} = body;
	return {
		ip,
		origin: ip,
		userAgent,
		tags,
		via: 'verify',
		method,
		organisationId,
		scopes,
		limits: limitsTakenBy(body),
	};
}

function limitsTakenBy({limits, quota_cost: quotaCost}: UseOfKey): LimitsAsked {
	if (limits === undefined && quotaCost === undefined) return plainUse;
	const [own, named] = partition(limits ?? [], isOfCaller);
	return {
		named: new Map(named.map(({name, cost}) => [name, cost])),
		...(own.length > 0 && {own: own.map(askedLimit)}),
		quotaCost,
	};
}

type AskedOf = NonNullable<VerifyRequest['limits']>[number];
type OfCaller = AskedOf & {limit: number; window_seconds: number};

/** Whether it is one that the caller keeps for the key. */
function isOfCaller(limit: AskedOf): limit is OfCaller {
	return limit.limit !== undefined && limit.window_seconds !== undefined;
}

function partition<T, U extends T>(all: readonly T[], isFirst: (one: T) => one is U): [U[], T[]] {
	return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** Whether more than the key is asked: then the answer is the full one. */
export function asksMore(body: VerifyRequest): boolean {
	return Object.keys(body).length > 1;
}

/** The place of a limit that the caller would keep under a name that the key itself defines. */
export function takenLimit({limits}: UseOfKey, lookup: Lookup): number | undefined {
	const ofKey = typeof lookup === 'object' ? lookup.limits?.limits : undefined;
	if (ofKey === undefined || limits === undefined) return undefined;
	const place = limits.findIndex(
		(limit) => isOfCaller(limit) && ofKey.some(({shown}) => shown === limit.name),
	);
	return place < 0 ? undefined : place;
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
