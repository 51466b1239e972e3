import {hash} from 'node:crypto';
import type {Context} from 'koa';

/**
 * Answers JSON with an `ETag` of its bytes (RFC 9110, 8.8.3). Who has the same already, as
 * `If-None-Match` tells, gets 304 and no body: nothing to send, and nothing to read.
 */
export function respondTagged(ctx: Context, answer: unknown): void {
	const text = JSON.stringify(answer);
	// Whether another page follows is told outside of the body.
	const told = `${ctx.response.get('Link')}\n${text}`;
	ctx.response.etag = hash('sha256', told, 'base64url').slice(0, 22);
	if (ctx.fresh) {
		ctx.status = 304;
		return;
	}
	ctx.type = 'json';
	ctx.body = text;
}
