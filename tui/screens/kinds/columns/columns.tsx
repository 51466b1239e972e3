import {Line, type Part} from '../../../components/line.tsx';
import {isWanted, layOut} from '../../../components/table/columns.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {useTheme} from '../../../theme.ts';
import {arrangementOf} from '../list/arrangement.ts';
import {tableWidth} from './layout.ts';
import type {ColumnsScreen} from './screen.ts';

/** Every column of a list, with a tick where it is shown. */
export function ColumnsView({screen, model, columns, rows}: ViewProperties<ColumnsScreen>) {
	const {glyphs} = useTheme();
	const {list, at} = screen;
	const width = tableWidth(model, list);
	const arrangement = arrangementOf(model, list);
	const laid = new Set(layOut(screen.columns, width, arrangement).map(({title}) => title));
	const room = Math.max(1, rows - 2);
	const first = Math.max(0, at - room + 1);
	return (
		<>
			<Line parts={[[' Which columns to show, until you quit', 'strong']]} columns={columns} />
			<Line parts={[]} columns={columns} />
			{screen.columns.slice(first, first + room).map((column, index) => {
				const selected = first + index === at;
				const isShown = isWanted(column, width, arrangement);
				const tick = column.width === undefined || isShown ? glyphs.mark : ' ';
				const said: Part[] =
					column.width === undefined
						? [['  always', 'dim']]
						: isShown && !laid.has(column.title)
							? [['  no room at this width', 'warning']]
							: [];
				return (
					<Line
						key={column.title}
						lead={[selected ? `${glyphs.marker} ` : '  ', 'key']}
						parts={[[`[${tick}] ${column.title.trim()}`], ...said]}
						columns={columns}
						isSelected={selected}
					/>
				);
			})}
		</>
	);
}
