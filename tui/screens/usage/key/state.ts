import type {Answer, Event} from '../../../app/effect.ts';
import {copy} from '../../../app/copy.ts';
import {reasonOf} from '../../../failure.ts';
import {isRest} from '../../../usage/groups.ts';
import {mayExplain, startExplain} from '../../keys/explain/start.ts';
import {hearOfLimits, readLimitsOnceDue} from '../../keys/key/limits.ts';
import type {ChartSpec} from '../shared/kind.ts';
import {heardUsage, missedUsage} from '../shared/reading.ts';
import {keyUsageBindings} from './bindings.ts';
import {keyUsageLayout, rowsOf} from './layout.ts';
import {askKeyUsage} from './open.ts';
import type {KeyUsageScreen} from './screen.ts';

/** How one key is used. */
export const keyUsageChart: ChartSpec<KeyUsageScreen, typeof keyUsageBindings> = {
	// On the screen of the key its name is there already.
	title: ({id, name}, {screens}) =>
		screens.some((screen) => screen.type === 'key' && screen.id === id)
			? 'usage'
			: `use of ${name}`,
	view: async () => (await import('./usage.tsx')).KeyUsageView,
	context: keyUsageBindings,
	answer: 'keyUsageRead',
	rows: rowsOf,
	tableRows: (screen, model) => keyUsageLayout(screen, model).table,
	ask: askKeyUsage,
	alsoDue: readLimitsOnceDue,
	unavailable: (screen, model) => [
		...(addressOf(screen) === undefined ? (['copy', 'explain'] as const) : []),
		...(mayExplain(model, screen) ? [] : (['explain'] as const)),
	],
	run(model, screen, command, now) {
		const address = addressOf(screen);
		if (address === undefined) return [model];
		return command === 'copy'
			? copy(model, now, 'the address', address)
			: startExplain(model, screen, now, address);
	},
	hear,
};

/** The address that the cursor is on. */
function addressOf(screen: KeyUsageScreen): string | undefined {
	const row = rowsOf(screen)[screen.table.index];
	return row === undefined || isRest(row) ? undefined : (row.group ?? undefined);
}

function hear(
	before: KeyUsageScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): KeyUsageScreen {
	const screen = hearOfLimits(before, event, now);
	if (event.type === 'keyUsageRead' && event.id === screen.id) {
		return heardUsage(screen, event, now);
	}
	if (event.type !== 'failed' || event.effect.do !== 'readKeyUsage') return screen;
	const {id, range} = event.effect;
	return id === screen.id ? missedUsage(screen, range, reasonOf(event.failure), now) : screen;
}
