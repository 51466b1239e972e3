import type {KeyClient, UsageSeries} from '../../contract/usage.ts';
import type {UsageRange} from './ranges.ts';

/* What pictures of usage are made of. */

export type UsageRead = {readonly range: UsageRange; readonly byOutcome: UsageSeries};

/** How a key is used, over time and from where. */
export type KeyUsageRead = UsageRead & {
	readonly byAddress: UsageSeries;
	readonly clients: readonly KeyClient[];
};

/** How the keys of an organisation are used, and by whom. */
export type OverviewRead = UsageRead & {
	readonly byKey: UsageSeries;
	readonly byOwner: UsageSeries;
};
