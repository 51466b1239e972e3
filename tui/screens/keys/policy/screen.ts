import type {PolicyList} from './list.ts';

/** What an organisation, or the appliance, asks of keys. */
export type KeyPolicyScreen = {
	readonly type: 'keyPolicy';
	/** What it is read from. */
	readonly list: PolicyList;
	/** First line shown. */
	readonly offset: number;
};
