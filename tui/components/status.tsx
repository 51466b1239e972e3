import {isList, listOf, type Model, top} from '../app/model.ts';
import {clean} from '../text/clean.ts';
import {clock} from '../text/time.ts';
import {Line, type Part} from './line.tsx';

/** One line of what just happened, or what is wrong, or where in the list one is. */
export function Status({model}: {model: Model}) {
	const {notice, link, size} = model;
	const right = standing(model);
	if (notice !== undefined) {
		const part: Part = [` ${notice.text}`, notice.tone];
		return <Line parts={[part]} right={right} columns={size.columns} />;
	}
	if (link.state === 'offline') {
		const next = link.probing ? 'trying now' : `next try ${clock(link.retryAt)}`;
		const text = ` OFFLINE since ${clock(link.since)}, ${next} (${ordinal(link.attempt)}): ${link.reason}`;
		return <Line parts={[[text, 'bad']]} right={right} columns={size.columns} />;
	}
	const list = listOf(top(model));
	const problem = list === undefined ? undefined : model[list].problem;
	if (problem !== undefined && list !== undefined && model[list].status !== 'failed') {
		const text = ` Could not read the list again: ${clean(problem)}. R tries now`;
		return <Line parts={[[text, 'bad']]} right={right} columns={size.columns} />;
	}
	return <Line parts={[[` ${place(model)}`, 'dim']]} right={right} columns={size.columns} />;
}

/** When what is shown was read. */
function standing(model: Model): Part[] {
	const list = listOf(top(model));
	const at = list === undefined ? undefined : model[list].loadedAt;
	if (at === undefined) return [];
	return [[`as of ${clock(at)} `, model.link.state === 'offline' ? 'warning' : 'dim']];
}

function place(model: Model): string {
	const screen = top(model);
	const count = (index: number, total: number) =>
		total === 0 ? '' : `row ${(index + 1).toLocaleString('en')} of ${total.toLocaleString('en')}`;
	return isList(screen) ? count(screen.table.index, screen.visible.length) : '';
}

function ordinal(count: number): string {
	const rest = count % 100;
	const ending = rest >= 11 && rest <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
	return `${count}${ending}`;
}
