import {Box} from 'ink';
import type {ViewProperties} from '../../app/screen-kind.ts';
import {FilterLine} from '../../components/filter-line.tsx';
import {Line, type Part} from '../../components/line.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {TableView} from '../../components/table/table.tsx';
import {settleTable} from '../../components/table/state.ts';
import {clean} from '../../text/clean.ts';
import {writeCount} from '../../text/count.ts';
import {liveColumns} from './columns.ts';
import {detailLines} from './detail.ts';
import {detailRows, isFollowing, newerBelow, rowAt, visibleRows} from './rows.ts';
import type {LiveScreen} from './screen.ts';

/** What is decided about keys, the newest at the bottom, and below it what is under the cursor. */
export function LiveView({screen, model, columns, rows}: ViewProperties<LiveScreen>) {
	const visible = visibleRows(screen);
	// Room for the line above and the lines below.
	const height = Math.max(2, rows - 1 - detailRows);
	return (
		<>
			<FilterLine
				filter={screen.filter}
				found={visible.filter(isDecision).length}
				total={screen.rows.filter(isDecision).length}
				partial={false}
				nouns={['decision', 'decisions']}
				right={aside(screen, model.paused)}
				columns={columns}
			/>
			{visible.length === 0 ? (
				<Paragraphs text={nothingText(screen)} columns={columns} />
			) : (
				<Box flexDirection="column">
					<TableView
						columns={liveColumns(screen.key !== undefined, columns)}
						rows={visible}
						table={settleTable(screen.table, visible, height - 1)}
						width={columns}
						height={height}
					/>
					{detailLines(rowAt(screen), columns).map((parts, at) => (
						<Line key={at} parts={parts} columns={columns} />
					))}
				</Box>
			)}
		</>
	);
}

function isDecision(row: LiveScreen['rows'][number]): boolean {
	return 'decision' in row;
}

/** Whether it moves, and how much there is a second. */
function aside(screen: LiveScreen, isConsolePaused: boolean): Part[] {
	const {paused, last} = screen;
	const isHeld = screen.rows.length > 0 && !isFollowing(screen);
	const held: Part[] = isHeld
		? [[`held: ${writeCount(newerBelow(screen))} newer below  `, 'warning']]
		: [];
	if (paused || isConsolePaused) return [...held, ['HELD ', 'warning']];
	const rate = last?.rate;
	return rate === undefined ? held : [...held, [`${rateText(rate)} a second `, 'key']];
}

function rateText(rate: number): string {
	return rate > 0 && rate < 10 ? rate.toFixed(1) : writeCount(Math.round(rate));
}

function nothingText({
	problem,
	last,
	rows,
	filter,
	key,
}: LiveScreen): (string | readonly [string, 'bad' | 'dim'])[] {
	if (problem !== undefined) {
		return ['', ['Live decisions cannot be shown.', 'bad'], clean(problem), '', 'R tries again.'];
	}
	if (last === undefined) return ['', ['asking …', 'dim']];
	if (rows.length > 0 || filter.applied !== '') {
		return ['', `Nothing matches ${clean(filter.applied)} so far.`, '', 'esc clears the filter.'];
	}
	const what = key === undefined ? 'No key has' : 'This key has not';
	return ['', [`${what} been used since you opened this. New decisions appear here.`, 'dim']];
}
