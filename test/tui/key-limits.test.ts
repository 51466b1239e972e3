import test from 'ava';
import type {KeyLimitsState, ListedLimitedKey} from '../../contract/key-limits.ts';
import type {FullKey} from '../../contract/keys.ts';
import {top} from '../../tui/app/navigation.ts';
import {Failure} from '../../tui/failure.ts';
import {keyLines} from '../../tui/screens/keys/key/lines.ts';
import {anyGlyphs} from '../../tui/screens/keys/key/usage.ts';
import type {FormScreen} from '../../tui/screens/kinds/form/screen.ts';
import {away, detail, loggedIn, me, organisation, unused, used, type Driven} from './driven.ts';

/*
What is left of the limits of a key, on its screen; what was used of its quota, changed by hand; and
which keys are being limited.
*/

const limited: FullKey = {
	...used,
	rate_limits: [{name: 'requests', limit: 100, window_seconds: 60, burst: 20, cost: 1, auto: true}],
	quota: {limit: 50_000, period: 'month', reset_day: 1, timezone: 'UTC', cost: 1},
};

const state: KeyLimitsState = {
	rate_limits: [
		{
			name: 'requests',
			limit: 100,
			window_seconds: 60,
			burst: 20,
			remaining: 5,
			reset_seconds: 9,
		},
		{name: 'org:all', limit: 10, window_seconds: 1, burst: 10, remaining: 10, reset_seconds: 0},
	],
	quotas: [
		{
			name: 'quota',
			used: 40_000,
			limit: 50_000,
			resets_at: '2026-04-01T00:00:00Z',
			period: 'month',
			remaining: 10_000,
		},
		{name: 'org:quota', used: 9, limit: 9, resets_at: null, period: 'total', remaining: 0},
	],
	limits_source: 'redis',
};

const nothing: KeyLimitsState = {rate_limits: [], quotas: [], limits_source: null};

/** The screen of a key, once it has asked for what is left. */
function atKey(key: FullKey = limited, who = me): Driven {
	return loggedIn([key], who).press('enter').wait(1000);
}

function read(driven: Driven, answer: KeyLimitsState = state): Driven {
	const {epoch} = driven.model;
	return driven.send({type: 'keyLimitsRead', id: limited.id, state: answer, epoch});
}

const isAsked = ({effects}: Driven) => effects.some((effect) => effect.do === 'readKeyLimits');

/** What the screen of the key says, line by line. */
function linesOf({model}: Driven): string[] {
	const screen = model.screens.find(({type}) => type === 'key');
	if (screen?.type !== 'key') throw new Error('no screen of a key');
	const lines = keyLines(screen, model, anyGlyphs) ?? [];
	return lines.map((parts) =>
		parts
			.map(([text]) => text)
			.join('')
			.trimEnd(),
	);
}

const said = ({model}: Driven) => model.notice?.text;

function change({effects: [effect]}: Driven) {
	return effect?.do === 'change' ? effect.change : undefined;
}

const fieldOf = (driven: Driven) => (top(driven.model) as FormScreen).form.fields[0];

test('what is left is read every two seconds while the screen is on top', (t) => {
	const driven = atKey();
	t.true(isAsked(driven));
	driven.wait(5000);
	t.false(isAsked(driven), 'not again before there is an answer');
	read(driven).wait(1000);
	t.false(isAsked(driven));
	driven.wait(1000);
	t.true(isAsked(driven));
	read(driven).press('?').wait(3000);
	t.false(isAsked(driven), 'not under the help');
	driven.press('?', 'p').wait(3000);
	t.false(isAsked(driven), 'not while it is paused');
	driven.press('p').wait(1000);
	t.true(isAsked(driven));
	read(driven)
		.press('e')
		.send({type: 'readToChange', read: {key: {...detail, ...limited}, tag: ''}});
	t.is(top(driven.model).type, 'form');
	driven.wait(3000);
	t.false(isAsked(driven), 'not under a form');
	driven.press('escape', 'escape').wait(3000);
	t.is(top(driven.model).type, 'keys');
	t.false(isAsked(driven), 'not once it is closed');
});

test('it is read as soon as the key is, and seldom where nothing limits the key', (t) => {
	const driven = loggedIn([limited]).press('enter');
	const use = {detail: {...detail, ...limited}, hours: [], days: []};
	driven.send({type: 'keyRead', id: limited.id, use, epoch: 1});
	t.true(isAsked(driven));
	read(driven, nothing).wait(5000);
	t.false(isAsked(driven));
	t.false(linesOf(driven).some((line) => line.includes('left')));
	driven.wait(5000);
	t.true(isAsked(driven));
});

test('each limit and quota says what is used and what is left, and when it resets', (t) => {
	const lines = linesOf(read(atKey()));
	const at = lines.findIndex((line) => line.startsWith('Used now'));
	t.deepEqual(lines.slice(at - 2, at + 5), [
		'Rate limits requests 100/min burst 20',
		'Quota       50,000/month',
		'Used now    requests      ########__  5 of 20 left, all of them in 9s',
		'            org:all 10/s  __________  10 of 10 left',
		'            quota         ########__  10,000 of 50,000 left, 80% used; resets',
		'                                      in 19d, 2026-04-01 00:00 UTC',
		'            org:quota     ##########! 0 of 9 left, 100% used; it never resets',
	]);
});

test('a limit of which nothing is left says when there is some again', (t) => {
	const [limit] = state.rate_limits;
	const text = (reset_seconds: number | null) => {
		const rate_limits = limit === undefined ? [] : [{...limit, remaining: 0, reset_seconds}];
		return linesOf(read(atKey(), {...state, rate_limits, quotas: []})).join(' ');
	};
	t.regex(text(9), /##########! 0 of 20 left, the next in 9s/);
	t.regex(text(86), /the next in 2m/, 'never earlier than it is');
	t.regex(text(null), /##########! 0 of 20 left, and each use takes more/);
});

test('what cannot be read is said, and what was read stays', (t) => {
	const driven = read(atKey()).wait(2000);
	driven.fails(new Failure('refused', 'The server is busy', {status: 503}));
	const lines = linesOf(driven);
	t.true(
		lines.some((line) => line.includes('! What is left could not be read: The server is busy')),
	);
	t.true(lines.some((line) => line.includes('5 of 20 left')));
	driven.wait(5000);
	t.false(isAsked(driven), 'it is not asked for in vain every two seconds');
	driven.wait(5000);
	t.true(isAsked(driven));
	read(driven);
	t.false(linesOf(driven).some((line) => line.includes('could not be read')));
	driven.wait(2000).fails(away);
	t.is(driven.model.link.state, 'offline');
});

test('while Redis is away the screen says who tells', (t) => {
	const driven = read(atKey(), {...state, limits_source: 'local'});
	t.regex(linesOf(driven).join(' '), /! Redis is away: this server tells what it knows/);
	read(driven, {...state, limits_source: 'none'});
	t.regex(linesOf(driven).join(' '), /! Redis is away, and the key policy lets everything/);
	read(driven);
	t.notRegex(linesOf(driven).join(' '), /Redis/);
});

test('an answer about another key, or of another organisation, changes nothing', (t) => {
	const driven = atKey();
	const before = top(driven.model);
	driven.send({type: 'keyLimitsRead', id: unused.id, state, epoch: driven.model.epoch});
	driven.send({type: 'keyLimitsRead', id: limited.id, state, epoch: driven.model.epoch - 1});
	t.is(top(driven.model), before);
});

test('what was used is set, counted more or given back, after a question', (t) => {
	for (const [text, body, question, then] of [
		['0', {set: 0}, 'Set what ingest-prod has used to 0?', '0 used, 50,000 left'],
		['1k', {set: 1000}, 'Set what ingest-prod has used to 1,000?', '1,000 used, 49,000 left'],
		['+500', {add: 500}, 'Count 500 more as used by ingest-prod?', '40,500 used, 9,500 left'],
		['- 500', {add: -500}, 'Give 500 back to ingest-prod?', '39,500 used, 10,500 left'],
	] as const) {
		const driven = read(atKey()).press('Q').write(text).press('enter');
		t.deepEqual(driven.effects, [], text);
		const screen = top(driven.model);
		if (screen.type !== 'confirm') throw new Error(`not a question but ${screen.type}`);
		t.is(screen.question, question);
		t.true(
			screen.facts.some(([fact]) => fact === `Then: ${then}.`),
			text,
		);
		t.regex(screen.facts[0]?.[0] ?? '', /^Now 40,000 of 50,000 are used \(80%\); it resets/);
		driven.wait(1000).agree();
		const input = {org_id: organisation.id, key_id: limited.id, body};
		t.like(change(driven), {route: 'changeKeyQuota', input, tellsWhere: true});
	}
});

test('that nothing is left then is said before it is done, and the screen reads it again after', (t) => {
	const driven = read(atKey()).press('Q').write('+10k').press('enter');
	const screen = top(driven.model);
	t.true(screen.type === 'confirm' && screen.facts.some(([fact]) => fact.includes('refused')));
	driven.wait(1000).agree();
	driven.answers({used: 50_000, limit: 50_000, resets_at: null}, 'barrier; verifiers=1; ms=2');
	t.is(said(driven), 'Changed what ingest-prod has used: in force everywhere (1 server, 2 ms)');
	t.is(top(driven.model).type, 'key');
	driven.wait(1000);
	t.true(isAsked(driven));
});

test('what cannot be understood is said under the field, and nothing is asked', (t) => {
	for (const [text, problem] of [
		['some', 'some is not a whole number, such as 1000, 1,000, 50k or 1M'],
		['+0', 'changes nothing'],
		['-', 'takes 0 for nothing; +500 for 500 more; -500 to give 500 back'],
		['1000001M', 'is at most 1,000,000,000,000'],
	] as const) {
		const driven = read(atKey()).press('Q').write(text).press('enter');
		t.is(fieldOf(driven)?.problem, problem, text);
		t.deepEqual(driven.effects, []);
	}
});

test('who may not change what was used, and what cannot be changed, is said', (t) => {
	const developer = {...me, operator: false, role: 'developer'} as const;
	t.is(
		said(read(atKey(limited, developer)).press('Q')),
		'Only admins and owners change what was used of a quota',
	);
	t.is(
		said(atKey({...limited, quota: null}).press('Q')),
		'It has no quota of its own: e gives it one',
	);
	t.is(said(atKey().press('Q')), 'What was used has not been read yet: press Q again');
	const revoked = {...limited, revoked_at: '2026-03-01T00:00:00Z'};
	t.regex(said(atKey(revoked).press('Q')) ?? '', /: its quota no longer counts$/);
});

const refused: ListedLimitedKey = {
	id: limited.id,
	name: limited.name,
	hint: limited.hint,
	last_at: '2026-03-12T11:59:58Z',
	limits: [
		{name: 'requests', refused: 1200, last_at: '2026-03-12T11:59:58Z'},
		{name: 'org:quota', refused: 3, last_at: '2026-03-12T11:59:30Z'},
	],
};

test('keys that are being limited have a place of their own, and lead to the key', (t) => {
	const driven = loggedIn([unused, limited]).press('9');
	t.like(driven.effects[0], {do: 'load', list: 'limitedKeys'});
	const {epoch} = driven.model;
	const answer = {list: 'limitedKeys', items: [refused]} as const;
	driven.send({type: 'loaded', answer, partial: false, took: 1, epoch});
	driven.press('enter');
	t.like(top(driven.model), {type: 'key', id: limited.id});
	t.deepEqual(
		driven.effects.map((effect) => effect.do),
		['load', 'readKey'],
	);
	driven.press('escape', 'm');
	t.is(top(driven.model).type, 'sharedLimits');
});
