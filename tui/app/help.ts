import {foundEntries, type HelpEntry, helpEntries} from '../keyboard/help-entries.ts';
import {commandFor, keymap} from '../keyboard/keymap.ts';
import {stepped} from '../components/choosing.ts';
import {emptyField, reduceTextField, textFieldKey} from '../components/text-field/state.ts';
import type {HelpState, Model, Step} from './model.ts';
import {contextsOf} from './on-screens.ts';
import {bodyRows, top} from './navigation.ts';
import {press} from './press.ts';

type Helping = (typeof keymap)['helping' | 'list' | 'searching'];

/** What of help is shown: all of it, or what is looked for. */
export function shownEntries(model: Model, {search}: HelpState): HelpEntry[] {
	return foundEntries(helpEntries(contextsOf(top(model), model)), search?.value ?? '');
}

export function onHelpKey(model: Model, help: HelpState, key: string, now: number): Step {
	const entries = shownEntries(model, help);
	const choose = (choice: number): Step => [{...model, help: {...help, choice}}];
	const move = (by: number) => choose(stepped(help.choice, by, entries.length));
	const page = Math.max(1, bodyRows(model) - 4);
	const contexts: readonly Helping[] =
		help.search === undefined ? [keymap.helping, keymap.list] : [keymap.searching];
	switch (commandFor(contexts, key)) {
		case 'closeHelp':
			return [withoutHelp(model)];
		case 'search':
			return [{...model, help: {choice: 0, search: emptyField}}];
		case 'dropSearch':
			return [{...model, help: {choice: 0}}];
		case 'run': {
			const entry = entries[help.choice];
			return entry === undefined ? [model] : press(withoutHelp(model), entry.key, now);
		}
		case 'down':
			return move(1);
		case 'up':
			return move(-1);
		case 'halfDown':
		case 'pageDown':
			return choose(Math.min(entries.length - 1, help.choice + page));
		case 'halfUp':
		case 'pageUp':
			return choose(Math.max(0, help.choice - page));
		case 'first':
			return choose(0);
		case 'last':
			return choose(entries.length - 1);
		case undefined:
			return [typedInto(model, help, key)];
	}
}

export function onHelpPaste(model: Model, help: HelpState, text: string): Model {
	if (help.search === undefined) return model;
	const search = reduceTextField(help.search, {type: 'insert', text});
	return {...model, help: {choice: 0, search}};
}

function typedInto(model: Model, {search}: HelpState, key: string): Model {
	const action = textFieldKey(key);
	if (search === undefined || action === undefined) return model;
	return {...model, help: {choice: 0, search: reduceTextField(search, action)}};
}

function withoutHelp(model: Model): Model {
	const {help: _, ...rest} = model;
	return rest;
}
