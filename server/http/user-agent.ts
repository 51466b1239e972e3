import type {Context} from 'koa';
import {createScrubber} from '../../core/log.ts';

/** What a client calls itself, fit to be kept and shown: printable, and without a credential in it. */
export function userAgent(ctx: Context, keyPrefix: string): string | undefined {
	const text = ctx.get('User-Agent').replace(/[^\x20-\x7E]/g, '?');
	return text === '' ? undefined : createScrubber(keyPrefix)(text);
}
