import {hash} from 'node:crypto';
import type {Context} from 'koa';

/**
 * Answers JSON with an `ETag` of its bytes (RFC 9110, 8.8.3). Whoever has the same already, as
 * `If-None-Match` tells, gets 304 and no body: nothing to send, and nothing to read.
 */
export function respondTagged(ctx: Context, answer: unknown): void {
	const text = JSON.stringify(answer);
	if (isTagFresh(ctx, toldBy(text, String(ctx.response.headers['link'] ?? '')))) return;
	ctx.type = 'json';
	ctx.body = text;
}

/** What an answer tells; whether another page follows is told outside of the body. */
function toldBy(text: string, link: string): string {
	return `${link}\n${text}`;
}

/** The tag of a body by itself, in its quotes. */
export function tagOfBody(text: string): string {
	return `"${tagOf(toldBy(text, ''))}"`;
}

function tagOf(told: string): string {
	return hash('sha256', told, 'base64url').slice(0, 22);
}

/**
 * Gives the answer an `ETag`.
 *
 * @param told changes whenever the answer does
 * @returns whether the client has it already: then 304 is the answer
 */
export function isTagFresh(ctx: Context, told: string): boolean {
	ctx.response.etag = tagOf(told);
	if (!ctx.fresh) return false;
	ctx.status = 304;
	return true;
}
