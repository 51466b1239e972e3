import * as health from '../health.ts';
import type {Routes} from '../route.ts';

export const healthRoutes = {
	live: {
		method: 'GET',
		path: '/livez',
		credentials: 'none',
		fromMemory: true,
		status: 200,
		response: health.live,
		summary: 'The process is running',
	},
	ready: {
		method: 'GET',
		path: '/readyz',
		credentials: 'none',
		fromMemory: true,
		otherwise: 503,
		status: 200,
		response: health.ready,
		summary: 'The process can verify keys and accept work; lists each dependency',
	},
	metrics: {
		method: 'GET',
		path: '/metrics',
		credentials: 'none',
		fromMemory: true,
		errors: ['unauthorized', 'metrics_private'],
		status: 200,
		response: health.metrics,
		summary:
			'Measurements for Prometheus; LATCHKEY_METRICS_TOKEN, where set, is asked for as a Bearer, else only private networks are answered',
	},
} as const satisfies Routes;
