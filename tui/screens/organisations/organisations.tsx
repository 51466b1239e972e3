import type {Organisation} from '../../../contract/organisations.ts';
import type {Model, OrganisationsScreen} from '../../app/model.ts';
import {Line} from '../../components/line.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {type Column, TableView} from '../../components/table/table.tsx';
import {clean} from '../../text/clean.ts';
import {date} from '../../text/time.ts';
import type {ViewProperties} from '../view.ts';

export function OrganisationsView({
	screen,
	model,
	columns,
	rows,
}: ViewProperties<OrganisationsScreen>) {
	const {items, status, problem} = model.organisations;
	return (
		<>
			<Line
				parts={[[` ${items.length} organisation${items.length === 1 ? '' : 's'}`]]}
				columns={columns}
			/>
			{items.length > 0 ? (
				<TableView
					columns={tableColumns(model)}
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
									['The organisations could not be read.', 'bad'],
									clean(problem ?? ''),
									'',
									'Press R to try again.',
								]
							: status === 'ready'
								? ['', 'No organisations. Operators create one with n.']
								: ['', ['loading …', 'dim']]
					}
				/>
			)}
		</>
	);
}

function tableColumns({organisation}: Model): Column<Organisation>[] {
	return [
		{
			title: 'NAME',
			cell: ({name, id}) => [`${clean(name)}${id === organisation?.id ? ' (here)' : ''}`],
		},
		{
			title: 'PLAN',
			width: 8,
			cell: ({plan}) => [clean(plan), plan === 'team' ? 'good' : 'dim'],
		},
		{title: 'CREATED', width: 10, cell: ({created_at}) => [date(created_at), 'dim']},
		{title: 'ID', width: 36, from: 84, cell: ({id}) => [id, 'dim']},
	];
}
