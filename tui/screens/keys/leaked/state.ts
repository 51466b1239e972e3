import {pastedKey, prefixesOf} from '../../../api-keys/pasted.ts';
import {copyId} from '../../../app/copy.ts';
import type {Answer, Event} from '../../../app/effect.ts';
import {changing} from '../../../app/guards.ts';
import {loadOnceDue} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {pop, push, setTop, top} from '../../../app/navigation.ts';
import {enterOrganisation} from '../../../app/organisation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {stepped} from '../../../components/choosing.ts';
import {reasonOf} from '../../../failure.ts';
import {isText} from '../../../keyboard/key-names.ts';
import {commandFor, type CommandOf, keymap} from '../../../keyboard/keymap.ts';
import {openTrail} from '../../audit/list/open.ts';
import {openKeyUsage} from '../../usage/key/open.ts';
import {mayExplain, startExplain} from '../explain/start.ts';
import {openKey} from '../key/open.ts';
import {mayRevoke, startRevoke} from '../revoke/start.ts';
import {mayRotate, startRotate} from '../rotate/start.ts';
import {suspensionHints} from '../suspend/hints.ts';
import {maySuspend, toggleSuspension} from '../suspend/state.ts';
import {leakedElsewhereBindings, leakedEntryBindings, leakedKeyBindings} from './bindings.ts';
import {askAbout, hereOf, newLeakedKeyScreen, readAbout, withSecret} from './open.ts';
import type {LeakedKeyScreen} from './screen.ts';
import {leakedKeyOf, waysOut} from './shown.ts';

const shared = [keymap.back, keymap.screens, keymap.everywhere] as const;

/** A key that was pasted or typed: what it is, and what now. */
export const leakedKeyKind: ScreenKind<LeakedKeyScreen> = {
	title: () => 'leaked key',
	contexts(screen, model) {
		if (isEntering(screen)) return [leakedEntryBindings];
		if (hereOf(model, screen) !== undefined) return [leakedKeyBindings, ...shared];
		return screen.told?.kind === 'known' ? [leakedElsewhereBindings, ...shared] : shared;
	},
	typing: isEntering,
	view: async () => (await import('./leaked.tsx')).LeakedKeyView,
	list: () => 'keys',
	unavailable(screen, model) {
		const key = leakedKeyOf(model, screen);
		return [
			...(mayRotate(model, key) ? [] : (['rotate'] as const)),
			...(maySuspend(model, key) ? [] : (['suspend'] as const)),
			...(mayRevoke(model, key) ? [] : (['revoke'] as const)),
			...(mayExplain(model, key) ? [] : (['explain'] as const)),
		];
	},
	hints: (screen, model) => suspensionHints(leakedKeyOf(model, screen), model.now),
	loses: () => undefined,
	onKey(model, screen, key, now) {
		if (isEntering(screen)) return entryKey(model, screen, key);
		if (hereOf(model, screen) === undefined) {
			const isThere = screen.told?.kind === 'known';
			const command = isThere ? commandFor([leakedElsewhereBindings], key) : undefined;
			return command === 'goThere' ? goThere(model, screen) : undefined;
		}
		const command = commandFor([leakedKeyBindings], key);
		return command === undefined ? undefined : run(model, screen, command, now);
	},
	onPaste(model, screen, text) {
		const typed = isEntering(screen) ? screen.secret.reveal() + text.trim() : text;
		const secret = pastedKey(typed, prefixesOf(model.keys.items));
		return secret === undefined ? [model] : anew(model, newLeakedKeyScreen(secret));
	},
	onTick: (model, _screen, now, isQuiet) => loadOnceDue(model, 'keys', now, isQuiet),
	hear,
	onAnswer(model, screen, event) {
		if (event.type === 'keyRecognised' && screen.told === event.told) {
			const here = hereOf(model, screen);
			return here === undefined ? [model] : [model, ...readAbout(model, here.id)];
		}
		if (event.type !== 'loaded' || event.answer.list !== 'keys' || top(model) !== screen) {
			return undefined;
		}
		const here = hereOf(model, screen);
		return here === undefined || event.partial ? undefined : [model, ...readAbout(model, here.id)];
	},
};

type Entering = LeakedKeyScreen & Required<Pick<LeakedKeyScreen, 'secret'>>;

/** Whether the key is typed still, or could not be asked about. */
function isEntering(screen: LeakedKeyScreen): screen is Entering {
	return screen.secret !== undefined && !screen.asking;
}

function entryKey(model: Model, screen: Entering, key: string): Step {
	switch (commandFor([leakedEntryBindings], key)) {
		case 'cancel':
			return [pop(model)];
		case 'lookUp':
			return screen.secret.isWhole ? askAbout(model, screen, screen.secret) : [model];
		case undefined: {
			if (key === 'backspace') {
				const shorter = screen.secret.shorter();
				return shorter === undefined ? [pop(model)] : anew(model, newLeakedKeyScreen(shorter));
			}
			// A key has no more: what follows it is the rest of a line.
			if (!isText(key) || screen.secret.isWhole) return [model];
			return anew(model, newLeakedKeyScreen(screen.secret.with(key)));
		}
	}
}

/** The screen with another key, which is asked about as soon as it is whole. */
function anew(model: Model, screen: LeakedKeyScreen): Step {
	const {secret} = screen;
	const next = setTop(model, screen);
	return secret?.isWhole === true ? askAbout(next, screen, secret) : [next];
}

function run(
	model: Model,
	screen: LeakedKeyScreen,
	command: CommandOf<typeof leakedKeyBindings>,
	now: number,
): Step {
	const key = leakedKeyOf(model, screen);
	const {id = '', name = ''} = hereOf(model, screen) ?? {};
	switch (command) {
		case 'choose':
			return run(model, screen, waysOut[screen.at] ?? 'rotate', now);
		case 'next':
		case 'previous': {
			const at = stepped(screen.at, command === 'next' ? 1 : -1, waysOut.length);
			return [setTop(model, {...screen, at})];
		}
		case 'rotate':
			return startRotate(model, key, now);
		case 'suspend':
			return toggleSuspension(model, key, now);
		case 'revoke':
			return changing(model, now, () => startRevoke(model, key, now));
		case 'open':
			return openKey(model, id);
		case 'trail':
			return openTrail(model, {target: id}, name, now);
		case 'explain':
			return startExplain(model, {id, name}, now);
		case 'usage':
			return openKeyUsage(model, {id, name}, now);
		case 'copy':
			return copyId(model, id, now);
	}
}

/** Works in the organisation of the key, with the key on top. */
function goThere(model: Model, screen: LeakedKeyScreen): Step {
	const {told} = screen;
	if (told?.kind !== 'known') return [model];
	const organisation = model.organisations.items.find(({id}) => id === told.place.id);
	if (organisation === undefined) return [model];
	const [entered, ...effects] = enterOrganisation(model, organisation);
	return [push(entered, screen), ...effects, ...readAbout(entered, told.id)];
}

/** Takes up what the server said; the key itself is forgotten then. */
function hear(
	screen: LeakedKeyScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
): LeakedKeyScreen {
	const {asking: _, secret, ...rest} = screen;
	if (event.type === 'keyRecognised' && event.secret === secret) {
		return {...rest, asking: false, told: event.told};
	}
	const id = screen.told?.kind === 'known' ? screen.told.id : undefined;
	if (event.type === 'keyRead' && event.id === id) return {...screen, use: event.use};
	if (event.type === 'keyUsageRead' && event.id === id) return {...screen, read: event.read};
	if (event.type !== 'failed' || event.effect.do !== 'recogniseKey') return screen;
	if (event.effect.secret !== secret) return screen;
	return {...rest, ...withSecret(secret), asking: false, problem: reasonOf(event.failure)};
}
