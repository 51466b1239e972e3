import type {KeyLimitsRead} from '../../keys/key/screen.ts';
import type {KeyUsageRead} from '../../../usage/reads.ts';
import type {UsageState} from '../shared/screen.ts';

/** How a key is used, over time and from where. */
export type KeyUsageScreen = UsageState<KeyUsageRead> & {
	readonly type: 'keyUsage';
	readonly id: string;
	readonly name: string;
	/** What is left of its limits. */
	readonly limits?: KeyLimitsRead;
};
