import {apiKeysBindings} from './bindings.ts';
import type {FullKey} from '../../../../contract/keys.ts';
import {keyFilterTakes, parseKeyFilter} from '../../../api-keys/filter.ts';
import {isOver} from '../../../api-keys/state.ts';
import {copyId} from '../../../app/copy.ts';
import {changing} from '../../../app/guards.ts';
import {readKey} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {
	bodyRows,
	canChange,
	hasPane,
	may,
	push,
	refusesKeys,
	say,
	top,
} from '../../../app/navigation.ts';
import type {Part} from '../../../components/line.tsx';
import type {CommandOf} from '../../../keyboard/keymap.ts';
import {clean} from '../../../text/clean.ts';
import {underCursor} from '../../kinds/list/rows.ts';
import type {TableScreen} from '../../kinds/list/screen.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {openTrail} from '../../audit/list/open.ts';
import {mayCleanUp, ofOrganisation, startCleanUp} from '../clean-up/start.ts';
import {newCreateKeyScreen} from '../form/create.ts';
import {mayEdit, openEdit, startEdit} from '../form/edit.ts';
import {mayShowUsage, openKeyUsage} from '../../usage/key/open.ts';
import {mayExplain, startExplain} from '../explain/start.ts';
import {aroundLines, readAroundOnceDue} from '../key/around.ts';
import {keyFacts} from '../key/facts.ts';
import {usageInWords} from '../key/usage.ts';
import {revokedElsewhere} from '../key/revoked-elsewhere.ts';
import {severalChanged} from '../outcomes/answer.ts';
import {mayRevoke, startRevoke} from '../revoke/start.ts';
import {mayRotate, startRotate} from '../rotate/start.ts';
import {suspensionHints} from '../suspend/hints.ts';
import {maySuspend, startSuspend, toggleSuspension, undoSuspension} from '../suspend/state.ts';
import {keyTableColumns} from './columns.ts';
import {readSparksOnceDue} from './sparks.ts';

/** The API keys of an organisation: the home screen. */
export const keysSpec: ListSpec<'keys', typeof apiKeysBindings> = {
	list: 'keys',
	place: {name: 'keys', command: 'showKeys'},
	title: () => 'keys',
	nouns: ['key', 'keys'],
	context: apiKeysBindings,
	filter: {takes: keyFilterTakes, parse: parseKeyFilter},
	serverOrder: {column: 'CREATED', descending: true},
	// Others cannot be revoked any more.
	marks: (key, now) => !isOver(key, now),
	columns: keyTableColumns,
	banner: (model) => {
		if (!refusesKeys(model)) return undefined;
		const change = model.me?.operator === true ? '3, then e changes it' : 'an operator changes it';
		return `Every key is refused: the ${clean(model.organisation?.plan ?? '')} plan has no API keys; ${change}`;
	},
	alsoDue,
	empty,
	facts: paneFacts,
	unavailable: (model, key, marked) => [
		...(!canChange(model) || model.organisation?.plan !== 'team' || !may(model, 'keys:create')
			? (['create'] as const)
			: []),
		...((marked.length > 0 ? mayCleanUp(model) : mayRevoke(model, key))
			? []
			: (['revoke'] as const)),
		...(mayEdit(model, key) ? [] : (['edit'] as const)),
		...((marked.length > 0 ? mayCleanUp(model) : maySuspend(model, key))
			? []
			: (['suspend'] as const)),
		...(maySuspend(model, key) ? [] : (['suspendWhy'] as const)),
		...(mayRotate(model, key) ? [] : (['rotate'] as const)),
		...(key === undefined ? (['open'] as const) : []),
		...(key !== undefined && may(model, 'audit:read') ? [] : (['trail'] as const)),
		...(mayShowUsage(model, key) ? [] : (['usage'] as const)),
		...(mayExplain(model, key) ? [] : (['explain'] as const)),
	],
	hints: (key, {now}) => suspensionHints(key, now),
	forMarked: ['suspend', 'revoke'],
	undo: undoSuspension,
	run,
	onAnswer(model, screen, event, {now, before}) {
		if (event.type === 'keysChanged' && event.of.reload === 'keys') {
			return severalChanged(model, event, now);
		}
		if (event.type === 'readToChange') {
			return top(model) === screen ? openEdit(model, event) : undefined;
		}
		if (event.type !== 'loaded' || model.screens.at(-1) !== screen) return undefined;
		return [revokedElsewhere(before, model, screen.table.id, now)];
	},
};

function run(
	model: Model,
	key: FullKey | undefined,
	command: CommandOf<typeof apiKeysBindings>,
	now: number,
	marked: readonly FullKey[],
): Step {
	switch (command) {
		case 'open':
			if (key === undefined) return [model];
			return [push(model, {type: 'key', id: key.id}), ...readKey(model, key.id)];
		case 'create':
			return changing(model, now, () => startCreate(model, now));
		case 'revoke':
			return marked.length > 0
				? startCleanUp(model, ofOrganisation(model, marked), 'keys', now)
				: changing(model, now, () => startRevoke(model, key, now));
		case 'edit':
			return startEdit(model, key, now);
		case 'suspend':
			// The marks are what the next action is for, and never passed over for the cursor.
			return marked.length > 0
				? startCleanUp(model, ofOrganisation(model, marked), 'keys', now)
				: toggleSuspension(model, key, now);
		case 'suspendWhy':
			return startSuspend(model, key, now);
		case 'rotate':
			return startRotate(model, key, now);
		case 'explain':
			return startExplain(model, key, now);
		case 'trail':
			return key === undefined ? [model] : openTrail(model, {target: key.id}, key.name, now);
		case 'usage':
			return openKeyUsage(model, key, now);
		case 'copy':
			return key === undefined ? [model] : copyId(model, key.id, now);
	}
}

/** What is in view, and once somebody has stayed at a key, what else is known of it. */
function alsoDue(model: Model, screen: TableScreen<'keys'>, now: number): Step {
	const [next, ...effects] = readSparksOnceDue(model, screen, now);
	const id = underCursor(screen)?.id;
	if (id === undefined || !hasPane(model)) return [next, ...effects];
	const [after, ...more] = readAroundOnceDue(next, id, now, {withUse: true});
	return [after, ...effects, ...more];
}

function paneFacts(key: FullKey, model: Model, width: number): Part[][] {
	const {around, now} = model;
	const use = around?.id === key.id ? around.use : undefined;
	const facts = keyFacts(key, now, width, {use, byPlan: refusesKeys(model)});
	const drawn = use === undefined ? [] : [[], ...usageInWords(use, width)];
	const rows = bodyRows(model) - 2 - facts.length - drawn.length;
	return [...facts, ...drawn, ...aroundLines(model, key.id, {columns: width, rows})];
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

function empty(model: Model): ReturnType<ListSpec['empty']> {
	const {organisation} = model;
	const name = clean(organisation?.name ?? '');
	if (organisation?.plan !== 'team') {
		return [
			`${name} is on the ${clean(organisation?.plan ?? '')} plan, which has no API keys.`,
			'',
			'An operator changes the plan: press 3, then e.',
		];
	}
	return [
		`The organisation "${name}" has no API keys yet.`,
		'',
		'An API key lets a program call this server without a person logging in. The key is shown only once, when you create it.',
		'',
		...(may(model, 'keys:create')
			? ([
					'Press n to create the first one, or run:',
					['  latchkey keys create --name NAME', 'strong'],
				] as const)
			: ['Developers, admins and owners create them.']),
	];
}
