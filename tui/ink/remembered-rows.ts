import {stripVTControlCharacters} from 'node:util';
import {isSimple} from '../text/width.ts';
import {remembered} from './remembered.ts';

/*
 * Ink takes each frame apart into cells and puts it together again, although most of its rows are those of
 * the frame before. A row of the same texts at the same places is drawn once here, by Ink itself.
 */

/** Half-open; an undefined bound is none. */
type Clip = {
	readonly x1: number | undefined;
	readonly x2: number | undefined;
	readonly y1: number | undefined;
	readonly y2: number | undefined;
};

/** What Ink draws a frame into. */
export type Output = {
	readonly width: number;
	readonly height: number;
	write: (
		x: number,
		y: number,
		text: string,
		options: {transformers: readonly ((text: string, index: number) => string)[]},
	) => void;
	clip: (clip: Clip) => void;
	unclip: () => void;
	get: () => {output: string; height: number};
};

export type OutputClass = new (size: {width: number; height: number}) => Output;

/** A text of one row, and what of the row it may be drawn on. */
type Piece = {
	readonly x: number;
	readonly text: string;
	readonly x1: number | undefined;
	readonly x2: number | undefined;
};

/**
 * As `Whole`, which draws only rows that were not drawn before, and frames with texts of several rows. What
 * transforms a text is taken to do the same to a part of it.
 */
export function withRememberedRows(Whole: OutputClass): OutputClass {
	const rowOf = remembered((row) => {
		const {width, pieces} = JSON.parse(row) as {width: number; pieces: Piece[]};
		const asTheyAre = sideBySide(pieces, width);
		if (asTheyAre !== undefined) return asTheyAre;
		const output = new Whole({width, height: 1});
		for (const {x, text, x1, x2} of pieces) {
			output.clip({x1, x2, y1: undefined, y2: undefined});
			output.write(x, 0, text, {transformers: []});
			output.unclip();
		}
		return output.get().output;
	});

	return class {
		readonly width: number;
		readonly height: number;
		readonly #whole: Output;
		readonly #rows: Piece[][];
		readonly #clips: Clip[] = [];
		#isPlain = true;

		constructor({width, height}: {width: number; height: number}) {
			this.width = width;
			this.height = height;
			this.#whole = new Whole({width, height});
			this.#rows = Array.from({length: height}, () => []);
		}

		write: Output['write'] = (x, y, written, options) => {
			this.#whole.write(x, y, written, options);
			// Each text has one, be it for no look at all.
			const text = options.transformers.reduce((line, transform) => transform(line, 0), written);
			if (text.includes('\n')) this.#isPlain = false;
			const {x1, x2, y1, y2} = this.#clips.at(-1) ?? none;
			// Ink clips between two bounds, not by one.
			const isCut = y1 !== undefined && y2 !== undefined && (y < y1 || y >= y2);
			if (text !== '' && !isCut) this.#rows[y]?.push({x, text, x1, x2});
		};

		clip: Output['clip'] = (clip) => {
			this.#whole.clip(clip);
			const outer = this.#clips.at(-1) ?? none;
			this.#clips.push({
				x1: tighter(Math.max, outer.x1, clip.x1),
				x2: tighter(Math.min, outer.x2, clip.x2),
				y1: tighter(Math.max, outer.y1, clip.y1),
				y2: tighter(Math.min, outer.y2, clip.y2),
			});
		};

		unclip = () => {
			this.#whole.unclip();
			this.#clips.pop();
		};

		get = () => {
			if (!this.#isPlain) return this.#whole.get();
			const {width, height} = this;
			const rows = this.#rows.map((pieces) =>
				pieces.length === 0 ? '' : rowOf(JSON.stringify({width, pieces})),
			);
			return {output: rows.join('\n'), height};
		};
	};
}

/** Texts that stand beside each other, as they are; undefined: some are cut, or lie over others in part. */
function sideBySide(pieces: readonly Piece[], width: number): string | undefined {
	let row = '';
	let end = 0;
	for (const {x, text, x1 = 0, x2 = width} of pieces) {
		const plain = stripVTControlCharacters(text);
		const isCut = x < x1 || x + plain.length > Math.min(x2, width);
		if (isCut || !isSimple(plain)) return undefined;
		if (plain.length === width) [row, end] = ['', 0];
		if (x < end) return undefined;
		row += ' '.repeat(x - end) + text;
		end = x + plain.length;
	}
	return row.trimEnd();
}

const none: Clip = {x1: undefined, x2: undefined, y1: undefined, y2: undefined};

function tighter(
	of: (a: number, b: number) => number,
	outer: number | undefined,
	inner: number | undefined,
): number | undefined {
	if (outer === undefined || inner === undefined) return outer ?? inner;
	return of(outer, inner);
}
