import type {Effect} from '../../../app/effect.ts';
import type {TextField} from '../../../components/text-field/state.ts';
import type {FormScreen} from '../form/screen.ts';
import type {Tone} from '../../../theme.ts';
import type {Why} from './why.ts';

/** The question before something that cannot be undone, or that gives or takes much. */
export type Question = {
	/** Its crumb. */
	readonly title: string;
	readonly question: string;
	/** What it is about and what follows, in the order in which it should be read. */
	readonly facts: readonly (readonly [text: string, tone: Tone | 'dim'])[];
	/** What the button says. */
	readonly verb: string;
	readonly busyText: string;
	/** What must be typed; without it a `y` is enough. */
	readonly word?: string;
	/** What asks for the word. */
	readonly ask?: string;
	/** What the word is, where that is not plain. */
	readonly wordIs?: string;
	/** Where a reason can be given. */
	readonly why?: Why;
};
export type ConfirmScreen = Question & {
	readonly type: 'confirm';
	readonly act: Effect;
	readonly openedAt: number;
	readonly text: TextField;
	readonly button: 'cancel' | 'confirm';
	readonly busy: boolean;
	readonly problem?: string;
	/** The form whose place it has taken: where nothing comes of it, one is back there. */
	readonly back?: FormScreen;
	/** What the form has sent once this is agreed to, see there. */
	readonly sent?: NonNullable<FormScreen['sent']>;
};

/** Whether what was typed lets the button be pressed. */
export function armed({word, text}: ConfirmScreen): boolean {
	return word === undefined || text.value.normalize() === word.normalize();
}
