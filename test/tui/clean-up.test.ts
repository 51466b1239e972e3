import test from 'ava';
import type {FullKey} from '../../contract/keys.ts';
import {revocationsText} from '../../tui/api-keys/revocation.ts';
import type {Effect} from '../../tui/app/effect.ts';
import {top} from '../../tui/app/navigation.ts';
import {factsOf, reached, wordOf} from '../../tui/screens/keys/clean-up/facts.ts';
import type {CleanUpScreen} from '../../tui/screens/keys/clean-up/screen.ts';
import {drawn} from './drawn.ts';
import {type Driven, loggedIn, me, organisation, start, unused, used} from './driven.ts';

/*
One question about all keys that are marked: what it is about adds up, any of them can be dropped, and
nothing is sent before its word is there.
*/

const old = '2025-06-01T00:00:00Z';
const leo = {
	type: 'user',
	id: '99999999-9999-4999-8999-999999999999',
	name: 'leo@acme.example',
} as const;

function key(name: string, members: Partial<FullKey> = {}): FullKey {
	return {...unused, id: `${name}-0000`, name, created_at: old, ...members};
}

const keys = [
	key('busy', {last_used_at: used.last_used_at}),
	key('monthly', {last_used_at: '2025-12-01T00:00:00Z'}),
	key('never', {creator: leo}),
	key('fresh', {created_at: '2026-03-11T00:00:00Z'}),
	key('held', {suspended_at: '2026-03-01T00:00:00Z'}),
	key('kept', {delete_protected: true}),
];

function asking(some: readonly FullKey[] = keys, who = me): Driven {
	return loggedIn(some, who).press('*', 'x');
}

function screenOf({model}: Driven): CleanUpScreen {
	const screen = top(model);
	if (screen.type !== 'cleanUp') throw new Error(`${screen.type} is shown`);
	return screen;
}

function sent({effects}: Driven): Extract<Effect, {do: 'changeKeys'}> {
	const effect = effects.find((each) => each.do === 'changeKeys');
	if (effect === undefined) throw new Error('nothing was sent');
	return effect;
}

const names = (some: readonly {readonly name: string}[]) => some.map(({name}) => name).toSorted();
const facts = (driven: Driven) => factsOf(screenOf(driven), driven.now).map(([text]) => text);

test('suspending comes first, whichever key asks; the word says of how many', (t) => {
	for (const press of ['x', 'd']) {
		const driven = loggedIn(keys).press('*', press);
		t.like(screenOf(driven), {verb: 'suspend', focus: 'word'});
		t.is(wordOf(screenOf(driven), driven.now), 'suspend 5');
		driven.write('suspend 5').press('enter');
		const effect = sent(driven);
		t.like(effect, {what: 'suspend', reload: 'keys'});
		t.false('reason' in effect);
		t.deepEqual(names(effect.keys), ['busy', 'fresh', 'kept', 'monthly', 'never']);
		t.true(effect.keys.every(({org_id}) => org_id === organisation.id));
	}
});

test('the numbers add up: to what it is done to, and with what stays to what is marked', (t) => {
	const driven = asking();
	t.deepEqual(facts(driven), [
		'1 was used in the last 30 days, 1 longer ago, 3 never.',
		'The last use was 12s ago: busy.',
		'1 was made in the last 30 days.',
		'1 more is marked, but suspended already: it stays as it is.',
	]);
	driven.write('r');
	t.deepEqual(names(reached(screenOf(driven), driven.now)), [
		'busy',
		'fresh',
		'held',
		'monthly',
		'never',
	]);
	t.deepEqual(facts(driven).slice(-1), ['1 more is marked, but protected: it stays as it is.']);
	const idle = asking([keys[1], keys[2]] as FullKey[]);
	t.deepEqual(facts(idle), [
		'None was used in the last 30 days, and none is younger than that: 1 longer ago, 1 never.',
	]);
});

test('who has left is read, and told of those that it is done to', (t) => {
	const driven = asking();
	t.deepEqual(
		driven.effects.filter((effect) => effect.do === 'readKeysOfLeavers'),
		[{do: 'readKeysOfLeavers', organisation: organisation.id, epoch: driven.model.epoch}],
	);
	const {epoch} = driven.model;
	driven.send({type: 'keysOfLeaversRead', ids: ['never-0000', 'other'], epoch});
	t.true(facts(driven).includes('1 was made by somebody who has left.'));
});

test('space drops the key under the cursor, and takes it back; the word is another then', (t) => {
	const driven = asking().press('tab', ' ', ' ');
	const dropped = screenOf(driven);
	t.is(dropped.dropped.size, 2);
	t.is(wordOf(dropped, driven.now), 'suspend 3');
	t.true(facts(driven).includes('2 were dropped.'));
	driven.press('g', ' ');
	t.is(wordOf(screenOf(driven), driven.now), 'suspend 4');
	driven.press('shift-tab').write('suspend 5').press('enter');
	t.deepEqual(driven.effects, [], 'that was the word before');
	t.regex(screenOf(driven).problem ?? '', /^That is not suspend 4, but suspend 5/);
	driven.press('ctrl-u').write('suspend 4').press('enter');
	const left = new Set(names(keys)).difference(new Set(names(sent(driven).keys)));
	t.is(left.size, 2);
	t.true(left.has('held'));
});

test('where all are dropped nothing can be done', (t) => {
	const driven = asking([key('one')]).press('tab', ' ', 'shift-tab');
	driven.write('suspend 0').press('enter');
	t.deepEqual(driven.effects, []);
	t.regex(screenOf(driven).problem ?? '', /^None is left to suspend/);
});

test('a suspension takes a reason with it to each key', (t) => {
	const driven = asking().press('shift-tab').write('clean-up, CHG-4471').press('enter');
	driven.agree();
	t.like(sent(driven), {what: 'suspend', reason: 'clean-up, CHG-4471'});
});

test('revoking is chosen, or its word is typed; it takes a reason of the API and a note', (t) => {
	const chosen = asking().press('tab', 'tab', ' ', 'tab', 'right', 'tab').write('seen');
	chosen.press('tab').write('revoke 5').press('enter');
	t.like(sent(chosen), {what: 'revoke', query: {reason: 'key_compromise', note: 'seen'}});
	const typed = asking().write('revoke 5').press('enter');
	t.like(sent(typed), {what: 'revoke', query: {}});
	t.deepEqual(names(sent(typed).keys), ['busy', 'fresh', 'held', 'monthly', 'never']);
	const back = asking().write('revoke').press('ctrl-u').write('suspend 5').press('enter');
	t.like(sent(back), {what: 'suspend'});
});

test('a reason that is too long is refused before anything is sent', (t) => {
	const driven = asking().press('shift-tab');
	driven
		.send({type: 'paste', text: 'x'.repeat(1001)})
		.press('tab')
		.agree();
	t.deepEqual(driven.effects, []);
	t.regex(screenOf(driven).problem ?? '', /^reason must be at most 1000 characters/);
});

test('enter without the word does nothing and says so; esc leaves, and the marks stay', (t) => {
	const driven = asking().press('enter');
	t.deepEqual(driven.effects, []);
	t.regex(screenOf(driven).problem ?? '', /^Type suspend 5 and press enter/);
	driven.press('escape');
	t.is(driven.model.notice?.text, 'Cancelled: no key was suspended');
	const list = top(driven.model);
	t.is(list.type === 'keys' && list.marks.size, 6);
});

test('who may not is told so, and what cannot be done is not asked', (t) => {
	const viewer = asking(keys, {...me, operator: false, role: 'viewer'});
	t.is(top(viewer.model).type, 'keys');
	t.is(viewer.model.notice?.text, 'Your role may not suspend or revoke keys');
	const reading = loggedIn(keys);
	reading.model = {...reading.model, readOnly: true};
	t.is(top(reading.press('*', 'x').model).type, 'keys');
	const stuck = asking([
		key('both', {delete_protected: true, suspended_at: '2026-03-01T00:00:00Z'}),
	]);
	t.is(top(stuck.model).type, 'keys');
	t.regex(stuck.model.notice?.text ?? '', /^Nothing can be done to the marked keys/);
	const held = asking([key('held', {suspended_at: '2026-03-01T00:00:00Z'})]);
	t.is(screenOf(held).verb, 'revoke', 'the only one that does anything');
});

test('afterwards it says on how many servers it is in force, and u resumes all of them', (t) => {
	const driven = asking().agree();
	const of = sent(driven);
	const outcomes = of.keys.map((each) => ({
		key: each,
		outcome: 'suspended' as const,
		revocation: 'verifiers=3; ms=4',
	}));
	driven.send({type: 'keysChanged', of, outcomes});
	t.is(
		driven.model.notice?.text,
		'Suspended 5 keys: refused everywhere (3 servers) · u resumes them',
	);
	t.like(top(driven.model), {type: 'keys'});
	driven.press('u');
	const question = top(driven.model);
	t.is(
		question.type === 'confirm' && question.question,
		'Resume 5 keys that were suspended together?',
	);
	const resuming = sent(driven.agree());
	t.is(resuming.what, 'resume');
	t.is(resuming.keys.length, 5);
});

test('what failed is listed, and where the rest is in force is said', (t) => {
	const driven = asking([keys[0], keys[1]] as FullKey[]).agree();
	const of = sent(driven);
	const [first = key('none'), second = key('none')] = of.keys;
	const unconfirmed = 'verifiers=3; ms=900; unconfirmed="web-2"; until="2026-03-12T12:00:05Z"';
	driven.send({
		type: 'keysChanged',
		of,
		outcomes: [
			{key: first, outcome: 'suspended', revocation: unconfirmed},
			{key: second, outcome: 'failed', detail: 'API key not found'},
		],
	});
	t.is(top(driven.model).type, 'outcomes');
	t.regex(
		driven.model.notice?.text ?? '',
		/^Suspended 1 key of 2: refused on 2 of 3 servers; 1 server did not confirm and may accept some/,
	);
});

test('of several changes what holds for all is said, and nothing where one does not tell', (t) => {
	const everywhere = 'verifiers=3; ms=4';
	t.is(revocationsText([everywhere, 'verifiers=4; ms=9']), 'everywhere (4 servers)');
	const late = 'verifiers=3; ms=9; unconfirmed="a"; until="2026-03-12T12:00:05Z"';
	t.regex(
		revocationsText([everywhere, late]) ?? '',
		/^on 2 of 3 servers; 1 server did not confirm/,
	);
	t.is(revocationsText([everywhere, undefined]), undefined);
	t.is(revocationsText([everywhere, 'other=1']), undefined);
	t.is(revocationsText([]), undefined);
});

test('it is drawn with its keys, who made each and what is to be known of it', async (t) => {
	const driven = asking();
	driven.send({type: 'keysOfLeaversRead', ids: ['never-0000'], epoch: driven.model.epoch});
	driven.send({type: 'resized', columns: 80, rows: 30});
	const screen = await drawn(t, driven.model, {NO_COLOR: '1'});
	const text = await screen.show(driven.model);
	t.regex(text, /Suspend 5 keys\?/);
	t.regex(text, /NAME +LAST USED +MADE BY +NOTE/);
	t.regex(text, /✓ busy +12s ago +- +in use/);
	t.regex(text, /✓ never +never +leo@acme\.\S* \(left\)/);
	t.regex(text, /- held +never +- +suspended already/);
	t.regex(text, /\(•\) suspend +refused immediately; u resumes them/);
	t.regex(text, /\( \) revoke +refused immediately; final/);
	t.regex(text, /Type suspend 5:/);
	t.is(driven.now, start);
});
