import type {Effect} from '../../../app/effect.ts';
import type {Question} from '../confirm/screen.ts';

/**
 * One of a few options, each with its meaning and its effect; the one without `act` is the current one. What
 * gives power or takes something away asks a question first, for which something may have to be read.
 */
export type ChoiceScreen = {
	readonly type: 'choice';
	readonly title: string;
	readonly heading: string;
	readonly options: readonly {
		readonly label: string;
		readonly meaning: string;
		readonly act?: Effect;
		readonly question?: Question & {readonly reads?: Effect};
	}[];
	readonly choice: number;
	readonly busy: boolean;
	readonly problem?: string;
};
