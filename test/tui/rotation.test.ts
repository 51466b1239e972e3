import test from 'ava';
import type {FullKey} from '../../contract/keys.ts';
import {top} from '../../tui/app/navigation.ts';
import {keyLines} from '../../tui/screens/keys/key/lines.ts';
import {type Driven, loggedIn, organisation, used} from './driven.ts';

/*
Keys that are rotated: for how long both go on, what is seen of them, and how that ends.
*/

const until = '2026-03-19T12:00:00Z';
const next: FullKey = {
	...used,
	id: '66666666-6666-4666-8666-666666666666',
	hint: 'hklst_NeW123',
	last_used_at: null,
	lineage_id: used.id,
	replaces_id: used.id,
};
const old: FullKey = {
	...used,
	status: 'rotating',
	lineage_id: used.id,
	replaced_by_id: next.id,
	grace_until: until,
};

/** What the change that was last asked for sends. */
function sent({effects}: Driven): Readonly<Record<string, unknown>> {
	const [effect] = effects;
	if (effect?.do !== 'change') throw new Error('no change was asked for');
	return {route: effect.change.route, ...effect.change.input};
}

const optionsOf = ({model}: Driven) => {
	const screen = top(model);
	return screen.type === 'choice' ? screen.options.map(({label}) => label) : [];
};

test('a key is rotated for a day unless something else is chosen, and the new one is shown once', (t) => {
	const driven = loggedIn([used]).press('t');
	t.deepEqual(optionsOf(driven), [
		'for 24 hours',
		'for 7 days',
		'for 30 days',
		'for 1 hour',
		'not at all',
	]);
	driven.press('enter');
	t.like(sent(driven), {
		route: 'rotateKey',
		org_id: organisation.id,
		key_id: used.id,
		body: {grace_seconds: 86_400},
	});
	driven.answers({...next, key: 'hklst_secretNEW', previous: {}}, 'verifiers=3; ms=4');
	const shown = top(driven.model);
	t.is(shown.type === 'reveal' && shown.secret, 'hklst_secretNEW');
	t.false(JSON.stringify(driven.model.keys).includes('hklst_secretNEW'));
});

test('it is asked once more before a key that is used ends at once', (t) => {
	const driven = loggedIn([used]).press('t', 'j', 'j', 'j', 'j', 'enter');
	const question = top(driven.model);
	t.is(question.type, 'confirm');
	t.regex(question.type === 'confirm' ? String(question.facts[0]) : '', /was last used 12s ago/);
	t.deepEqual(driven.effects, []);
	driven.now += 1000;
	driven.press('y');
	t.like(sent(driven), {route: 'rotateKey', body: {grace_seconds: 0}});
});

test('both keys are seen beside each other, on the screen of either', (t) => {
	for (const key of [old, next]) {
		const driven = loggedIn([next, old]);
		if (key === old) driven.press('j');
		driven.press('enter');
		const screen = top(driven.model);
		if (screen.type !== 'key') throw new Error('no key');
		const lines = (keyLines(screen, driven.model, '........') ?? []).map((parts) =>
			parts.map(([text]) => text).join(''),
		);
		const at = lines.findIndex((line) => line.startsWith('Rotation'));
		t.regex(lines[at] ?? '', /old hklst_aB3dE6… +! still used 12s ago +until 2026-03-19 12:00$/);
		t.regex(lines[at + 1] ?? '', /new hklst_NeW123… +never used +t finishes or cancels$/);
		t.true(lines.slice(at, at + 2).every((line) => line.length <= 78));
	}
});

test('a rotation is finished or cancelled once that is confirmed', (t) => {
	for (const [presses, route] of [
		[[], 'finishRotation'],
		[['j'], 'cancelRotation'],
	] as const) {
		const driven = loggedIn([next, old]).press('t');
		t.deepEqual(optionsOf(driven), ['finish', 'cancel']);
		driven.press(...presses, 'enter');
		t.is(top(driven.model).type, 'confirm');
		driven.now += 1000;
		driven.press('y');
		t.like(sent(driven), {route, key_id: next.id});
	}
});

test('a key whose grace is over is not rotated, and its successor is', (t) => {
	const over = {...old, grace_until: '2026-03-12T11:59:59Z'};
	const driven = loggedIn([over, next]).press('t');
	t.deepEqual(driven.effects, []);
	t.is(driven.model.notice?.text, 'This key is replaced or revoked for good');
	driven.press('j', 't');
	t.is(optionsOf(driven)[0], 'for 24 hours');
});
