import type {FullUsageBucket} from '../../../../contract/keys.ts';
import {countedOutcomes, outcomes} from '../../../../contract/outcomes.ts';
import type {KeyUse} from '../../../app/effect.ts';
import type {Part} from '../../../components/line.tsx';
import {sparkline} from '../../../text/sparkline.ts';
import {wrap} from '../../../text/width.ts';

const labelWidth = 12;

/** How often a key was checked, by hour and by day. */
export function usageLines({hours, days}: KeyUse, bars: string, columns: number): Part[][] {
	const lines = (label: string, buckets: readonly FullUsageBucket[]): Part[][] => {
		const line = sparkline(buckets.map(total), bars);
		const isUsed = buckets.some((bucket) => total(bucket) > 0);
		const indent = labelWidth + line.length + 2;
		return wrap(summary(buckets), columns - indent).map((text, index): Part[] =>
			index === 0
				? [[label.padEnd(labelWidth), 'dim'], [line, isUsed ? 'key' : 'dim'], [`  ${text}`]]
				: [[' '.repeat(indent)], [text]],
		);
	};
	return [...lines('24 hours', hours), ...lines('30 days', days)];
}

function total(bucket: FullUsageBucket): number {
	return countedOutcomes.reduce((sum, outcome) => sum + bucket[outcome], 0);
}

/** `18,204 accepted, 12 refused (revoked)`; the zeros are left out. */
function summary(buckets: readonly FullUsageBucket[]): string {
	return countedOutcomes
		.map((outcome) => ({
			outcome,
			count: buckets.reduce((sum, bucket) => sum + bucket[outcome], 0),
		}))
		.filter(({outcome, count}) => outcome === 'valid' || count > 0)
		.map(({outcome, count}) => {
			const {label} = outcomes[outcome];
			const times = count.toLocaleString('en');
			return outcome === 'valid' ? `${times} ${label}` : `${times} refused (${label})`;
		})
		.join(', ');
}
