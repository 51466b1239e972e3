import {Box} from 'ink';
import {wrap} from '../text/width.ts';
import type {Role} from '../theme.ts';
import {Line} from './line.tsx';

type Properties = {
	/** One a paragraph; an empty one is an empty line. Text from a server must be clean already. */
	text: readonly (string | readonly [text: string, role: Role])[];
	columns: number;
};

/** Running text, broken at the edge and no wider than reads well. */
export function Paragraphs({text, columns}: Properties) {
	const measure = Math.min(columns - 2, 100);
	const lines = text.flatMap((paragraph) => {
		const [words, role] = typeof paragraph === 'string' ? [paragraph, undefined] : paragraph;
		return wrap(words, measure).map((line) => [` ${line}`, role] as const);
	});
	return (
		<Box flexDirection="column">
			{lines.map((line, index) => (
				<Line key={index} parts={[line]} columns={columns} />
			))}
		</Box>
	);
}
