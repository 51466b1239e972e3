import {Box} from 'ink';
import type {FullKey} from '../../../contract/keys.ts';
import {hasPane, type KeysScreen, type Model, paneWidth} from '../../app/model.ts';
import {FilterLine} from '../../components/filter-line.tsx';
import type {Part} from '../../components/line.tsx';
import {Pane, paneRule} from '../../components/pane.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {type Column, TableView} from '../../components/table/table.tsx';
import type {KeyColumn} from '../../key-order.ts';
import {idHint} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/plural.ts';
import {ago, date, minute, until} from '../../text/time.ts';
import {useTheme} from '../../theme.ts';
import {hintText, keyFacts} from '../key/facts.ts';
import {keyStatus} from '../key/status.ts';
import type {ViewProperties} from '../view.ts';
import {keyUnderCursor} from './rows.ts';

export function KeysView({screen, model, columns, rows}: ViewProperties<KeysScreen>) {
	const pane = hasPane(model);
	const width = pane ? columns - paneWidth : columns;
	const {glyphs} = useTheme();
	const {order} = screen;
	const sign = order.descending ? glyphs.descending : glyphs.ascending;
	const key = keyUnderCursor(screen);
	return (
		<>
			<FilterLine
				filter={screen.filter}
				found={screen.visible.length}
				total={model.keys.items.length}
				partial={model.keys.status === 'partial'}
				nouns={nouns}
				right={[...marked(screen), [`sort ${sortTitles[order.column]} ${sign} `, 'dim']]}
				columns={columns}
			/>
			{screen.visible.length === 0 ? (
				<Empty screen={screen} model={model} columns={columns} />
			) : (
				<Box>
					<TableView
						columns={tableColumns(screen, model.now, width)}
						rows={screen.visible}
						marks={screen.marks}
						table={screen.table}
						width={width}
						height={rows - 1}
					/>
					{pane && (
						<Pane
							facts={key === undefined ? [] : keyFacts(key, model.now, paneWidth - paneRule)}
							columns={paneWidth}
							rows={rows - 1}
						/>
					)}
				</Box>
			)}
		</>
	);
}

function marked({marks}: KeysScreen): Part[] {
	return marks.size === 0 ? [] : [[`${marks.size.toLocaleString('en')} marked  `, 'key']];
}

const nouns = ['key', 'keys'] as const;

const sortTitles: Record<KeyColumn, string> = {
	created: 'created',
	name: 'name',
	used: 'last used',
	status: 'status',
};

/** From this many columns on there is room for the time besides the date. */
const timesFrom = 112;

function tableColumns({order}: KeysScreen, now: number, width: number): Column<FullKey>[] {
	const direction = order.descending ? 'descending' : 'ascending';
	const sorted = (column: KeyColumn) => (order.column === column ? direction : undefined);
	return [
		{title: 'NAME', sorted: sorted('name'), cell: ({name}) => [clean(name)]},
		{
			title: 'STATUS',
			width: 10,
			sorted: sorted('status'),
			cell: (key) => keyStatus(key, now),
		},
		{
			title: 'LAST USED',
			width: 11,
			sorted: sorted('used'),
			cell: ({last_used_at}) => [ago(last_used_at, now), last_used_at === null ? 'dim' : 'plain'],
		},
		{title: 'PREFIX', width: 13, from: 72, cell: ({hint}) => [hintText(hint), 'dim']},
		{
			title: 'EXPIRES',
			width: 10,
			from: 80,
			cell: ({expires_at}) => [until(expires_at, now), expires_at === null ? 'dim' : 'plain'],
		},
		{
			title: 'CREATED',
			width: width < timesFrom ? 10 : 16,
			from: 92,
			sorted: sorted('created'),
			cell: ({created_at}) => [width < timesFrom ? date(created_at) : minute(created_at), 'dim'],
		},
		{title: 'ID', width: 9, from: 104, cell: ({id}) => [`…${idHint(id)}`, 'dim']},
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
				`0 of ${plural(keys.items.length, nouns)} match ${clean(screen.filter.applied)}`,
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
