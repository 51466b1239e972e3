import type {AnyCommand, Context} from '../keymap.ts';
import type {Model, Screen, Step} from './model.ts';

/** What the console needs to know of a kind of screen besides its view. */
export type ScreenKind<S extends Screen> = {
	/** Its crumb in the header. */
	title: (screen: S, model: Model) => string;
	/** Which parts of the keymap hold here, nearest first; hints and help are made of them. */
	contexts: (screen: S, model: Model) => readonly Context[];
	/** Whether letters are text here: nothing refreshes underneath, and `q` is a letter. */
	typing: (screen: S) => boolean;
	/** Commands that would only be refused now: their hints are dim. The reason comes when pressed. */
	unavailable?: (screen: S, model: Model) => readonly AnyCommand[];
	onKey: (model: Model, screen: S, key: string, now: number) => Step;
	onPaste?: (model: Model, screen: S, text: string, now: number) => Step;
};

/** Whether leaving now would lose something: typed text, or a key that is never shown again. */
export function losesSomething(screen: Screen): boolean {
	return ['reveal', 'confirm', 'form'].includes(screen.type);
}
