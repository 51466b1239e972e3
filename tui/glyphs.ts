import {type Environment, filled} from './settings/environment.ts';

/** The signs that the console draws with. */
export type Glyphs = {
	/** Whether nothing but ASCII may be drawn, names of others excepted. */
	isAscii: boolean;
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

const unicode: Glyphs = {
	isAscii: false,
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
	isAscii: true,
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

/**
 * What makes the console draw ASCII only: LATCHKEY_ASCII, or a locale that has no other characters. One
 * that is not set says nothing: containers have none, and terminals that can. `LATCHKEY_ASCII=0` says that
 * this one can, whatever its locale.
 */
export function onlyAscii(environment: Environment): string | undefined {
	const asked = filled(environment['LATCHKEY_ASCII']);
	if (asked !== undefined) return asked === '0' ? undefined : 'LATCHKEY_ASCII';
	for (const variable of ['LC_ALL', 'LC_CTYPE', 'LANG']) {
		const locale = filled(environment[variable]);
		if (locale === undefined) continue;
		const [, charset] = /\.([^@]+)/.exec(locale) ?? [];
		const isPoor =
			charset === undefined ? ['C', 'POSIX'].includes(locale) : !/^utf-?8$/i.test(charset);
		return isPoor ? `${variable}=${locale}` : undefined;
	}
	return undefined;
}

export function glyphsFor(environment: Environment): Glyphs {
	return onlyAscii(environment) === undefined ? unicode : ascii;
}
