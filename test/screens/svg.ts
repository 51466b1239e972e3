import type {Cell} from '../helpers/emulator.ts';

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;
const ground = '#1c1e26';
const ink = '#d5d8da';
/** The sixteen colours of a dark terminal. */
const palette = [
	'#3b3f4c',
	'#f0776c',
	'#7ec98f',
	'#e5c07b',
	'#7aa9e9',
	'#c792ea',
	'#62c4cf',
	'#d5d8da',
	'#6b7080',
	'#ff9488',
	'#9be3aa',
	'#f5d79a',
	'#9cc3ff',
	'#dcb3f5',
	'#8be0ea',
	'#ffffff',
];

/** What a terminal shows, as a picture: text stays text, so that it can be searched and read aloud. */
export function svgOf(rows: readonly (readonly Cell[])[], title: string): string {
	const columns = Math.max(...rows.map((row) => row.length));
	const width = Math.round(columns * cellWidth + 2 * margin);
	const height = rows.length * cellHeight + 2 * margin;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
		`<title>${escaped(title)}</title>`,
		`<rect width="100%" height="100%" rx="8" fill="${ground}"/>`,
		`<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
		...rows.flatMap((row, index) => runsOf(row).map((run) => drawn(run, index))),
		'</g>',
		'</svg>',
		'',
	].join('\n');
}

type Run = {text: string; column: number; columns: number; cell: Cell};

/** Neighbours of one look, together. */
function runsOf(row: readonly Cell[]): Run[] {
	const runs: Run[] = [];
	for (const [column, cell] of row.entries()) {
		if (cell.columns === 0) continue;
		const text = cell.text === '' ? ' ' : cell.text;
		const last = runs.at(-1);
		if (last !== undefined && looksLike(last.cell, cell)) {
			last.text += text;
			last.columns += cell.columns;
		} else {
			runs.push({text, column, columns: cell.columns, cell});
		}
	}
	return runs.filter(({text, cell}) => cell.inverse || cell.underline || text.trim() !== '');
}

function looksLike(a: Cell, b: Cell): boolean {
	const looks = ['color', 'bold', 'dim', 'inverse', 'underline'] as const;
	return looks.every((look) => a[look] === b[look]);
}

function drawn({text, column, columns, cell}: Run, row: number): string {
	const x = coordinate(margin + column * cellWidth);
	const y = margin + row * cellHeight;
	const width = coordinate(columns * cellWidth);
	const color = cell.color === undefined ? ink : (palette[cell.color] ?? ink);
	const box = cell.inverse
		? `<rect x="${x}" y="${y}" width="${width}" height="${cellHeight}" fill="${color}"/>`
		: '';
	const look = [
		`fill="${cell.inverse ? ground : color}"`,
		...(cell.bold ? ['font-weight="bold"'] : []),
		...(cell.dim ? ['opacity="0.6"'] : []),
	].join(' ');
	const line = cell.underline
		? `<rect x="${x}" y="${y + cellHeight - 2}" width="${width}" height="1" fill="${color}"${cell.dim ? ' opacity="0.6"' : ''}/>`
		: '';
	// Its length is told, as fonts differ in the width of their characters.
	const shown = `<text x="${x}" y="${y + 13.5}" textLength="${width}" lengthAdjust="spacingAndGlyphs" ${look}>${escaped(text)}</text>`;
	return box + line + (text.trim() === '' ? '' : shown);
}

function coordinate(value: number): string {
	return String(Number(value.toFixed(2)));
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
