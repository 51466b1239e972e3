import type {Model} from '../../../app/model.ts';
import {themes} from '../../../theme-name.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {width} from '../../../text/width.ts';

const labelWidth = 14;

/** Who is logged in, where, and how the console was set up, each with what changes it. */
export function settingsLines(model: Model): Part[][] {
	const {url, serverVersion, settings, paused, theme} = model;
	const rows: [label: string, value: string, change: string][] = [
		['Logged in as', clean(model.me?.email ?? 'nobody'), 'c: password, L: log out'],
		['Organisation', organisationText(model), '3: another one'],
		['Role', roleText(model), ''],
		['Server', url, ''],
		['', `version ${clean(serverVersion ?? 'not known')}`, ''],
		['Refresh', paused ? 'paused' : 'live', paused ? 'p: live again' : 'p: pause'],
		['Theme', `${theme}: ${themes[theme]}`, 't: next, or LATCHKEY_THEME'],
		...settings.map(
			({label, value, change}) => [label, clean(value), change] as [string, string, string],
		),
	];
	const lines = rows.flatMap(([label, value, change]) => {
		const line: Part[] = [[` ${label.padEnd(labelWidth)}`, 'dim'], [value]];
		if (change === '') return [line];
		const fits = 1 + labelWidth + Math.max(width(value), valueWidth) + 2 + width(change);
		if (fits <= model.size.columns) {
			const padding = ' '.repeat(Math.max(0, valueWidth - width(value)) + 2);
			return [[...line, [padding], [change, 'dim']] as Part[]];
		}
		return [line, [[' '.repeat(labelWidth + 1)], [change, 'dim']] as Part[]];
	});
	return [[], ...lines];
}

/** What changes each setting stands in a column, where the values leave room. */
const valueWidth = 24;

function organisationText({organisation}: Model): string {
	if (organisation === undefined) return 'none';
	return `${clean(organisation.name)} (${clean(organisation.plan)} plan)`;
}

function roleText({me}: Model): string {
	const role = clean(me?.role ?? 'none here');
	return me?.operator === true ? `${role}, and operator of the appliance` : role;
}
