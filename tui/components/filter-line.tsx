import {Box} from 'ink';
import type {Filter} from '../app/model.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {Line, type Part} from './line.tsx';
import {TextFieldView} from './text-field/text-field.tsx';

type Properties = {
	filter: Filter;
	/** How many rows it shows, of how many. */
	found: number;
	total: number;
	/** `total` is what has come so far. */
	partial: boolean;
	nouns: readonly [one: string, many: string];
	/** What it takes, shown until something is typed. */
	takes?: string | undefined;
	right?: readonly Part[];
	columns: number;
};

/** Columns that the text has while it is typed, at least. */
const shortest = 24;

/** The filter while it is typed, else how many rows there are and how they are arranged. */
export function FilterLine(properties: Properties) {
	const {filter, found, total, partial, nouns, takes, right = [], columns} = properties;
	const count = found.toLocaleString('en');
	if (filter.open) {
		const shown = `${count} of ${total.toLocaleString('en')}`;
		const hint = filter.text.value === '' ? (takes ?? shown) : shown;
		const aside = ` ${filter.problem ?? hint}`;
		const length = Math.min(columns - shortest, aside.length);
		return (
			<Box>
				<TextFieldView
					label={[[' / ', 'key']]}
					field={filter.text}
					columns={columns - length - 2}
					focused
				/>
				<Line
					parts={[[aside, filter.problem === undefined ? 'dim' : 'warning']]}
					columns={length + 2}
				/>
			</Box>
		);
	}
	const parts: Part[] = [[` ${plural(total, nouns)}${partial ? ' so far' : ''}`]];
	if (filter.applied !== '') {
		parts.push([`  / ${clean(filter.applied)}`, 'key'], [`  ${count} match`, 'dim']);
	}
	return <Line parts={parts} right={total === 0 ? [] : right} columns={columns} />;
}
