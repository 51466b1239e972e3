import type {Items, Model, Step, TableName} from '../../app/model.ts';
import type {Part} from '../../components/line.tsx';
import type {Column} from '../../components/table/table.tsx';
import type {AnyCommand, CommandOf, Context} from '../../keymap.ts';
import type {Role} from '../../theme.ts';

/** What is particular to a screen that is a table of one list. */
export type ListSpec<List extends TableName = TableName, C extends Context = Context> = {
	/** Its crumb. */
	readonly title: (model: Model) => string;
	/** One of them, and many. */
	readonly nouns: readonly [one: string, many: string];
	/** The keys that only this screen has. */
	readonly context: C;
	/** What a filter takes, where that is more than words. */
	readonly filters?: string;
	/** `width` is that of the table. */
	readonly columns: (model: Model, width: number) => Column<Items[List]>[];
	/** What to say, and what to press, where there is nothing. */
	readonly empty: (model: Model) => readonly (string | readonly [text: string, role: Role])[];
	/** All about one row, as lines no wider than `width`: for the pane beside a wide table. */
	readonly facts?: (item: Items[List], model: Model, width: number) => readonly (readonly Part[])[];
	/** Commands that would only be refused now. */
	readonly unavailable?: (model: Model, item: Items[List] | undefined) => readonly AnyCommand[];
	/** One of the screen's own commands; `item` is under the cursor. */
	readonly run: (
		model: Model,
		item: Items[List] | undefined,
		command: CommandOf<C>,
		now: number,
	) => Step;
};
