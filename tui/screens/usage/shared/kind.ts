import type {Answer, Effect} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {bodyRows, setTop} from '../../../app/navigation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import type {Screen} from '../../../app/screens.ts';
import {chartColumns} from '../../../components/chart/chart.ts';
import {moveTable, settleTable} from '../../../components/table/state.ts';
import {commandFor, type CommandOf, type Context, keymap} from '../../../keyboard/keymap.ts';
import {usageChart} from '../../../usage/layers.ts';
import {usageRangeNames} from '../../../usage/ranges.ts';
import {chartBindings} from './bindings.ts';
import type {UsageRead} from '../../../usage/reads.ts';
import type {UsageState} from './screen.ts';

type Charted = Screen & UsageState<UsageRead>;

type Row = {readonly id: string};

/** What is particular to one screen with a chart of usage. */
export type ChartSpec<S extends Charted, C extends Context> = Pick<
	ScreenKind<S>,
	'title' | 'place' | 'view' | 'hear' | 'unavailable'
> & {
	/** The keys that only this screen has. */
	readonly context: C;
	/** The event that brings what it shows. */
	readonly answer: Answer['type'];
	readonly rows: (screen: S) => readonly Row[];
	/** Rows of its table that fit, without the titles. */
	readonly tableRows: (screen: S, model: Model) => number;
	/** Reads it anew; undefined: nothing can be asked. */
	readonly ask: (model: Model, screen: S) => Effect | undefined;
	/** What else is due while the screen is on top. */
	readonly alsoDue?: (model: Model, screen: S, now: number) => Step;
	/** One of the screen's own commands. */
	readonly run: (model: Model, screen: S, command: CommandOf<C>, now: number) => Step;
};

/** How a screen with a chart of usage behaves. */
export function chartKind<S extends Charted, C extends Context>(
	spec: ChartSpec<S, C>,
): ScreenKind<S> {
	const {context, answer, rows, tableRows, ask, alsoDue, run, ...rest} = spec;
	const contexts = [
		context,
		chartBindings,
		keymap.list,
		keymap.backFromChart,
		keymap.screens,
		keymap.everywhere,
	] as const;
	const read = (model: Model, screen: S): Step => {
		const effect = ask(model, screen);
		if (screen.reading || effect === undefined) return [model];
		return [setTop(model, {...screen, reading: true} as Screen), effect];
	};
	/** The cursor stays on its row. */
	const arrange = (screen: S, model: Model): S => ({
		...screen,
		table: settleTable(screen.table, rows(screen), tableRows(screen, model)),
	});
	return {
		...rest,
		arrange,
		contexts: () => contexts,
		typing: () => false,
		freshness: ({reading, nextAt, every, loadedAt, problem}) => ({
			status: loadedAt === undefined && problem !== undefined ? 'failed' : 'ready',
			loading: reading,
			nextAt,
			...(every === undefined ? {} : {every}),
			...(loadedAt === undefined ? {} : {loadedAt}),
			...(problem === undefined ? {} : {problem}),
		}),
		onKey(model, screen, key, now) {
			const own = commandFor([context], key);
			if (own !== undefined) return run(model, screen, own, now);
			const charting = commandFor([chartBindings], key);
			if (charting !== undefined) return charted(model, screen, charting, read);
			const command = commandFor([keymap.list], key);
			if (command === undefined) return undefined;
			const table = moveTable(screen.table, rows(screen), tableRows(screen, model), command);
			return [setTop(model, {...screen, table} as Screen)];
		},
		onAnswer(model, screen, event) {
			if (event.type !== answer) return undefined;
			const screens = model.screens.map((each) =>
				each === screen ? arrange(screen, model) : each,
			);
			return [{...model, screens}];
		},
		refresh: read,
		onTick(model, screen, now, isQuiet) {
			if (isQuiet) return [model];
			const [next, ...effects] = now < screen.nextAt ? [model] : read(model, screen);
			if (alsoDue === undefined) return [next, ...effects];
			const [after, ...more] = alsoDue(next, next.screens.at(-1) as S, now);
			return [after, ...effects, ...more];
		},
	};
}

/** Opens a chart, which is read at once. */
export function openChart<S extends Charted>(
	model: Model,
	screen: S,
	ask: (model: Model, screen: S) => Effect | undefined,
): Step {
	const effect = ask(model, screen);
	const screens = [...model.screens, {...screen, reading: effect !== undefined}];
	return [{...model, screens}, ...(effect === undefined ? [] : [effect])];
}

function charted<S extends Charted>(
	model: Model,
	screen: S,
	command: CommandOf<typeof chartBindings>,
	read: (model: Model, screen: S) => Step,
): Step {
	switch (command) {
		case 'range':
		case 'rangeBefore': {
			const at = usageRangeNames.indexOf(screen.range);
			const {length} = usageRangeNames;
			const by = command === 'range' ? 1 : length - 1;
			const range = usageRangeNames[(at + by) % length] ?? screen.range;
			const {at: _, ...rest} = screen;
			// What is on its way is of the range before.
			const next = {...(rest as S), range, reading: false};
			return read(setTop(model, next), next);
		}
		case 'earlier':
			return [setTop(model, pointed(screen, model, -1))];
		case 'later':
			return [setTop(model, pointed(screen, model, 1))];
	}
}

/** Points at the column before or after; from none at the last one. */
function pointed<S extends Charted>(screen: S, model: Model, by: 1 | -1): S {
	if (screen.read === undefined) return screen;
	const starts = columnStarts(screen.read, model);
	const {at} = screen;
	const now = at === undefined ? starts.length : starts.findLastIndex((start) => start <= at);
	const {at: _, ...rest} = screen;
	const next = starts[Math.max(0, now + by)];
	return next === undefined ? (rest as S) : {...screen, at: next};
}

function columnStarts({byOutcome}: UsageRead, {size}: Model): string[] {
	const chart = usageChart(byOutcome, {fills: ['', '', '']});
	return chartColumns(chart, chartWidth(size.columns)).columns.map(({start}) => start);
}

/** Cells that a chart has, on a screen of so many columns. */
export function chartWidth(columns: number): number {
	return columns - 2;
}

/** Lines of a chart, where a table of so many rows has the rest of the screen. */
export function chartRows(model: Model, others: number, wanted: number): number {
	const rows = bodyRows(model) - others;
	// The table is seen whole where the chart can still be read.
	const most = Math.max(11, Math.floor(rows * 0.6));
	const chart = Math.max(6, Math.min(most, rows - Math.min(wanted, Math.floor(rows / 2))));
	// With an even number of bars above the axis and the strip the half can be told.
	return chart % 2 === 0 ? chart - 1 : chart;
}
