import {kindOf} from './kinds.ts';
import {freshnessOf} from './on-screens.ts';
import {oldFor, refreshEvery} from './loading.ts';
import type {Model} from './model.ts';
import {top} from './navigation.ts';
import {clean} from '../text/clean.ts';
import {span} from '../text/time.ts';
import {truncate, width} from '../text/width.ts';
import type {Glyphs} from '../glyphs.ts';
import {useTheme} from '../theme.ts';
import {Line, type Part} from '../components/line.tsx';

/** Where one is (organisation › screen › item), who one is, and how fresh the data is. */
export function Header({model}: {model: Model}) {
	const {glyphs} = useTheme();
	const {columns} = model.size;
	const {parts, right} = headOf(crumbsOf(model), factsOf(model, glyphs), columns, glyphs);
	return <Line parts={parts} right={[...right, [' ']]} columns={columns} />;
}

/** The place, not the way there: a screen that one can go to from everywhere lies under nothing else. */
export function crumbsOf(model: Model): string[] {
	const [home, first, ...more] = model.screens;
	const {place, under} = first === undefined ? {} : kindOf(first);
	const isPlace = place !== undefined || under !== undefined;
	const shown = [home, first].filter((screen) => screen !== undefined).slice(isPlace ? 1 : 0);
	return [
		clean(model.organisation?.name ?? 'latchkey'),
		...[...shown, ...more].map((screen) => clean(kindOf(screen).title(screen, model))),
	];
}

/** Each with how it may be said shorter; the last one, how fresh the data is, is always there. */
type Fact = {readonly part: Part; readonly short?: Part};

function factsOf(model: Model, glyphs: Glyphs): Fact[] {
	const {me, organisation, readOnly} = model;
	const facts: Fact[] = [];
	if (me !== undefined) {
		const role = me.role ?? (me.operator ? 'operator' : undefined);
		if (role !== undefined) facts.push({part: [clean(role), 'dim']});
		const email = clean(me.email);
		facts.push({
			part: [truncate(email, 40, glyphs.ellipsis), 'dim'],
			short: [truncate(email, 18, glyphs.ellipsis), 'dim'],
		});
	}
	if (organisation !== undefined && organisation.plan !== 'team') {
		facts.push({part: [`${clean(organisation.plan)} plan`, 'warning']});
	}
	if (readOnly) facts.push({part: ['read-only', 'warning']});
	const freshness = fresh(model, glyphs);
	if (freshness !== undefined) facts.push({part: freshness});
	return facts;
}

/**
 * What of both fits. Whoever one is gives way first, then the crumbs from the left; the last one, which
 * says most, is cut only where it alone is too long.
 */
export function headOf(
	crumbs: readonly string[],
	facts: readonly Fact[],
	columns: number,
	{crumb, separator, ellipsis}: Pick<Glyphs, 'crumb' | 'separator' | 'ellipsis'>,
): {parts: Part[]; right: Part[]} {
	const [organisation = '', ...places] = crumbs;
	const short = [truncate(organisation, 12, ellipsis), ...places];
	const paths = [
		[truncate(organisation, 32, ellipsis), ...places],
		short,
		...places.map((_, dropped) => [
			...short.slice(0, 1),
			...places.slice(0, dropped).map(() => ellipsis),
			...places.slice(dropped),
		]),
		[ellipsis, ...places.slice(-1)],
	];
	const [whole = [], ...shorter] = paths;
	const briefly = facts.map(({part, short: brief}) => brief ?? part);
	const said = [
		facts.map(({part}) => part),
		...briefly.map((_, dropped) => briefly.slice(dropped)),
	];
	const least = briefly.slice(-1);
	const candidates = [
		...said.map((right) => ({path: whole, right})),
		...shorter.map((path) => ({path, right: least})),
	];
	const room = columns - 3;
	const drawn = candidates.map(({path, right}) => ({
		parts: [[' '], ...between(path.map(partOf), ` ${crumb} `)] as Part[],
		right: between(right, ` ${separator} `),
	}));
	const widthOf = (parts: readonly Part[]) => parts.reduce((sum, [text]) => sum + width(text), 0);
	const found = drawn.find(({parts, right}) => widthOf(parts) + widthOf(right) <= room);
	return found ?? drawn.at(-1) ?? {parts: [], right: []};
}

function partOf(text: string, index: number): Part {
	return [text, index === 0 ? 'title' : 'plain'];
}

function between(parts: readonly Part[], separator: string): Part[] {
	return parts.flatMap((part, index): Part[] =>
		index === 0 ? [part] : [[separator, 'dim'], part],
	);
}

function fresh(model: Model, glyphs: Glyphs): Part | undefined {
	if (model.link.state === 'offline') return [`OFFLINE ${glyphs.hollow}`, 'bad'];
	const screen = top(model);
	const freshness = freshnessOf(screen, model);
	if (freshness === undefined) return undefined;
	if (model.paused) return [`paused ${glyphs.hollow}`, 'warning'];
	if (kindOf(screen).typing(screen)) return [`held ${glyphs.hollow}`, 'dim'];
	const {loadedAt, every = refreshEvery, status, loading} = freshness;
	if (status === 'failed') return [`failed ${glyphs.hollow}`, 'bad'];
	if (loadedAt === undefined) return loading ? [`loading ${glyphs.hollow}`, 'dim'] : undefined;
	const age = oldFor(freshness, model.now);
	if (age !== undefined) return [`${span(age / 1000)} old ${glyphs.hollow}`, 'warning'];
	return [`live ${Math.max(1, Math.round(every / 1000))}s ${glyphs.dot}`, 'good'];
}
