import {Box} from 'ink';
import {Fragment, type ReactNode} from 'react';
import {width} from '../../text/width.ts';
import {useTheme} from '../../theme.ts';
import {Line} from '../line.tsx';
import {belowFields, fieldLines} from './lines.tsx';
import {openPart, type PartSummary, summaryOf} from './parts.ts';
import type {Form} from './shape.ts';

type Properties = {
	form: Form;
	columns: number;
	/** Lines that there is room for: of a longer form those around the focused field are drawn. */
	rows: number;
	busyText: string;
	/** What a field's text means, by its name; shown while nothing is wrong with it. */
	notes?: Readonly<Record<string, string>>;
};

/** Lines that are seen together, and whether they are what one types in. */
type Block = {lines: ReactNode[]; focused?: boolean};

export function FormView(properties: Properties) {
	const {form, columns, busyText} = properties;
	const {glyphs} = useTheme();
	const below = belowFields(form, columns, busyText);
	const room = Math.max(1, properties.rows);
	const fits = (blocks: readonly Block[]) =>
		blocks.flatMap(({lines: some}) => some).length + below.length <= room;
	const roomy = blocksOf(properties, true, glyphs.separator);
	// What a field takes that is not typed in is the first to give way.
	const blocks = fits(roomy) ? roomy : blocksOf(properties, false, glyphs.separator);
	const at = Math.max(
		0,
		blocks.findIndex(({focused}) => focused),
	);
	const linesOf = (some: readonly Block[]) => some.flatMap(({lines: each}) => each);
	const lines = [...linesOf(blocks), ...below];
	const above = linesOf(blocks.slice(0, at)).length;
	const end = below.length > 0 ? lines.length : linesOf(blocks.slice(0, at + 1)).length;
	const first = Math.min(above, Math.max(0, end - room));
	return (
		<Box flexDirection="column" flexShrink={0}>
			{lines.slice(first, first + room).map((line, index) => (
				<Fragment key={first + index}>{line}</Fragment>
			))}
		</Box>
	);
}

function blocksOf(properties: Properties, isRoomy: boolean, separator: string): Block[] {
	const {form, columns} = properties;
	const {parts} = form;
	if (parts === undefined) return fieldBlocks(properties, isRoomy);
	const open = openPart(form);
	const titleWidth = Math.max(...Object.values(parts).map(({title}) => width(title))) + 3;
	return Object.entries(parts).flatMap(([name, {title, without}]): Block[] => {
		if (!form.fields.some(({part}) => part === name)) return [];
		const {texts, ...stands} = summaryOf(form, name);
		const summary = texts.length === 0 ? without : texts.join(` ${separator} `);
		const heading = (
			<Line
				key="heading"
				parts={[
					[` ${title.padEnd(titleWidth)}`, name === open ? 'strong' : 'plain'],
					...signs(stands),
					[summary, texts.length === 0 || name === open ? 'dim' : 'plain'],
				]}
				columns={columns}
			/>
		);
		if (name !== open) return [{lines: [heading]}];
		return [{lines: [heading]}, ...fieldBlocks(properties, isRoomy, name)];
	});
}

function signs({isWrong, isChanged}: Omit<PartSummary, 'texts'>) {
	if (isWrong) return [['! ', 'warning'] as const];
	return isChanged ? [['* changed: ', 'key'] as const] : [];
}

/** The fields of a part, or of a form that has none. */
function fieldBlocks({form, columns, notes = {}}: Properties, isRoomy: boolean, part?: string) {
	const indent = part === undefined ? 0 : 2;
	const shown = form.fields.filter((field) => field.part === part);
	// The same in each part, so that texts stand in one column.
	const labelWidth = Math.max(...form.fields.map(({label}) => width(label))) + 3;
	return shown.map((field): Block => {
		const isHere = field === form.fields[form.focus];
		const lines = fieldLines(field, {
			columns,
			indent,
			labelWidth,
			focused: isHere && !form.busy,
			note: isRoomy || isHere ? notes[field.name] : undefined,
		});
		const says = isRoomy || isHere || field.problem !== undefined || field.news !== undefined;
		return {focused: isHere, lines: says ? lines : lines.slice(0, 1)};
	});
}
