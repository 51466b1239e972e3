import {Gauge, type Registry} from 'prom-client';
import {withTimeout} from '../../core/with-timeout.ts';

/** PostgreSQL is asked at most this often, whoever collects. */
const keptMs = 10_000;
/** A PostgreSQL that stands still does not hold up the other metrics. */
const patienceMs = 500;

/** A gauge of what was answered: its values, each with its labels; null and undefined are not told. */
export type AnswerGauge<T> = {
	name: string;
	help: string;
	/** Of fixed values only; absent: the gauge has one value. */
	label?: string;
	values: (answer: T) => {label?: string; value: number | null | undefined}[];
};

/**
 * Asks for what several gauges tell, once for all of them, and lets them tell it; nothing where there is
 * no answer, or none in time. Every process of a server tells the same, so of several it is told once.
 */
export function measureAnswer<T>(
	registry: Registry,
	ask: () => Promise<T>,
	gauges: readonly AnswerGauge<T>[],
): void {
	let askedAt = Number.NEGATIVE_INFINITY;
	let asked: Promise<T | undefined> = Promise.resolve(undefined);
	const answer = () => {
		if (performance.now() - askedAt > keptMs) {
			askedAt = performance.now();
			asked = withTimeout(ask(), patienceMs).catch(() => undefined);
		}
		return asked;
	};
	for (const {name, help, label: labelName, values} of gauges) {
		new Gauge({
			name,
			help,
			registers: [registry],
			labelNames: labelName === undefined ? [] : [labelName],
			aggregator: 'max',
			async collect() {
				const found = await answer();
				// Without labels a reset would leave a 0.
				if (labelName === undefined) this.remove();
				else this.reset();
				for (const {label, value} of found === undefined ? [] : values(found)) {
					if (value === null || value === undefined) continue;
					this.set(labelName === undefined ? {} : {[labelName]: label ?? ''}, value);
				}
			},
		});
	}
}

/** A gauge without labels. */
export function single<T>(
	name: string,
	help: string,
	value: (answer: T) => number | null | undefined,
): AnswerGauge<T> {
	return {name, help, values: (answer) => [{value: value(answer)}]};
}
