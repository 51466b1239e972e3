import {kindOf} from '../app/kinds.ts';
import {listOf, type Model, top} from '../app/model.ts';
import {clean} from '../text/clean.ts';
import {truncate} from '../text/width.ts';
import {useTheme} from '../theme.ts';
import {Line, type Part} from './line.tsx';

/** Where one is (organisation › screen › item), as whom, and how fresh what is shown is. */
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
	const right: Part[] = [];
	const facts: Part[] = [];
	if (model.organisation !== undefined) facts.push([clean(model.organisation.plan), 'dim']);
	if (model.me !== undefined)
		facts.push([truncate(clean(model.me.email), 28, glyphs.ellipsis), 'dim']);
	const freshness = fresh(model, glyphs);
	if (freshness !== undefined) facts.push(freshness);
	for (const fact of facts) {
		if (right.length > 0) right.push([` ${glyphs.separator} `, 'dim']);
		right.push(fact);
	}
	return <Line parts={parts} right={[...right, [' ']]} columns={model.size.columns} />;
}

function fresh(model: Model, glyphs: {dot: string; hollow: string}): Part | undefined {
	if (model.link.state === 'offline') return [`OFFLINE ${glyphs.hollow}`, 'bad'];
	const screen = top(model);
	const list = listOf(screen);
	if (list === undefined) return undefined;
	if (model.paused) return [`paused ${glyphs.hollow}`, 'warning'];
	if (kindOf(screen).typing(screen)) return [`held ${glyphs.hollow}`, 'dim'];
	const {loadedAt, nextAt, status} = model[list];
	if (status === 'failed') return [`failed ${glyphs.hollow}`, 'bad'];
	if (loadedAt === undefined) return [`loading ${glyphs.hollow}`, 'dim'];
	return [`live ${Math.max(1, Math.round((nextAt - loadedAt) / 1000))}s ${glyphs.dot}`, 'good'];
}
