import test from 'ava';
import type {FullKey} from '../../contract/keys.ts';
import {top} from '../../tui/app/navigation.ts';
import {isTable} from '../../tui/app/screens.ts';
import {keysSpec} from '../../tui/screens/keys/list/spec.ts';
import {keyLines} from '../../tui/screens/keys/key/lines.ts';
import {anyGlyphs} from '../../tui/screens/keys/key/usage.ts';
import {Failure} from '../../tui/failure.ts';
import {away, detail, type Driven, loggedIn, organisation, used} from './driven.ts';

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
		'change more …',
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
	driven.agree();
	t.like(sent(driven), {route: 'rotateKey', body: {grace_seconds: 0}});
});

test('more of a rotation is filled in: what differs is sent, and asked about where it takes much', (t) => {
	const read = {key: {...detail, roles: ['billing']}, tag: '"1"'};
	const open = () => {
		const driven = loggedIn([used]).press('t', 'j', 'j', 'j', 'j', 'j', 'enter');
		t.deepEqual(driven.effects, [{do: 'readToChange', organisation: organisation.id, id: used.id}]);
		return driven.send({type: 'readToChange', read});
	};
	const driven = open().write('7x');
	const wrong = top(driven.model);
	t.is(
		wrong.type === 'form' && wrong.form.fields[0]?.problem,
		'takes a time from 0s to 30d such as 12h, 7d',
	);
	driven.press('ctrl-u').write('7d').press('tab').write('6h').press('tab').write('quarterly');
	driven.press('ctrl-x');
	t.like(sent(driven), {
		route: 'rotateKey',
		key_id: used.id,
		body: {grace_seconds: 604_800, finish_when_unused_seconds: 21_600, reason: 'quarterly'},
	});
	driven.fails(new Failure('refused', 'No longer than an hour', {field: 'grace_seconds'}));
	const told = top(driven.model);
	t.is(told.type === 'form' && told.form.fields[0]?.problem, 'No longer than an hour');

	const plain = open().press('ctrl-x');
	t.deepEqual((sent(plain) as {body?: unknown}).body, {}, 'what is left alone is as it was');
	plain.answers({...next, key: 'hklst_secretNEW', previous: {}});
	t.is(top(plain.model).type, 'reveal');

	const taking = open().write('0s').press('pagedown', 'pagedown', 'pagedown', 'tab', 'ctrl-u');
	taking.press('ctrl-x');
	t.deepEqual(taking.effects, []);
	const question = top(taking.model);
	if (question.type !== 'confirm') return t.fail('nothing was asked');
	const facts = question.facts.map(([text]) => text).join('\n');
	t.regex(
		facts,
		/The old key is revoked for good\.\n\nIt loses its last role, billing, and has no/,
	);
	taking.wait(300).agree();
	t.like(sent(taking), {body: {grace_seconds: 0, roles: null}});
	// Whether it was done is not known: the same request again is made once, and asked about no more.
	const [asked] = taking.effects;
	taking.fails(away);
	t.is(top(taking.model).type, 'form');
	taking.send({
		type: 'probed',
		setupRequired: false,
		session: true,
		tokenFound: false,
		providers: [],
	});
	taking.press('ctrl-x');
	t.is(taking.effects.at(-1), asked);
	taking.answers({...next, key: 'hklst_secretNEW', previous: {}});
	t.is(top(taking.model).type, 'reveal');
});

test('both keys are seen beside each other, on the screen of either', (t) => {
	for (const key of [old, next]) {
		const driven = loggedIn([next, old]);
		if (key === old) driven.press('j');
		driven.press('enter');
		const screen = top(driven.model);
		if (screen.type !== 'key') throw new Error('no key');
		const lines = (keyLines(screen, driven.model, anyGlyphs) ?? []).map((parts) =>
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
		driven.agree();
		t.like(sent(driven), {route, key_id: next.id});
	}
});

test('a key whose grace is over is not rotated, and its successor is', (t) => {
	const over = {...old, grace_until: '2026-03-12T11:59:59Z'};
	const driven = loggedIn([over, next]).press('t');
	t.deepEqual(driven.effects, []);
	const says = 'This key is replaced for good: its successor took over';
	t.is(driven.model.notice?.text, says);
	for (const [key, why] of [
		['e', `${says}: it can no longer be changed`],
		['d', says],
		['D', says],
		['x', says],
	] as const) {
		driven.press(key);
		t.is(driven.model.notice?.text, why);
		t.is(top(driven.model).type, 'keys');
		t.deepEqual(driven.effects, []);
	}
	const dim = keysSpec.unavailable?.(driven.model, over, []);
	t.deepEqual(dim?.toSorted(), ['edit', 'revoke', 'rotate', 'suspend', 'suspendWhy']);
	driven.press('*');
	const marked = top(driven.model);
	t.deepEqual(isTable(marked) && [...marked.marks], [next.id], 'marks are for what can be done');
	driven.press('u');
	driven.press('j', 't');
	t.is(optionsOf(driven)[0], 'for 24 hours');
});

test('whoever has used the old key since there is a new one is told on the screens of both', (t) => {
	const made = {...next, created_at: '2026-03-12T11:00:00Z'};
	for (const key of [old, made]) {
		const driven = loggedIn([key, key === old ? made : old]).press('enter');
		const {epoch} = driven.model;
		const use = {detail: {...detail, ...key}, hours: [], days: []};
		driven.send({type: 'keyRead', id: key.id, use, epoch});
		t.true(
			driven.effects.some((effect) => effect.do === 'readKeyClients' && effect.id === old.id),
			key.id,
		);
		const client = (address: string, last_seen_at: string, refused = 0) => ({
			address,
			user_agent: 'batch/1.0',
			first_seen_at: '2026-03-01T00:00:00Z',
			last_seen_at,
			count: 3,
			refused,
		});
		const lines = () => {
			const screen = top(driven.model);
			const parts = screen.type === 'key' ? keyLines(screen, driven.model, anyGlyphs) : undefined;
			return (parts ?? []).map((line) => line.map(([text]) => text).join('')).join('\n');
		};
		t.notRegex(lines(), /Not moved|nobody has used/, 'nothing is said before it is known');
		const clients = [
			client('10.4.3.9', '2026-03-12T11:59:20Z'),
			client('10.4.3.10', '2026-03-12T10:59:00Z'),
			client('10.4.3.11', '2026-03-12T11:59:20Z', 3),
		];
		driven.send({type: 'keyClientsRead', id: old.id, clients, epoch});
		t.regex(lines(), /^Not moved +10\.4\.3\.9 +40s ago +batch\/1\.0$/m);
		t.notRegex(lines(), /10\.4\.3\.1[01]/, 'not who has moved, nor who was refused only');
		const many = Array.from({length: 6}, (_, at) => client(`10.0.0.${at}`, '2026-03-12T11:59:20Z'));
		driven.send({type: 'keyClientsRead', id: old.id, clients: many, epoch});
		t.regex(lines(), /^ +and 2 more: U shows them$/m);
		driven.send({type: 'keyClientsRead', id: old.id, clients: [], epoch});
		t.regex(lines(), /nobody has used the old key since/);
	}
});
