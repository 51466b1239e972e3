/*
Several processes share one port, and whoever asks for metrics reaches any of them: that one asks the
first process, which sums up those of all.
*/
import cluster from 'node:cluster';
import type {AggregatorRegistry, Registry, RegistryContentType} from 'prom-client';

type MetricsMessage = {latchkey: 'metrics'; request: number; text?: string};

/** In the first of several processes: sums up the metrics of all for whichever was asked. */
export function answerMetricsRequests(registry: AggregatorRegistry<RegistryContentType>): void {
	cluster.on('message', (worker, message: MetricsMessage) => {
		if (message?.latchkey !== 'metrics') return;
		void registry
			.clusterMetrics()
			.catch(() => '')
			.then((text) => worker.send({...message, text} satisfies MetricsMessage));
	});
}

let lastRequest = 0;

/** The metrics of the server: of this process, or of all that share the port. */
export async function collectAll(registry: Registry): Promise<string> {
	if (!cluster.isWorker) return registry.metrics();
	const request = ++lastRequest;
	const answer = Promise.withResolvers<string>();
	const listen = (message: MetricsMessage) => {
		if (message?.latchkey === 'metrics' && message.request === request)
			answer.resolve(message.text ?? '');
	};
	process.on('message', listen);
	process.send?.({latchkey: 'metrics', request} satisfies MetricsMessage);
	try {
		return await answer.promise;
	} finally {
		process.off('message', listen);
	}
}
