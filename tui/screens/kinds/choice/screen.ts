import type {Effect} from '../../../app/effect.ts';
import type {Question} from '../confirm/screen.ts';

/** Every choice; each is walked by a test. */
export type ChoiceName =
	| 'enableWebhook'
	| 'endRotation'
	| 'memberRole'
	| 'plan'
	| 'rotateKey'
	| 'rotateSecret'
	| 'serviceAccountRole'
	| 'testWebhook';

/**
 * One of a few options, each with its meaning and its effect; the one without `act` is the current one. What
 * gives power or takes something away asks a question first, for which something may have to be read.
 */
export type ChoiceScreen = {
	readonly type: 'choice';
	readonly name: ChoiceName;
	readonly title: string;
	readonly heading: string;
	readonly options: readonly {
		readonly label: string;
		readonly meaning: string;
		readonly act?: Effect;
		readonly question?: Question & {readonly reads?: Effect};
	}[];
	/** What is so after esc, behind "Cancelled:". */
	readonly kept: string;
	readonly choice: number;
	readonly busy: boolean;
	readonly problem?: string;
};
