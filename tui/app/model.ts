import type {KeyAround} from '../screens/keys/key/screen.ts';
import type {FullKey} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Me} from '../../contract/people.ts';
import type {UseTexts} from '../api-keys/explanation.ts';
import type {Clipboard} from '../terminal/clipboard.ts';
import type {TextField} from '../components/text-field/state.ts';
import type {Setting} from '../settings/shown.ts';
import type {Tone} from '../theme.ts';
import type {ThemeName} from '../theme-name.ts';
import {noSparks, type Sparks} from '../usage/sparks.ts';
import type {Effect} from './effect.ts';
import type {Query} from '../text/filter-grammar.ts';
import {type ListName, type Lists, type TableName, unread} from './lists.ts';
import type {Arrangement} from '../components/table/columns.ts';
import type {Screen} from './screens.ts';

/*
 * All that the console knows, in one immutable value. Keys and answers become events, `update`
 * makes the next model and says which effects to run; nothing else changes anything.
 */

type Link =
	| {readonly state: 'connecting' | 'online'}
	| {
			readonly state: 'offline';
			readonly since: number;
			readonly attempt: number;
			readonly retryAt: number;
			readonly probing: boolean;
			readonly reason: string;
	  };

type Notice = {readonly text: string; readonly tone: Tone; readonly until: number};

/** The keys of a screen, over it: which is marked, and what is looked for among them, if something is. */
export type HelpState = {readonly choice: number; readonly search?: TextField};

/** What keys were pressed before; times in ms. */
type Hearing = {
	/** Until then keys are no commands. */
	readonly deafUntil: number;
	/** The last letter, when it was pressed, and how many others came before it without a pause. */
	readonly last: string;
	readonly lastAt: number;
	readonly streak: number;
	/** Until then what is read belongs to what was pasted. */
	readonly pastedUntil: number;
};

export type Model = Lists & {
	/** The instant that relative times are drawn against. */
	readonly now: number;
	readonly size: {readonly columns: number; readonly rows: number};
	readonly url: string;
	/** Nothing may be changed from here, whatever one's role. */
	readonly readOnly: boolean;
	/** How the program was set up, for the settings screen. */
	readonly settings: readonly Setting[];
	/** Known once somebody is logged in. */
	readonly serverVersion?: string;
	readonly link: Link;
	/** Identity providers that one can log in through. */
	readonly providers: readonly string[];
	readonly me?: Me;
	readonly organisation?: Organisation;
	/** Id of the organisation that the profile chose; undefined: the first one of whoever logs in. */
	readonly home: string | undefined;
	/** What the server was asked to narrow a list to. */
	readonly queries: {readonly [List in ListName]?: Query};
	/** How tables are arranged. */
	readonly arrangements: {readonly [List in TableName]?: Arrangement};
	/** The last one is shown. */
	readonly screens: readonly Screen[];
	/** The help that covers the screen, while it does. */
	readonly help?: HelpState;
	/** What is typed after `:`, and which of the matches is selected. */
	readonly palette?: {
		readonly text: TextField;
		readonly choice: number;
		/** Which of what was gone to before it is, the last one first. */
		readonly recalled?: number;
		/** Keys that the server found by what was typed, while not all of them are here. */
		readonly found?: {readonly q: string; readonly keys: readonly FullKey[]};
	};
	/** What was gone to by the palette, the last one first. */
	readonly paletteHistory: readonly string[];
	/** Where one was before the last change of the main screen. */
	readonly before?: readonly Screen[];
	readonly paused: boolean;
	/** Ids of the keys that were suspended last, to be resumed together. */
	readonly lastSuspended?: readonly string[];
	/** What was said of the use of a key that was asked about last. */
	readonly lastUse?: UseTexts;
	/** The use of the keys in the list, of those that were looked at. */
	readonly sparks: Sparks;
	/** What the screen looks like. */
	readonly theme: ThemeName;
	/** What else is known of the key that one looks at. */
	readonly around?: KeyAround;
	/** What can be copied to. */
	readonly clipboard: Clipboard;
	/** The file that is being written. */
	readonly download?: string;
	readonly notice?: Notice;
	readonly hearing: Hearing;
	/** Ctrl-C was pressed where leaving would lose something. */
	readonly quitAsked: boolean;
	/** Raised when the user or the organisation changes, so that late answers to the old one are dropped. */
	readonly epoch: number;
};

/** The next model, and what is to be done. */
export type Step = readonly [Model, ...Effect[]];

export function initialModel(
	url: string,
	size: {columns: number; rows: number},
	now: number,
	readOnly = false,
	settings: readonly Setting[] = [],
	home?: string,
): Model {
	return {
		home,
		now,
		readOnly,
		settings,
		size,
		url,
		link: {state: 'connecting'},
		providers: [],
		...unread,
		queries: {},
		arrangements: {},
		paletteHistory: [],
		screens: [{type: 'connect'}],
		paused: false,
		sparks: noSparks,
		theme: 'default',
		clipboard: 'terminal',
		hearing: {deafUntil: 0, last: '', lastAt: 0, streak: 0, pastedUntil: 0},
		quitAsked: false,
		epoch: 0,
	};
}
