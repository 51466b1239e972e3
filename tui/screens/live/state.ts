import type {KeyDecision} from '../../../contract/decisions.ts';
import {copy} from '../../app/copy.ts';
import type {Model, Step} from '../../app/model.ts';
import {say, setTop} from '../../app/navigation.ts';
import type {ScreenKind} from '../../app/screen-kind.ts';
import {filterHelp, filterOf} from '../../components/filter.ts';
import {
	emptyField,
	fieldOf,
	reduceTextField,
	type TextField,
	textFieldKey,
} from '../../components/text-field/state.ts';
import {moveTable} from '../../components/table/state.ts';
import {commandFor, type CommandOf, keymap} from '../../keyboard/keymap.ts';
import {clean} from '../../text/clean.ts';
import {mayExplain, startExplain} from '../keys/explain/start.ts';
import {openKey} from '../keys/key/open.ts';
import {askEvery, askOnceDue, hearOfFailure, onDecisions} from './ask.ts';
import {liveBindings} from './bindings.ts';
import {liveFilterTakes, parseLiveFilter} from './filter.ts';
import {openLive} from './open.ts';
import {atTheEnd, liveHeight, rowAt, settled, visibleRows} from './rows.ts';
import type {LiveScreen} from './screen.ts';

const contexts = [
	liveBindings,
	keymap.table,
	keymap.list,
	keymap.back,
	keymap.screens,
	keymap.everywhere,
] as const;

/** What is decided about keys at this moment. */
export const liveKind: ScreenKind<LiveScreen> = {
	title: ({key}) => (key === undefined ? 'live' : `live: ${clean(key.name)}`),
	contexts: ({filter}) =>
		filter.open
			? [keymap.filter]
			: [...(filter.applied === '' ? [] : [keymap.filtered]), ...contexts],
	typing: ({filter}) => filter.open,
	view: async () => (await import('./live.tsx')).LiveView,
	place: {name: 'live', command: 'showLive', open: (model) => openLive(model, model.now)},
	freshness: ({last, asking, nextAt, problem}) => ({
		status: last !== undefined ? 'ready' : problem === undefined ? 'none' : 'failed',
		loading: asking !== undefined,
		nextAt,
		every: askEvery,
		...(last === undefined ? {} : {loadedAt: last.at}),
		...(problem === undefined ? {} : {problem}),
	}),
	says: ({filter}) => filterHelp(filter, liveFilterTakes),
	hints: ({paused}) => ({hold: paused ? 'go on' : 'hold'}),
	unavailable: (screen, model) => {
		const decision = decisionAt(screen);
		return [
			...(decision === undefined ? ['open', 'copy'] : []),
			...(mayExplain(model, keyOf(decision)) ? [] : ['explain']),
		];
	},
	onKey(model, screen, key, now) {
		if (screen.filter.open) return filterKey(model, screen, key, now);
		if (screen.filter.applied !== '' && commandFor([keymap.filtered], key) === 'clear') {
			return keep(model, screen, emptyField, now);
		}
		const own = commandFor([liveBindings], key);
		if (own !== undefined) return run(model, screen, own, now);
		if (commandFor([keymap.table], key) === 'filter') {
			return [setTop(model, {...screen, filter: {...screen.filter, open: true}})];
		}
		const move = commandFor([keymap.list], key);
		if (move === undefined) return undefined;
		const height = liveHeight(model);
		const {table} = settled(screen, height);
		return [setTop(model, {...screen, table: moveTable(table, visibleRows(screen), height, move)})];
	},
	onPaste(model, screen, text, now) {
		if (!screen.filter.open) return [model];
		const field = reduceTextField(screen.filter.text, {type: 'insert', text});
		return [setTop(model, filtered(model, screen, field, true, now))];
	},
	onTick: (model, screen, now, isQuiet) => (isQuiet ? [model] : askOnceDue(model, screen, now)),
	refresh: (model, screen) => askOnceDue(model, {...screen, nextAt: 0, paused: false}, model.now),
	hear: hearOfFailure,
	onAnswer: (model, screen, event, {now}) => onDecisions(model, screen, event, now),
};

function decisionAt(screen: LiveScreen): KeyDecision | undefined {
	const row = rowAt(screen);
	return row !== undefined && 'decision' in row ? row.decision : undefined;
}

function keyOf(decision: KeyDecision | undefined) {
	return decision && {id: decision.key_id, name: decision.key_name};
}

function run(
	model: Model,
	screen: LiveScreen,
	command: CommandOf<typeof liveBindings>,
	now: number,
): Step {
	const decision = decisionAt(screen);
	switch (command) {
		case 'hold': {
			const {paused} = screen;
			const said = paused ? 'Going on' : 'Held: space goes on';
			const next = say(setTop(model, {...screen, paused: !paused, nextAt: 0}), now, said);
			return paused ? askOnceDue(next, {...screen, paused: false, nextAt: 0}, now) : [next];
		}
		case 'refused': {
			const only = 'outcome:refused';
			const text = screen.filter.applied === only ? '' : only;
			return keep(model, screen, fieldOf(text), now);
		}
		case 'open':
			return decision === undefined ? [model] : openKey(model, decision.key_id);
		case 'explain':
			return startExplain(model, keyOf(decision), now, decision?.address ?? undefined);
		case 'copy':
			if (decision === undefined) return [model];
			return copy(model, now, 'the decision', JSON.stringify(decision, undefined, '\t'));
	}
}

/** A key while the filter is typed. */
function filterKey(model: Model, screen: LiveScreen, key: string, now: number): Step {
	const command = commandFor([keymap.filter], key);
	if (command === 'keep') return keep(model, screen, screen.filter.text, now);
	if (command === 'drop') return keep(model, screen, emptyField, now);
	const action = textFieldKey(key);
	if (action === undefined) return [model];
	const field = reduceTextField(screen.filter.text, action);
	return [setTop(model, filtered(model, screen, field, true, now))];
}

/** With another filter, applied at once to the rows that are here. */
function filtered(
	model: Model,
	screen: LiveScreen,
	text: TextField,
	open: boolean,
	now: number,
): LiveScreen {
	const {problem} = parseLiveFilter(text.value, now);
	const filter = filterOf(text, {open, problem, now});
	return settled({...screen, filter}, liveHeight(model));
}

/** Asks for what the filter narrows it to, once it is kept or dropped. */
function keep(model: Model, screen: LiveScreen, text: TextField, now: number): Step {
	const next = filtered(model, screen, text, false, now);
	const {open, problem = ''} = next.filter;
	if (open) return [say(setTop(model, next), now, `Cannot read ${problem}`, 'warning')];
	const due = atTheEnd({...next, nextAt: 0}, liveHeight(model));
	return askOnceDue(setTop(model, due), due, now);
}
