import type {AuditEntryScreen} from '../../app/model.ts';
import {Lines} from '../../components/lines.tsx';
import type {ViewProperties} from '../view.ts';
import {entryLines} from './state.ts';

export function AuditEntryView({screen, model, columns, rows}: ViewProperties<AuditEntryScreen>) {
	const lines = entryLines(screen.entry, model);
	return <Lines lines={lines} offset={screen.offset} columns={columns} rows={rows} />;
}
