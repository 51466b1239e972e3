import type {HealthList} from './list.ts';

export type HealthScreen = {
	readonly type: 'health';
	/** What it is read from. */
	readonly list: HealthList;
	/** First line shown. */
	readonly offset: number;
};
