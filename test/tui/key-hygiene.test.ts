import test from 'ava';
import type {KeyHygiene, KeyToMend} from '../../contract/key-hygiene.ts';
import type {Me} from '../../contract/people.ts';
import {kindOf} from '../../tui/app/kinds.ts';
import {top} from '../../tui/app/navigation.ts';
import {Failure} from '../../tui/failure.ts';
import {valuesOf} from '../../tui/components/form/state.ts';
import {parseKeysToMend, parseThresholds} from '../../tui/screens/keys/hygiene/filter.ts';
import {findingLines} from '../../tui/screens/keys/hygiene/lines.ts';
import {countsOf} from '../../tui/screens/keys/hygiene/list.ts';
import {keyToMendFacts} from '../../tui/screens/keys/to-mend/lines.ts';
import {
	away,
	detail,
	type Driven,
	loggedIn,
	me,
	organisation,
	start,
	unused,
	used,
} from './driven.ts';

/*
What is found of keys, and the one action that mends it: what the screens ask for and offer. With a
server it is tried in key-hygiene-journey.test.ts.
*/

const counts = {
	keys: 1284,
	affected: 61,
	findings: {
		never_used: 1,
		idle: 42,
		no_end: 0,
		unrestricted: 3,
		expiring: 9,
		over_privileged: 0,
		shared: 5,
		maker_left: 1,
	},
};
const report: KeyHygiene = {
	idle_days: 180,
	expiring_days: 30,
	most_addresses: 10,
	watched_since: '2026-03-01T00:00:00Z',
	counts,
	keys: [],
};

type Action = KeyToMend['findings'][number]['action'];

function toMend(
	{id, name, hint, created_at, last_used_at, expires_at}: typeof used,
	...found: [finding: KeyToMend['findings'][number]['finding'], action: Action][]
): KeyToMend {
	return {
		id,
		name,
		hint,
		created_at,
		last_used_at,
		expires_at,
		owner: {type: 'team', id: 'payments'},
		status: 'active',
		version: 3,
		findings: found.map(([finding, action]) => ({finding, detail: `It is ${finding}.`, action})),
	};
}

const suspend: Action = {name: 'suspend', body: null};
const revoke: Action = {name: 'revoke', body: null};
const rotate: Action = {name: 'rotate', body: null};

/** At the keys of a finding, of which `found` are there. */
function atKeys(found: readonly KeyToMend[], finding = 'Idle', who: Partial<Me> = {}): Driven {
	const driven = loggedIn([unused, used], {...me, operator: false, ...who});
	driven.press('H');
	const read = {partial: false, took: 1, epoch: driven.model.epoch} as const;
	driven.send({type: 'loaded', answer: {list: 'keyHygiene', items: countsOf(report)}, ...read});
	const screen = top(driven.model);
	const rows = screen.type === 'keyHygiene' ? screen.visible : [];
	for (const {title} of rows) {
		if (title === finding) break;
		driven.press('j');
	}
	driven.press('enter');
	return answered(driven, found);
}

function answered(driven: Driven, found: readonly KeyToMend[]): Driven {
	const asked = driven.effects.find(
		(effect) => effect.do === 'load' && effect.list === 'keysToMend',
	);
	if (asked?.do !== 'load') throw new Error('the keys were not asked for');
	return driven.send({
		type: 'loaded',
		answer: {list: 'keysToMend', items: found},
		query: asked.query,
		page: {place: 'top'},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
}

function cannot({model}: Driven) {
	const screen = top(model);
	return kindOf(screen).unavailable?.(screen, model) ?? [];
}

function hint({model}: Driven, command: string) {
	const screen = top(model);
	return kindOf(screen).hints?.(screen, model)[command];
}

/** What the change that was last asked for sends. */
function sent({effects}: Driven): Readonly<Record<string, unknown>> {
	const effect = effects.find((each) => each.do === 'change');
	if (effect?.do !== 'change') throw new Error('no change was asked for');
	return {route: effect.change.route, ...effect.change.input};
}

const text = (lines: readonly (readonly (readonly [string, ...unknown[]])[])[]) =>
	lines.map((parts) => parts.map(([part]) => part).join('')).join('\n');

test('each finding has its keys, and what was asked is said in numbers', (t) => {
	const rows = countsOf(report);
	t.is(rows.length, 9);
	t.deepEqual(
		rows.filter(({count}) => count > 0).map(({id, count}) => [id, count]),
		[
			['never_used', 1],
			['idle', 42],
			['unrestricted', 3],
			['expiring', 9],
			['shared', 5],
			['maker_left', 1],
			['any', 61],
		],
	);
	const lines = (id: string, now = start) => {
		const row = rows.find((each) => each.id === id);
		return row === undefined ? '' : text(findingLines(row, now, 78));
	};
	t.regex(lines('idle'), /Idle {2}42 of 1,284 live keys, 3%/);
	t.regex(lines('idle'), /180 days/);
	t.notRegex(lines('idle'), /idle_days/);
	t.regex(lines('no_end'), /none of 1,284 live keys/);
	t.notRegex(lines('no_end'), /enter shows/);
	// It is watched for 11 days.
	t.regex(lines('over_privileged'), /recorded only since 2026-03-01/);
	t.notRegex(lines('over_privileged', start + 30 * 86_400_000), /recorded since/);
	t.throws(() => countsOf({...report, counts: null}), {message: /did not say how many keys/});
});

test('the keys of a finding are asked for with the numbers of the report', (t) => {
	const driven = loggedIn();
	driven.press('H');
	t.like(driven.effects, [{do: 'load', list: 'keyHygiene', query: undefined}]);
	driven.press('/').write('idle:60 expiring:2w addresses:3').press('enter');
	const query = {idle_days: '60', expiring_days: '14', most_addresses: '3'};
	t.like(driven.effects, [{do: 'load', list: 'keyHygiene', query}]);
	const read = {partial: false, took: 1, epoch: driven.model.epoch} as const;
	const answer = {list: 'keyHygiene', items: countsOf(report)} as const;
	driven.send({type: 'loaded', answer, query: driven.model.queries.keyHygiene, ...read});
	driven.press('j', 'enter');
	const [keys, all] = driven.effects;
	t.like(keys, {do: 'load', list: 'keysToMend', query: {...query, finding: 'idle'}});
	t.like(all, {do: 'load', list: 'keys'}, 'which dialogs need');
	driven.press('escape', 'G', 'enter');
	t.like(driven.effects[0], {do: 'load', list: 'keysToMend', query});
	t.false('finding' in (driven.model.queries.keysToMend ?? {}));
});

test('what a filter of them cannot be is named', (t) => {
	const problem = (source: string) => parseThresholds(source, start).problem;
	t.is(problem('idle:90d shared'), undefined);
	for (const wrong of ['idle:soon', 'idle:0', 'idle:12h', 'expiring:9999d', 'addresses:many']) {
		t.regex(problem(wrong) ?? '', /takes a number/, wrong);
	}
	t.regex(problem('finding:idle') ?? '', /there are idle: expiring: addresses:$/);
	const found = parseKeysToMend('finding:over team', start);
	t.deepEqual(found.query, {finding: 'over_privileged'});
	t.true(found.test(toMend(used, ['over_privileged', suspend])));
	t.false(found.test(toMend(used, ['idle', suspend])));
	t.false(parseKeysToMend('somebody', start).test(toMend(used, ['idle', suspend])));
	t.regex(
		parseKeysToMend('finding:bad', start).problem ?? '',
		/takes never_used, idle, .* or maker_left/,
	);
});

test('f begins what mends the key: a suspension, which u takes back', (t) => {
	const driven = atKeys([toMend(used, ['never_used', revoke], ['idle', suspend])]);
	t.is(hint(driven, 'mend'), 'fix: suspend', 'the keys are listed for that');
	driven.press('f').agree();
	t.like(sent(driven), {route: 'suspendKey', org_id: organisation.id, key_id: used.id});
	driven.answers({...used, suspended_at: '2026-03-12T12:00:00Z'});
	t.true(
		driven.effects.some((effect) => effect.do === 'load' && effect.list === 'keysToMend'),
		'what is found is read again',
	);
	t.is(driven.model.keyHygiene.nextAt, 0, 'and so are the counts, once they are seen');
	t.regex(driven.model.notice?.text ?? '', /^Suspended ingest-prod: .* · d or u resumes it/);
	answered(driven, []).press('u').agree();
	t.like(sent(driven), {route: 'resumeKey', key_id: used.id});
});

test('f revokes by the question that there is, and rotates by the choice', (t) => {
	const one = atKeys([toMend(unused, ['never_used', revoke])], 'Never used').press('f');
	const question = top(one.model);
	t.is(question.type === 'confirm' && question.question, 'Revoke unused?');
	one.wait(300).agree();
	t.like(sent(one), {route: 'revokeKey', key_id: unused.id});

	const other = atKeys([toMend(used, ['expiring', rotate])], 'Expiring').press('f');
	t.is(top(other.model).type, 'choice');
	other.press('enter');
	t.like(sent(other), {route: 'rotateKey', key_id: used.id, body: {grace_seconds: 86_400}});
});

test('f opens the form with what is proposed; only that is sent, for the version that was read', (t) => {
	const body = {scopes: ['orders.read', 'invoices.read']};
	const driven = atKeys(
		[toMend(used, ['over_privileged', {name: 'update', body}])],
		'Over-privileged',
	).press('f');
	const asked = {do: 'readToChange', organisation: organisation.id, id: used.id} as const;
	t.deepEqual(driven.effects, [{...asked, proposed: {body}}]);
	const read = {key: {...detail, scopes: ['orders.*', 'invoices.*']}, tag: '"3"'};
	driven.send({type: 'readToChange', read, proposed: {body}});
	const screen = top(driven.model);
	if (screen.type !== 'form') return t.fail('no form is there');
	t.is(screen.form.fields[screen.form.focus]?.name, 'scopes');
	t.is(valuesOf(screen.form)['scopes'], 'orders.read, invoices.read');
	t.is(screen.form.fields[screen.form.focus]?.initial, 'orders.*, invoices.*');
	t.regex(driven.model.notice?.text ?? '', /Filled in as proposed; nothing is sent/);
	driven.press('ctrl-x');
	t.deepEqual(sent(driven), {
		route: 'updateKey',
		org_id: organisation.id,
		key_id: used.id,
		body,
		ifMatch: '"3"',
	});
});

test('where nothing can be proposed the form is as the key is, at the field that it is about', (t) => {
	const action: Action = {name: 'update', body: null};
	const driven = atKeys([toMend(used, ['no_end', action])], 'Without an end').press('f');
	const proposed = {body: {}, field: 'expires_at'} as const;
	t.like(driven.effects, [{do: 'readToChange', proposed}]);
	driven.send({type: 'readToChange', read: {key: detail, tag: '"3"'}, proposed});
	const screen = top(driven.model);
	if (screen.type !== 'form') return t.fail('no form is there');
	t.is(screen.form.fields[screen.form.focus]?.name, 'expires_at');
	t.is(driven.model.notice, undefined);
	driven.press('ctrl-x');
	t.regex(driven.model.notice?.text ?? '', /^Nothing was changed/);
});

test('a form that comes late opens over no other screen', (t) => {
	const body = {scopes: ['orders.read']};
	const key = toMend(used, ['over_privileged', {name: 'update', body}]);
	const driven = atKeys([key], 'Over-privileged').press('f', 'escape');
	driven.send({type: 'readToChange', read: {key: detail, tag: '"3"'}, proposed: {body}});
	t.is(top(driven.model).type, 'keyHygiene');
});

test('marked keys are mended together where one action that can be done so mends them all', (t) => {
	const keys = [toMend(used, ['idle', suspend]), toMend(unused, ['idle', suspend])];
	const driven = atKeys(keys).press('*', 'f');
	t.like(top(driven.model), {type: 'cleanUp', verb: 'suspend', reload: 'keysToMend'});
	driven.agree();
	const [effect] = driven.effects;
	if (effect?.do !== 'changeKeys') return t.fail('nothing is to be changed');
	t.like(effect, {what: 'suspend', reload: 'keysToMend'});
	t.deepEqual(
		effect.keys.map(({id, org_id}) => [id, org_id]),
		[
			[used.id, organisation.id],
			[unused.id, organisation.id],
		],
	);
	const outcomes = effect.keys.map((key) => ({key, outcome: 'suspended'}) as const);
	driven.send({type: 'keysChanged', of: effect, outcomes});
	t.is(driven.model.notice?.text, 'Suspended 2 keys: refused from now on · u resumes them');
	const lists = driven.effects.flatMap((each) => (each.do === 'load' ? [each.list] : []));
	t.deepEqual(lists, ['keysToMend', 'keys']);
	const screen = top(driven.model);
	t.is(screen.type === 'keysToMend' && screen.marks.size, 0);
});

test('marked keys that are revoked ask for a word; what is done one by one says so', (t) => {
	const never = [toMend(used, ['never_used', revoke]), toMend(unused, ['never_used', revoke])];
	const driven = atKeys(never, 'Never used').press('*', 'f');
	t.is(top(driven.model).type, 'cleanUp');
	driven.write('revoke 2').press('enter');
	t.like(driven.effects, [{do: 'changeKeys', what: 'revoke', reload: 'keysToMend'}]);
	const rotated = [toMend(used, ['expiring', rotate]), toMend(unused, ['expiring', rotate])];
	const other = atKeys(rotated, 'Expiring').press('*', 'f');
	t.is(top(other.model).type, 'keysToMend');
	t.regex(other.model.notice?.text ?? '', /^Keys are rotated one by one/);
	const mixed = [toMend(used, ['idle', suspend]), toMend(unused, ['never_used', revoke])];
	const any = atKeys(mixed, 'Any of these').press('*', 'f');
	t.regex(any.model.notice?.text ?? '', /^The marked keys need different fixes/);
	any.press('d');
	t.is(top(any.model).type, 'cleanUp', 'they can still be suspended');
});

test('who may not, or cannot now, is told so', (t) => {
	const keys = [toMend(used, ['idle', suspend]), toMend(unused, ['idle', suspend])];
	const viewer = atKeys(keys, 'Idle', {role: 'viewer'});
	for (const command of ['mend', 'edit', 'suspend', 'rotate', 'revoke']) {
		t.true((cannot(viewer) as string[]).includes(command), command);
	}
	for (const [key, says] of [
		['f', /may not suspend keys/],
		['e', /may not change keys/],
		['t', /may not rotate keys/],
		['x', /may not revoke keys/],
	] as const) {
		viewer.press(key);
		t.is(top(viewer.model).type, 'keysToMend');
		t.regex(viewer.model.notice?.text ?? '', says);
	}
	const reading = atKeys(keys);
	reading.model = {...reading.model, readOnly: true};
	for (const key of ['f', 'd', 't', 'x', 'e']) {
		reading.press(key);
		t.is(reading.model.notice?.text, 'This console is read-only (LATCHKEY_READONLY)', key);
	}
	reading.press('*', 'f');
	t.is(reading.model.notice?.text, 'This console is read-only (LATCHKEY_READONLY)');
	t.deepEqual(cannot(atKeys(keys)), []);
});

test('while the server is away what was found stays, and nothing is begun', (t) => {
	const driven = atKeys([toMend(used, ['idle', suspend])]).wait(6000);
	const asked = driven.effects.find(({do: what}) => what === 'load');
	driven.fails(away, asked);
	for (const key of ['f', 'd', 't', 'x', 'e']) {
		driven.press(key);
		t.deepEqual(driven.effects, [], key);
		t.is(driven.model.notice?.text, 'Server unreachable: nothing can be changed', key);
	}
	const screen = top(driven.model);
	t.is(screen.type === 'keysToMend' && screen.visible.length, 1);
});

test('a server that has no report says so, and the keys are as ever', (t) => {
	const driven = loggedIn().press('H');
	driven.fails(new Failure('refused', 'Not found', {status: 404}));
	t.is(driven.model.keyHygiene.status, 'failed');
	driven.press('escape');
	t.is(top(driven.model).type, 'keys');
});

test('where more keys are found than there is room to tell of one below, the last line does', (t) => {
	const many = Array.from({length: 20}, (_, at) =>
		toMend({...used, id: `${used.id.slice(0, -2)}${10 + at}`}, ['idle', suspend]),
	);
	const note = ({model}: Driven) => {
		const screen = top(model);
		return kindOf(screen).note?.(screen, model);
	};
	t.is(note(atKeys(many)), 'It is idle.');
	t.is(note(atKeys(many.slice(0, 13))), undefined);
	t.is(note(atKeys(many).send({type: 'resized', columns: 160, rows: 24})), undefined);
	t.is(note(atKeys([])), undefined);
});

test('a key that is in no list yet is read first, and nothing is done unseen', (t) => {
	const fresh = {...used, id: '99999999-9999-4999-8999-999999999999', name: 'fresh'};
	const driven = atKeys([toMend(fresh, ['idle', suspend])]);
	driven.send({
		type: 'loaded',
		answer: {list: 'keys', items: [used]},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	driven.press('f');
	t.like(driven.effects, [{do: 'load', list: 'keys'}]);
	t.regex(driven.model.notice?.text ?? '', /^1 key is not in the list of keys yet/);
	driven.press('enter');
	t.is(top(driven.model).type, 'key');
});

test('a key that was suspended meanwhile is not resumed by f', (t) => {
	const driven = atKeys([toMend(used, ['idle', suspend])]);
	driven.send({
		type: 'loaded',
		answer: {list: 'keys', items: [{...used, suspended_at: '2026-03-12T12:00:00Z'}]},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	driven.press('f');
	t.deepEqual(driven.effects, []);
	t.is(driven.model.notice?.text, 'ingest-prod is suspended already: d resumes it');
	driven.press('d').agree();
	t.like(sent(driven), {route: 'resumeKey', key_id: used.id});
});

test('all that is found of a key is told beside it, cleaned, with what is proposed', (t) => {
	const body = {scopes: ['orders.read'], expires_at: '2027-01-31T00:00:00Z'};
	const key = toMend(
		{...used, name: 'bad\u001B[2Jname'},
		['idle', suspend],
		['over_privileged', {name: 'update', body}],
	);
	const shown = text(keyToMendFacts(key, start, 49));
	t.false(shown.includes('\u001B'));
	t.regex(shown, /Owner +team\/payments/);
	t.regex(shown, /Idle\nWhy +It is idle\.\nFix +suspend it\n/);
	t.regex(
		shown.replaceAll(/\s+/g, ' '),
		/Fix change it: scopes orders\.read; expires 2027-01-31T00:00:00Z/,
	);
});
