import type {TableName} from '../../../app/lists.ts';
import type {Column} from '../../../components/table/columns.ts';

/** Which columns a list has. */
export type ColumnsScreen = {
	readonly type: 'columns';
	readonly list: TableName;
	readonly columns: readonly Column<never>[];
	/** The one under the cursor. */
	readonly at: number;
};
