import {isRoomy, readAroundOnceDue} from './around.ts';
import {apiKeyBindings} from './bindings.ts';
import {keymap} from '../../../keyboard/keymap.ts';
import type {Effect} from '../../../app/effect.ts';
import {copyId} from '../../../app/copy.ts';
import {changing} from '../../../app/guards.ts';
import {loadOnceDue, readKey} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {may, setTop, tableHeight, top} from '../../../app/navigation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {scrolled} from '../../../components/scroll.ts';
import {moveTable} from '../../../components/table/state.ts';
import {reasonOf} from '../../../failure.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {underCursor} from '../../kinds/list/rows.ts';
import {mayLookOn, openLive} from '../../live/open.ts';
import {mayChangeQuota, startChangeQuota} from '../../limits/quota/start.ts';
import {openTrail} from '../../audit/list/open.ts';
import {openDeliveriesAbout} from './deliveries.ts';
import {mayShowUsage, openKeyUsage} from '../../usage/key/open.ts';
import {mayExplain, startExplain} from '../explain/start.ts';
import {mayEdit, openEdit, startEdit} from '../form/edit.ts';
import {mayRevoke, startRevoke} from '../revoke/start.ts';
import {pairOf} from '../rotate/rotation.ts';
import {mayRotate, startRotate} from '../rotate/start.ts';
import {suspensionHints} from '../suspend/hints.ts';
import {maySuspend, startSuspend, toggleSuspension, undoSuspension} from '../suspend/state.ts';
import {keyLayout, keyLines} from './lines.ts';
import {hearOfLimits, readLimitsOnceDue} from './limits.ts';
import {revokedElsewhere} from './revoked-elsewhere.ts';
import type {KeyScreen} from './screen.ts';
import {keyOf} from './shown.ts';
import {anyGlyphs} from './usage.ts';

const contexts = [
	apiKeyBindings,
	keymap.scroll,
	keymap.back,
	keymap.screens,
	keymap.everywhere,
] as const;

/** All about one key. */
export const keyKind: ScreenKind<KeyScreen> = {
	title: (screen, model) => keyOf(model, screen)?.name ?? 'key',
	contexts: () => contexts,
	typing: () => false,
	view: async () => (await import('./key.tsx')).KeyView,
	list: () => 'keys',
	unavailable: (screen, model) => [
		...(mayRevoke(model, keyOf(model, screen)) ? [] : (['revoke'] as const)),
		...(mayEdit(model, keyOf(model, screen)) ? [] : (['edit'] as const)),
		...(maySuspend(model, keyOf(model, screen)) ? [] : (['suspend', 'suspendWhy'] as const)),
		...(mayRotate(model, keyOf(model, screen)) ? [] : (['rotate'] as const)),
		...(mayExplain(model, keyOf(model, screen)) ? [] : (['explain'] as const)),
		...(mayShowUsage(model, keyOf(model, screen)) ? [] : (['usage'] as const)),
		...(mayLookOn(model) ? [] : (['live'] as const)),
		...(may(model, 'audit:read') ? [] : (['trail'] as const)),
		...(may(model, 'webhooks:read') ? [] : (['deliveries'] as const)),
		...(mayChangeQuota(model, keyOf(model, screen)) ? [] : (['quota'] as const)),
	],
	hints: (screen, model) => suspensionHints(keyOf(model, screen), model.now),
	onKey(model, screen, key, now) {
		switch (commandFor([apiKeyBindings], key)) {
			case 'revoke':
				return changing(model, now, () => startRevoke(model, keyOf(model, screen), now));
			case 'edit':
				return startEdit(model, keyOf(model, screen), now);
			case 'suspend':
				return toggleSuspension(model, keyOf(model, screen), now);
			case 'suspendWhy':
				return startSuspend(model, keyOf(model, screen), now);
			case 'undo':
				return undoSuspension(model, now);
			case 'rotate':
				return startRotate(model, keyOf(model, screen), now);
			case 'trail':
				return openTrail(model, {target: screen.id}, keyOf(model, screen)?.name ?? 'the key', now);
			case 'deliveries':
				return openDeliveriesAbout(model, screen.id, now);
			case 'usage':
				return openKeyUsage(model, keyOf(model, screen), now);
			case 'quota':
				return startChangeQuota(model, keyOf(model, screen), screen, now);
			case 'live':
				return openLive(model, now, keyOf(model, screen));
			case 'explain':
				return startExplain(model, keyOf(model, screen), now);
			case 'copy':
				return copyId(model, screen.id, now);
			case 'next':
				return step(model, 'down');
			case 'previous':
				return step(model, 'up');
			case undefined:
				return scroll(model, screen, key);
		}
	},
	onTick(model, screen, now, isQuiet) {
		const [next, ...effects] = loadOnceDue(model, 'keys', now, isQuiet);
		if (isQuiet) return [next, ...effects];
		const [asking, ...more] = readLimitsOnceDue(next, screen, now);
		if (!isRoomy(model)) return [asking, ...effects, ...more];
		const [around, ...also] = readAroundOnceDue(asking, screen.id, now, {withUse: false});
		return [around, ...effects, ...more, ...also];
	},
	hear(before, event, now) {
		const screen = hearOfLimits(before, event, now);
		if (event.type === 'failed') {
			const {effect, failure} = event;
			const isAbout = effect.do === 'readKey' && effect.id === screen.id;
			return isAbout ? {...screen, problem: reasonOf(failure)} : screen;
		}
		if (event.type === 'keyClientsRead') {
			const {id, clients} = event;
			return {...screen, oldClients: {id, clients}};
		}
		if (event.type !== 'keyRead' || event.id !== screen.id) return screen;
		const {problem: _, ...rest} = screen;
		return {...rest, use: event.use};
	},
	// What the list does not have of the key is read along with it.
	onAnswer(model, screen, event, {now, before}) {
		if (event.type === 'readToChange') {
			return top(model) === screen ? openEdit(model, event) : undefined;
		}
		if (event.type === 'keyRead') {
			const isHere = event.id === screen.id && top(model) === screen;
			if (!isHere) return undefined;
			const [asking, ...effects] = readLimitsOnceDue(model, screen, now);
			return [asking, ...effects, ...readOldClients(model, screen)];
		}
		if (event.type !== 'loaded' || event.answer.list !== 'keys' || top(model) !== screen) {
			return undefined;
		}
		const told = revokedElsewhere(before, model, screen.id, now);
		return event.partial ? [told] : [told, ...readKey(told, screen.id)];
	},
};

/** Reads who still uses the old key, where the key has a part in a rotation. */
function readOldClients(model: Model, screen: KeyScreen): Effect[] {
	const {organisation, epoch} = model;
	const key = keyOf(model, screen);
	const old = key === undefined ? undefined : pairOf(model, key)?.old;
	if (old === undefined || organisation === undefined || !mayShowUsage(model, old)) return [];
	return [{do: 'readKeyClients', organisation: organisation.id, id: old.id, epoch}];
}

/** Moves through what does not fit; undefined for other keys. */
function scroll(model: Model, screen: KeyScreen, key: string): Step | undefined {
	const command = commandFor([keymap.scroll], key);
	if (command === undefined) return undefined;
	const lines = keyLines(screen, model, anyGlyphs) ?? [];
	const layout = keyLayout(lines.length, model);
	const from = Math.min(screen.offset ?? 0, layout.lastOffset);
	return [setTop(model, {...screen, offset: scrolled(from, command, layout)})];
}

/** The neighbour in the list underneath, whose cursor goes along. */
function step(model: Model, direction: 'down' | 'up'): Step {
	const under = model.screens.at(-2);
	if (under?.type !== 'keys') return [model];
	const list = {
		...under,
		table: moveTable(under.table, under.visible, tableHeight(model), direction),
	};
	const key = underCursor(list);
	if (key === undefined) return [model];
	const screens = [...model.screens.slice(0, -2), list, {type: 'key', id: key.id} as const];
	return [{...model, screens}, ...readKey(model, key.id)];
}
