import type {KeyChange, KeyOutcome} from '../../../api-keys/change-each.ts';

export type OutcomesScreen = {
	readonly type: 'outcomes';
	readonly what: KeyChange;
	readonly outcomes: readonly KeyOutcome[];
	/** First line shown. */
	readonly offset: number;
};
