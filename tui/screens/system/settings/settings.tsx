import type {SettingsScreen} from './screen.ts';
import {Line} from '../../../components/line.tsx';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {settingsLines} from './lines.ts';

export function SettingsView({screen, model, columns, rows}: ViewProperties<SettingsScreen>) {
	const lines = settingsLines(model);
	const offset = Math.min(screen.offset, Math.max(0, lines.length - rows));
	return lines
		.slice(offset, offset + rows)
		.map((parts, index) => <Line key={index} parts={parts} columns={columns} />);
}
