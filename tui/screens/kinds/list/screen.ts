import type {Query} from '../../../text/filter-grammar.ts';
import type {Items, TableName} from '../../../app/lists.ts';
import type {Filter} from '../../../components/filter.ts';
import type {Table} from '../../../components/table/state.ts';

/** How rows are sorted, where that is not as the server has them. */
export type Order = {readonly column: string; readonly descending: boolean};

export type TableScreen<List extends TableName = TableName> = List extends TableName
	? {
			readonly type: List;
			readonly table: Table;
			readonly filter: Filter;
			/** The rows, filtered and sorted. */
			readonly visible: readonly Items[List][];
			/** Ids of the rows that the next action is for; they are dropped with it. */
			readonly marks: ReadonlySet<string>;
			readonly order?: Order;
			/** What the screen is about, such as the deliveries of one endpoint; a filter adds to it. */
			readonly scope?: Query;
			/** What is new comes in as it happens. */
			readonly follow?: boolean;
			/** The newest row when the cursor was last on the first one. */
			readonly seen?: string;
		}
	: never;
