import type {Glyphs} from '../../glyphs.ts';
import type {Role} from '../../theme.ts';
import type {Part} from '../line.tsx';

/** What stands above the one before in each column. The first is drawn in eighths of a row, others in rows. */
export type Layer = {
	readonly role: Role;
	/** What fills a cell of it: told from that of other layers where there are no colours. */
	readonly fill: string;
};

type Plot = {
	/** For each column of the chart the count of each layer, the lowest first. */
	readonly columns: readonly (readonly number[])[];
	readonly layers: readonly Layer[];
	readonly top: number;
	/** Rows there are. */
	readonly height: number;
	/** Cells that a column takes, and how many of them stay empty. */
	readonly cells: number;
	readonly gap: number;
	readonly bars: Glyphs['bars'];
};

type Cell = {readonly text: string; readonly role: Role};

const eighths = 8;
const nothing: Cell = {text: ' ', role: 'plain'};

/** Bars of layers, row by row, the highest first. Whatever is not nothing takes an eighth at least. */
export function plotRows(plot: Plot): Part[][] {
	const {columns, height, cells, gap} = plot;
	const edges = columns.map((counts) => edgesOf(counts, plot));
	return Array.from({length: height}, (_, fromTop) => {
		const row = height - 1 - fromTop;
		return joined(
			edges.flatMap((each) => {
				const {text, role} = cellAt(each, row, plot);
				const bar = {text: text.repeat(cells - gap), role};
				return gap === 0 ? [bar] : [bar, {text: ' '.repeat(gap), role: 'plain' as const}];
			}),
		);
	});
}

/** Where each layer of a column ends, in eighths of a row from the bottom. */
function edgesOf(counts: readonly number[], {top, height}: Plot): number[] {
	const whole = height * eighths;
	let sum = 0;
	return counts.map((count) => {
		sum += count;
		const edge = Math.min(whole, Math.round((sum / top) * whole));
		return sum > 0 ? Math.max(1, edge) : edge;
	});
}

/** What a cell shows: the layer that has most of it. */
function cellAt(edges: readonly number[], row: number, {layers, bars}: Plot): Cell {
	const floor = row * eighths;
	const shares = edges.map((edge, at) => overlap(edges[at - 1] ?? 0, edge, floor));
	const most = Math.max(...shares);
	if (most <= 0) return nothing;
	const at = shares.indexOf(most);
	const layer = layers[at];
	if (layer === undefined) return nothing;
	const {fill, role} = layer;
	const end = (edges.at(-1) ?? 0) - floor;
	if (at === 0 && most < eighths && end < eighths) {
		return {text: bars[Math.min(end, eighths) - 1] ?? fill, role};
	}
	// A cell that is less than half full would make more of it than there is, but in the lowest row.
	return most < eighths / 2 && end < eighths / 2 && row > 0 ? nothing : {text: fill, role};
}

function overlap(from: number, to: number, floor: number): number {
	return Math.min(to, floor + eighths) - Math.max(from, floor);
}

/** Neighbours that look alike as one. */
export function joined(cells: readonly Cell[]): Part[] {
	const parts: {text: string; role: Role}[] = [];
	for (const {text, role} of cells) {
		const last = parts.at(-1);
		if (last !== undefined && (last.role === role || text.trim() === '')) last.text += text;
		else parts.push({text, role});
	}
	return parts.map(({text, role}) => [text, role]);
}
