import type {Table} from '../../../components/table/state.ts';
import type {UsageRange} from '../../../usage/ranges.ts';
import type {UsageRead} from '../../../usage/reads.ts';
import type {Sample} from '../../../usage/rate.ts';

/** A chart of usage, and a table of those that it is made of. */
export type UsageState<Read extends UsageRead> = {
	readonly range: UsageRange;
	/** The step that is pointed at, by its beginning. */
	readonly at?: string;
	readonly table: Table;
	/** Whether it is being read, and when to read it again, in ms since the epoch. */
	readonly reading: boolean;
	readonly nextAt: number;
	/** How often it is read, ms. */
	readonly every?: number;
	readonly loadedAt?: number;
	/** Of `range`, or of another one while that is being read. */
	readonly read?: Read;
	/** Why there is no `read`, or none that is fresh. */
	readonly problem?: string;
	/** What was read lately, to tell how often keys are checked now. */
	readonly samples: readonly Sample[];
};
