import test from 'ava';
import type {Effect} from '../../tui/app/effect.ts';
import {oldFor} from '../../tui/app/loading.ts';
import {top} from '../../tui/app/navigation.ts';
import {trouble} from '../../tui/app/trouble.ts';
import {initialModel} from '../../tui/app/model.ts';
import {Failure} from '../../tui/failure.ts';
import {sessionEnded} from '../../tui/session/ended.ts';
import {longestPaste} from '../../tui/components/text-field/state.ts';
import {revocationText} from '../../tui/api-keys/revocation.ts';
import {
	away,
	created,
	detail,
	drive,
	ended,
	loggedIn,
	looks,
	me,
	organisation,
	start,
	unused,
	used,
	throughKeyForm,
	wellAnswer,
} from './driven.ts';

/*
The console without a screen: events in, model and effects out, at instants the test chooses.
*/

test('the first screen is for the first administrator, for a log-in, or for work', (t) => {
	const first = drive().send({
		type: 'probed',
		setupRequired: true,
		session: false,
		tokenFound: false,
		providers: [],
	});
	const screen = top(first.model);
	t.is(screen.type, 'setUp');
	t.deepEqual('form' in screen && screen.form.fields.map(({name}) => name), [
		'token',
		'email',
		'password',
		'again',
	]);
	t.is(
		top(
			drive().send({
				type: 'probed',
				setupRequired: false,
				session: false,
				tokenFound: true,
				providers: [],
			}).model,
		).type,
		'logIn',
	);
	const known = drive().send({
		type: 'probed',
		setupRequired: false,
		session: true,
		tokenFound: true,
		providers: [],
	});
	t.is(known.effects[0]?.do, 'identify');
	t.is(top(loggedIn().model).type, 'keys');
});

test('a setup token that is not the server’s is asked for', (t) => {
	const driven = drive();
	driven.send({
		type: 'probed',
		setupRequired: true,
		session: false,
		tokenFound: true,
		providers: [],
	});
	driven.write('ana@acme.example');
	driven.press('enter');
	driven.write('long enough password');
	driven.press('enter');
	driven.write('long enough password');
	driven.press('enter');
	t.is(driven.effects[0]?.do, 'setUp');
	driven.fails(
		new Failure('refused', 'The setup token is not valid', {
			status: 403,
			code: 'setup_token_invalid',
		}),
	);
	const screen = top(driven.model);
	t.is('form' in screen && screen.form.fields[0]?.name, 'token');
	t.is('form' in screen && screen.form.fields[0]?.problem, 'The setup token is not valid');
	t.is('form' in screen && screen.form.focus, 0);
});

test('a refused password is typed again, and the email stays', (t) => {
	const driven = drive();
	driven.send({
		type: 'probed',
		setupRequired: false,
		session: false,
		tokenFound: false,
		providers: [],
	});
	driven.write('ana');
	driven.press('enter');
	driven.write('wrong');
	driven.press('enter');
	t.like(driven.effects[0], {do: 'logIn', email: 'ana', password: 'wrong'});
	driven.fails(new Failure('refused', 'Invalid email or password', {status: 401}));
	const screen = top(driven.model);
	t.deepEqual('form' in screen && screen.form.fields.map(({text}) => text.value), ['ana', '']);
});

test('an unused key is revoked by the end of its id and enter, and by nothing else', (t) => {
	for (const text of ['', 'y', 'yes', 'unused']) {
		const driven = loggedIn().press('x').write(text).press('enter');
		t.deepEqual(driven.effects, [], text);
	}
	const left = loggedIn().press('x', 'enter');
	t.is(top(left.model).type, 'keys');
	t.is(left.model.notice?.text, 'Cancelled: no key was revoked');
	const driven = loggedIn().press('x').agree();
	t.like(driven.effects[0], {
		do: 'change',
		change: {route: 'revokeKey', input: {org_id: organisation.id, key_id: unused.id}},
	});
	driven.answers({}, 'verifiers=3; ms=6');
	t.is(driven.model.notice?.text, 'Revoked unused: it is refused everywhere (3 servers, 6 ms)');
	t.is(top(driven.model).type, 'keys');
	t.truthy(driven.model.keys.items.find(({id}) => id === unused.id)?.revoked_at);
});

test('keys pressed before the question can have been read do not answer it', (t) => {
	const driven = loggedIn();
	driven.hit('d', 'enter');
	t.is(top(driven.model).type, 'confirm');
	t.deepEqual(driven.effects, []);
	for (let held = 0; held < 50; held++) {
		driven.now += 30;
		driven.hit('enter');
	}
	t.is(top(driven.model).type, 'confirm', 'a key that is held down has not been thought about');
	driven.press('y', 'j', 'd', 'u', 'n', 'q');
	t.is(top(driven.model).type, 'confirm', 'letters are no answer');
	t.regex(driven.model.notice?.text ?? '', /^Letters do nothing here/);
	driven.hit('enter');
	t.is(top(driven.model).type, 'confirm', 'whoever types has not read it');
	driven.press('enter');
	t.like(driven.effects[0], {do: 'change', change: {route: 'suspendKey'}});
});

test('after a key that is refused, or means nothing, the keys that follow do nothing for a moment', (t) => {
	for (const first of ['i', 'n']) {
		const driven = loggedIn();
		driven.model = {...driven.model, readOnly: first === 'n'};
		driven.hit(first);
		t.not(driven.model.notice, undefined, first);
		driven.model = {...driven.model, readOnly: false};
		for (const key of ['d', 'x', 'L', 't']) {
			driven.now += 240;
			driven.hit(key);
			t.is(top(driven.model).type, 'keys', `${key} after ${first}`);
		}
		driven.hit('j');
		const list = top(driven.model);
		t.is(list.type === 'keys' && list.table.index, 1, 'moving does no harm');
		driven.press('d');
		t.is(top(driven.model).type, 'confirm', 'and then it listens again');
	}
});

test('what a terminal hands over at once is not keys where it was pasted', (t) => {
	const driven = loggedIn();
	driven.send({type: 'keys', keys: [...'to be rotated'.split(''), 'enter', 'd', 'enter']});
	t.is(top(driven.model).type, 'keys');
	t.deepEqual(driven.effects, []);
	t.regex(driven.model.notice?.text ?? '', /^Pasted text is not taken as keys/);
	driven.now += 100;
	driven.send({type: 'keys', keys: ['d']});
	driven.now += 100;
	driven.send({type: 'keys', keys: ['enter']});
	t.deepEqual([top(driven.model).type, driven.effects], ['keys', []], 'nor is the rest of it');
	driven.now += 2000;
	driven.send({type: 'keys', keys: ['j', 'j', 'j']}, {type: 'keys', keys: ['k', 'escape']});
	const list = top(driven.model);
	t.is(list.type === 'keys' && list.table.index, 0, 'a key that is held down is one');
	driven.send({type: 'keys', keys: ['escape', '8']});
	t.is(top(driven.model).type, 'settings', 'and so are two of one read');
});

test('a key in use is revoked by its name and enter; what is not its name revokes nothing, and says so', (t) => {
	const driven = loggedIn();
	const problem = () => {
		const screen = top(driven.model);
		return screen.type === 'confirm' ? (screen.problem ?? '') : 'closed';
	};
	driven.press('j', 'x').now += 300;
	driven.press('tab', 'tab', 'enter');
	t.is(top(driven.model).type, 'keys', 'Revoke cannot be reached before the name is typed');
	t.is(driven.model.notice?.text, 'Cancelled: no key was revoked');

	driven.press('x').now += 300;
	driven.write('ingest-prod');
	driven.press('x', 'enter');
	t.regex(problem(), /^That is not ingest-prod, but ingest-prodx\. Nothing was done/);
	driven.press('tab', 'enter');
	t.regex(problem(), /^That is not ingest-prod/, 'it stays until it is left with esc');
	driven.press('backspace');
	t.is(problem(), '');
	driven.press('tab', 'enter');
	t.is(top(driven.model).type, 'keys', 'the other button is Cancel');
	t.is(driven.model.notice?.text, 'Cancelled: no key was revoked');
	t.deepEqual(driven.effects, []);

	driven.press('x').now += 300;
	driven.send({type: 'paste', text: 'ingest-prod\n'}).press('enter');
	t.like(driven.effects[0], {
		do: 'change',
		change: {route: 'revokeKey', input: {key_id: used.id}},
	});
	driven.answers({});
	t.is(driven.model.notice?.text, 'Revoked ingest-prod: it is refused from now on');
});

test('a key that somebody else revoked first is not an error', (t) => {
	const driven = loggedIn();
	driven.press('x').now += 300;
	driven.agree();
	driven.fails(
		new Failure('refused', 'API key not found', {status: 404, code: 'api_key_not_found'}),
	);
	t.is(top(driven.model).type, 'keys');
	t.is(driven.model.notice?.tone, 'warning');
	t.like(driven.effects[0], {do: 'load', list: 'keys'});
});

test('a new key is shown until its last characters are typed, and then forgotten', (t) => {
	const driven = loggedIn();
	driven.press('n');
	driven.write('fresh');
	driven.press(...throughKeyForm);
	t.like(driven.effects[0], {
		do: 'change',
		change: {route: 'createKey', input: {org_id: organisation.id, body: {name: 'fresh'}}},
	});
	driven.answers(created);
	driven.press('c');
	t.deepEqual(driven.effects, [{do: 'copy', text: created.key}]);
	driven.press('q');
	driven.write('ABCX');
	driven.press('enter');
	t.is(top(driven.model).type, 'reveal');
	driven.press('escape', 'enter');
	driven.write('ABCD');
	const screen = top(driven.model);
	t.is(screen.type === 'keys' && screen.table.id, created.id);
	t.false(JSON.stringify(driven.model).includes(created.key));
});

test('Ctrl-C does not say that nothing was sent while the answer to a form is awaited', (t) => {
	const driven = loggedIn();
	driven.press('n').write('ingest');
	driven.press('ctrl-c');
	t.is(driven.model.notice?.text, 'Nothing was sent. Ctrl-C once more quits');
	driven.press(...throughKeyForm);
	t.like(driven.effects[0], {do: 'change', change: {route: 'createKey'}});
	driven.press('ctrl-c');
	t.is(
		driven.model.notice?.text,
		'It was sent, and the answer is not here yet. Ctrl-C once more quits',
	);
	t.deepEqual(driven.effects, []);
});

test('Ctrl-C asks once before a key is lost, and then quits', (t) => {
	const driven = loggedIn();
	driven
		.press('n')
		.write('fresh')
		.press(...throughKeyForm)
		.answers(created).effects = [];
	driven.press('ctrl-c');
	t.deepEqual(driven.effects, []);
	driven.press('ctrl-c');
	t.deepEqual(driven.effects, [{do: 'quit', status: 130}]);
	t.deepEqual(loggedIn().press('ctrl-c').effects, [{do: 'quit', status: 130}]);
	t.deepEqual(loggedIn().press('q').effects, [{do: 'quit', status: 0}]);
});

test('the list is read again every five seconds, less often when that takes long, never while typing', (t) => {
	const driven = loggedIn();
	t.deepEqual(driven.wait(4000).effects, []);
	t.like(driven.wait(1000).effects[0], {do: 'load', list: 'keys'});
	t.deepEqual(driven.wait(9000).effects, [], 'not while it is under way');
	driven.send({
		type: 'loaded',
		answer: {list: 'keys', items: [unused]},
		partial: false,
		took: 1000,
		epoch: 1,
	});
	t.deepEqual(looks(driven.wait(19_000)), []);
	driven.press('/');
	t.deepEqual(looks(driven.wait(60_000)), []);
	driven.press('escape', 'p');
	t.deepEqual(looks(driven.wait(60_000)), []);
	driven.press('p');
	t.is(driven.wait(1000).effects[0]?.do, 'load');
});

test('however long reading takes, it is done twice a minute at least, and what is old is not live', (t) => {
	const driven = loggedIn();
	const read = {type: 'loaded', partial: false, took: 60_000, epoch: 1} as const;
	driven.wait(5000);
	driven.send({...read, answer: {list: 'keys', items: [unused]}});
	t.is(driven.model.keys.every, 30_000);
	t.is(looks(driven.wait(29_000)).length, 0);
	t.like(looks(driven.wait(1000))[0], {do: 'load', list: 'keys'});
	t.is(oldFor(driven.model.keys, driven.model.now), undefined);
	driven.wait(31_000);
	t.is(oldFor(driven.model.keys, driven.model.now), 61_000, 'no answer came');
	driven.send(wellAnswer('system', 60_000));
	t.is(driven.model.system.every, 5000, 'health is looked at when all is slow');
});

test('health is read under every screen, and a sign tells what is wrong', (t) => {
	const driven = loggedIn();
	t.is(trouble(driven.model), undefined);
	t.like(driven.wait(30_000).effects.at(-1), {do: 'load', list: 'system'});
	driven.send(wellAnswer('system'));
	t.is(trouble(driven.model), undefined);
	driven.wait(61_000);
	t.like(trouble(driven.model), {level: 'unknown', at: 'showHealth'}, 'no news is not good news');
	driven.send({type: 'failed', effect: {do: 'probe'}, failure: away});
	t.like(trouble(driven.model), {level: 'failure', what: 'The server is away.'});
	const refused = loggedIn([], me, {...organisation, plan: 'free'});
	t.like(trouble(refused.model), {level: 'failure', at: 'showKeys'});
});

test('nothing is drawn anew while nothing is due', (t) => {
	const driven = loggedIn();
	const before = driven.model;
	t.is(driven.wait(1000).model, before);
});

test('a server that is away leaves what is shown, is tried ever less often, and is greeted back', (t) => {
	const driven = loggedIn();
	driven.press('R');
	driven.fails(away);
	t.is(driven.model.keys.items.length, 2);
	const waits = [1, 2, 4, 8, 15, 30, 30];
	for (const [index, seconds] of waits.entries()) {
		t.deepEqual(driven.wait(seconds * 1000 - 1).effects, [], `try ${index + 1}`);
		t.deepEqual(driven.wait(1).effects, [{do: 'probe'}], `try ${index + 1}`);
		driven.fails(away);
	}
	driven.press('n');
	t.is(top(driven.model).type, 'keys', 'nothing is begun that cannot be done');
	driven.send({
		type: 'probed',
		setupRequired: false,
		session: true,
		tokenFound: false,
		providers: [],
	});
	t.is(driven.model.link.state, 'online');
	t.like(driven.effects[0], {do: 'load', list: 'keys'});
});

test('a change whose answer was lost is not called done', (t) => {
	const driven = loggedIn();
	driven.press('n');
	driven.write('fresh');
	driven.press(...throughKeyForm);
	driven.fails(away);
	const screen = top(driven.model);
	t.regex(('form' in screen && screen.form.problem) || '', /not known/);
	t.false('form' in screen && screen.form.busy);
});

test('whoever has to log in again is told why, as far as the server has said', (t) => {
	const load = {
		do: 'load',
		list: 'keys',
		organisation: organisation.id,
		query: undefined,
		epoch: 1,
	} as const;
	const reason = (failure: Failure, driven = loggedIn(), effect: Effect = load) => {
		const screen = top(driven.fails(failure, effect).model);
		return screen.type === 'logIn' ? screen.reason : screen.type;
	};
	t.is(
		reason(sessionEnded('password_changed')),
		'Your session has ended: your password was changed elsewhere. Log in to go on where you were.',
	);
	t.is(reason(sessionEnded(undefined)), 'Your session has ended. Log in to go on where you were.');
	t.is(
		reason(sessionEnded('of-a-newer-server')),
		'Your session has ended. Log in to go on where you were.',
	);
	// Of a session that had ended before the console was opened.
	const session = {setupRequired: false, session: true, tokenFound: false, providers: []} as const;
	const opened = drive().send({type: 'probed', ...session});
	t.is(
		reason(sessionEnded('user_disabled'), opened, opened.effects[0]),
		'Your session has ended: your account is disabled.',
	);
});

test('after a session has ended one logs in and is where one was', (t) => {
	const driven = loggedIn();
	driven.press('n');
	driven.write('half a na');
	driven.fails(ended, {
		do: 'load',
		list: 'keys',
		organisation: organisation.id,
		query: undefined,
		epoch: 1,
	});
	t.is(top(driven.model).type, 'logIn');
	driven.write('password');
	driven.press('enter');
	t.like(driven.effects[0], {do: 'logIn', email: me.email, password: 'password'});
	driven.send({type: 'loggedIn'});
	t.like(driven.effects[0], {do: 'identify', organisation: organisation.id});
	driven.send({type: 'identified', me, organisations: [organisation], epoch: driven.model.epoch});
	const screen = top(driven.model);
	t.is(screen.type === 'form' && screen.form.fields[0]?.text.value, 'half a na');
	t.is(driven.model.screens.length, 2);
});

test('the first organisation is the one the profile chose, and one’s own where that is gone', (t) => {
	const size = {columns: 80, rows: 24};
	const home = '77777777-7777-4777-8777-777777777777';
	const driven = drive(initialModel('http://server:8080', size, start, false, [], home));
	const probe = {setupRequired: false, session: true, tokenFound: false, providers: []};
	driven.send({type: 'probed', ...probe});
	t.deepEqual(driven.effects, [{do: 'identify', organisation: home, epoch: 0}]);
	const gone = {status: 404, code: 'organization_not_found'} as const;
	driven.fails(new Failure('refused', 'Organization not found', gone));
	t.deepEqual(driven.effects, [{do: 'identify', organisation: undefined, epoch: 0}]);
	t.regex(driven.model.notice?.text ?? '', /no longer exists, or you are not in it/);
	driven.send({type: 'identified', me, organisations: [organisation], epoch: 0});
	t.is(driven.model.organisation?.id, organisation.id);
	driven.fails(new Failure('refused', 'Organization not found', gone), {
		do: 'identify',
		organisation: organisation.id,
		epoch: driven.model.epoch,
	});
	t.like(driven.effects, [{do: 'identify', organisation: home}]);
});

test('somebody else who logs in there sees nothing of what was there', (t) => {
	const driven = loggedIn();
	driven.press('enter');
	driven.fails(ended, {
		do: 'load',
		list: 'keys',
		organisation: organisation.id,
		query: undefined,
		epoch: 1,
	});
	const other = {...me, id: '66666666-6666-4666-8666-666666666666', email: 'bob@acme.example'};
	driven.send(
		{type: 'loggedIn'},
		{type: 'identified', me: other, organisations: [organisation], epoch: 1},
	);
	t.deepEqual(
		driven.model.screens.map(({type}) => type),
		['keys'],
	);
	t.deepEqual(driven.model.keys.items, []);
});

test('an answer about the organisation one has left is dropped', (t) => {
	const driven = loggedIn();
	const beta = {...organisation, id: '77777777-7777-4777-8777-777777777777', name: 'beta'};
	driven.send({
		type: 'loaded',
		answer: {list: 'organisations', items: [organisation, beta]},
		partial: false,
		took: 1,
		epoch: 1,
	});
	driven.press('3', 'j', 'enter');
	t.is(driven.model.organisation?.name, 'beta');
	driven.send({
		type: 'loaded',
		answer: {list: 'keys', items: [used]},
		partial: false,
		took: 1,
		epoch: 1,
	});
	t.deepEqual(driven.model.keys.items, []);
	driven.fails(ended, {
		do: 'load',
		list: 'keys',
		organisation: organisation.id,
		query: undefined,
		epoch: 1,
	});
	t.is(top(driven.model).type, 'keys');
});

test('what the role or the plan does not allow says so instead of failing', (t) => {
	const viewer = loggedIn([unused], {...me, operator: false, role: 'viewer'});
	viewer.press('n');
	t.regex(viewer.model.notice?.text ?? '', /role/);
	viewer.press('x');
	t.is(top(viewer.model).type, 'keys');
	const free = loggedIn([unused], me, {...organisation, plan: 'free'});
	free.press('n');
	t.regex(free.model.notice?.text ?? '', /Team plan/);
	free.press('x');
	t.is(top(free.model).type, 'confirm', 'keys can be revoked on any plan');
});

test('a console that only reads begins no change', (t) => {
	const driven = loggedIn();
	driven.model = {...driven.model, readOnly: true};
	driven.press('n', 'x', '3', 'n', 'e');
	t.deepEqual(
		driven.model.screens.map(({type}) => type),
		['keys', 'organisations'],
	);
	t.regex(driven.model.notice?.text ?? '', /is read-only/);
});

test('a key revoked elsewhere under the cursor is told', (t) => {
	const driven = loggedIn();
	const revoked = {...unused, revoked_at: '2026-03-12T12:00:00Z'};
	driven.send({
		type: 'loaded',
		answer: {list: 'keys', items: [revoked, used]},
		partial: false,
		took: 1,
		epoch: 1,
	});
	t.is(driven.model.notice?.text, 'unused was revoked elsewhere');
});

test('the first pages show as they come, later ones only as a whole', (t) => {
	const driven = drive();
	driven.send(
		{type: 'probed', setupRequired: false, session: true, tokenFound: false, providers: []},
		{type: 'identified', me, organisations: [organisation], epoch: 0},
		{type: 'loaded', answer: {list: 'keys', items: [unused]}, partial: true, took: 1, epoch: 1},
	);
	t.is(driven.model.keys.items.length, 1);
	driven.send(
		{
			type: 'loaded',
			answer: {list: 'keys', items: [unused, used]},
			partial: false,
			took: 1,
			epoch: 1,
		},
		{type: 'loaded', answer: {list: 'keys', items: [used]}, partial: true, took: 1, epoch: 1},
	);
	t.is(driven.model.keys.items.length, 2);
});

test('on a terminal that is too small only quitting works', (t) => {
	const driven = loggedIn();
	driven.send({type: 'resized', columns: 50, rows: 10});
	driven.press('x', 'n', '/');
	t.is(top(driven.model).type, 'keys');
	t.deepEqual(driven.press('q').effects, [{do: 'quit', status: 0}]);
});

test('a failed list says why and keeps trying after as long as the server asks', (t) => {
	const driven = drive();
	driven.send(
		{type: 'probed', setupRequired: false, session: true, tokenFound: false, providers: []},
		{type: 'identified', me, organisations: [organisation], epoch: 0},
	);
	driven.fails(
		new Failure('refused', 'The server is at capacity, try again', {
			status: 503,
			retryAfter: 12_000,
		}),
	);
	t.is(driven.model.keys.status, 'failed');
	t.regex(driven.model.keys.problem ?? '', /at capacity/);
	t.deepEqual(looks(driven.wait(11_000)), []);
	t.is(driven.wait(1000).effects[0]?.do, 'load');
});

test('the filter acts with every letter and is dropped by esc', (t) => {
	const driven = loggedIn();
	const visible = () => {
		const screen = top(driven.model);
		return screen.type === 'keys' ? screen.visible.map(({name}) => name) : [];
	};
	driven.press('/');
	driven.write('prod');
	t.deepEqual(visible(), ['ingest-prod']);
	driven.press('enter', 'escape');
	t.deepEqual(visible(), ['unused', 'ingest-prod']);
	driven.send({type: 'key', key: '/'}, {type: 'paste', text: 'unu\nsed'});
	t.deepEqual(visible(), ['unused']);
});

test('a filter that cannot be read is not kept: it stays open, says why, and nothing can be marked over it', (t) => {
	const driven = loggedIn();
	const filter = () => {
		const screen = top(driven.model);
		return screen.type === 'keys' ? screen.filter : undefined;
	};
	driven.press('/');
	driven.write('status:gone');
	driven.press('enter');
	t.true(filter()?.open);
	t.regex(
		filter()?.problem ?? '',
		/^status:gone: takes active, expiring, rotating, scheduled, suspended, expired, rotated or revoked$/,
	);
	t.regex(driven.model.notice?.text ?? '', /^Cannot read status:gone: takes active/);
	driven.press('*');
	t.is(filter()?.text.value, 'status:gone*', 'a letter is still text');
	driven.press('ctrl-u');
	driven.write('status:active');
	driven.press('enter');
	t.like(filter(), {open: false, applied: 'status:active'});
	t.is(filter()?.problem, undefined);
	t.is(driven.model.notice, undefined, 'nor is it said any longer why the one before was not');
	driven.press('/', 'x', 'escape');
	t.like(filter(), {open: false, applied: ''});
});

test('what was said on one screen is not said under another, be it a warning', (t) => {
	const driven = loggedIn();
	driven.press('x').now += 300;
	driven.press('escape');
	t.is(driven.model.notice?.text, 'Cancelled: no key was revoked');
	driven.press('j');
	t.is(driven.model.notice?.text, 'Cancelled: no key was revoked', 'on the same screen it stays');
	driven.press('n');
	t.is(driven.model.notice, undefined, 'a form has nothing cancelled yet');
	driven.press('escape').fails(away, {do: 'probe'});
	driven.press('n');
	t.is(driven.model.notice?.text, 'Server unreachable: nothing can be changed');
	driven.press('j');
	t.is(driven.model.notice?.text, 'Server unreachable: nothing can be changed');
	driven.press('enter');
	t.is(top(driven.model).type, 'key');
	t.is(driven.model.notice, undefined);
});

test('what was said of a list is gone with it, also where an answer opens another screen', (t) => {
	const driven = loggedIn();
	driven.press('x').now += 300;
	driven.press('escape', 'e');
	t.regex(driven.model.notice?.text ?? '', /^Cancelled/);
	driven.send({type: 'readToChange', read: {key: {...detail, ...used}, tag: '"1"'}});
	t.is(top(driven.model).type, 'form');
	t.is(driven.model.notice, undefined);
});

test('a paste that is longer than a field takes is refused whole, and said to be', (t) => {
	const driven = loggedIn().press('n');
	const value = () => {
		const screen = top(driven.model);
		return screen.type === 'form' ? screen.form.fields[0]?.text.value : undefined;
	};
	driven.send({type: 'paste', text: 'x'.repeat(longestPaste)});
	t.is(value()?.length, longestPaste);
	t.is(driven.model.notice, undefined);
	driven.send({type: 'paste', text: 'y'.repeat(longestPaste + 1)});
	t.is(value()?.length, longestPaste, 'nothing of it is taken');
	t.is(
		driven.model.notice?.text,
		'Not pasted: it has 16,385 characters, and a field takes 16,384 at once',
	);
	// Together they are longer: nothing is cut off.
	driven.send({type: 'paste', text: 'zz'});
	t.is(value()?.length, longestPaste + 2);
	const filter = loggedIn().press('/');
	filter.send({type: 'paste', text: 'x'.repeat(longestPaste + 1)});
	t.regex(filter.model.notice?.text ?? '', /^Not pasted/);
});

test('whoever logs in next is not told of the one who logged out', (t) => {
	const driven = loggedIn();
	driven.press('L').agree();
	t.deepEqual(driven.effects, [{do: 'logOut'}]);
	driven.send({type: 'loggedOut'});
	t.is(driven.model.notice, undefined);
});

test('several keys are revoked by their count, and told when some were not', (t) => {
	const other = {...unused, id: '66666666-6666-4666-8666-666666666666', name: 'other'};
	const gone = {...unused, id: '77777777-7777-4777-8777-777777777777', name: 'gone'};
	const driven = loggedIn([unused, used, other, {...gone, revoked_at: '2026-03-01T00:00:00Z'}]);
	driven.press('*', 'x');
	t.like(top(driven.model), {type: 'cleanUp', verb: 'suspend'});
	driven.press('y', 'enter', 'tab', 'tab', 'enter', 'enter', 'enter');
	t.deepEqual(driven.effects, [], 'nothing is done until the words are there');
	driven.press('escape', 'x');
	driven.write('revoke 3');
	driven.press('enter');
	const [asking] = driven.effects;
	if (asking?.do !== 'changeKeys') return t.fail('several keys were not to be revoked');
	t.deepEqual(asking.keys.map(({name}) => name).toSorted(), ['ingest-prod', 'other', 'unused']);
	driven.send({type: 'keysChanging', done: 2});
	const asked = top(driven.model);
	t.is(asked.type === 'cleanUp' && asked.busyText, 'Revoking … 2 of 3');
	driven.send({
		type: 'keysChanged',
		of: asking,
		outcomes: [
			{key: unused, outcome: 'revoked', revocation: 'verifiers=3; ms=4'},
			{key: used, outcome: 'failed', detail: 'API key not found'},
			{key: other, outcome: 'not tried'},
		],
	});
	t.is(top(driven.model).type, 'outcomes');
	t.is(driven.model.notice?.text, 'Revoked 1 key of 3: refused everywhere (3 servers)');
	driven.press('escape');
	const list = top(driven.model);
	t.is(list.type === 'keys' && list.marks.size, 0);
});

test('marks are of keys that are seen: a filter drops the others, a range reaches to the last one', (t) => {
	const keys = ['a', 'b', 'c', 'd'].map((name, index) => ({
		...unused,
		id: `${index}0000000-0000-4000-8000-000000000000`,
		name,
		created_at: `2026-03-0${9 - index}T00:00:00Z`,
	}));
	const driven = loggedIn(keys);
	const marked = () => {
		const screen = top(driven.model);
		return screen.type === 'keys' ? screen.visible.filter(({id}) => screen.marks.has(id)) : [];
	};
	driven.press('g', ' ', 'j', 'V');
	t.deepEqual(
		marked().map(({name}) => name),
		['a', 'b', 'c'],
	);
	driven.press('/', 'b', 'enter');
	t.deepEqual(
		marked().map(({name}) => name),
		['b'],
	);
	driven.press('escape', 'u');
	t.deepEqual(marked(), []);
});

test('the palette goes to a screen, works in an organisation and does what a key does', (t) => {
	const beta = {...organisation, id: '99999999-9999-4999-8999-999999999999', name: 'beta'};
	const driven = loggedIn();
	driven.send({
		type: 'loaded',
		answer: {list: 'organisations', items: [organisation, beta]},
		partial: false,
		took: 1,
		epoch: 1,
	});
	driven.press(':');
	driven.write('mem');
	driven.press('enter');
	t.is(top(driven.model).type, 'members');
	t.true(driven.model.members.loading, 'read since the palette was opened');
	driven.press('-');
	t.is(top(driven.model).type, 'keys');
	driven.press(':');
	driven.write('filter');
	driven.press('enter');
	const screen = top(driven.model);
	t.true(screen.type === 'keys' && screen.filter.open);
	driven.press('escape', ':');
	driven.write('org beta');
	driven.press('enter');
	t.is(driven.model.organisation?.name, 'beta');
	driven.press(':');
	driven.write('no such thing');
	driven.press('enter');
	t.truthy(driven.model.palette);
	driven.press('escape');
	t.is(driven.model.palette, undefined);
});

test('a key tells its use once it is read, and says so when it cannot be', (t) => {
	const driven = loggedIn();
	driven.press('enter');
	t.like(driven.effects[0], {do: 'readKey', id: unused.id});
	driven.fails(new Failure('refused', 'API key not found', {status: 404}));
	let screen = top(driven.model);
	t.is(screen.type === 'key' && screen.problem, 'API key not found');
	const detail = {
		...unused,
		hint: 'hklst_abc',
		expires_at: null,
		created_by: me.email,
		last_used_address: null,
		revoked_by: null,
		creator: {type: 'user', id: me.id, name: me.email},
		revoker: null,
		suspended_reason: null,
		revocation_note: null,
		metadata: {},
		quota_used: null,
		quota_resets_at: null,
		last_used_agent: null,
		last_used_address_at: null,
	} as const;
	driven.send({type: 'keyRead', id: unused.id, use: {detail, hours: [], days: []}, epoch: 1});
	screen = top(driven.model);
	t.true(screen.type === 'key' && screen.problem === undefined);
	t.is(screen.type === 'key' && screen.use?.detail.created_by, me.email);
});

test('the question before a key is revoked tells from where and how often it was used, once that is read', (t) => {
	const driven = loggedIn([used]);
	driven.press('x');
	t.like(driven.effects[0], {do: 'readKey', id: used.id});
	const detail = {
		...used,
		hint: 'hklst_abc',
		expires_at: null,
		created_by: me.email,
		last_used_address: '10.4.3.9',
		revoked_by: null,
		creator: {type: 'user', id: me.id, name: me.email},
		revoker: null,
		suspended_reason: null,
		revocation_note: null,
		metadata: {},
		quota_used: null,
		quota_resets_at: null,
		last_used_agent: null,
		last_used_address_at: null,
	} as const;
	const bucket = {
		start: used.created_at,
		valid: 1200,
		revoked: 3,
		expired: 0,
		plan_inactive: 0,
		ip_denied: 2,
		suspended: 0,
		insufficient_scope: 0,
		not_yet_valid: 0,
		rotated: 0,
		rate_limited: 0,
		quota_exceeded: 0,
	};
	driven.send({
		type: 'keyRead',
		id: used.id,
		use: {detail, hours: [bucket], days: [bucket, bucket]},
		epoch: 1,
	});
	const question = top(driven.model);
	const facts = question.type === 'confirm' ? question.facts.map(([text]) => text) : [];
	t.true(facts.some((text) => /^Last used 12s ago .*, from 10\.4\.3\.9\.$/.test(text)));
	t.true(facts.includes('Accepted 1,200 times in 24 hours, 2,400 times in 30 days.'));
	driven.send({
		type: 'keyRead',
		id: unused.id,
		use: {detail: {...detail, id: unused.id}, hours: [], days: []},
		epoch: 1,
	});
	t.is(top(driven.model), question, 'what is known of another key says nothing of this one');
});

test('a key is suspended by d and enter, and the line at the bottom says how to take it back', (t) => {
	const driven = loggedIn([used]);
	driven.press('d').agree();
	const [effect] = driven.effects;
	if (effect?.do !== 'change') return t.fail();
	t.like(effect.change, {
		route: 'suspendKey',
		input: {org_id: organisation.id, key_id: used.id, body: {}},
	});
	const suspended = {...used, status: 'suspended', suspended_at: '2026-03-12T12:00:00Z'};
	driven.send({
		type: 'changed',
		change: effect.change,
		body: suspended,
		revocation: 'verifiers=3; ms=4',
	});
	t.is(
		driven.model.notice?.text,
		'Suspended ingest-prod: refused everywhere (3 servers, 4 ms) · d or u resumes it',
	);
	t.is(driven.model.keys.items[0]?.suspended_at, suspended.suspended_at);
	driven.press('d').agree();
	const [back] = driven.effects;
	if (back?.do !== 'change') return t.fail();
	t.is(back.change.route, 'resumeKey');
	const failure = new Failure('refused', 'The API key has expired', {status: 409});
	driven.send({type: 'failed', effect: back, failure});
	const asked = top(driven.model);
	t.is(asked.type === 'confirm' && asked.problem, 'The API key has expired');
});

test('what failed after its screen was left is said below, not in a form that was opened meanwhile', (t) => {
	const driven = loggedIn([used]);
	driven.press('e');
	const [asking] = driven.effects;
	driven.press('n');
	driven.write('fresh');
	driven.fails(new Failure('refused', 'The server is busy', {status: 503}), asking);
	const screen = top(driven.model);
	t.is(screen.type === 'form' && screen.form.problem, undefined);
	t.is(driven.model.notice?.text, 'The server is busy');
	driven.press('escape', '6', '1', 'e');
	const [again] = driven.effects;
	driven.press('6').fails(new Failure('refused', 'The server is busy', {status: 503}), again);
	t.is(driven.model.notice?.text, 'The server is busy', 'nor is it lost on another screen');
});

test('what cannot be suspended is not asked for', (t) => {
	const driven = loggedIn([{...used, revoked_at: '2026-03-12T12:00:00Z'}]);
	driven.press('d');
	t.deepEqual(driven.effects, []);
	t.is(driven.model.notice?.text, 'This key is revoked for good');
});

test('a revocation says where it is in force, and until when a server may go by the old terms', (t) => {
	t.is(revocationText('verifiers=3; ms=6'), 'everywhere (3 servers, 6 ms)');
	t.is(revocationText('verifiers=1; ms=1200'), 'everywhere (1 server, 1,200 ms)');
	t.is(revocationText('verifiers=3; ms=5004; lapsed="a"'), 'everywhere (3 servers, 5,004 ms)');
	t.regex(
		revocationText(
			'verifiers=3; ms=6000; unconfirmed="a"; until="2026-03-12T12:00:05.000Z"; unconfirmed="b"; until="2026-03-12T12:00:07.000Z"',
		) ?? '',
		/^on 1 of 3 servers \(6,000 ms\); 2 servers did not confirm and may accept it until \d\d:\d\d:07$/,
	);
	t.is(revocationText('something else'), undefined);
});
