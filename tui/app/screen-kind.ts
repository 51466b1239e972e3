import type {ComponentType} from 'react';
import type {CommandOf, Context, keymap} from '../keyboard/keymap.ts';
import type {Part} from '../components/line.tsx';
import type {Failure} from '../failure.ts';
import type {Answer, Effect, Event} from './effect.ts';
import type {ListName} from './lists.ts';
import type {Model, Step} from './model.ts';
import type {Loaded} from './pages.ts';
import type {Screen} from './screens.ts';
import type {Query} from '../text/filter-grammar.ts';

/** What every screen's view is given: its state, the model, and the room between the frame's lines. */
export type ViewProperties<S extends Screen> = {
	screen: S;
	model: Model;
	columns: number;
	rows: number;
};

/** A screen that one can go to from everywhere, by its name or its key. */
export type Place = {
	readonly name: string;
	readonly command?: CommandOf<typeof keymap.screens>;
	/** Opens it on top of the home screen. */
	readonly open: (model: Model) => Step;
};

/** What was asked for and failed; `problem` is why, as a sentence for the screen. */
export type Failed = {
	readonly effect: Effect;
	readonly failure: Failure;
	readonly problem: string;
	readonly now: number;
};

/** What comes with an answer: when it came, and the model before it. */
export type Heard = {readonly now: number; readonly before: Model};

/** How fresh what is shown is. */
export type Freshness = Pick<
	Loaded<unknown>,
	'status' | 'loading' | 'loadedAt' | 'nextAt' | 'every' | 'problem'
>;

/** All that the console needs to know of a kind of screen. */
export type ScreenKind<S extends Screen> = {
	/** Its crumb in the header. */
	title: (screen: S, model: Model) => string;
	/** Which parts of the keymap hold here, nearest first; hints and help are made of them. */
	contexts: (screen: S, model: Model) => readonly Context[];
	/** Whether letters are text here: nothing refreshes underneath, and `q` is a letter. */
	typing: (screen: S) => boolean;
	/** The component that draws it. It is loaded late, like Ink: the server is asked first. */
	view: () => Promise<ComponentType<ViewProperties<S>>>;
	/** How one gets there from everywhere. */
	place?: Place;
	/** Where it is a place without a key of its own: the one with a key that it lies under. */
	under?: CommandOf<typeof keymap.screens>;
	/** Filters its rows, as if the text had been typed and kept. */
	filterBy?: (model: Model, screen: S, text: string, now: number) => Step;
	/** What its list is narrowed to by the server, as the screen has it. */
	asks?: (screen: S, model: Model) => Query;
	/** The list it shows, which is kept fresh. */
	list?: (screen: S) => ListName;
	/** How fresh what it shows is, where that is not a list. */
	freshness?: (screen: S) => Freshness;
	/** Commands that would only be refused now: their hints are dim. The reason comes when pressed. */
	unavailable?: (screen: S, model: Model) => readonly string[];
	/** What commands do here, where that depends on what is shown: instead of their hints. */
	hints?: (screen: S, model: Model) => Readonly<Record<string, string>>;
	/** Commands that are hinted at before all others. */
	hintedFirst?: (screen: S) => readonly string[];
	/** What the line at the bottom says of what is typed here, while nothing happened. */
	says?: (screen: S, model: Model) => Part | undefined;
	/** What is said of the row under the cursor, after its place in the list. */
	note?: (screen: S, model: Model) => string | undefined;
	/** Undefined: not a key of its own, so it means what it means everywhere. */
	onKey: (model: Model, screen: S, key: string, now: number) => Step | undefined;
	onPaste?: (model: Model, screen: S, text: string, now: number) => Step;
	/** Once a second while it is shown; `isQuiet`: nothing should change by itself. */
	onTick?: (model: Model, screen: S, now: number, isQuiet: boolean) => Step;
	/** Reads again what it shows, where that is not a list. */
	refresh?: (model: Model, screen: S) => Step;
	/** Its rows anew, after the list or the room for it changed. */
	arrange?: (screen: S, model: Model) => S;
	/** What an answer, or the failure of a background effect, changes in the screen, wherever it lies. */
	hear?: (screen: S, event: Answer | Extract<Event, {type: 'failed'}>, now: number) => S;
	/** Goes on with an answer. The screens are asked from the top down; undefined: not for this one. */
	onAnswer?: (model: Model, screen: S, event: Answer, heard: Heard) => Step | undefined;
	/** What was sent from it has failed: it stops waiting, and shows why. */
	onFailure?: (model: Model, screen: S, failed: Failed) => Model;
	/** Whether something was sent from it whose answer is not here yet. */
	busy?: (screen: S) => boolean;
	/** What quitting now would lose, as a sentence. */
	loses?: (screen: S) => string | undefined;
};

/** What quitting loses of a screen that something is typed into, or sent from. */
export function unsent(isBusy: boolean): string {
	return isBusy ? 'It was sent, and the answer is not here yet.' : 'Nothing was sent.';
}
