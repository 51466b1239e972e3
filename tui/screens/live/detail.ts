import {moreOfDecision, doorOfDecision} from '../../api-keys/decisions.ts';
import type {Part} from '../../components/line.tsx';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/plural.ts';
import {span} from '../../text/time.ts';
import {wrap} from '../../text/width.ts';
import {detailRows} from './rows.ts';
import type {LiveRow} from './screen.ts';

/** What the table does not say of the row under the cursor, in as many lines as there is room for. */
export function detailLines(row: LiveRow | undefined, columns: number): Part[][] {
	const lines = row === undefined ? [] : wrap(detailOf(row), columns - 2);
	return Array.from({length: detailRows}, (_, at): Part[] => [[` ${lines[at] ?? ''}`, 'dim']]);
}

function detailOf(row: LiveRow): string {
	if ('leftOut' in row) {
		const more = plural(row.leftOut, ['more decision', 'more decisions']);
		return `${more} in this second: those shown are a random sample; the usage counts have all.`;
	}
	if ('unseenMs' in row) {
		return `Nobody looked for ${span(row.unseenMs / 1000)}: decisions made meanwhile are only in the usage counts.`;
	}
	const {decision} = row;
	const more = moreOfDecision(decision);
	return clean(`by ${doorOfDecision(decision)}${more === '' ? '' : `; ${more}`}`);
}
