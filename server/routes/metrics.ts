import type {Router} from '@koa/router';
import type {Context} from 'koa';
import {localNetworks} from '../../contract/network.ts';
import type {Deps} from '../../core/deps.ts';
import {isSameSecret} from '../../core/secrets/compare.ts';
import {isTrusted} from '../http/client-address.ts';
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
	if (token === undefined) {
		// Those who watch from the same machine or network, as they do by default.
		const isNear = address !== undefined && isTrusted(address, localNetworks);
		return isNear ? undefined : new Problem('metrics_private');
	}
	if (isSameSecret(ctx.get('Authorization'), `Bearer ${token}`)) return undefined;
	return new Problem('unauthorized', {headers: {'WWW-Authenticate': challenge(undefined)}});
}
