import {kindOf} from './kinds.ts';
import {freshnessOf} from './on-screens.ts';
import {oldFor, refreshEvery} from './loading.ts';
import type {Model} from './model.ts';
import {top} from './navigation.ts';
import {clean} from '../text/clean.ts';
import {span} from '../text/time.ts';
import {truncate, width} from '../text/width.ts';
import {type Glyphs, useTheme} from '../theme.ts';
import {Line, type Part} from '../components/line.tsx';

/** The path (organisation › screen › item), who is logged in, and how fresh the data is. */
export function Header({model}: {model: Model}) {
	const {glyphs} = useTheme();
	const crumb = ` ${glyphs.crumb} `;
	const parts: Part[] = [
		[` ${truncate(clean(model.organisation?.name ?? 'latchkey'), 24, glyphs.ellipsis)}`, 'title'],
	];
	for (const screen of model.screens) {
		const title = clean(kindOf(screen).title(screen, model));
		parts.push([crumb, 'dim'], [truncate(title, 32, glyphs.ellipsis)]);
	}
	const facts: Part[] = [];
	if (model.organisation !== undefined) facts.push([clean(model.organisation.plan), 'dim']);
	if (model.me !== undefined) {
		facts.push([truncate(clean(model.me.email), 28, glyphs.ellipsis), 'dim']);
	}
	if (model.readOnly) facts.push(['read-only', 'warning']);
	const freshness = fresh(model, glyphs);
	if (freshness !== undefined) facts.push(freshness);
	const room = model.size.columns - parts.reduce((sum, [text]) => sum + width(text), 0) - 2;
	return (
		<Line
			parts={parts}
			right={[...joined(facts, room, ` ${glyphs.separator} `), [' ']]}
			columns={model.size.columns}
		/>
	);
}

/** The last of `facts` that fit: freshness matters more than the user, and the plan least of all. */
function joined(facts: readonly Part[], room: number, separator: string): Part[] {
	const kept: Part[] = [];
	let used = 0;
	for (const fact of facts.toReversed()) {
		used += width(fact[0]) + (kept.length > 0 ? separator.length : 0);
		if (kept.length > 0 && used > room) break;
		if (kept.length > 0) kept.unshift([separator, 'dim']);
		kept.unshift(fact);
	}
	return kept;
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
