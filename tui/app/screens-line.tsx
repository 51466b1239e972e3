import {Line, type Part} from '../components/line.tsx';
import type {Role} from '../theme.ts';
import {width} from '../text/width.ts';
import {type CommandOf, keymap} from '../keyboard/keymap.ts';
import {kindOf} from './kinds.ts';
import type {Model} from './model.ts';
import type {Trouble} from './trouble.ts';

/* The line of screens: where one can go, where one is, and where something is wrong. */

type Going = Extract<CommandOf<typeof keymap.screens>, `show${string}`>;

/** What a place is called there, and where there is little room; the first eight are always named. */
const names: readonly (readonly [going: Going, name: string, short: string])[] = [
	['showKeys', 'Keys', 'Keys'],
	['showSources', 'Sources', 'Src'],
	['showOrganisations', 'Orgs', 'Orgs'],
	['showMembers', 'Members', 'Memb'],
	['showAudit', 'Audit', 'Audit'],
	['showWebhooks', 'Webhooks', 'Hooks'],
	['showHealth', 'Health', 'Health'],
	['showSettings', 'Settings', 'Set'],
	['showLimited', 'Limited', 'Limited'],
	['showOverview', 'Use', 'Use'],
	['showHygiene', 'Hygiene', 'Hygiene'],
	['showLive', 'Watch', 'Watch'],
];
const always = 8;

/** That something is wrong at one of them. */
type Sign = Pick<Trouble, 'at' | 'level'>;

/** The one in the line that what is shown lies under. */
export function hereOf({screens}: Model): Going {
	const [home, first] = screens;
	const {place, under = place?.command} = first === undefined ? {} : kindOf(first);
	const at = under ?? (home === undefined ? undefined : kindOf(home).place?.command);
	return names.find(([going]) => going === at)?.[0] ?? 'showKeys';
}

export function ScreensLine({model, signs}: {model: Model; signs: readonly Sign[]}) {
	const {columns} = model.size;
	return <Line parts={screensLine(hereOf(model), signs, columns)} columns={columns} />;
}

/** As many of them, by names as long, as there is room for; where one is, and what is wrong, always. */
export function screensLine(here: Going, signs: readonly Sign[], columns: number): Part[] {
	const isShown = ([going]: (typeof names)[number], index: number) =>
		index < always || going === here;
	const shown = names.filter(isShown);
	const ways: Part[][] = [
		...names.slice(always).map((_, dropped) => {
			const some = names.slice(0, names.length - dropped);
			const all = names.filter((each, index) => some.includes(each) || isShown(each, index));
			return drawn(all, 1, 2);
		}),
		drawn(shown, 1, 2),
		drawn(shown, 2, 1),
		// Numbers alone, where one is and what is wrong excepted.
		shown.flatMap((each) =>
			each[0] === here || signs.some(({at}) => at === each[0])
				? drawn([each], 2, 1)
				: ([[` ${keyOf(each[0])}`, 'key']] satisfies Part[]),
		),
	];
	const fits = (parts: readonly Part[]) =>
		parts.reduce((sum, [text]) => sum + width(text), 0) <= columns;
	return ways.find(fits) ?? ways.at(-1) ?? [];

	/** Each in a field of its own, which where one is fills; a sign takes the place behind the name. */
	function drawn(some: typeof names, name: 1 | 2, gap: 1 | 2): Part[] {
		return some.flatMap((each, index): Part[] => {
			const [going] = each;
			const isHere = going === here;
			const sign = signs.find(({at}) => at === going);
			const free = index === some.length - 1 || gap === 1 ? '' : ' ';
			const behind: Part =
				sign === undefined ? [free, isHere ? 'here' : 'plain'] : [signOf(sign), roleOf(sign)];
			return [
				...(isHere
					? [[` ${keyOf(going)} ${each[name]}`, 'here'] as const]
					: [[` ${keyOf(going)}`, 'key'] as const, [` ${each[name]}`, 'dim'] as const]),
				behind,
			];
		});
	}
}

function signOf({level}: Sign): string {
	return level === 'unknown' ? '?' : '!';
}

function roleOf({level}: Sign): Role {
	return level === 'failure' ? 'bad' : 'warning';
}

function keyOf(going: Going): string {
	return keymap.screens[going].keys[0];
}
