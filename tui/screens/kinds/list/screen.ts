import type {Query} from '../../../text/filter-grammar.ts';
import type {Items, TableName} from '../../../app/lists.ts';
import type {Filter} from '../../../components/filter.ts';
import type {Table} from '../../../components/table/state.ts';

export type TableScreen<List extends TableName = TableName> = List extends TableName
	? {
			readonly type: List;
			readonly table: Table;
			readonly filter: Filter;
			/** The rows, filtered and sorted. */
			readonly visible: readonly Items[List][];
			/** Ids of the rows that the next action is for; they are dropped with it. */
			readonly marks: ReadonlySet<string>;
			/** A column to sort by is being chosen. */
			readonly sorting?: true;
			/** What the screen is about, such as the deliveries of one endpoint; a filter adds to it. */
			readonly scope?: Query;
			/** What is new comes in as it happens. */
			readonly follow?: boolean;
			/** The newest row when the cursor was last on the first one. */
			readonly seen?: string;
		}
	: never;
