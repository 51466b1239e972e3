import type {Model, Step} from '../../../app/model.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import type {Screen} from '../../../app/screens.ts';
import type {Halves} from '../../../components/beside.ts';
import type {Part} from '../../../components/line.tsx';
import type {CommandOf, Context} from '../../../keyboard/keymap.ts';

/** Screens that are text, which may be longer than they are: `offset` is the first line shown. */
export type PageScreen = Extract<Screen, {readonly offset: number}>;

/** All that a page says, as lines no wider than `width`. */
export type PageLines<S extends PageScreen> = (
	screen: S,
	model: Model,
	width: number,
) => readonly (readonly Part[])[];

/** What a page says: as one text, and, where that is made for it, as two that stand side by side. */
export type PageText<S extends PageScreen> = {
	readonly lines: PageLines<S>;
	/** Undefined: there is nothing to be put beside the rest now. */
	readonly halves?: (
		screen: S,
		model: Model,
		halves: Halves,
	) => readonly [left: ReturnType<PageLines<S>>, right: ReturnType<PageLines<S>>] | undefined;
};

/** What is particular to a screen that is text. */
export type PageSpec<S extends PageScreen, C extends Context> = Pick<
	ScreenKind<S>,
	'title' | 'place' | 'list' | 'onTick' | 'refresh' | 'hear' | 'onAnswer'
> &
	PageText<S> & {
		/** The keys that only this screen has. */
		readonly context: C;
		/** Commands that would only be refused now. */
		readonly unavailable?: (screen: S, model: Model) => readonly CommandOf<C>[];
		/** One of the screen's own commands. */
		readonly run: (model: Model, screen: S, command: CommandOf<C>, now: number) => Step;
	};
