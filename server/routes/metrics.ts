import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type {Deps} from '../../core/deps.ts';
import {refuseMetrics} from '../../core/health/metrics-access.ts';
import {challenge, Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import type {Metrics} from '../metrics/metrics.ts';
import {collectAll} from '../metrics/processes.ts';

/**
 * `GET /metrics` in the Prometheus text format; with a token where one is configured, else for
 * private networks only. However many ask, they are collected once at a time.
 */
export function mountMetrics(router: Router, deps: Deps, metrics: Metrics): void {
	let underWay: Promise<string> | undefined;
	const collect = () =>
		(underWay ??= collectAll(metrics.registry).finally(() => {
			underWay = undefined;
		}));

	mount(router, deps, 'metrics', async ({ctx}) => {
		const refusal = refuse(ctx, deps.config.metricsToken);
		if (refusal !== undefined) return refusal;
		ctx.set('Content-Type', metrics.registry.contentType);
		return collect();
	});
}

function refuse(ctx: Context, token: string | undefined): Problem | undefined {
	const {clientAddress: address} = ctx.state;
	const refusal = refuseMetrics(token, {authorization: ctx.get('Authorization'), address});
	if (refusal !== 'unauthorized') return refusal && new Problem(refusal);
	return new Problem(refusal, {headers: {'WWW-Authenticate': challenge(undefined)}});
}
