import type {KeyDecision} from '../../../contract/decisions.ts';
import {outcomeOfDecision, timeOfDecision, doorOfDecision} from '../../api-keys/decisions.ts';
import type {Part} from '../../components/line.tsx';
import type {Column} from '../../components/table/columns.ts';
import {clean} from '../../text/clean.ts';
import {writeCount} from '../../text/count.ts';
import {span} from '../../text/time.ts';
import type {LiveRow} from './screen.ts';

/** From this width on there is room for what a key was used by. */
const wideFrom = 100;

/** @param isOfOne the key is told above */
export function liveColumns(isOfOne: boolean, width: number): Column<LiveRow>[] {
	const isWide = width >= wideFrom;
	return [
		{title: 'TIME (UTC)', width: 12, cell: of((each) => [timeOfDecision(each), 'dim'])},
		{title: 'OUTCOME', width: 19, cell: outcomeCell},
		...(isOfOne && !isWide ? [] : [keyColumn(isWide)]),
		{
			title: 'FROM',
			...(isWide || !isOfOne ? {width: 15} : {}),
			cell: of(({address}) => [clean(address ?? '-')]),
		},
		...(isWide ? [{title: 'BY', cell: of((each) => [clean(doorOfDecision(each))])}] : []),
	];
}

function keyColumn(isWide: boolean): Column<LiveRow> {
	return {
		title: 'KEY',
		...(isWide ? {width: 24} : {}),
		cell: of(({key_name: name}) => [clean(name)]),
	};
}

/** Of a decision; other rows say nothing there. */
function of(cell: (decision: KeyDecision) => Part): (row: LiveRow) => Part {
	return (row) => ('decision' in row ? cell(row.decision) : ['']);
}

/** A refusal by a sign, too. */
function outcomeCell(row: LiveRow): Part {
	if ('leftOut' in row) return [`  + ${writeCount(row.leftOut)} not shown`, 'dim'];
	if ('unseenMs' in row) return [`  not seen: ${span(row.unseenMs / 1000)}`, 'warning'];
	const text = clean(outcomeOfDecision(row.decision));
	return row.decision.outcome === 'valid' ? [`  ${text}`] : [`x ${text}`, 'bad'];
}
