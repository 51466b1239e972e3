import type {Context} from 'koa';
import {headers} from '../../contract/errors.ts';

/** Says of somebody who leaves how many live keys they made; undefined: nobody leaves. */
export function tellKeysLeft(ctx: Context, keysLeft: number | undefined): void {
	if (keysLeft !== undefined) ctx.set(headers.keysLeft, String(keysLeft));
}
