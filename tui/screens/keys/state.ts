import type {Key} from '../../../contract/keys.ts';
import {commonCommand, commonContexts, changing} from '../../app/common-commands.ts';
import {
	canChange,
	type KeysScreen,
	may,
	type Model,
	push,
	readKey,
	say,
	setTop,
	type Step,
	tableHeight,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {moveTable} from '../../components/table/state.ts';
import {emptyField, reduceTextField, textFieldKey} from '../../components/text-field/state.ts';
import {parseKeyFilter} from '../../key-filter.ts';
import {defaultOrder, keyColumns} from '../../key-order.ts';
import {belongsTo, type CommandOf, commandFor} from '../../keymap.ts';
import {idsOf, markOne, markRange} from './marks.ts';
import {arrange, keyUnderCursor, noMarks} from './rows.ts';
import {newCreateKeyScreen} from '../create-key/state.ts';
import {newRevokeManyScreen, newRevokeScreen} from '../revoke/state.ts';

const contexts = ['keys', 'list', 'back', 'screens', 'everywhere'] as const;

export const keysKind: ScreenKind<KeysScreen> = {
	title: () => 'keys',
	contexts: ({filter}) => (filter.open ? ['filter'] : contexts),
	typing: ({filter}) => filter.open,
	unavailable(screen, model) {
		const key = keyUnderCursor(screen);
		return [
			...(!canChange(model) || model.organisation?.plan !== 'team' || !may(model, 'keys:create')
				? (['create'] as const)
				: []),
			...(screen.marks.size > 0 || mayRevoke(model, key) ? [] : (['revoke'] as const)),
			...(key === undefined ? (['open'] as const) : []),
		];
	},
	onKey(model, screen, key, now) {
		if (screen.filter.open) return filterKey(model, screen, key);
		if (key === 'escape' && screen.filter.applied === '') return commonCommand(model, 'back', now);
		const command = commandFor(contexts, key);
		return command === undefined ? [model] : run(model, screen, command, now);
	},
	onPaste(model, screen, text) {
		if (!screen.filter.open) return [model];
		return [retext(model, screen, reduceTextField(screen.filter.text, {type: 'insert', text}))];
	},
};

function run(
	model: Model,
	screen: KeysScreen,
	command: CommandOf<(typeof contexts)[number]>,
	now: number,
): Step {
	const key = keyUnderCursor(screen);
	if (belongsTo(['list'], command)) {
		const table = moveTable(screen.table, screen.visible, tableHeight(model), command);
		return [setTop(model, {...screen, table})];
	}
	if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
	switch (command) {
		case 'open':
			if (key === undefined) return [model];
			return [push(model, {type: 'key', id: key.id}), ...readKey(model, key.id)];
		case 'create':
			return changing(model, now, () => startCreate(model, now));
		case 'revoke':
			return changing(model, now, () =>
				screen.marks.size > 0
					? startRevokeMarked(model, screen, now)
					: startRevoke(model, key, now),
			);
		case 'mark':
			return [setTop(model, markOne(screen, tableHeight(model)))];
		case 'markRange':
			return [setTop(model, markRange(screen))];
		case 'markAll':
			return [setTop(model, {...screen, marks: idsOf(screen.visible)})];
		case 'unmark':
			return [setTop(model, {...screen, marks: noMarks})];
		case 'filter':
			return [setTop(model, {...screen, filter: {...screen.filter, open: true}})];
		case 'clear':
			return [retext(model, closed(screen), emptyField)];
		case 'sort': {
			const next = (keyColumns.indexOf(screen.order.column) + 1) % keyColumns.length;
			const order = defaultOrder(keyColumns[next] ?? 'created');
			return [setTop(model, arrange({...screen, order}, model))];
		}
		case 'reverse': {
			const order = {...screen.order, descending: !screen.order.descending};
			return [setTop(model, arrange({...screen, order}, model))];
		}
		case 'copy':
			return key === undefined ? [model] : copyId(model, key.id, now);
	}
}

function startCreate(model: Model, now: number): Step {
	const {organisation} = model;
	if (organisation === undefined) {
		return [say(model, now, 'Choose an organisation first: 3', 'warning')];
	}
	if (!may(model, 'keys:create'))
		return [say(model, now, 'Your role may not create keys', 'warning')];
	if (organisation.plan !== 'team') {
		return [
			say(model, now, 'API keys need the Team plan (an operator changes it: 3, e)', 'warning'),
		];
	}
	return [push(model, newCreateKeyScreen())];
}

/** Whether revoking a key would be more than a refusal. */
export function mayRevoke(model: Model, key: Key | undefined): boolean {
	if (key === undefined || key.revoked_at !== null) return false;
	return canChange(model) && may(model, 'keys:revoke');
}

export function startRevoke(model: Model, key: Key | undefined, now: number): Step {
	if (key === undefined) return [model];
	if (key.revoked_at !== null) return [say(model, now, 'This key is revoked already')];
	if (!may(model, 'keys:revoke'))
		return [say(model, now, 'Your role may not revoke keys', 'warning')];
	if (model.organisation === undefined) return [model];
	const question = newRevokeScreen(key, model.organisation.id, now);
	return [push(model, question), ...readKey(model, key.id)];
}

function startRevokeMarked(model: Model, screen: KeysScreen, now: number): Step {
	if (!may(model, 'keys:revoke'))
		return [say(model, now, 'Your role may not revoke keys', 'warning')];
	if (model.organisation === undefined) return [model];
	const marked = screen.visible.filter(({id}) => screen.marks.has(id));
	return [push(model, newRevokeManyScreen(marked, model.organisation.id, now))];
}

export function copyId(model: Model, id: string, now: number): Step {
	return [say(model, now, `Sent ${id} to the terminal's clipboard`), {do: 'copy', text: id}];
}

function filterKey(model: Model, screen: KeysScreen, key: string): Step {
	const command = commandFor(['filter'], key);
	if (command === 'keep') return [setTop(model, closed(screen))];
	if (command === 'drop') return [retext(model, closed(screen), emptyField)];
	const action = textFieldKey(key);
	if (action === undefined) return [model];
	return [retext(model, screen, reduceTextField(screen.filter.text, action))];
}

function closed(screen: KeysScreen): KeysScreen {
	const {problem: _, ...filter} = screen.filter;
	return {...screen, filter: {...filter, open: false}};
}

/** Another filter text, applied at once. */
function retext(model: Model, screen: KeysScreen, text: KeysScreen['filter']['text']): Model {
	const {problem: _, ...before} = screen.filter;
	const {problem} = parseKeyFilter(text.value);
	const filter = {...before, text, applied: text.value.trim()};
	const described = problem === undefined ? filter : {...filter, problem};
	return setTop(model, arrange({...screen, filter: described}, model));
}
