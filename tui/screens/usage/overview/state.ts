import type {Answer, Effect, Event} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {readKey} from '../../../app/loading.ts';
import {may, push, say} from '../../../app/navigation.ts';
import {reasonOf} from '../../../failure.ts';
import {isRest} from '../../../usage/groups.ts';
import {openKeyUsage} from '../key/open.ts';
import {type ChartSpec, openChart} from '../shared/kind.ts';
import {heardUsage, missedUsage, unreadUsage} from '../shared/reading.ts';
import {overviewBindings} from './bindings.ts';
import {overviewLayout, rowsOf} from './layout.ts';
import type {OverviewScreen} from './screen.ts';

/** How the keys of an organisation are used. */
export const overviewChart: ChartSpec<OverviewScreen, typeof overviewBindings> = {
	title: () => 'overview',
	place: {
		name: 'overview',
		command: 'showOverview',
		open: (model) =>
			may(model, 'usage:read')
				? openChart<OverviewScreen>(model, {...unreadUsage, type: 'overview'}, ask)
				: [say(model, model.now, 'Your role may not look at the use of keys', 'warning')],
	},
	view: async () => (await import('./overview.tsx')).OverviewView,
	context: overviewBindings,
	answer: 'overviewRead',
	rows: rowsOf,
	tableRows: (screen, model) => overviewLayout(screen, model).table,
	ask,
	unavailable: (screen) => (keyUnder(screen) === undefined ? ['open', 'openKey'] : []),
	run(model, screen, command, now) {
		const key = keyUnder(screen);
		if (key === undefined) return [model];
		return command === 'open' ? openKeyUsage(model, key, now) : openKey(model, key, now);
	},
	hear,
};

function ask({organisation, epoch}: Model, {range}: OverviewScreen): Effect | undefined {
	if (organisation === undefined) return undefined;
	return {do: 'readOverview', organisation: organisation.id, range, epoch};
}

/** The key that the cursor is on. */
function keyUnder(screen: OverviewScreen): {id: string; name: string} | undefined {
	const row = rowsOf(screen)[screen.table.index];
	if (row === undefined || isRest(row) || row.group === null) return undefined;
	return {id: row.group, name: row.name ?? row.group};
}

function openKey(model: Model, {id}: {id: string}, now: number): Step {
	if (!model.keys.items.some((key) => key.id === id)) {
		return [say(model, now, 'That key is not in the list of keys', 'warning')];
	}
	return [push(model, {type: 'key', id}), ...readKey(model, id)];
}

function hear(
	screen: OverviewScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): OverviewScreen {
	if (event.type === 'overviewRead') return heardUsage(screen, event, now);
	if (event.type !== 'failed' || event.effect.do !== 'readOverview') return screen;
	return missedUsage(screen, event.effect.range, reasonOf(event.failure), now);
}
