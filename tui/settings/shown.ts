import {type Environment, isReadOnly} from './environment.ts';
import type {Settings} from './settings.ts';
import {onlyAscii} from '../glyphs.ts';
import {withoutColour} from '../theme-name.ts';
import {version} from '../version.ts';

/** Something that was settled before the program began, and what settles it otherwise. */
export type Setting = {readonly label: string; readonly value: string; readonly change: string};

/** What was settled before the program began, and which variable settles it otherwise. */
export function shownSettings(
	{credentials, caFile, profile}: Pick<Settings, 'credentials' | 'caFile' | 'profile'>,
	environment: Environment,
): readonly Setting[] {
	const poor = onlyAscii(environment);
	const colourless = withoutColour(environment);
	return [
		{
			label: 'Console',
			value: `version ${version()}`,
			change: '--url or LATCHKEY_URL: another server',
		},
		{label: 'Profile', value: profile, change: '--profile or LATCHKEY_PROFILE: another'},
		{label: 'Session in', value: credentials.place, change: 'XDG_STATE_HOME: another folder'},
		{
			label: 'Certificates',
			value: caFile ?? 'those of Node.js',
			change: '--ca or LATCHKEY_CA_FILE: a private authority',
		},
		{
			label: 'Colours',
			value: colourless === undefined ? 'those of the theme' : `none (${colourless})`,
			change: 'NO_COLOR or CLICOLOR=0: none',
		},
		{
			label: 'Characters',
			value: poor === undefined ? 'Unicode' : `ASCII (${poor})`,
			change: poor === undefined ? 'LATCHKEY_ASCII=1: ASCII only' : 'LATCHKEY_ASCII=0: Unicode',
		},
		{
			label: 'Changes',
			value: isReadOnly(environment) ? 'none (LATCHKEY_READONLY)' : 'what the role allows',
			change: 'LATCHKEY_READONLY=1: none',
		},
	];
}
