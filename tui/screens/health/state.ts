import {commonCommand, commonContexts} from '../../app/common-commands.ts';
import {
	bodyRows,
	type HealthScreen,
	type HealthReport,
	type Model,
	setTop,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import type {Part} from '../../components/line.tsx';
import {scrolled} from '../../components/scroll.ts';
import {belongsTo, commandFor} from '../../keymap.ts';
import {healthLines} from './lines.ts';

const contexts = ['list', 'back', 'screens', 'everywhere'] as const;

export const healthKind: ScreenKind<HealthScreen> = {
	title: () => 'health',
	contexts: () => contexts,
	typing: () => false,
	onKey(model, screen, key, now) {
		const command = commandFor(contexts, key);
		if (command === undefined) return [model];
		if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
		const {length} = shownLines(model, screen);
		const room = bodyRows(model);
		const lastOffset = Math.max(0, length - room);
		const offset = scrolled(screen.offset, command, {room, lastOffset});
		return [setTop(model, {...screen, offset})];
	},
};

export function reportOf(model: Model, {list}: HealthScreen): HealthReport | undefined {
	return model[list].items[0];
}

export function shownLines(model: Model, screen: HealthScreen): readonly (readonly Part[])[] {
	const report = reportOf(model, screen);
	const columns = Math.min(model.size.columns - 2, 110);
	return report === undefined ? [] : healthLines(report, model.now, columns);
}
