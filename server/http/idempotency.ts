import {createHash} from 'node:crypto';
import type {Knex} from 'knex';
import type {Context} from 'koa';
import {headers} from '../../contract/errors.ts';
import type {Route} from '../../contract/route.ts';
import {claim} from '../../core/idempotency/claim.ts';
import {lookupOf} from '../../core/idempotency/seal.ts';
import {afterFirst} from '../../core/idempotency/turns.ts';
import type {Deps} from '../../core/deps.ts';
import type {Decision} from './decide.ts';
import {Problem} from './problem.ts';

/** `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a change that is made once. */

/** The answer of an endpoint that is asked once, as the bytes that are sent each time. */
export class FixedAnswer<Shown> {
	/** What the bytes show. */
	declare readonly shown: Shown;
	readonly status: number;
	readonly body: Buffer;
	readonly isReplayed: boolean;

	constructor(status: number, body: Buffer, isReplayed: boolean) {
		this.status = status;
		this.body = body;
		this.isReplayed = isReplayed;
	}

	respond(ctx: Context): undefined {
		ctx.status = this.status;
		if (ctx.response.type === '') ctx.type = 'json';
		if (this.isReplayed) ctx.set(headers.idempotencyReplayed, 'true');
		ctx.body = this.body;
	}
}

/**
 * Makes a change and its answer, unless this very request was answered before.
 *
 * @param transaction of the change, as it begins
 * @param make the change, in that transaction; a refusal changes nothing, and is not kept
 * @throws {StillRunning | RightsChanged} nothing may be changed then
 */
export type Once<Shown> = (
	transaction: Knex.Transaction,
	make: () => Promise<Shown | Problem>,
) => Promise<FixedAnswer<Shown> | Problem>;

/** @returns the header of a request, if it has one, or what is wrong with it */
export function readIdempotencyKey({req}: Context): string | undefined | Problem {
	const lines = req.headersDistinct[headers.idempotencyKey.toLowerCase()];
	if (lines === undefined) return undefined;
	const [value = ''] = lines;
	if (lines.length > 1) return badHeader('must be sent once');
	if (!/^[\x21-\x7E]{1,255}$/.test(value)) {
		return badHeader('must be 1 to 255 visible ASCII characters');
	}
	return value;
}

function badHeader(fault: string): Problem {
	const field = headers.idempotencyKey;
	return new Problem('invalid_field', {message: `${field} ${fault}`, field});
}

type Whole = {ctx: Context; deps: Deps; route: Route};

/**
 * Hands `work` what its change is made by: once for all requests with its header; each time where it
 * has none.
 *
 * @throws {StillRunning} where another one with its header does not end soon
 */
export function makeOnce<T>(
	{ctx, deps, route}: Whole,
	{by, organisationId}: Decision,
	{idempotencyKey: header, bytes}: {idempotencyKey: string | undefined; bytes: Buffer},
	work: (once: Once<unknown>) => Promise<T>,
): Promise<T> {
	const make = async (change: () => Promise<unknown>) => {
		const made = await change();
		if (made instanceof Problem) return made;
		const status = ctx.state.status ?? route.status;
		return new FixedAnswer(status, Buffer.from(JSON.stringify(made)), false);
	};
	if (header === undefined) return work((_transaction, change) => make(change));
	const endpoint = `${route.method} ${route.path}`;
	const lookup = lookupOf(deps.idempotencyKey, by, {header, organisationId, endpoint});
	const request = {header, organisationId, lookup, fingerprint: fingerprintOf(ctx, bytes)};
	const once: Once<unknown> = async (transaction, change) => {
		const claimed = await claim(deps.vault, transaction, by, request);
		if (claimed.kind === 'mismatch') return new Problem('idempotency_mismatch');
		if (claimed.kind === 'again') {
			return new FixedAnswer(claimed.answer.status, claimed.answer.body, true);
		}
		const answer = await make(change);
		await (answer instanceof Problem ? claimed.release() : claimed.keep(answer));
		return answer;
	};
	return afterFirst(lookup, () => work(once));
}

function fingerprintOf({method, path, querystring}: Context, bytes: Buffer): Buffer {
	return createHash('sha256').update(`${method}\n${path}?${querystring}\n`).update(bytes).digest();
}
