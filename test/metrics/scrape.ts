/** What one metric is, as the text format of Prometheus tells it. */
export type Scraped = {
	kind: string;
	help: string;
	labels: string[];
	samples: {labels: Record<string, string>; value: number}[];
};

/**
 * Reads the text format of Prometheus.
 *
 * @returns metrics by name; of a histogram its buckets, sums and counts together
 */
export function readMetrics(text: string): Map<string, Scraped> {
	const found = new Map<string, Scraped>();
	const helps = new Map<string, string>();
	for (const line of text.split('\n')) {
		const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
		if (word === 'HELP') helps.set(name, rest);
		if (word === 'TYPE') {
			found.set(name, {kind: rest, help: helps.get(name) ?? '', labels: [], samples: []});
		}
		const [, sample = '', labelText = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
		if (line.startsWith('#') || value === undefined) continue;
		const metric = found.get(sample) ?? found.get(sample.replace(/_(bucket|sum|count)$/, ''));
		if (metric === undefined) throw new Error(`no type of ${sample}`);
		const labels = Object.fromEntries(
			[...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', of = '']) => [
				label,
				of,
			]),
		);
		metric.labels = [...new Set([...metric.labels, ...Object.keys(labels)])].filter(
			(label) => metric.kind !== 'histogram' || label !== 'le',
		);
		metric.samples.push({labels, value: Number(value)});
	}
	return found;
}

/** The value of a sample with these labels, whatever others it has. */
export function valueOf(
	text: string,
	name: string,
	labels: Record<string, string> = {},
): number | undefined {
	const samples = readMetrics(text).get(name)?.samples ?? [];
	return samples.find((sample) =>
		Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
	)?.value;
}
