import {hash} from 'node:crypto';
import type {Context} from 'koa';

/**
 * Answers JSON with an `ETag` of its bytes (RFC 9110, 8.8.3). Whoever has the same already, as
 * `If-None-Match` tells, gets 304 and no body: nothing to send, and nothing to read.
 */
export function respondTagged(ctx: Context, answer: unknown): void {
	const text = JSON.stringify(answer);
	// Whether another page follows is told outside of the body.
	if (isTagFresh(ctx, `${ctx.response.get('Link')}\n${text}`)) return;
	ctx.type = 'json';
	ctx.body = text;
}

/**
 * Gives the answer an `ETag`.
 *
 * @param told changes whenever the answer does
 * @returns whether the client has it already: then 304 is the answer
 */
export function isTagFresh(ctx: Context, told: string): boolean {
	ctx.response.etag = hash('sha256', told, 'base64url').slice(0, 22);
	if (!ctx.fresh) return false;
	ctx.status = 304;
	return true;
}
