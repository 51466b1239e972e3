import {revokeKeyQuery, suspendKeyRequest} from '../../../../contract/keys.ts';
import {keyChanges} from '../../../api-keys/change-each.ts';
import type {Effect} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {bodyRows, cancel, setTop} from '../../../app/navigation.ts';
import {type ScreenKind, unsent} from '../../../app/screen-kind.ts';
import {stepped} from '../../../components/choosing.ts';
import {scrolled} from '../../../components/scroll.ts';
import {
	reduceTextField,
	type TextField,
	textFieldKey,
} from '../../../components/text-field/state.ts';
import {type CommandOf, commandFor} from '../../../keyboard/keymap.ts';
import {whyQuery} from '../../kinds/confirm/why.ts';
import {
	cleanUpBindings,
	cleanUpChoiceBindings,
	cleanUpKeysBindings,
	cleanUpTextBindings,
} from './bindings.ts';
import {reached, wordOf} from './facts.ts';
import {cleanUpLayout} from './layout.ts';
import type {CleanUpField, CleanUpScreen, CleanUpVerb} from './screen.ts';

const ofField = {
	keys: cleanUpKeysBindings,
	verb: cleanUpChoiceBindings,
	code: cleanUpChoiceBindings,
	note: cleanUpTextBindings,
	word: cleanUpTextBindings,
} as const;

export const cleanUpKind: ScreenKind<CleanUpScreen> = {
	title: () => 'clean up',
	contexts: ({focus}) => [ofField[focus], cleanUpBindings],
	hints: (screen, {now}) => (isArmed(screen, now) ? {go: screen.verb} : {}),
	typing: () => true,
	says: ({busyText}) => (busyText === undefined ? ['Nothing has been sent yet', 'dim'] : undefined),
	view: async () => (await import('./clean-up.tsx')).CleanUpView,
	busy: ({busyText}) => busyText !== undefined,
	loses: ({busyText}) => unsent(busyText !== undefined),
	hear(screen, event, now) {
		if (event.type === 'keysOfLeaversRead') return {...screen, ofLeavers: new Set(event.ids)};
		if (event.type !== 'keysChanging' || screen.busyText === undefined) return screen;
		const [done, of] = [event.done, reached(screen, now).length].map((count) =>
			count.toLocaleString('en'),
		);
		return {...screen, busyText: `${keyChanges[screen.verb].doing} … ${done} of ${of}`};
	},
	onFailure(model, screen, {problem}) {
		const {busyText: _, ...rest} = screen;
		return setTop(model, {...rest, problem});
	},
	onKey(model, screen, key, now) {
		if (screen.busyText !== undefined) return [model];
		const command = commandFor([ofField[screen.focus], cleanUpBindings], key);
		if (command !== undefined) return run(model, screen, command, now);
		const action = textFieldKey(key);
		if (action === undefined) return [model];
		return [
			setTop(
				model,
				typed(screen, (field) => reduceTextField(field, action), now),
			),
		];
	},
	onPaste(model, screen, text, now) {
		if (screen.busyText !== undefined) return [model];
		const insert = (field: TextField) => reduceTextField(field, {type: 'insert', text});
		return [setTop(model, typed(screen, insert, now))];
	},
};

type Command = CommandOf<(typeof ofField)[CleanUpField] | typeof cleanUpBindings>;

function run(model: Model, screen: CleanUpScreen, command: Command, now: number): Step {
	switch (command) {
		case 'cancel':
			return [cancel(model, now, `no key was ${keyChanges[screen.verb].done}`)];
		case 'go':
			return go(model, screen, now);
		case 'nextField':
			return [setTop(model, toField(model, screen, 1, now))];
		case 'previousField':
			return [setTop(model, toField(model, screen, -1, now))];
		case 'linesBelow':
			return [setTop(model, paged(model, screen, 'pageDown', now))];
		case 'linesAbove':
			return [setTop(model, paged(model, screen, 'pageUp', now))];
		case 'drop':
			return [setTop(model, dropped(model, screen, now))];
		case 'keyBelow':
			return [setTop(model, atKey(model, screen, screen.index + 1, now))];
		case 'keyAbove':
			return [setTop(model, atKey(model, screen, screen.index - 1, now))];
		case 'firstKey':
			return [setTop(model, atKey(model, screen, 0, now))];
		case 'lastKey':
			return [setTop(model, atKey(model, screen, screen.keys.length - 1, now))];
		case 'choose':
			return [setTop(model, chosen(screen, 1))];
		case 'chooseBefore':
			return [setTop(model, chosen(screen, -1))];
	}
}

function fieldsOf({verb, verbs}: CleanUpScreen): CleanUpField[] {
	return [
		'keys',
		...(verbs.length > 1 ? (['verb'] as const) : []),
		...(verb === 'revoke' ? (['code'] as const) : []),
		'note',
		'word',
	];
}

function toField(model: Model, screen: CleanUpScreen, by: 1 | -1, now: number): CleanUpScreen {
	const fields = fieldsOf(screen);
	const at = fields.indexOf(screen.focus) + by;
	const focus = fields[(at + fields.length) % fields.length] ?? 'word';
	const next = {...screen, focus};
	return focus === 'keys' ? atKey(model, next, next.index, now) : next;
}

function layoutOf(model: Model, screen: CleanUpScreen, now: number) {
	return cleanUpLayout(screen, model.size.columns, bodyRows(model), now);
}

/** Goes to a key, which is in view then; above the first one are the facts. */
function atKey(model: Model, screen: CleanUpScreen, to: number, now: number): CleanUpScreen {
	const {above, room, lastOffset} = layoutOf(model, screen, now);
	const index = Math.max(0, Math.min(screen.keys.length - 1, to));
	const line = above.length + index;
	const from = to < 0 ? screen.offset - 1 : Math.min(screen.offset, lastOffset);
	const offset = Math.max(0, line - room + 1, Math.min(line, from));
	return {...screen, index, offset: Math.min(lastOffset, offset)};
}

function paged(
	model: Model,
	screen: CleanUpScreen,
	by: 'pageDown' | 'pageUp',
	now: number,
): CleanUpScreen {
	const layout = layoutOf(model, screen, now);
	const from = Math.min(screen.offset, layout.lastOffset);
	return {...screen, offset: scrolled(from, by, layout)};
}

/** Leaves a key alone, or takes it back, and goes on to the next; one that is not in view is gone to. */
function dropped(model: Model, screen: CleanUpScreen, now: number): CleanUpScreen {
	const {above, room, lastOffset} = layoutOf(model, screen, now);
	const line = above.length + screen.index;
	const from = Math.min(screen.offset, lastOffset);
	const key = screen.keys[screen.index];
	if (key === undefined || line < from || line >= from + room) {
		return atKey(model, screen, screen.index, now);
	}
	const ids = new Set(screen.dropped);
	if (!ids.delete(key.id)) ids.add(key.id);
	const {problem: _, ...rest} = screen;
	return atKey(model, {...rest, dropped: ids}, screen.index + 1, now);
}

function chosen(screen: CleanUpScreen, by: 1 | -1): CleanUpScreen {
	const {focus, verbs, verb, why} = screen;
	if (focus === 'code') {
		return {...screen, why: {...why, at: stepped(why.at, by, why.reasons.length)}};
	}
	return withVerb(screen, verbs[stepped(verbs.indexOf(verb), by, verbs.length)] ?? verb);
}

function withVerb(screen: CleanUpScreen, verb: CleanUpVerb): CleanUpScreen {
	const {problem: _, ...rest} = screen;
	return {...rest, verb};
}

/** Takes up text where it is typed; whoever begins the word of the other choice means that one. */
function typed(
	screen: CleanUpScreen,
	change: (field: TextField) => TextField,
	now: number,
): CleanUpScreen {
	const {problem: _, ...rest} = screen;
	if (screen.focus === 'note') {
		return {...rest, why: {...screen.why, note: change(screen.why.note)}};
	}
	if (screen.focus !== 'word') return screen;
	const word = change(screen.word);
	const [begun = ''] = word.value.trim().split(' ');
	const meant = begun === '' ? undefined : screen.verbs.find((verb) => verb.startsWith(begun));
	const isPossible = meant !== undefined && reached({...screen, verb: meant}, now).length > 0;
	return {...rest, word, verb: isPossible ? meant : screen.verb};
}

function isArmed(screen: CleanUpScreen, now: number): boolean {
	const isSome = reached(screen, now).length > 0;
	return isSome && screen.word.value.normalize().trim() === wordOf(screen, now);
}

/** Does it once the word is there; in the other fields it goes on to the next. */
function go(model: Model, screen: CleanUpScreen, now: number): Step {
	const {focus, verb, why, reload} = screen;
	if (focus !== 'word') return [setTop(model, toField(model, screen, 1, now))];
	if (!isArmed(screen, now)) return [setTop(model, {...screen, problem: whyNot(screen, now)})];
	const keys = reached(screen, now);
	const note = why.note.value.trim();
	const reason = note === '' ? {} : {reason: note};
	const query = whyQuery(why) ?? {};
	const given =
		verb === 'revoke' ? revokeKeyQuery.safeParse(query) : suspendKeyRequest.safeParse(reason);
	if (!given.success) {
		const problem = given.error.issues[0]?.message ?? '';
		return [setTop(model, {...screen, problem, focus: 'note'})];
	}
	const act: Effect = {
		do: 'changeKeys',
		what: verb,
		keys,
		reload,
		...(verb === 'revoke' ? {query} : reason),
	};
	const {problem: _, ...rest} = screen;
	return [setTop(model, {...rest, busyText: `${keyChanges[verb].doing} …`}), act];
}

function whyNot(screen: CleanUpScreen, now: number): string {
	const word = wordOf(screen, now);
	const text = screen.word.value.trim();
	if (reached(screen, now).length === 0) return `None is left to ${screen.verb}; esc cancels`;
	if (text === '') return `Type ${word} and press enter to do it; esc cancels`;
	return `That is not ${word}, but ${text}. Nothing was done; esc cancels`;
}
