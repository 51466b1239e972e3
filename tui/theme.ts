import {createContext, use} from 'react';
import type {TextProps} from 'ink';
import type {Environment} from './settings/environment.ts';

/** What a piece of text means; how that looks is decided here and nowhere else. */
export type Role =
	| 'plain'
	| 'dim'
	| 'strong'
	| 'title'
	| 'key'
	| 'good'
	| 'warning'
	| 'bad'
	| 'secret'
	| 'cursor'
	| 'selected';

/** How something went, or is. */
export type Tone = Extract<Role, 'plain' | 'good' | 'warning' | 'bad'>;

type Style = Pick<TextProps, 'color' | 'bold' | 'dimColor' | 'inverse' | 'underline'>;

export type Glyphs = {
	marker: string;
	/** Of a marked row. */
	mark: string;
	/** Eight heights, the lowest first. */
	bars: string;
	crumb: string;
	dot: string;
	hollow: string;
	ascending: string;
	descending: string;
	ellipsis: string;
	mask: string;
	separator: string;
	rule: string;
	/** What fills bars in charts: whole, and two that are told from it and from each other. */
	fills: readonly [string, string, string];
	/** Of the axes of a chart: upright, with a mark at it, the corner, lying, with a mark at it. */
	axes: {upright: string; mark: string; corner: string; lying: string; tick: string};
	border: 'single' | 'classic';
};

export type Theme = {styles: Readonly<Record<Role, Style>>; glyphs: Glyphs};

/** Sixteen colours, as the terminal's own palette has them, so that light and dark both read. */
const colour: Theme['styles'] = {
	plain: {},
	dim: {dimColor: true},
	strong: {bold: true},
	title: {bold: true},
	key: {color: 'cyan', bold: true},
	good: {color: 'green'},
	warning: {color: 'yellow'},
	bad: {color: 'red', bold: true},
	secret: {bold: true},
	cursor: {inverse: true},
	selected: {inverse: true, bold: true},
};

/** Meaning without colour: every state also has a word or a sign. */
const mono: Theme['styles'] = {
	...colour,
	key: {bold: true},
	good: {},
	warning: {bold: true},
	bad: {bold: true},
};

const unicode: Glyphs = {
	marker: '▌',
	mark: '✓',
	bars: '▁▂▃▄▅▆▇█',
	crumb: '›',
	dot: '●',
	hollow: '○',
	ascending: '▲',
	descending: '▼',
	ellipsis: '…',
	mask: '•',
	separator: '·',
	rule: '─',
	fills: ['█', '▒', '░'],
	axes: {upright: '│', mark: '┤', corner: '┼', lying: '─', tick: '┬'},
	border: 'single',
};

/** For terminals and fonts that draw the others two columns wide, or not at all. */
const ascii: Glyphs = {
	marker: '>',
	mark: '+',
	bars: '_.:-=+*#',
	crumb: '>',
	dot: '*',
	hollow: 'o',
	ascending: '^',
	descending: 'v',
	ellipsis: '~',
	mask: '*',
	separator: '-',
	rule: '-',
	fills: ['#', 'o', 'x'],
	axes: {upright: '|', mark: '+', corner: '+', lying: '-', tick: '+'},
	border: 'classic',
};

/** What takes colour away: NO_COLOR and CLICOLOR=0 (both by their conventions), or TERM=dumb. */
export function withoutColour(environment: Environment): string | undefined {
	if ((environment['NO_COLOR'] ?? '') !== '') return 'NO_COLOR';
	if (environment['CLICOLOR'] === '0') return 'CLICOLOR=0';
	return environment['TERM'] === 'dumb' ? 'TERM=dumb' : undefined;
}

/** LATCHKEY_ASCII, set to anything. */
export function isAscii(environment: Environment): boolean {
	return (environment['LATCHKEY_ASCII'] ?? '') !== '';
}

export function themeFor(environment: Environment): Theme {
	return {
		styles: withoutColour(environment) === undefined ? colour : mono,
		glyphs: isAscii(environment) ? ascii : unicode,
	};
}

const ThemeContext = createContext<Theme>({styles: colour, glyphs: unicode});

export const ThemeProvider = ThemeContext.Provider;

export function useTheme(): Theme {
	return use(ThemeContext);
}
