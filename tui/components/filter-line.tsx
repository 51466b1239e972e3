import {Box} from 'ink';
import type {Filter} from './filter.ts';
import {clean} from '../text/clean.ts';
import {writeCount} from '../text/count.ts';
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
	/** What is said in place of `total`. */
	summary?: string;
	right?: readonly Part[];
	columns: number;
};

/** The filter while it is typed, else how many rows there are and how they are arranged. */
export function FilterLine(properties: Properties) {
	const {filter, found, total, partial, nouns, summary, right = [], columns} = properties;
	const count = writeCount(found);
	if (filter.open) {
		const aside = ` ${count} of ${writeCount(total)}`;
		const {length} = aside;
		return (
			<Box>
				<TextFieldView
					label={[[' / ', 'key']]}
					field={filter.text}
					columns={columns - length - 2}
					focused
				/>
				<Line parts={[[aside, 'dim']]} columns={length + 2} />
			</Box>
		);
	}
	const counted = `${plural(total, nouns)}${partial ? ' so far' : ''}`;
	const parts: Part[] = [[` ${summary ?? counted}`]];
	if (filter.applied !== '') {
		parts.push([`  / ${clean(filter.applied)}`, 'key'], [`  ${count} match`, 'dim']);
	}
	return <Line parts={parts} right={total === 0 ? [] : right} columns={columns} />;
}
