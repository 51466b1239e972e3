import {Box} from 'ink';
import {Fragment, type ReactNode} from 'react';
import {width} from '../../text/width.ts';
import {useTheme} from '../../theme.ts';
import {Line} from '../line.tsx';
import {belowFields, fieldLines, hasNotesBeside, longestNote} from './lines.tsx';
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

/** How a form is drawn: the most that fits. */
type Way = {
	/** Whether all parts are open, not only the one that is typed in. */
	opensAll: boolean;
	/** What else fits: a line for each field, or between parts, or none. */
	air: 'fields' | 'parts' | 'none';
};

export function FormView(properties: Properties) {
	const {form, columns, busyText} = properties;
	const {glyphs} = useTheme();
	const below = belowFields(form, columns, busyText);
	const room = Math.max(1, properties.rows);
	const linesOf = (some: readonly Block[]) => some.flatMap(({lines: each}) => each);
	const opensAll = fitsWhole(properties, room);
	// What a field takes that is not typed in is the first to give way.
	const [blocks = []] = (['fields', 'parts', 'none'] as const)
		.map((air) => blocksOf(properties, {opensAll, air}, glyphs.separator))
		.filter((some, at) => at === 2 || linesOf(some).length + below.length <= room);
	const at = Math.max(
		0,
		blocks.findIndex(({focused}) => focused),
	);
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

/** Lines that what is wrong with a form, or with some of its fields, may take. */
const spare = 4;

/** Whether all parts of a form can be open at once, whatever is typed. */
function fitsWhole({form, columns}: Properties, room: number): boolean {
	const titles = Object.keys(form.parts ?? {}).length;
	const each = hasNotesBeside(columns) ? 1 : 2;
	return each * form.fields.length + titles + spare <= room;
}

function blocksOf(properties: Properties, {opensAll, air}: Way, separator: string): Block[] {
	const {form, columns} = properties;
	const {parts} = form;
	const isRoomy = air === 'fields';
	if (parts === undefined) return fieldBlocks(properties, isRoomy);
	const here = openPart(form);
	const titleWidth = Math.max(...Object.values(parts).map(({title}) => width(title))) + 3;
	return Object.entries(parts).flatMap(([name, {title, without}], index): Block[] => {
		if (!form.fields.some(({part}) => part === name)) return [];
		const isOpen = opensAll || name === here;
		const {texts, ...stands} = summaryOf(form, name);
		const summary = texts.length === 0 ? without : isOpen ? '' : texts.join(` ${separator} `);
		const heading = (
			<Line
				key="heading"
				parts={[
					[` ${title.padEnd(titleWidth)}`, name === here ? 'strong' : 'plain'],
					...signs(stands, summary !== ''),
					[summary, texts.length === 0 ? 'dim' : 'plain'],
				]}
				columns={columns}
			/>
		);
		if (!isOpen) return [{lines: [heading]}];
		const isApart = opensAll && air === 'parts' && index > 0;
		const before = isApart ? [<Line key="above" parts={[]} columns={columns} />] : [];
		return [{lines: [...before, heading]}, ...fieldBlocks(properties, isRoomy, name)];
	});
}

/** @param goesOn whether what is filled in follows */
function signs({isWrong, isChanged}: Omit<PartSummary, 'texts'>, goesOn: boolean) {
	if (isWrong) return [['! ', 'warning'] as const];
	return isChanged ? [[goesOn ? '* changed: ' : '* changed', 'key'] as const] : [];
}

/** The fields of a part, or of a form that has none. */
function fieldBlocks({form, columns, notes = {}}: Properties, isRoomy: boolean, part?: string) {
	const indent = part === undefined ? 0 : 2;
	const shown = form.fields.filter((field) => field.part === part);
	// The same in each part, so that texts stand in one column.
	const labelWidth = Math.max(...form.fields.map(({label}) => width(label))) + 3;
	return shown.map((field): Block => {
		const isHere = field === form.fields[form.focus];
		const isBeside = hasNotesBeside(columns);
		const {lines, isSaidBeside} = fieldLines(field, {
			columns,
			indent,
			labelWidth,
			focused: isHere && !form.busy,
			note: isRoomy || isBeside || isHere ? notes[field.name] : undefined,
			noteLines: isRoomy || isHere ? longestNote : 1,
		});
		if (isSaidBeside) {
			// The line below it is taken once what is said needs it: fields do not move by that.
			const air =
				isRoomy && lines.length === 1 ? [<Line key="air" parts={[]} columns={columns} />] : [];
			return {focused: isHere, lines: [...lines, ...air]};
		}
		const says = isRoomy || isHere || field.problem !== undefined || field.news !== undefined;
		return {focused: isHere, lines: says ? lines : lines.slice(0, 1)};
	});
}
