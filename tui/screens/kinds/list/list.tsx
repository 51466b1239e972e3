import {Box} from 'ink';
import type {Model} from '../../../app/model.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {hasPane, mayRead, paneWidth} from '../../../app/navigation.ts';
import {FilterLine} from '../../../components/filter-line.tsx';
import {Line, type Part} from '../../../components/line.tsx';
import {Pane, paneRule} from '../../../components/pane.tsx';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import type {Order} from '../../../components/table/columns.ts';
import {sortLetters} from '../../../components/table/order.ts';
import {TableView} from '../../../components/table/table.tsx';
import type {Context} from '../../../keyboard/keymap.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {whoMay} from '../../../people/roles.ts';
import {useTheme} from '../../../theme.ts';
import {linesBelow, newerAbove, underCursor} from './rows.ts';
import {isOfOrganisation, lists, type TableName} from '../../../app/lists.ts';
import {allColumns, arrangementOf, orderOf} from './arrangement.ts';
import type {TableScreen} from './screen.ts';
import type {ListSpec} from './spec.ts';

type Properties = ViewProperties<TableScreen>;
/** What the view uses of a spec; it gives the spec only rows of its own list. */
type AnySpec = Pick<
	ListSpec,
	| 'nouns'
	| 'called'
	| 'columns'
	| 'facts'
	| 'below'
	| 'banner'
	| 'summary'
	| 'empty'
	| 'serverOrder'
>;

/** Draws the screen of a list. */
export function listView<List extends TableName, C extends Context>(spec: ListSpec<List, C>) {
	return function View(properties: ViewProperties<TableScreen<List>>) {
		// A screen and its spec are of one list; TypeScript cannot follow that through the union.
		return <ListView spec={spec as unknown as AnySpec} {...(properties as Properties)} />;
	};
}

function ListView({spec, screen, model, columns, ...size}: Properties & {spec: AnySpec}) {
	const {items, status, next, stale} = model[screen.type];
	const item = underCursor(screen);
	const paneColumns = paneWidth(model);
	const facts =
		spec.facts !== undefined && item !== undefined && hasPane(model)
			? spec.facts(item, model, paneColumns - paneRule)
			: undefined;
	const width = facts === undefined ? columns : columns - paneColumns;
	const {glyphs} = useTheme();
	const arrangement = arrangementOf(model, screen.type);
	const order = orderOf(spec, model, screen.type);
	const below = item === undefined ? [] : (spec.below?.(item, model, columns - 2) ?? []);
	const said = below.slice(0, linesBelow(screen, model));
	const banner = items.length === 0 ? undefined : spec.banner?.(model);
	const rows = size.rows - (banner === undefined ? 0 : 1);
	return (
		<>
			{banner !== undefined && <Line parts={[[` ! ${banner}`, 'bad']]} columns={columns} />}
			<FilterLine
				filter={screen.filter}
				found={screen.visible.length}
				total={items.length}
				partial={status === 'partial' || next !== undefined || stale === true}
				nouns={spec.nouns}
				{...summaryOf(spec, screen, model)}
				right={[
					...marked(screen),
					...sortedBy(order, screen, model, glyphs),
					...aside(screen, model),
				]}
				columns={columns}
			/>
			{screen.visible.length === 0 ? (
				<Paragraphs text={nothingText(spec, {screen, model})} columns={columns} />
			) : (
				<Box>
					<TableView
						columns={spec.columns(model, width, glyphs)}
						order={order}
						arrangement={arrangement}
						{...(screen.sorting === true ? {letters: lettersOf(spec, model)} : {})}
						rows={screen.visible}
						marks={screen.marks}
						table={screen.table}
						width={width}
						height={said.length > 0 ? screen.visible.length + 1 : rows - 1}
					/>
					{facts !== undefined && <Pane facts={facts} columns={paneColumns} rows={rows - 1} />}
				</Box>
			)}
			{screen.visible.length > 0 &&
				said.map((line, index) => <Line key={index} parts={[[' '], ...line]} columns={columns} />)}
		</>
	);
}

/** What stands where the rows are counted: of what may not be read there is no number. */
function summaryOf(spec: AnySpec, {type}: TableScreen, model: Model): {summary?: string} {
	if (!mayRead(model, type)) return {summary: 'not shown to your role'};
	return spec.summary === undefined ? {} : {summary: spec.summary(model[type].items)};
}

/** The letter of each column, by its title. */
function lettersOf(spec: AnySpec, model: Model): ReadonlyMap<string, string> {
	return new Map(sortLetters(allColumns(spec, model)).map(([letter, title]) => [title, letter]));
}

function marked({marks}: TableScreen): Part[] {
	return marks.size === 0 ? [] : [[`${marks.size.toLocaleString('en')} marked  `, 'key']];
}

function sortedBy(
	order: Order | undefined,
	{type}: TableScreen,
	model: Model,
	glyphs: Glyphs,
): Part[] {
	if (order === undefined) return [];
	const sign = order.descending ? glyphs.descending : glyphs.ascending;
	// The server has no other order than its own: what was not read yet may come between.
	const isOurs = arrangementOf(model, type).order !== undefined;
	const some = isOurs && model[type].next !== undefined ? ', of those read' : '';
	return [
		[
			`sort ${order.column
				.replace(/\(.*\)/, '')
				.trim()
				.toLowerCase()} ${sign}${some} `,
			'dim',
		],
	];
}

/** Whether the list is of an organisation, and none is chosen. */
function isHomeless({organisation}: Model, list: TableName): boolean {
	return organisation === undefined && isOfOrganisation(list);
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
	spec: AnySpec,
	{screen, model}: Pick<Properties, 'screen' | 'model'>,
): ReturnType<ListSpec['empty']> {
	const {items, status, problem, next, stale} = model[screen.type];
	if (isHomeless(model, screen.type)) {
		return ['', 'You belong to no organisation.', '', 'Press 3 for the organisations you can see.'];
	}
	const [, many] = spec.nouns;
	const {readers} = lists[screen.type];
	if (readers !== 'everybody' && !mayRead(model, screen.type)) {
		const {called = `the ${many}`} = spec;
		return ['', `Only ${whoMay(readers)} read ${called}.`];
	}
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
