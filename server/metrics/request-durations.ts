import type {Metric, Registry} from 'prom-client';

const name = 'latchkey_http_request_duration_seconds';
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

type Labels = {method: string; route: string; status: number};
type Value = {metricName: string; labels: Labels & {le?: number | string}; value: number};

/** Durations of the requests of one method, route and status. */
export class Durations {
	readonly #labels: Labels;
	/** How many ended within each bound and beyond the one before it; the last: beyond all. */
	readonly #counts: number[] = Array.from({length: bounds.length + 1}, () => 0);
	#sum = 0;

	constructor(labels: Labels) {
		this.#labels = labels;
	}

	observe(seconds: number): void {
		let i = 0;
		while (i < bounds.length && seconds > (bounds[i] ?? 0)) i++;
		this.#counts[i] = (this.#counts[i] ?? 0) + 1;
		this.#sum += seconds;
	}

	values(): Value[] {
		const labels = this.#labels;
		let total = 0;
		const buckets = this.#counts.map((count, i) => {
			total += count;
			const le = bounds[i] ?? '+Inf';
			return {metricName: `${name}_bucket`, labels: {le, ...labels}, value: total};
		});
		return [
			...buckets,
			{metricName: `${name}_sum`, labels, value: this.#sum},
			{metricName: `${name}_count`, labels, value: total},
		];
	}
}

/**
 * The histogram of requests. Counted here and only read out by prom-client, whose own looks its
 * series up by all labels, sorted and joined, at every observation.
 */
export class RequestDurations {
	readonly name = name;
	readonly help = 'Time from the request’s headers to its answer.';
	readonly type = 'histogram';
	readonly aggregator = 'sum';
	readonly #series = new Map<string, Durations>();

	constructor(registry: Registry) {
		// What the registry asks of a metric is its name and `get`.
		registry.registerMetric(this as unknown as Metric);
	}

	/** The series of these labels, to be kept by who observes often. */
	of(method: string, route: string, status: number): Durations {
		const key = `${method} ${route} ${status}`;
		let durations = this.#series.get(key);
		if (durations === undefined) {
			durations = new Durations({method, route, status});
			this.#series.set(key, durations);
		}
		return durations;
	}

	/** As prom-client reads its own metrics. */
	get() {
		const {help, type, aggregator} = this;
		const values = [...this.#series.values()].flatMap((durations) => durations.values());
		return {name, help, type, aggregator, values};
	}
}
