import type {Model, Step} from '../../../app/model.ts';
import type {Answer} from '../../../app/effect.ts';
import type {Failed, Heard} from '../../../app/screen-kind.ts';
import type {Part} from '../../../components/line.tsx';
import type {Column, Order} from '../../../components/table/columns.ts';
import type {ListFilter} from '../../../text/filter-grammar.ts';
import type {CommandOf, Context, keymap} from '../../../keyboard/keymap.ts';
import type {Glyphs} from '../../../glyphs.ts';
import type {Role} from '../../../theme.ts';
import type {Items, TableName} from '../../../app/lists.ts';
import type {TableScreen} from './screen.ts';

/** How the rows of a list are filtered, sorted and marked, where that is more than usual. */
export type RowsSpec<Item> = {
	/** What a filter takes, in words; and how it is read, `now` being what `1h` is counted from. */
	readonly filter?: {
		readonly takes: string;
		readonly parse: (text: string, now: number) => ListFilter<Item>;
	};
	/** `width` is that of the table. Columns with a value are those that rows can be sorted by. */
	readonly columns: (model: Model, width: number, glyphs: Glyphs) => Column<Item>[];
	/** How the server has the rows, where a column shows that. */
	readonly serverOrder?: Order;
	/** Which rows can be marked, so that one action is for all of them. */
	readonly marks?: (item: Item, now: number) => boolean;
	/** Takes back what was done last, where nothing is marked. */
	readonly undo?: (model: Model, now: number) => Step;
};

/** What is particular to a screen that is a table of one list. */
export type ListSpec<List extends TableName = TableName, C extends Context = Context> = RowsSpec<
	Items[List]
> & {
	/** What it lists. */
	readonly list: List;
	/** That one gets there from everywhere by this name, or key; `at` is where the cursor begins. */
	readonly place?: {
		readonly name: string;
		readonly command?: CommandOf<typeof keymap.screens>;
		readonly at?: (model: Model) => string | undefined;
	};
	/** As that of a `ScreenKind`. */
	readonly under?: CommandOf<typeof keymap.screens>;
	/** Its crumb. */
	readonly title: (model: Model) => string;
	/** One of them, and many. */
	readonly nouns: readonly [one: string, many: string];
	/** The keys that only this screen has. */
	readonly context: C;
	/** What else is due while it is on top, besides the list itself. */
	readonly alsoDue?: (model: Model, screen: TableScreen<List>, now: number) => Step;
	/** What all of it is called in a sentence, where that is not the many of them. */
	readonly called?: string;
	/** What to say, and what to press, where there is nothing. */
	readonly empty: (model: Model) => readonly (string | readonly [text: string, role: Role])[];
	/** All about one row, as lines no wider than `width`: for the pane beside a wide table. */
	readonly facts?: (item: Items[List], model: Model, width: number) => readonly (readonly Part[])[];
	/** What is said of one row below the others, where there is room for it and none for the pane. */
	readonly below?: (item: Items[List], model: Model, width: number) => readonly (readonly Part[])[];
	/** The same in a sentence, where there is no room below. */
	readonly note?: (item: Items[List], model: Model) => string | undefined;
	/** What is wrong with all of its rows, in a line above everything; `tableHeight` knows of it. */
	readonly banner?: (model: Model) => string | undefined;
	/** What the line above the rows says, in place of how many there are. */
	readonly summary?: (items: readonly Items[List][]) => string;
	/** Commands that would only be refused now; `item` is under the cursor. */
	readonly unavailable?: (
		model: Model,
		item: Items[List] | undefined,
		marked: readonly Items[List][],
	) => readonly CommandOf<C>[];
	/** What commands do to the row under the cursor, where that depends on it: instead of their hints. */
	readonly hints?: (
		item: Items[List] | undefined,
		model: Model,
	) => Readonly<Record<string, string>>;
	/** Commands that are for all marked rows, where some are. */
	readonly forMarked?: readonly CommandOf<C>[];
	/** One of the screen's own commands. */
	readonly run: (
		model: Model,
		item: Items[List] | undefined,
		command: CommandOf<C>,
		now: number,
		marked: readonly Items[List][],
	) => Step;
	/** As those of a `ScreenKind`. */
	readonly onAnswer?: (
		model: Model,
		screen: TableScreen<List>,
		event: Answer,
		heard: Heard,
	) => Step | undefined;
	readonly onFailure?: (model: Model, screen: TableScreen<List>, failed: Failed) => Model;
};
