import test from 'ava';
import {kindOf} from '../../tui/app/kinds.ts';
import {top} from '../../tui/app/navigation.ts';
import {type Driven, loggedIn, organisation, unused, used} from './driven.ts';

/*
Keys that are suspended, resumed and revoked: how that is taken back, and why it is done.
*/

const suspendedAt = '2026-03-12T12:00:00Z';

/** What the change that was last asked for sends. */
function sent({effects}: Driven): Readonly<Record<string, unknown>> {
	const [effect] = effects;
	if (effect?.do !== 'change') throw new Error('no change was asked for');
	const input: Readonly<Record<string, unknown>> = {...effect.change.input};
	return {route: effect.change.route, ...input};
}

function hints({model}: Driven) {
	const screen = top(model);
	return kindOf(screen).hints?.(screen, model);
}

test('what was suspended last is resumed by u, wherever the cursor is by now', (t) => {
	const driven = loggedIn();
	driven.press('/').write('status:active').press('enter', 'd').agree();
	driven.answers({...unused, suspended_at: suspendedAt}, 'verifiers=3; ms=4');
	t.is(
		driven.model.notice?.text,
		'Suspended unused: refused everywhere (3 servers, 4 ms) · d or u resumes it',
	);
	const list = top(driven.model);
	t.is(list.type === 'keys' && list.table.id, used.id, 'the filter has it no more');
	driven.press('u').agree();
	t.like(sent(driven), {route: 'resumeKey', key_id: unused.id});
	driven.answers(unused);
	driven.press('u');
	t.deepEqual(driven.effects, []);
	t.regex(driven.model.notice?.text ?? '', /^Nothing to undo/);
});

test('u drops marks first, and only then takes back', (t) => {
	const driven = loggedIn();
	driven
		.press('d')
		.agree()
		.answers({...unused, suspended_at: suspendedAt});
	driven.press(' ', 'u');
	t.deepEqual(driven.effects, []);
	const list = top(driven.model);
	t.is(list.type === 'keys' && list.marks.size, 0);
	driven.press('u').agree();
	t.like(sent(driven), {route: 'resumeKey', key_id: unused.id});
});

test('what was not suspended after all is not resumed', (t) => {
	const driven = loggedIn().press('d').agree();
	driven.press('escape', 'u');
	t.deepEqual(driven.effects, [], 'the answer is not here yet');
});

test('the hint says what d does to the key under the cursor', (t) => {
	const driven = loggedIn([{...unused, suspended_at: suspendedAt}, used]);
	t.deepEqual(hints(driven), {suspend: 'resume'});
	driven.press('enter');
	t.deepEqual(hints(driven), {suspend: 'resume'});
	driven.press('escape', 'j');
	t.deepEqual(hints(driven), {});
});

test('a suspension can say why, or not', (t) => {
	const driven = loggedIn().press('D').write('seen in a log').press('enter').agree();
	t.like(sent(driven), {
		route: 'suspendKey',
		org_id: organisation.id,
		key_id: unused.id,
		body: {reason: 'seen in a log'},
	});
	driven.answers({...unused, suspended_at: suspendedAt});
	t.is(top(driven.model).type, 'keys');
	driven.press('D');
	t.is(top(driven.model).type, 'keys', 'not twice');
	t.regex(driven.model.notice?.text ?? '', /suspended already: d resumes it/);
	driven.press('u').agree();
	t.like(sent(driven), {route: 'resumeKey', key_id: unused.id});

	const without = loggedIn().press('D', 'enter').agree();
	t.deepEqual(sent(without)['body'], {});
});

/** Opens the question before a key is revoked, so that it listens. */
function asked(driven: Driven): Driven {
	driven.press('x').now += 300;
	return driven;
}

test('a key is revoked without a word why, as the API documents it', (t) => {
	t.deepEqual(sent(asked(loggedIn()).agree()), {
		route: 'revokeKey',
		org_id: organisation.id,
		key_id: unused.id,
	});
});

test('why a key is revoked is chosen and noted in the question; letters of the note answer nothing', (t) => {
	const driven = asked(loggedIn()).press('right', 'right', 'left', 'down');
	driven.write('yes, on github');
	t.deepEqual(driven.effects, []);
	driven.press('enter');
	t.is(top(driven.model).type, 'confirm');
	driven.agree();
	t.like(sent(driven), {
		route: 'revokeKey',
		query: {reason: 'key_compromise', note: 'yes, on github'},
	});
});

test('the reasons stop at either end', (t) => {
	const many = Array.from({length: 9}, () => 'right');
	const last = asked(loggedIn())
		.press(...many)
		.agree();
	t.deepEqual(sent(last)['query'], {reason: 'privilege_withdrawn'});
	const first = asked(loggedIn())
		.press(...many, ...many.map(() => 'left'))
		.agree();
	t.false('query' in sent(first));
});

test('a key in use takes a reason and a note beside its name', (t) => {
	const driven = asked(loggedIn([used]));
	driven.press('right', 'down').write('gone').press('up').write('ingest-prod').press('enter');
	t.like(sent(driven), {query: {reason: 'key_compromise', note: 'gone'}});
	const pasted = asked(loggedIn([used])).press('down');
	pasted.send({type: 'paste', text: 'see the ticket'}).press('enter');
	pasted.send({type: 'paste', text: 'ingest-prod'}).press('enter');
	t.deepEqual(sent(pasted)['query'], {note: 'see the ticket'});
});

test('several keys are revoked for one reason', (t) => {
	const driven = loggedIn().press('*', 'x', 'tab', 'tab', ' ', 'tab', 'right', 'right', 'tab');
	driven.press('tab').write('revoke 2').press('enter');
	t.like(driven.effects[0], {do: 'changeKeys', what: 'revoke', query: {reason: 'superseded'}});
});

test('a protected key is not asked about: it says what can be done instead', (t) => {
	const driven = loggedIn([{...unused, delete_protected: true}, used]).press('x');
	t.is(top(driven.model).type, 'keys');
	t.deepEqual(driven.effects, []);
	t.regex(driven.model.notice?.text ?? '', /^unused is protected: e lifts that, or d suspends it/);
	driven.press('*', 'x').write('revoke 1').press('enter');
	t.like(driven.effects[0], {do: 'changeKeys', what: 'revoke', keys: [{id: used.id}]});
});
