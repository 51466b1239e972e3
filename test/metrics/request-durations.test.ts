import test from 'ava';
import {AggregatorRegistry, Histogram, Registry} from 'prom-client';
import {RequestDurations} from '../../server/metrics/request-durations.ts';

/** What two processes with the same metrics have together. */
async function twice(registry: Registry): Promise<string> {
	const metrics = await registry.getMetricsAsJSON();
	return AggregatorRegistry.aggregate([metrics, metrics] as unknown as object[]).metrics();
}

test('requests are read out like a histogram of prom-client with the same observations', async (t) => {
	const [ours, theirs] = [new Registry(), new Registry()];
	const durations = new RequestDurations(ours);
	const {name, help} = durations;
	const histogram = new Histogram({
		name,
		help,
		labelNames: ['method', 'route', 'status'],
		buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
		registers: [theirs],
	});
	const both = async () => {
		t.is(await ours.metrics(), await theirs.metrics());
		t.is(await twice(ours), await twice(theirs));
	};
	await both();
	for (const [method, route, status] of [
		['GET', '/api/v1/keys/self', 200],
		['GET', '/api/v1/keys/self', 401],
		['POST', '/api/v1/organizations/:org_id/api-keys', 201],
		['"\\\n', 'none', 404],
	] as const) {
		for (const seconds of [0, 0.0001, 0.001, 0.00101, 0.0025, 0.03, 2.5, 2.51, 1000]) {
			durations.of(method, route, status).observe(seconds);
			histogram.observe({method, route, status}, seconds);
		}
		await both();
	}
});
