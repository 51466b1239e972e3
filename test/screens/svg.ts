import type {Cell} from '../helpers/emulator.ts';

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;

/** The colours of a terminal. */
export type Palette = {
	/** Behind everything, and of text that has no colour of its own. */
	readonly ground: string;
	readonly ink: string;
	/** The first sixteen; the others are the same everywhere. */
	readonly colors: readonly string[];
};

export const dark: Palette = {
	ground: '#1c1e26',
	ink: '#d5d8da',
	colors: [
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
	],
};

export const light: Palette = {
	ground: '#fdfdfb',
	ink: '#24292f',
	colors: [
		'#24292f',
		'#c4212b',
		'#1a7f37',
		'#9a6700',
		'#0b5cad',
		'#8250df',
		'#1b7c83',
		'#6e7781',
		'#57606a',
		'#a40e26',
		'#2da44e',
		'#bf8700',
		'#218bff',
		'#a475f9',
		'#3192aa',
		'#8c959f',
	],
};

export type Drawing = {readonly width: number; readonly height: number; readonly parts: string[]};

/** What a terminal shows, drawn: text stays text, so that it can be searched and read aloud. */
export function drawingOf(rows: readonly (readonly Cell[])[], palette: Palette): Drawing {
	const columns = Math.max(...rows.map((row) => row.length));
	const width = Math.round(columns * cellWidth + 2 * margin);
	const height = rows.length * cellHeight + 2 * margin;
	return {
		width,
		height,
		parts: [
			`<rect width="${width}" height="${height}" rx="8" fill="${palette.ground}"/>`,
			`<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
			...rows.flatMap((row, index) => runsOf(row).map((run) => drawn(run, index, palette))),
			'</g>',
		],
	};
}

/** The same as a picture of its own. */
export function svgOf(rows: readonly (readonly Cell[])[], title: string): string {
	const {width, height, parts} = drawingOf(rows, dark);
	return [
		...opening(width, height),
		`<title>${escaped(title)}</title>`,
		...parts,
		'</svg>',
		'',
	].join('\n');
}

/** Several drawings with their titles on one sheet, so many beside each other. */
export function sheetOf(
	drawings: readonly (Drawing & {readonly title: string})[],
	beside: number,
): string {
	const gap = 12;
	const above = 24;
	const width = Math.max(...drawings.map((drawing) => drawing.width)) + gap;
	const height = Math.max(...drawings.map((drawing) => drawing.height)) + gap + above;
	const rows = Math.ceil(drawings.length / beside);
	return [
		...opening(width * Math.min(beside, drawings.length) + gap, height * rows + gap),
		'<rect width="100%" height="100%" fill="#8a8f98"/>',
		...drawings.flatMap(({title, parts}, index) => [
			`<g transform="translate(${gap + (index % beside) * width} ${gap + Math.floor(index / beside) * height})">`,
			`<text y="16" font-family="sans-serif" font-size="15" fill="#000">${escaped(title)}</text>`,
			`<g transform="translate(0 ${above})">`,
			...parts,
			'</g></g>',
		]),
		'</svg>',
		'',
	].join('\n');
}

function opening(width: number, height: number): string[] {
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
	];
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
	return runs.filter(
		({text, cell}) =>
			cell.inverse || cell.underline || cell.ground !== undefined || text.trim() !== '',
	);
}

function looksLike(a: Cell, b: Cell): boolean {
	const looks = ['color', 'ground', 'bold', 'dim', 'inverse', 'underline'] as const;
	return looks.every((look) => a[look] === b[look]);
}

function drawn({text, column, columns, cell}: Run, row: number, palette: Palette): string {
	const x = coordinate(margin + column * cellWidth);
	const y = margin + row * cellHeight;
	const width = coordinate(columns * cellWidth);
	const own = shade(cell.color, palette) ?? palette.ink;
	const behind = shade(cell.ground, palette);
	const [color, ground] = cell.inverse ? [behind ?? palette.ground, own] : [own, behind];
	const box =
		ground === undefined
			? ''
			: `<rect x="${x}" y="${y}" width="${width}" height="${cellHeight}" fill="${ground}"/>`;
	const look = [
		`fill="${color}"`,
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

/** A colour of a cell as SVG has it; of the 256 the first sixteen are the terminal's own. */
function shade(color: Cell['color'], {colors}: Palette): string | undefined {
	if (color === undefined || typeof color === 'string') return color;
	if (color < 16) return colors[color];
	if (color >= 232) return gray(8 + (color - 232) * 10);
	const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
	const at = color - 16;
	return hex([level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6)]);
}

function gray(level: number): string {
	return hex([level, level, level]);
}

function hex(levels: readonly number[]): string {
	return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

function coordinate(value: number): string {
	return String(Number(value.toFixed(2)));
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
