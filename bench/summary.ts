import {layOut, median, rounded, sum} from './figures.ts';
import type {Measurement} from './load/job.ts';
import {baseline} from './targets.ts';
import type {Measured} from './turns.ts';

/** A row of the table and of the result: medians over the rounds. */
export type Row = {
	name: string;
	title: string;
	status: number;
	bodyBytes: number;
	requestsPerSecond: number;
	/** Against bare Koa of the same round; 1 is as good, 0.5 half. */
	ratio: number;
	p50Ms: number;
	p99Ms: number;
	/** CPU time of the server process, in seconds. */
	cpuPer1000: number;
	/** Requests for the same CPU time, against bare Koa of the same round. */
	capacity: number;
	/** `p50Ms` and `p99Ms` against bare Koa of the same round; 1 is as good, 2 takes twice as long. */
	p50Ratio: number;
	p99Ratio: number;
	/** The same four against what does the same on bare Koa, where that is another target. */
	likeness?: Comparison;
	/** And against another version of the product, or another server. */
	other?: Comparison;
	/** Share of one core that the server process used. */
	serverBusy: number;
	loadBusy: number;
	rssMb: number;
	/** Over all rounds. */
	requests: number;
	failures: number;
	/** Each round's `requestsPerSecond`, `cpuPer1000` and p99, to see how far they spread. */
	rounds: readonly {requestsPerSecond: number; cpuPer1000: number; p99Ms: number}[];
};

type Comparison = {title: string} & Record<'ratio' | 'capacity' | 'p50Ratio' | 'p99Ratio', number>;

export function summarise(series: readonly Measured[]): readonly Row[] {
	const named = (wanted: string | undefined) => series.find(({name}) => name === wanted);
	const base = named(baseline)?.rounds ?? [];
	return series.map(({name, title, target, other, bodyBytes, rounds}) => {
		const over = (figure: (round: Measurement, index: number) => number) =>
			median(rounds.map(figure));
		const likeness = named(target.likeness);
		const before = named(other);
		return {
			name,
			title,
			status: target.status,
			bodyBytes,
			requestsPerSecond: Math.round(over(rate)),
			p50Ms: rounded(
				over(({p50Ms}) => p50Ms),
				2,
			),
			p99Ms: rounded(
				over(({p99Ms}) => p99Ms),
				2,
			),
			cpuPer1000: rounded(over(cpuPer1000), 4),
			...comparison(rounds, base),
			...(likeness === undefined
				? {}
				: {
						likeness: {
							title: likeness.title,
							...comparison(rounds, likeness.rounds, target.batch),
						},
					}),
			...(before && {other: {title: before.title, ...comparison(rounds, before.rounds)}}),
			serverBusy: rounded(
				over((round) => round.serverCpuSeconds / round.seconds),
				2,
			),
			loadBusy: rounded(
				over((round) => round.loadCpuSeconds / round.seconds),
				2,
			),
			rssMb: Math.round(over(({serverRssBytes}) => serverRssBytes / 1024 ** 2)),
			requests: sum(rounds.map(({requests}) => requests)),
			failures: sum(rounds.map(({failureCount}) => failureCount)),
			rounds: rounds.map((round) => ({
				requestsPerSecond: Math.round(rate(round)),
				cpuPer1000: rounded(cpuPer1000(round), 4),
				p99Ms: rounded(round.p99Ms, 2),
			})),
		};
	});
}

/**
 * Medians of the ratios between each round and the round of the same number.
 *
 * @param batch how many of the others one request stands for
 */
function comparison(rounds: readonly Measurement[], others: readonly Measurement[], batch = 1) {
	const against = (figure: (round: Measurement) => number) =>
		rounded(
			median(
				rounds.map((round, i) => {
					const other = others[i];
					return other === undefined ? NaN : figure(round) / figure(other);
				}),
			),
			3,
		);
	return {
		ratio: rounded(batch * against(rate), 3),
		capacity: rounded(batch * against((round) => 1 / cpuPer1000(round)), 3),
		p50Ratio: against(({p50Ms}) => p50Ms),
		p99Ratio: against(({p99Ms}) => p99Ms),
	};
}

/** What went wrong, in lines; empty when nothing did. */
export function faults(series: readonly Measured[]): readonly string[] {
	return series.flatMap(({title, rounds}) => {
		const count = sum(rounds.map(({failureCount}) => failureCount));
		const silent = rounds.some(({requests}) => requests === 0);
		const reasons = new Set(rounds.flatMap(({failures}) => failures));
		return [
			...(count === 0 ? [] : [`${title}: ${count} requests failed`]),
			...[...reasons].map((reason) => `  ${reason}`),
			...(silent ? [`${title}: a round without a single answer`] : []),
		];
	});
}

/** The table that a person reads. */
export function table(rows: readonly Row[]): string {
	const head = [
		'',
		'requests/s',
		'ratio',
		'p50 ms',
		'p99 ms',
		'p99 ratio',
		'CPU s/1000',
		'capacity',
		'server core',
		'load core',
		'RSS MB',
	];
	const lines = rows.flatMap((row) => [
		lineOf(row),
		...(row.likeness ? [likenessOf(row.likeness)] : []),
		...(row.other ? [likenessOf(row.other)] : []),
	]);
	return layOut(head, lines);
}

function lineOf(row: Row): string[] {
	return [
		row.title,
		String(row.requestsPerSecond),
		row.ratio.toFixed(2),
		row.p50Ms.toFixed(1),
		row.p99Ms.toFixed(1),
		row.p99Ratio.toFixed(2),
		row.cpuPer1000.toFixed(3),
		row.capacity.toFixed(2),
		`${Math.round(row.serverBusy * 100)} %`,
		`${Math.round(row.loadBusy * 100)} %`,
		String(row.rssMb),
	];
}

function likenessOf({title, ratio, capacity, p99Ratio}: Comparison): string[] {
	const figures = [ratio, p99Ratio, capacity].map((figure) => figure.toFixed(2));
	const [inRequests = '', inP99 = '', inCapacity = ''] = figures;
	return [`  against ${title}`, '', inRequests, '', '', inP99, '', inCapacity, '', '', ''];
}

const rate = (round: Measurement) => round.requests / round.seconds;
const cpuPer1000 = (round: Measurement) => (round.serverCpuSeconds / round.requests) * 1000;
