import type {RevokeOutcome} from '../../../api-keys/revoke-each.ts';

export type OutcomesScreen = {
	readonly type: 'outcomes';
	readonly outcomes: readonly RevokeOutcome[];
	/** First line shown. */
	readonly offset: number;
};
