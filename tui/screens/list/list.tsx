import {Box} from 'ink';
import {hasPane, type Model, paneWidth, type TableScreen} from '../../app/model.ts';
import {FilterLine} from '../../components/filter-line.tsx';
import type {Part} from '../../components/line.tsx';
import {Pane, paneRule} from '../../components/pane.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {TableView} from '../../components/table/table.tsx';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/plural.ts';
import type {ViewProperties} from '../view.ts';
import type {ListSpec} from './spec.ts';
import {newerAbove} from './rows.ts';
import {specOf} from './specs.ts';
import {underCursor} from './state.ts';

type Properties = ViewProperties<TableScreen>;

export function ListView({screen, model, columns, rows}: Properties) {
	const spec = specOf(screen.type);
	const {items, status, next, stale} = model[screen.type];
	const item = underCursor(screen);
	const facts =
		spec.facts !== undefined && item !== undefined && hasPane(model)
			? spec.facts(item, model, paneWidth - paneRule)
			: undefined;
	const width = facts === undefined ? columns : columns - paneWidth;
	return (
		<>
			<FilterLine
				filter={screen.filter}
				found={screen.visible.length}
				total={items.length}
				partial={status === 'partial' || next !== undefined || stale === true}
				nouns={spec.nouns}
				takes={spec.filters}
				right={aside(screen, model)}
				columns={columns}
			/>
			{screen.visible.length === 0 ? (
				<Paragraphs text={nothingText(spec, {screen, model})} columns={columns} />
			) : (
				<Box>
					<TableView
						columns={spec.columns(model, width)}
						rows={screen.visible}
						table={screen.table}
						width={width}
						height={rows - 1}
					/>
					{facts !== undefined && <Pane facts={facts} columns={paneWidth} rows={rows - 1} />}
				</Box>
			)}
		</>
	);
}

/** What else is to be known of the rows: whether they are all, and whether new ones come in. */
function aside(screen: TableScreen, model: Model): readonly Part[] {
	if (screen.follow === true) return followed(screen);
	const {cut, extending} = model[screen.type];
	if (cut === true) return [[`the newest only: / finds older ones `, 'warning']];
	return extending === true ? [['reading on … ', 'dim']] : [];
}

function followed(screen: TableScreen): readonly Part[] {
	if (screen.table.index === 0) return [['FOLLOW ', 'good']];
	const newer = newerAbove(screen).toLocaleString('en');
	return [[`FOLLOW held by scrolling: ${newer} newer above `, 'warning']];
}

/** What the list is, and what to press, while it has nothing to show. */
function nothingText(
	spec: ListSpec,
	{screen, model}: Pick<Properties, 'screen' | 'model'>,
): ReturnType<ListSpec['empty']> {
	const {items, status, problem, next, stale} = model[screen.type];
	const [, many] = spec.nouns;
	if (status === 'failed') {
		return [
			'',
			[`The ${many} could not be read.`, 'bad'],
			clean(problem ?? ''),
			'',
			'Press R to try again.',
		];
	}
	if (status === 'none') return ['', ['loading …', 'dim']];
	if (stale === true || (next !== undefined && problem === undefined)) {
		return ['', [`None of ${plural(items.length, spec.nouns)} so far; reading on …`, 'dim']];
	}
	if (items.length === 0 && screen.filter.applied !== '') {
		return [
			'',
			`No ${many} match ${clean(screen.filter.applied)}`,
			'',
			'Press esc to clear the filter.',
		];
	}
	if (items.length > 0) {
		return [
			'',
			`0 of ${plural(items.length, spec.nouns)} match ${clean(screen.filter.applied)}`,
			'',
			'Press esc to clear the filter.',
		];
	}
	return ['', ...spec.empty(model)];
}
