/* How the points of a series become columns of a chart that has so much room. */

export type Columns<Count> = {
	/** When each begins, and what it counts. */
	readonly columns: readonly {readonly start: string; readonly count: Count}[];
	/** How many points are one column. */
	readonly points: number;
	/** Cells that a column takes, and how many of them stay empty. */
	readonly cells: number;
	readonly gap: number;
};

/** Widest column there is: wider ones look like a wall. */
const widest = 6;

/**
 * As many columns as there is room for: where there is not enough for all points, some are added up.
 *
 * @param together how many points may be one column, the fewest first, such as 1, 2, 3, 4, 6 of hours
 */
export function columnsOf<Count>(
	points: readonly (readonly [start: string, count: Count])[],
	room: number,
	together: readonly number[],
	sum: (some: readonly Count[]) => Count,
): Columns<Count> {
	const many =
		together.find((each) => Math.ceil(points.length / each) <= room) ?? together.at(-1) ?? 1;
	const columns = [];
	for (let at = 0; at < points.length; at += many) {
		const some = points.slice(at, at + many);
		const [start = ''] = some[0] ?? [];
		columns.push({start, count: sum(some.map(([, count]) => count))});
	}
	const cells = Math.max(1, Math.min(widest, Math.floor(room / Math.max(1, columns.length))));
	return {columns, points: many, cells, gap: cells >= 3 ? 1 : 0};
}
