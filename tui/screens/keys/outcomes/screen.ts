export type OutcomesScreen = {
	readonly type: 'outcomes';
	/** What those are that it was done to, such as `revoked`. */
	readonly done: string;
	readonly outcomes: readonly {
		readonly key: {readonly id: string; readonly name: string};
		readonly outcome: string;
		readonly detail?: string;
	}[];
	/** First line shown. */
	readonly offset: number;
};
