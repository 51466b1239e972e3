import {Box} from 'ink';
import type {Key} from '../../../contract/keys.ts';
import {hasPane, type KeysScreen, type Model, paneWidth} from '../../app/model.ts';
import {Line, type Part} from '../../components/line.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {type Column, TableView} from '../../components/table/table.tsx';
import {TextFieldView} from '../../components/text-field/text-field.tsx';
import type {KeyColumn} from '../../key-order.ts';
import {idHint} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {ago, date, minute} from '../../text/time.ts';
import {useTheme} from '../../theme.ts';
import {keyFacts} from '../key/facts.ts';
import type {ViewProperties} from '../view.ts';
import {keyUnderCursor} from './rows.ts';

export function KeysView({screen, model, columns, rows}: ViewProperties<KeysScreen>) {
	const pane = hasPane(model);
	const width = pane ? columns - paneWidth : columns;
	return (
		<>
			<FilterLine screen={screen} model={model} columns={columns} />
			{screen.visible.length === 0 ? (
				<Empty screen={screen} model={model} columns={columns} />
			) : (
				<Box>
					<TableView
						columns={tableColumns(screen, model.now, width)}
						rows={screen.visible}
						table={screen.table}
						width={width}
						height={rows - 1}
					/>
					{pane && <Pane screen={screen} model={model} rows={rows - 1} />}
				</Box>
			)}
		</>
	);
}

const sortTitles: Record<KeyColumn, string> = {
	created: 'created',
	name: 'name',
	used: 'last used',
	status: 'status',
};

/** The filter while it is typed, else how many keys there are and how they are arranged. */
function FilterLine({screen, model, columns}: {screen: KeysScreen; model: Model; columns: number}) {
	const {glyphs} = useTheme();
	const {filter, order, visible} = screen;
	const total = model.keys.items.length;
	const found = visible.length.toLocaleString('en');
	if (filter.open) {
		const aside: Part[] = [[` ${filter.problem ?? `${found} of ${total.toLocaleString('en')}`}`]];
		const length = Math.min(Math.floor(columns / 2), aside[0]?.[0].length ?? 0);
		return (
			<Box>
				<TextFieldView
					label={[[' / ', 'key']]}
					field={filter.text}
					columns={columns - length - 2}
					focused
				/>
				<Line
					parts={[[aside[0]?.[0] ?? '', filter.problem === undefined ? 'dim' : 'warning']]}
					columns={length + 2}
				/>
			</Box>
		);
	}
	const parts: Part[] = [
		[` ${plural(total, 'key')}${model.keys.status === 'partial' ? ' so far' : ''}`],
	];
	if (filter.applied !== '') {
		parts.push([`  / ${clean(filter.applied)}`, 'key'], [`  ${found} match`, 'dim']);
	}
	const sign = order.descending ? glyphs.descending : glyphs.ascending;
	const right: Part[] = [[`sort ${sortTitles[order.column]} ${sign} `, 'dim']];
	return <Line parts={parts} right={total === 0 ? [] : right} columns={columns} />;
}

/** From this many columns on there is room for the time besides the date. */
const timesFrom = 96;

function tableColumns({order}: KeysScreen, now: number, width: number): Column<Key>[] {
	const direction = order.descending ? 'descending' : 'ascending';
	const sorted = (column: KeyColumn) => (order.column === column ? direction : undefined);
	return [
		{title: 'NAME', sorted: sorted('name'), cell: ({name}) => [clean(name)]},
		{
			title: 'STATUS',
			width: 9,
			sorted: sorted('status'),
			cell: ({revoked_at}) => (revoked_at === null ? ['active', 'good'] : ['x revoked', 'bad']),
		},
		{
			title: 'LAST USED',
			width: 11,
			sorted: sorted('used'),
			cell: ({last_used_at}) => [ago(last_used_at, now), last_used_at === null ? 'dim' : 'plain'],
		},
		{
			title: 'CREATED',
			width: width < timesFrom ? 10 : 16,
			sorted: sorted('created'),
			cell: ({created_at}) => [width < timesFrom ? date(created_at) : minute(created_at), 'dim'],
		},
		{title: 'ID', width: 9, from: 70, cell: ({id}) => [`…${idHint(id)}`, 'dim']},
	];
}

/** What the list is, and what to press, while it has nothing to show. */
function Empty({screen, model, columns}: {screen: KeysScreen; model: Model; columns: number}) {
	const {keys, organisation} = model;
	const text = (() => {
		if (organisation === undefined) {
			return [
				'',
				'You belong to no organisation.',
				'',
				'Press 3 for the organisations you can see.',
			];
		}
		if (keys.status === 'failed') {
			return [
				'',
				['The keys could not be read.', 'bad'] as const,
				clean(keys.problem ?? ''),
				'',
				'Press R to try again.',
			];
		}
		if (keys.status === 'none') return ['', ['loading …', 'dim'] as const];
		if (keys.items.length > 0) {
			return [
				'',
				`0 of ${plural(keys.items.length, 'key')} match ${clean(screen.filter.applied)}`,
				'',
				'Press esc to clear the filter.',
			];
		}
		if (organisation.plan !== 'team') {
			return [
				'',
				`${clean(organisation.name)} is on the ${clean(organisation.plan)} plan, which has no API keys.`,
				'',
				'An operator changes the plan: press 3, then e.',
			];
		}
		return [
			'',
			`No API keys in ${clean(organisation.name)} yet.`,
			'',
			'An API key lets a program call this server without a person logging in. It is shown once, when it is created.',
			'',
			'Press n to create the first one, or run:',
			['  latchkey keys create --name NAME', 'strong'] as const,
		];
	})();
	return <Paragraphs text={text} columns={columns} />;
}

/** All about the key under the cursor, where the terminal is wide enough to show it beside. */
function Pane({screen, model, rows}: {screen: KeysScreen; model: Model; rows: number}) {
	const key = keyUnderCursor(screen);
	const facts = key === undefined ? [] : keyFacts(key, model.now, paneWidth - 3);
	const rule = useTheme().glyphs.border === 'single' ? '│ ' : '| ';
	return (
		<Box flexDirection="column" width={paneWidth} height={rows}>
			{Array.from({length: rows}, (_, row) => (
				<Line key={row} parts={[[rule, 'dim'], ...(facts[row - 1] ?? [])]} columns={paneWidth} />
			))}
		</Box>
	);
}

function plural(count: number, word: string): string {
	return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
