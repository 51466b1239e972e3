import chalk, {type ChalkInstance} from 'chalk';
import type {Style} from '../theme.ts';

type Painter = (text: string) => string;

/** What text looks like on the terminal, as far as that has the colours: the codes of Ink's own `Text`. */
export function painterOf(style: Style): Painter {
	const found = painters.get(style);
	if (found !== undefined) return found;
	const {color, backgroundColor, bold, dimColor, inverse, underline} = style;
	let paint: ChalkInstance = chalk;
	if (color !== undefined) paint = inColour(paint, color);
	if (backgroundColor !== undefined) paint = onGround(paint, backgroundColor);
	if (dimColor === true) paint = paint.dim;
	if (bold === true) paint = paint.bold;
	if (underline === true) paint = paint.underline;
	if (inverse === true) paint = paint.inverse;
	const painter: Painter = paint === chalk ? (text) => text : (text) => paint(text);
	painters.set(style, painter);
	return painter;
}

const painters = new WeakMap<Style, Painter>();

/** A colour as Ink takes it: one of the sixteen by its name, `ansi256(241)` or `#ffffff`. */
function inColour(paint: ChalkInstance, colour: string): ChalkInstance {
	const number = numberOf(colour);
	if (number !== undefined) return paint.ansi256(number);
	return colour.startsWith('#') ? paint.hex(colour) : paint[colour as 'red'];
}

function onGround(paint: ChalkInstance, colour: string): ChalkInstance {
	const number = numberOf(colour);
	return number === undefined ? paint.bgHex(colour) : paint.bgAnsi256(number);
}

function numberOf(colour: string): number | undefined {
	const [, number] = /^ansi256\((\d+)\)$/.exec(colour) ?? [];
	return number === undefined ? undefined : Number(number);
}
