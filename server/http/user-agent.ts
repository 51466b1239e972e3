import type {Context} from 'koa';
import type {Deps} from '../../core/deps.ts';

/** What a client calls itself, fit to be kept and shown. */
export function userAgent(ctx: Context, {agentOf}: Pick<Deps, 'agentOf'>): string | undefined {
	return agentOf(ctx.get('User-Agent')) || undefined;
}
