import type {AuditEntryScreen} from '../../app/model.ts';
import {Line} from '../../components/line.tsx';
import type {ViewProperties} from '../view.ts';
import {entryLines} from './state.ts';

export function AuditEntryView({screen, model, columns, rows}: ViewProperties<AuditEntryScreen>) {
	const lines = entryLines(screen.entry, model);
	return (
		<>
			{lines.slice(screen.offset, screen.offset + rows).map((parts, index) => (
				<Line key={index} parts={[[' '], ...parts]} columns={columns} />
			))}
		</>
	);
}
