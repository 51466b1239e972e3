import {keyFindings, type KeyToMend} from '../../../../contract/key-hygiene.ts';
import {copyId} from '../../../app/copy.ts';
import {changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {say, top} from '../../../app/navigation.ts';
import type {Column} from '../../../components/table/columns.ts';
import type {CommandOf} from '../../../keyboard/keymap.ts';
import {clean} from '../../../text/clean.ts';
import {ago, date} from '../../../text/time.ts';
import {openTrail} from '../../audit/list/open.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {mayExplain, startExplain} from '../explain/start.ts';
import {mayEdit, openEdit, startEdit} from '../form/edit.ts';
import {parseKeysToMend} from '../hygiene/filter.ts';
import {openKey} from '../key/open.ts';
import {severalChanged} from '../outcomes/answer.ts';
import {mayCleanUp} from '../clean-up/start.ts';
import {mayRevoke, startRevoke} from '../revoke/start.ts';
import {mayRotate, startRotate} from '../rotate/start.ts';
import {suspensionHints} from '../suspend/hints.ts';
import {maySuspend, toggleSuspension, undoSuspension} from '../suspend/state.ts';
import {hygieneAnew} from './anew.ts';
import {keysToMendBindings} from './bindings.ts';
import {findingOf, foundOf, wholeKey} from './found.ts';
import {foundLines, keyToMendFacts} from './lines.ts';
import {cleanUpMarked, mayMend, startMending, startMendingMarked, withWhole} from './mend.ts';
import {sortTime} from '../../../components/table/order.ts';

const verbs = {revoke: 'revoke', suspend: 'suspend', rotate: 'rotate', update: 'change'} as const;

/** Live keys of which something is found: one finding, or any. */
export const keysToMendSpec: ListSpec<'keysToMend', typeof keysToMendBindings> = {
	list: 'keysToMend',
	title: (model) => headingOf(model).toLowerCase(),
	nouns: ['key', 'keys'],
	context: keysToMendBindings,
	filter: {
		takes: 'words, finding:idle idle:180d expiring:14d addresses:5',
		parse: parseKeysToMend,
	},
	marks: () => true,
	columns: columnsOf,
	empty: (model) => [[`${headingOf(model)}: none of the live keys.`, 'good']],
	facts: (key, {now}, width) => keyToMendFacts(key, now, width),
	below: (key, _model, width) => foundLines(key, width),
	note: (key, model) => clean(foundOf(model, key)?.detail ?? ''),
	forMarked: ['mend', 'suspend', 'revoke'],
	unavailable(model, key, marked) {
		const whole = wholeKey(model, key);
		const several = marked.length > 0;
		return [
			...(key === undefined ? (['open', 'trail', 'copy'] as const) : []),
			...(mayMend(model, key) ? [] : (['mend'] as const)),
			...(mayEdit(model, whole) ? [] : (['edit'] as const)),
			...((several ? mayCleanUp(model) : maySuspend(model, whole)) ? [] : (['suspend'] as const)),
			...(mayRotate(model, whole) ? [] : (['rotate'] as const)),
			...((several ? mayCleanUp(model) : mayRevoke(model, whole)) ? [] : (['revoke'] as const)),
			...(mayExplain(model, key) ? [] : (['explain'] as const)),
		];
	},
	hints(key, model) {
		const action = key === undefined ? undefined : foundOf(model, key)?.action.name;
		return {
			...suspensionHints(wholeKey(model, key), model.now),
			...(action === undefined ? {} : {mend: `fix: ${verbs[action]}`}),
		};
	},
	undo: undoSuspension,
	run: (model, key, command, now, marked) =>
		key === undefined ? [model] : run(model, key, command, now, marked),
	onAnswer(model, screen, event, {now}) {
		if (event.type === 'readToChange') {
			if (top(model) !== screen) return undefined;
			const [next, ...effects] = openEdit(model, event);
			const isFilledIn = Object.keys(event.proposed?.body ?? {}).length > 0;
			const told = 'Filled in as proposed; nothing is sent before Ctrl-X';
			return [isFilledIn ? say(next, now, told) : next, ...effects];
		}
		if (event.type === 'changed') return hygieneAnew(model);
		const isOurs = event.type === 'keysChanged' && event.of.reload === 'keysToMend';
		return isOurs ? severalChanged(model, event, now) : undefined;
	},
};

function headingOf(model: Model): string {
	const finding = findingOf(model);
	return finding === undefined ? 'Keys to look after' : keyFindings[finding].title;
}

function columnsOf(model: Model, width: number): Column<KeyToMend>[] {
	const {now} = model;
	const finding = findingOf(model);
	const isOfOne = finding !== undefined;
	// These say when it was used.
	const saysUse = finding === 'idle' || finding === 'never_used';
	return [
		{
			title: 'NAME',
			width: width < 76 ? 18 : 22,
			value: ({name}) => name,
			cell: ({name}) => [clean(name)],
		},
		{
			title: 'LAST USED',
			width: 11,
			from: saysUse ? 120 : 0,
			value: ({last_used_at: at}) => sortTime(at),
			descending: true,
			cell: ({last_used_at: at}) => [ago(at, now), at === null ? 'dim' : 'plain'],
		},
		{
			title: 'FIX',
			width: 7,
			from: 70,
			value: (key) => foundOf(model, key)?.action.name ?? null,
			cell: (key) => [verbs[foundOf(model, key)?.action.name ?? 'update'], 'key'],
		},
		{
			title: isOfOne ? 'WHY' : 'FOUND',
			cell: (key) => [isOfOne ? clean(foundOf(model, key)?.detail ?? '') : titlesOf(key)],
		},
		{
			title: 'STATUS',
			width: 10,
			from: 112,
			value: ({status}) => status,
			cell: ({status}) => [status, 'dim'],
		},
		{
			title: 'CREATED',
			width: 10,
			from: 96,
			value: (key) => sortTime(key.created_at),
			descending: true,
			cell: (key) => [date(key.created_at), 'dim'],
		},
	];
}

function titlesOf({findings}: KeyToMend): string {
	return findings.map(({finding}) => keyFindings[finding].title.toLowerCase()).join(', ');
}

function run(
	model: Model,
	key: KeyToMend,
	command: CommandOf<typeof keysToMendBindings>,
	now: number,
	marked: readonly KeyToMend[],
): Step {
	const one = (then: (whole: ReturnType<typeof wholeKey>) => Step) =>
		withWhole(model, [key], now, ([whole]) => then(whole));
	const areMarked = marked.length > 0;
	switch (command) {
		case 'open':
			return openKey(model, key.id);
		case 'mend':
			return areMarked ? startMendingMarked(model, marked, now) : startMending(model, key, now);
		case 'edit':
			return one((whole) => startEdit(model, whole, now));
		case 'suspend':
			if (areMarked) return cleanUpMarked(model, marked, now);
			return one((whole) => toggleSuspension(model, whole, now));
		case 'rotate':
			return one((whole) => startRotate(model, whole, now));
		case 'revoke':
			if (areMarked) return cleanUpMarked(model, marked, now);
			return one((whole) => changing(model, now, () => startRevoke(model, whole, now)));
		case 'explain':
			return startExplain(model, key, now);
		case 'trail':
			return openTrail(model, {target: key.id}, key.name, now);
		case 'copy':
			return copyId(model, key.id, now);
	}
}
