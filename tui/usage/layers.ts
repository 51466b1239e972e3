import {type Outcome, outcomes} from '../../contract/outcomes.ts';
import type {UsageSeries} from '../../contract/usage.ts';
import type {Chart} from '../components/chart/chart.ts';
import type {Glyphs} from '../glyphs.ts';
import type {Role} from '../theme.ts';

/* What outcomes mean in a picture: too many to be told apart there, they are told in three layers. */

export const usageLayers = ['accepted', 'limited', 'refused'] as const;
export type UsageLayer = (typeof usageLayers)[number];

const roles: Readonly<Record<UsageLayer, Role>> = {
	accepted: 'key',
	limited: 'warning',
	refused: 'bad',
};

/** Limited: only for the moment. What a later version of the server knows besides is a refusal. */
export function layerOf(outcome: string | null): UsageLayer {
	if (outcome === 'valid') return 'accepted';
	return outcome === 'rate_limited' || outcome === 'quota_exceeded' ? 'limited' : 'refused';
}

/** What an outcome is called in a few words. */
export function outcomeLabel(outcome: string | null): string {
	const name = outcome ?? '';
	return Object.hasOwn(outcomes, name) ? outcomes[name as Outcome].label : name;
}

export type LayerTotals = Readonly<Record<UsageLayer, number>>;

/** How often keys were accepted, limited and refused, by a series by outcome. */
export function layerTotals({series}: Pick<UsageSeries, 'series'>): LayerTotals {
	const totals = {accepted: 0, limited: 0, refused: 0};
	for (const {group, total} of series) totals[layerOf(group)] += total;
	return totals;
}

/** Why keys were refused, the cause of most refusals first. */
export function causesOf({series}: UsageSeries) {
	return series
		.filter(({group, total}) => layerOf(group) !== 'accepted' && total > 0)
		.map(({group, total, points}) => ({
			label: outcomeLabel(group),
			layer: layerOf(group),
			total,
			points,
		}))
		.toSorted((a, b) => b.total - a.total);
}

/** A series by outcome as a chart. */
export function usageChart(
	read: Pick<UsageSeries, 'series' | 'step'>,
	{fills}: Pick<Glyphs, 'fills'>,
): Chart {
	const {step, series} = read;
	const starts = (series[0]?.points ?? []).map(([start]) => start);
	const {limited, refused} = layerTotals(read);
	const points = starts.map((start, at) => {
		const counts = usageLayers.map((layer) =>
			series.reduce(
				(sum, {group, points: of}) => (layerOf(group) === layer ? sum + (of[at]?.[1] ?? 0) : sum),
				0,
			),
		);
		return [start, counts] as const;
	});
	return {
		points,
		step,
		layers: usageLayers.map((layer, at) => ({role: roles[layer], fill: fills[at] ?? fills[0]})),
		// Few among many would not be seen otherwise.
		...(limited + refused === 0
			? {}
			: {
					strip: {
						label: 'refused',
						role: 'bad',
						of: ([, some = 0, others = 0]) => some + others,
					},
				}),
	};
}
