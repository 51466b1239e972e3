import type {FullUsageBucket} from '../../contract/keys.ts';
import {countedOutcomes, outcomes} from '../../contract/outcomes.ts';

/** `18,204 accepted, 12 refused (revoked)`; the zeros are left out. */
export function countsInWords(buckets: readonly FullUsageBucket[]): string {
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
