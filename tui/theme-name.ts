import {Failure} from './failure.ts';
import {type Environment, filled} from './settings/environment.ts';

/** What can be chosen, and what for. */
export const themes = {
	default: "the terminal's own sixteen colours",
	light: 'for a light background',
	'high-contrast': 'bright on black, nothing dim',
} as const;

export type ThemeName = keyof typeof themes;

/** The theme that LATCHKEY_THEME names. @throws {Failure} usage, where there is none of that name. */
export function themeNamed(environment: Environment): ThemeName | undefined {
	const name = filled(environment['LATCHKEY_THEME']);
	if (name === undefined || isThemeName(name)) return name;
	throw new Failure('usage', `LATCHKEY_THEME: there is no theme ${JSON.stringify(name)}`, {
		hint: `It takes ${Object.keys(themes).join(', ')}.`,
	});
}

export function isThemeName(name: string): name is ThemeName {
	return Object.hasOwn(themes, name);
}

/** What takes colour away: NO_COLOR and CLICOLOR=0 (both by their conventions), or TERM=dumb. */
export function withoutColour(environment: Environment): string | undefined {
	if ((environment['NO_COLOR'] ?? '') !== '') return 'NO_COLOR';
	if (environment['CLICOLOR'] === '0') return 'CLICOLOR=0';
	return environment['TERM'] === 'dumb' ? 'TERM=dumb' : undefined;
}
