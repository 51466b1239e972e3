import type {OverviewRead} from '../../../usage/reads.ts';
import type {UsageState} from '../shared/screen.ts';

/** How the keys of an organisation are used, and by whom. */
export type OverviewScreen = UsageState<OverviewRead> & {readonly type: 'overview'};
