import type {Socket} from 'node:net';
import type {Context, Middleware, Next} from 'koa';
import {routes} from '../../contract/routes.ts';
import {Problem, respondProblem} from './problem.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Refuses what Node's parser lets through: HTTP versions that are not 1.0 or 1.1, a Host line too
 * many or too few, a transfer coding other than `chunked` (RFC 9112, 6.1), an absolute or authority
 * form of the target, methods that the API does not have, names of hosts that are not ours.
 */
export function createProtocolGuard(
	isForeign: (socket: Socket, host: string) => boolean,
): Middleware {
	return async (ctx: Context, next: Next) => {
		const problem = fault(ctx) ?? foreignHost(ctx, isForeign);
		if (problem === undefined) return next();
		ctx.set('Connection', 'close');
		respondProblem(ctx, problem);
	};
}

function fault(ctx: Context): Problem | undefined {
	const {req} = ctx;
	if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0') return new Problem('bad_request');
	const hosts = req.headersDistinct['host']?.length ?? 0;
	if (hosts > 1 || (hosts === 0 && req.httpVersion === '1.1')) return new Problem('bad_request');
	const coding = req.headers['transfer-encoding'];
	if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || req.httpVersion === '1.0')) {
		return new Problem('bad_request');
	}
	if (!methods.has(req.method ?? '')) return new Problem('method_unknown');
	if (!req.url?.startsWith('/')) return new Problem('bad_request');
	return undefined;
}

/** A proxy asks about a request with the host of that request: forward-auth is asked by any name. */
function foreignHost(
	{req, path}: Context,
	isForeign: (socket: Socket, host: string) => boolean,
): Problem | undefined {
	if (path === routes.forwardAuth.path || !isForeign(req.socket, req.headers.host ?? '')) return;
	return new Problem('host_unknown');
}
