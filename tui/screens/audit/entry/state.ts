import {auditEntryBindings} from './bindings.ts';
import type {AuditEntryScreen} from './screen.ts';
import type {AuditList} from '../list/list.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {isTable} from '../../../app/screens.ts';
import {tableHeight} from '../../../app/navigation.ts';
import type {Part} from '../../../components/line.tsx';
import {moveTable} from '../../../components/table/state.ts';
import {mayExplain} from '../../keys/explain/start.ts';
import {openParty} from '../list/about.ts';
import {explainEntry, keyOfEntry} from '../list/explain.ts';
import {entryFacts, entryJson} from '../list/text.ts';
import {copyId} from '../../../app/copy.ts';
import type {PageSpec} from '../../kinds/page/spec.ts';

type Entry = Items['audit'];

export function newEntryScreen(list: AuditList, entry: Entry): AuditEntryScreen {
	return {type: 'auditEntry', list, entry, offset: 0};
}

export const auditEntryPage: PageSpec<AuditEntryScreen, typeof auditEntryBindings> = {
	title: ({entry}) => `entry ${entry.sequence}`,
	context: auditEntryBindings,
	lines: ({entry}, {now}, width) => [
		[],
		...entryFacts(entry, now, width),
		[],
		...jsonLines(entry, width),
	],
	halves: ({entry}, {now}, {left, right}) => [
		[[], ...entryFacts(entry, now, left)],
		[[], ...jsonLines(entry, right)],
	],
	unavailable: ({list, entry}, model) =>
		mayExplain(model, keyOfEntry(list, entry)) ? [] : ['explain'],
	run(model, screen, command, now) {
		switch (command) {
			case 'target':
				return openParty(model, screen.list, screen.entry.target, now);
			case 'actor':
				return openParty(model, screen.list, screen.entry.actor, now);
			case 'explain':
				return explainEntry(model, screen.list, screen.entry, now);
			case 'copy':
				return copyOf(model, screen.entry, now);
			case 'next':
				return [step(model, screen, 'down')];
			case 'previous':
				return [step(model, screen, 'up')];
		}
	},
};

function jsonLines(entry: Entry, width: number): Part[][] {
	// The id is the console's own; the sequence is the same.
	const {id: _, ...own} = entry;
	return [[['JSON', 'heading']], ...entryJson(own, width).map((line): Part[] => [[line]])];
}

/** The id of the request, which the log has too; of an entry without one its number. */
export function copyOf(model: Model, {request_id, id}: Entry, now: number): Step {
	return copyId(model, request_id ?? id, now);
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
