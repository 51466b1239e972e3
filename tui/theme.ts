import {createContext, use} from 'react';
import type {TextProps} from 'ink';
import {type Glyphs, glyphsFor} from './glyphs.ts';
import type {Environment} from './settings/environment.ts';
import {type ThemeName, withoutColour} from './theme-name.ts';

/** What a piece of text means; how that looks is decided here and nowhere else. */
export type Role =
	| 'plain'
	| 'dim'
	| 'strong'
	| 'title'
	/** Of a column. */
	| 'heading'
	| 'key'
	| 'good'
	| 'warning'
	| 'bad'
	| 'secret'
	| 'cursor'
	| 'selected'
	/** The row under the cursor: laid over the looks of its parts. */
	| 'row'
	/** The screen one is on, in the line of screens. */
	| 'here'
	/** What can be typed into, and how far it reaches. */
	| 'field'
	/** What is left of that. */
	| 'extent';

/** How something went, or is. */
export type Tone = Extract<Role, 'plain' | 'good' | 'warning' | 'bad'>;

export type Style = Pick<
	TextProps,
	'color' | 'backgroundColor' | 'bold' | 'dimColor' | 'inverse' | 'underline'
>;

export type Theme = {
	styles: Readonly<Record<Role, Style>>;
	/** Behind all of it; undefined: the terminal's own. */
	ground: string | undefined;
	glyphs: Glyphs;
};

/** Sixteen colours, as the terminal's own palette has them, so that dark and light both read. */
const ofTerminal: Theme['styles'] = {
	plain: {},
	dim: {dimColor: true},
	strong: {bold: true},
	title: {bold: true},
	heading: {dimColor: true},
	key: {color: 'cyan', bold: true},
	good: {color: 'green'},
	warning: {color: 'yellow'},
	bad: {color: 'red', bold: true},
	secret: {bold: true},
	cursor: {inverse: true},
	selected: {inverse: true, bold: true},
	row: {bold: true, dimColor: false},
	here: {inverse: true, bold: true},
	field: {underline: true},
	extent: {underline: true, dimColor: true},
};

/** Dark enough for a light ground, where the palettes of terminals have a yellow that is hard to see. */
const light: Theme['styles'] = {
	...ofTerminal,
	dim: {color: 'ansi256(241)'},
	heading: {color: 'ansi256(241)'},
	key: {color: 'ansi256(25)', bold: true},
	good: {color: 'ansi256(28)'},
	warning: {color: 'ansi256(130)'},
	bad: {color: 'ansi256(160)', bold: true},
	row: {backgroundColor: 'ansi256(254)', bold: true},
	field: {backgroundColor: 'ansi256(254)'},
	extent: {backgroundColor: 'ansi256(254)'},
};

const [black, white] = ['#000000', '#ffffff'];

/** Each at least seven to one on black; what is dim elsewhere is as bright as the rest. */
const highContrast: Theme['styles'] = {
	plain: {color: white},
	dim: {color: white},
	strong: {color: white, bold: true},
	title: {color: white, bold: true},
	heading: {color: white, underline: true},
	key: {color: '#5fffff', bold: true},
	good: {color: '#5fff5f', bold: true},
	warning: {color: '#ffff00', bold: true},
	bad: {color: '#ff8787', bold: true},
	secret: {color: white, bold: true},
	cursor: {color: white, inverse: true},
	selected: {color: white, inverse: true, bold: true},
	// Each part is on a ground of its own colour: a state is told apart under the cursor, too.
	row: {inverse: true, bold: true},
	here: {color: white, inverse: true, bold: true},
	field: {color: white, underline: true},
	extent: {color: white, underline: true},
};

/** Meaning without colour: every state also has a word or a sign. */
const mono: Theme['styles'] = {
	...ofTerminal,
	key: {bold: true},
	good: {},
	warning: {bold: true},
	bad: {bold: true},
	row: {inverse: true, bold: true, dimColor: false},
};

const styles: Readonly<Record<ThemeName, Theme['styles']>> = {
	default: ofTerminal,
	light,
	'high-contrast': highContrast,
};

export function themeFor(environment: Environment, name: ThemeName): Theme {
	const isColourless = withoutColour(environment) !== undefined;
	return {
		styles: isColourless ? mono : styles[name],
		ground: isColourless || name !== 'high-contrast' ? undefined : black,
		glyphs: glyphsFor(environment),
	};
}

const ThemeContext = createContext<Theme>(themeFor({}, 'default'));

export const ThemeProvider = ThemeContext.Provider;

export function useTheme(): Theme {
	return use(ThemeContext);
}
