import {writeCount} from '../../../text/count.ts';
import {percent} from '../../../text/gauge.ts';
import {plural} from '../../../text/plural.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {openKeysToMend} from '../to-mend/open.ts';
import {keyHygieneBindings} from './bindings.ts';
import {parseThresholds, thresholdsTake} from './filter.ts';
import {findingLines} from './lines.ts';
import type {FindingCount} from './list.ts';

/** What is found of the live keys of an organisation, and of how many. */
export const keyHygieneSpec: ListSpec<'keyHygiene', typeof keyHygieneBindings> = {
	list: 'keyHygiene',
	place: {name: 'key hygiene', command: 'showHygiene'},
	title: () => 'hygiene',
	nouns: ['finding', 'findings'],
	summary: summaryOf,
	context: keyHygieneBindings,
	filter: {takes: thresholdsTake, parse: parseThresholds},
	columns: () => [
		{
			title: 'FOUND',
			width: 25,
			value: ({title}) => title,
			cell: ({title, count}) => [title, count > 0 ? 'plain' : 'dim'],
		},
		{
			title: '  KEYS',
			width: 6,
			value: ({count}) => count,
			descending: true,
			cell: ({count}) => countCell(count),
		},
		{
			title: 'SHARE',
			width: 5,
			from: 70,
			cell: ({count, of}) => [count === 0 ? '' : percent(count, of).padStart(5), 'dim'],
		},
		{
			title: 'HOW TO FIX IT',
			value: ({mends}) => mends,
			cell: ({mends, count}) => [mends, count > 0 ? 'plain' : 'dim'],
		},
	],
	empty: () => ['Nothing has been checked yet.'],
	facts: (row, {now}, width) => findingLines(row, now, width),
	below: (row, {now}, width) => findingLines(row, now, width),
	note: ({tells}) => tells,
	unavailable: (_model, row) => (row === undefined ? ['open'] : []),
	run: (model, row) => (row === undefined ? [model] : openKeysToMend(model, row.id)),
};

function countCell(count: number) {
	const text = writeCount(count).padStart(6);
	return [text, count > 0 ? 'warning' : 'dim'] as const;
}

function summaryOf(rows: readonly FindingCount[]): string {
	const any = rows.find(({id}) => id === 'any');
	if (any === undefined) return '';
	return `${plural(any.of, ['live key', 'live keys'])}, ${writeCount(any.count)} of them to look after`;
}
