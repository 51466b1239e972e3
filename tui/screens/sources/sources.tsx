import type {Source} from '../../../contract/sources.ts';
import type {SourcesScreen} from '../../app/model.ts';
import {Line} from '../../components/line.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {type Column, TableView} from '../../components/table/table.tsx';
import {idHint} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {ago, date} from '../../text/time.ts';
import type {ViewProperties} from '../view.ts';

export function SourcesView({screen, model, columns, rows}: ViewProperties<SourcesScreen>) {
	const {items, status, problem} = model.sources;
	return (
		<>
			<Line
				parts={[[` ${items.length.toLocaleString('en')} source${items.length === 1 ? '' : 's'}`]]}
				columns={columns}
			/>
			{items.length > 0 ? (
				<TableView
					columns={tableColumns(model.now)}
					rows={items}
					table={screen.table}
					width={columns}
					height={rows - 1}
				/>
			) : (
				<Paragraphs
					columns={columns}
					text={
						status === 'failed'
							? [
									'',
									['The sources could not be read.', 'bad'],
									clean(problem ?? ''),
									'',
									'Press R to try again.',
								]
							: status === 'ready'
								? [
										'',
										'No sources yet. Programs make them with an API key:',
										['  POST /api/v1/sources {"name", "type"}', 'strong'],
									]
								: ['', ['loading …', 'dim']]
					}
				/>
			)}
		</>
	);
}

function tableColumns(now: number): Column<Source>[] {
	return [
		{title: 'NAME', cell: ({name}) => [clean(name)]},
		{title: 'TYPE', width: 16, cell: ({type}) => [clean(type)]},
		{title: 'CHANGED', width: 11, cell: ({updated_at}) => [ago(updated_at, now), 'dim']},
		{title: 'CREATED', width: 10, cell: ({created_at}) => [date(created_at), 'dim']},
		{title: 'ID', width: 9, from: 76, cell: ({id}) => [`…${idHint(id)}`, 'dim']},
	];
}
