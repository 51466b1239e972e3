import type {Router} from '@koa/router';
import type {Context, Middleware} from 'koa';
import {Problem, respondProblem} from './problem.ts';

/** What no route took: 405 with `Allow` where the path exists, else 404 (RFC 9110, 15.5.6). */
export function createNotFound(router: Router): Middleware {
	return async (ctx: Context) => {
		const allowed = new Set(
			router.match(ctx.path, ctx.method).path.flatMap((layer) => layer.methods),
		);
		respondProblem(
			ctx,
			allowed.size === 0
				? new Problem('not_found')
				: new Problem('method_not_allowed', {headers: {Allow: [...allowed].join(', ')}}),
		);
	};
}
