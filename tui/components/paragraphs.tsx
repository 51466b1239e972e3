import {Box} from 'ink';
import {wrap} from '../text/width.ts';
import type {Role} from '../theme.ts';
import {Line, type Part} from './line.tsx';

/** One a paragraph; an empty one is an empty line. Text from a server must be clean already. */
export type Text = readonly (string | readonly [text: string, role: Role])[];

type Properties = {text: Text; columns: number};

/** Running text, broken at the edge and no wider than reads well. */
export function Paragraphs({text, columns}: Properties) {
	return (
		<Box flexDirection="column" flexShrink={0}>
			{linesOf(text, columns).map((line, index) => (
				<Line key={index} parts={[line]} columns={columns} />
			))}
		</Box>
	);
}

/** The lines that running text takes. */
export function linesOf(text: Text, columns: number): Part[] {
	const measure = Math.min(columns - 2, 100);
	return text.flatMap((paragraph) => {
		const [words, role] = typeof paragraph === 'string' ? [paragraph, undefined] : paragraph;
		return wrap(words, measure).map((line): Part => [` ${line}`, role]);
	});
}
