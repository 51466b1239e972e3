import {auditBindings} from './bindings.ts';
import type {AuditList} from './list.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {may, mayRead, pop, push, say} from '../../../app/navigation.ts';
import type {Column} from '../../../components/table/columns.ts';
import type {CommandOf} from '../../../keyboard/keymap.ts';
import {clean} from '../../../text/clean.ts';
import {mayExplain} from '../../keys/explain/start.ts';
import {openList} from '../../kinds/list/open.ts';
import {follow} from '../../kinds/list/follow.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {copyOf, newEntryScreen} from '../entry/state.ts';
import {openParty} from './about.ts';
import {parseAuditFilter} from './filter.ts';
import {explainEntry, keyOfEntry} from './explain.ts';
import {startExport} from './export.ts';
import {briefName, entryFacts, nameOf, resultOf, shortTime} from './text.ts';
import {sortTime} from '../../../components/table/order.ts';

type Entry = Items['audit'];

/** From this width on there is room for addresses and whole names of kinds. */
const wideFrom = 96;

/** The trail of an organisation, and that of the appliance itself, are read in the same way. */
function specOf<List extends AuditList>(
	list: List,
	title: string,
	place: Pick<ListSpec, 'place' | 'under'>,
): ListSpec<List, typeof auditBindings> {
	return {
		list,
		...place,
		title: (model) =>
			aboutOf(model, list) === undefined ? title : `${title} of ${aboutOf(model, list)}`,
		nouns: ['entry', 'entries'],
		context: auditBindings,
		filter: {
			takes: 'actor: action: target: outcome: since:1h, or words',
			parse: parseAuditFilter,
		},
		called: list === 'audit' ? 'the audit trail' : 'the audit trail of the appliance',
		columns: columnsOf,
		serverOrder: {column: 'TIME (UTC)', descending: true},
		empty: (model) => {
			const name = aboutOf(model, list);
			return [
				name === undefined ? 'Nothing was recorded yet.' : `No entry is about ${clean(name)}.`,
			];
		},
		facts: (entry: Entry, {now}, width) => entryFacts(entry, now, width),
		unavailable: (model, entry) => unavailable(model, entry, list),
		run: (model, entry: Entry | undefined, command, now) => run(model, list, entry, command, now),
	};
}

export const auditSpec = specOf('audit', 'audit', {
	place: {name: 'audit', command: 'showAudit'},
});
export const applianceAuditSpec = specOf('applianceAudit', 'audit of the appliance', {
	under: 'showAudit',
});

/** What the trail is narrowed to by its screen, as by `a` on a key. */
function aboutOf({queries}: Model, list: AuditList): string | undefined {
	return queries[list]?.['name'];
}

function columnsOf({now}: Model, width: number): Column<Entry>[] {
	const isWide = width >= wideFrom;
	return [
		{
			title: 'TIME (UTC)',
			width: 12,
			value: ({recorded_at}) => sortTime(recorded_at),
			descending: true,
			cell: ({recorded_at}) => [shortTime(recorded_at, now), 'dim'],
		},
		{
			title: 'ACTOR',
			width: isWide ? 24 : 12,
			from: 72,
			value: ({actor}) => nameOf(actor),
			cell: ({actor}) => [isWide ? nameOf(actor) : briefName(actor)],
		},
		{
			title: 'ACTION',
			width: 24,
			value: ({action}) => action,
			// Without a column for the result, what was not done has a sign.
			cell: ({action, outcome}) =>
				isWide || outcome === 'success' ? [clean(action)] : [`x ${clean(action)}`, 'bad'],
		},
		{title: 'TARGET', value: ({target}) => nameOf(target), cell: ({target}) => [nameOf(target)]},
		{
			title: 'FROM',
			width: 15,
			from: wideFrom,
			value: ({address}) => address,
			cell: ({address}) => [clean(address ?? '-')],
		},
		{
			title: 'RESULT',
			width: 9,
			from: wideFrom,
			value: ({outcome}) => outcome,
			cell: ({outcome}) => resultOf(outcome),
		},
	];
}

function unavailable(
	model: Model,
	entry: Entry | undefined,
	list: AuditList,
): CommandOf<typeof auditBindings>[] {
	const isAway = model.link.state === 'offline';
	return [
		...(entry === undefined ? (['open', 'target', 'actor', 'copy'] as const) : []),
		...(mayExplain(model, keyOfEntry(list, entry)) ? [] : (['explain'] as const)),
		...(isAway || !mayRead(model, list) ? (['export'] as const) : []),
		...(may(model, 'audit:appliance') ? [] : (['appliance'] as const)),
	];
}

function run(
	model: Model,
	list: AuditList,
	entry: Entry | undefined,
	command: CommandOf<typeof auditBindings>,
	now: number,
): Step {
	switch (command) {
		case 'open':
			return entry === undefined ? [model] : [push(model, newEntryScreen(list, entry))];
		case 'target':
			return entry === undefined ? [model] : openParty(model, list, entry.target, now);
		case 'actor':
			return entry === undefined ? [model] : openParty(model, list, entry.actor, now);
		case 'explain':
			return explainEntry(model, list, entry, now);
		case 'follow':
			return follow(model);
		case 'export':
			return startExport(model, list, now);
		case 'appliance': {
			if (!may(model, 'audit:appliance')) {
				return [say(model, now, 'Only operators may read the trail of the appliance', 'warning')];
			}
			return openList(pop(model), list === 'audit' ? 'applianceAudit' : 'audit');
		}
		case 'copy':
			return entry === undefined ? [model] : copyOf(model, entry, now);
	}
}
