import {commonCommand, commonContexts} from '../../app/common-commands.ts';
import {
	type AuditEntryScreen,
	type AuditList,
	bodyRows,
	isTable,
	type Items,
	type Model,
	setTop,
	type Step,
	tableHeight,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import type {Part} from '../../components/line.tsx';
import {scrolled} from '../../components/scroll.ts';
import {moveTable} from '../../components/table/state.ts';
import {belongsTo, commandFor} from '../../keymap.ts';
import {entryFacts, entryJson} from '../audit/text.ts';
import {copyId} from '../keys/state.ts';

const contexts = ['auditEntry', 'list', 'back', 'screens', 'everywhere'] as const;

type Entry = Items['audit'];

export function newEntryScreen(list: AuditList, entry: Entry): AuditEntryScreen {
	return {type: 'auditEntry', list, entry, offset: 0};
}

export const auditEntryKind: ScreenKind<AuditEntryScreen> = {
	title: ({entry}) => `entry ${entry.sequence}`,
	contexts: () => contexts,
	typing: () => false,
	onKey(model, screen, key, now) {
		const command = commandFor(contexts, key);
		if (command === undefined) return [model];
		if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
		if (belongsTo(['list'], command)) {
			const count = entryLines(screen.entry, model).length;
			const room = bodyRows(model);
			const lastOffset = Math.max(0, count - room);
			const offset = scrolled(screen.offset, command, {room, lastOffset});
			return [setTop(model, {...screen, offset})];
		}
		switch (command) {
			case 'copy':
				return copyOf(model, screen.entry, now);
			case 'next':
				return [step(model, screen, 'down')];
			case 'previous':
				return [step(model, screen, 'up')];
		}
	},
};

/** The id of the request, which the log has too; of an entry without one its number. */
export function copyOf(model: Model, {request_id, id}: Entry, now: number): Step {
	return copyId(model, request_id ?? id, now);
}

/** All of the entry, as lines; then as the JSON that it is. */
export function entryLines(entry: Entry, {now, size}: Model): Part[][] {
	const columns = Math.min(size.columns - 2, 118);
	// The id is the console's own; the sequence is the same.
	const {id: _, ...own} = entry;
	return [
		[],
		...entryFacts(entry, now, columns),
		[],
		[['JSON', 'title']],
		...entryJson(own, columns).map((line): Part[] => [[line]]),
	];
}

/** The neighbour in the list underneath, whose cursor goes along. */
function step(model: Model, screen: AuditEntryScreen, direction: 'down' | 'up'): Model {
	const under = model.screens.at(-2);
	if (under === undefined || !isTable(under) || under.type !== screen.list) return model;
	const table = moveTable(under.table, under.visible, tableHeight(model), direction);
	const entry = under.visible[table.index];
	if (entry === undefined) return model;
	const screens = [
		...model.screens.slice(0, -2),
		{...under, table},
		newEntryScreen(screen.list, entry as Entry),
	];
	return {...model, screens};
}
