import {Line, type Part} from './line.tsx';

type Properties = {
	lines: readonly (readonly Part[])[];
	/** The first one shown, where that leaves no empty rows below. */
	offset: number;
	columns: number;
	rows: number;
};

/** Lines that may be more than fit, from one of them on. */
export function Lines({lines, offset, columns, rows}: Properties) {
	const first = Math.max(0, Math.min(offset, lines.length - rows));
	return (
		<>
			{lines.slice(first, first + rows).map((parts, index) => (
				<Line key={index} parts={[[' '], ...parts]} columns={columns} />
			))}
		</>
	);
}
