import {existsSync, mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {top} from '../../tui/app/navigation.ts';
import type {Items} from '../../tui/app/lists.ts';
import {download} from '../../tui/app/performing/download.ts';
import {bound, joined} from '../../tui/app/pages.ts';
import {parseAuditFilter} from '../../tui/screens/audit/list/filter.ts';
import {Failure} from '../../tui/failure.ts';
import {newerAbove} from '../../tui/screens/kinds/list/rows.ts';
import {away, loggedIn, me, start} from './driven.ts';

/*
The audit trail in the console, without a screen: pages, filters, following, what is opened and written.
*/

type Entry = Items['audit'];

function entry(sequence: number, more: Partial<Entry> = {}): Entry {
	return {
		id: String(sequence),
		sequence,
		recorded_at: new Date(start - (10_000 - sequence) * 60_000).toISOString().replace('Z', '000Z'),
		action: sequence % 2 === 0 ? 'key.created' : 'key.revoked',
		outcome: 'success',
		actor: {type: 'user', id: '22222222-2222-4222-8222-222222222222', name: 'ana@acme.example'},
		target: {
			type: 'api_key',
			id: '33333333-3333-4333-8333-333333333333',
			name: `ingest-${sequence}`,
		},
		address: '10.0.0.7',
		request_id: `req_${sequence}`,
		details: null,
		hash: 'ada'.repeat(21),
		...more,
	};
}

/** Entries newest first, from one sequence down to another. */
function entries(from: number, to: number): Entry[] {
	return Array.from({length: from - to + 1}, (_, index) => entry(from - index));
}

type Page = {place: 'top' | 'end' | 'above'; cursor?: string; next?: string};

/** A console on the audit screen. */
function onAudit(who = me) {
	const driven = loggedIn([], who);
	driven.press('5');
	const arrives = (
		items: readonly Entry[],
		page: Page,
		list: 'audit' | 'applianceAudit' = 'audit',
	) =>
		driven.send({
			type: 'loaded',
			answer: {list, items},
			query: driven.model.queries[list],
			page,
			partial: false,
			took: 10,
			epoch: driven.model.epoch,
		});
	const screen = () => {
		const shown = top(driven.model);
		if (shown.type !== 'audit' && shown.type !== 'applianceAudit') throw new Error(shown.type);
		return shown;
	};
	return Object.assign(driven, {arrives, screen});
}

test('older pages are read as the cursor comes near the end, one at a time', (t) => {
	const driven = onAudit();
	driven.arrives(entries(9999, 9800), {place: 'top', next: 'c1'});
	t.deepEqual(driven.effects, []);
	driven.press('G');
	const [effect] = driven.effects;
	t.like(effect, {do: 'load', list: 'audit', cursor: 'c1'});
	driven.press('k');
	t.deepEqual(driven.effects, [], 'it is under way');
	driven.arrives(entries(9799, 8800), {place: 'end', cursor: 'c1', next: 'c2'});
	t.is(driven.screen().visible.length, 1200);
	t.is(driven.screen().table.id, '9801', 'the cursor stays on its row');
	driven.press('G');
	t.like(driven.effects[0], {cursor: 'c2'});
	driven.arrives(entries(8799, 8790), {place: 'end', cursor: 'c2'});
	driven.press('G');
	t.deepEqual(driven.effects, [], 'there is no page after the last');
});

test('a page that fails is asked for again at the next move, and what was read stays', (t) => {
	const driven = onAudit();
	driven.arrives(entries(9999, 9800), {place: 'top', next: 'c1'});
	driven.press('G');
	driven.fails(new Failure('refused', 'The server has too much to do', {status: 503}));
	t.is(driven.screen().visible.length, 200);
	t.is(driven.model.audit.problem, 'The server has too much to do');
	driven.press('k');
	t.like(driven.effects[0], {cursor: 'c1'});
	driven.fails(away);
	driven.press('k');
	t.deepEqual(driven.effects, [], 'not while the server is away');
});

test('reading again joins what is new to what was read before', (t) => {
	const held = {items: entries(50, 1), next: 'c50'};
	const again = joined(held, {items: entries(55, 40), place: 'top', next: 'c40'});
	t.deepEqual(again, {items: entries(55, 1), next: 'c50'});
	const far = joined(held, {items: entries(500, 450), place: 'top', next: 'c450'});
	t.deepEqual(far, {items: entries(500, 450), next: 'c450'}, 'what lies between is not known');
	const whole = joined(held, {items: entries(50, 1), place: 'top'});
	t.deepEqual(whole, {items: entries(50, 1)});
	const late = joined(held, {items: entries(20, 10), place: 'end', cursor: 'other'});
	t.is(late, held, 'a page after another list is none of it');
});

test('what is held is bounded, also while it is followed', (t) => {
	const full = joined(
		{items: entries(20_000, 10_002), next: 'c'},
		{items: entries(10_001, 9_500), place: 'end', cursor: 'c', next: 'd'},
	);
	t.is(full.items.length, bound);
	t.deepEqual([full.next, full.cut], [undefined, true]);
	const followed = joined(full, {items: entries(20_010, 20_001), place: 'above'});
	t.is(followed.items.length, bound);
	t.is(followed.items[0]?.id, '20010');
	t.true(followed.cut);
});

test('a filter is read for the server and for the rows that are here', (t) => {
	const read = (text: string) => {
		const filter = parseAuditFilter(text, start);
		t.is(filter.problem, undefined, text);
		return filter;
	};
	const byBot = {...entry(1), actor: {type: 'service_account', id: 'x', name: 'Deploy bot'}};
	t.true(read('actor:"deploy bot"').test(byBot), 'a value in quotes has spaces');
	t.false(read('actor:"deploy cat"').test(byBot));
	t.deepEqual(read('action:key.revoked outcome:ok since:1h prod').query, {
		action: 'key.revoked',
		outcome: 'success',
		since: '2026-03-12T11:00:00.000Z',
	});
	t.deepEqual(read('action:webhook.e').query, {action: 'webhook.enabled'});
	const id = '22222222-2222-4222-8222-222222222222';
	t.deepEqual(read(`actor:${id} target:ingest`).query, {actor: id});
	t.true(read('actor:ANA target:ingest-12').test(entry(12)));
	t.false(read('target:ana').test(entry(12)));
	t.true(read('10.0.0.7 req_12').test(entry(12)));
	t.false(read('ada').test(entry(12)), 'words are not looked for in hashes');
	t.true(read('since:2026-03-05').test(entry(9999)));
	t.false(read('until:2026-03-05').test(entry(9999)));
	for (const [text, word] of [
		['action:nothing', 'action:nothing'],
		['ingest since:soon', 'since:soon'],
		['who:ana', 'who:ana'],
		['outcome:', 'outcome'],
		['actor:', 'actor'],
	] as const) {
		t.true(parseAuditFilter(text, start).problem?.startsWith(`${word}: `), text);
	}
});

test('a time without a zone is UTC, wherever one is', (t) => {
	const {TZ} = process.env;
	process.env['TZ'] = 'Asia/Tokyo';
	try {
		t.is(new Date(0).getHours(), 9);
		for (const [time, instant] of [
			['2030-01-15', '2030-01-15T00:00:00.000Z'],
			['2030-01-15T10:30', '2030-01-15T10:30:00.000Z'],
			['2030-01-15T10:30:00+01:00', '2030-01-15T09:30:00.000Z'],
		] as const) {
			t.is(parseAuditFilter(`since:${time}`, start).query['since'], instant);
		}
	} finally {
		if (TZ === undefined) delete process.env['TZ'];
		else process.env['TZ'] = TZ;
	}
});

test('a filter narrows what is here at once, and the server once it is kept; a bad one changes nothing', (t) => {
	const driven = onAudit();
	driven.arrives(entries(9999, 9800), {place: 'top', next: 'c1'});
	driven.press('/');
	driven.write('action:key.revoked');
	t.is(driven.screen().visible.length, 100);
	t.deepEqual(driven.effects, [], 'nothing is asked for while it is typed');
	driven.press('enter');
	t.like(driven.effects[0], {do: 'load', query: {action: 'key.revoked'}});
	t.is(driven.screen().visible.length, 100, 'what is here stays until the answer');
	driven.arrives([entry(9999), entry(9997)], {place: 'top'});
	t.is(driven.screen().visible.length, 2);

	driven.press('/');
	driven.send({type: 'paste', text: ' when:now'});
	const {filter, visible} = driven.screen();
	t.regex(filter.problem ?? '', /^when:now: no such filter, there are actor: target: /);
	t.is(visible.length, 2, 'what can be read filters');
	driven.press('enter');
	t.true(driven.screen().filter.open, 'it is not kept');
	t.regex(driven.model.notice?.text ?? '', /^Cannot read when:now: no such filter/);
	t.deepEqual(driven.effects, [], 'and nothing is asked for');
	driven.press('escape');
	t.like(driven.effects[0], {do: 'load', query: undefined});
});

test('a word that is not in what was read has older pages read, until it is found', (t) => {
	const driven = onAudit();
	driven.arrives(entries(9999, 9800), {place: 'top', next: 'c1'});
	driven.press('/');
	driven.write('ingest-9000');
	driven.press('enter');
	t.like(driven.effects[0], {cursor: 'c1', query: undefined});
	driven.arrives(entries(9799, 8800), {place: 'end', cursor: 'c1', next: 'c2'});
	t.deepEqual(
		driven.screen().visible.map(({id}) => id),
		['9000'],
	);
	t.like(driven.effects[0], {cursor: 'c2'}, 'a screen is to be filled');
});

test('followed, what is new comes in on top, and is held while one looks further down', (t) => {
	const driven = onAudit();
	driven.arrives(entries(9990, 9900), {place: 'top'});
	driven.press('j', 'f');
	t.is(driven.screen().table.index, 0);
	t.like(driven.effects[0], {do: 'load', after: '9990'});
	driven.arrives([entry(9991)], {place: 'above'});
	t.deepEqual([driven.screen().table.index, driven.screen().table.id], [0, '9991']);

	driven.wait(1000);
	t.like(driven.effects[0], {after: '9991'}, 'asked for again in a second');
	driven.press('j', 'j');
	driven.arrives([entry(9993), entry(9992)], {place: 'above'});
	t.is(driven.screen().table.id, '9989', 'the cursor stays on its row');
	t.is(newerAbove(driven.screen()), 2);

	driven.press('f');
	t.deepEqual([driven.screen().table.id, newerAbove(driven.screen())], ['9993', 0]);
	driven.arrives([], {place: 'above'});
	driven.press('f');
	t.false(driven.screen().follow, 'on the first row it ends following');
	driven.wait(1000);
	t.like(driven.effects[0], {do: 'load'});
	t.false('after' in (driven.effects[0] ?? {}));
});

test('an entry is opened, moved from, and its request copied', (t) => {
	const driven = onAudit();
	driven.arrives([entry(9999), entry(9998, {request_id: null})], {place: 'top'});
	driven.press('enter');
	t.like(top(driven.model), {type: 'auditEntry', entry: {id: '9999'}});
	driven.press('y');
	t.deepEqual(driven.effects, [{do: 'copy', text: 'req_9999'}]);
	driven.press(']', 'y');
	t.deepEqual(driven.effects, [{do: 'copy', text: '9998'}]);
	driven.press('G');
	t.true((top(driven.model) as {offset: number}).offset > 0);
	driven.press('escape');
	t.is(driven.screen().table.id, '9998', 'the cursor went along');
});

test('a trail is written out once at a time, and said to be', (t) => {
	const driven = onAudit();
	driven.arrives([entry(9999)], {place: 'top'});
	driven.press('E', 'enter');
	const [effect] = driven.effects;
	if (effect?.do !== 'download') throw new Error('nothing is written');
	t.like(effect, {route: 'exportAudit', file: 'audit-acme-20260312T120000Z.ndjson'});
	driven.press('E');
	t.deepEqual(driven.effects, []);
	t.regex(driven.model.notice?.text ?? '', /still being written/);
	driven.send({type: 'downloaded', file: `/tmp/${effect.file}`, lines: 12_481, of: effect});
	t.is(driven.model.notice?.text, `Wrote /tmp/${effect.file}: 12,481 entries`);
	driven.press('E', 'ctrl-u').write('~/trail.ndjson').press('enter');
	t.like(driven.effects, [{do: 'download', file: '~/trail.ndjson'}]);
	driven.fails(new Failure('usage', 'it was not written: it exists, and stays as it is'));
	t.regex(driven.model.notice?.text ?? '', /exists/);
	driven.press('E', 'enter');
	t.is(driven.effects[0]?.do, 'download', 'after a failure it can be tried again');
	driven.fails(away);
	driven.press('E');
	t.deepEqual(driven.effects, []);
	t.is(driven.model.notice?.text, 'Server unreachable: nothing can be exported');
});

test('the trail of the appliance is for operators', (t) => {
	const owner = onAudit({...me, operator: false});
	owner.press('A');
	t.deepEqual(owner.effects, []);
	t.is(owner.screen().type, 'audit');
	t.regex(owner.model.notice?.text ?? '', /^Only operators/);

	const driven = onAudit();
	driven.arrives([entry(9999)], {place: 'top'});
	driven.press('A');
	t.like(driven.effects[0], {do: 'load', list: 'applianceAudit'});
	driven.arrives([entry(9)], {place: 'top'}, 'applianceAudit');
	t.is(driven.screen().type, 'applianceAudit');
	driven.press('E', 'enter');
	t.like(driven.effects[0], {route: 'exportApplianceAudit', input: {}});
	driven.press('A');
	t.is(driven.screen().type, 'audit');
});

test('a file that exists stays as it is, and of an export that was cut off nothing is kept', async (t) => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'latchkey-export-'));
	t.teardown(() => rmSync(folder, {recursive: true}));
	const effect = {
		do: 'download',
		route: 'exportApplianceAudit',
		input: {},
		file: 'trail.ndjson',
		nouns: ['entry', 'entries'],
		frame: {lines: 2, end: '{"export":"end",'},
	} as const;
	const write = (...chunks: readonly string[]) =>
		download(
			effect,
			{
				folder,
				now: () => start,
				client: {download: async () => arriving(chunks)},
			},
			() => {},
		);
	const file = path.join(folder, effect.file);
	await t.throwsAsync(write('{"export":"latchkey-audit-v1"}\n{"sequence":1'), {
		message: /cut off before its end/,
	});
	t.false(existsSync(file));

	const whole = [
		'{"export":"latchkey-',
		'audit-v1"}\n{"sequence":1}\n{"ex',
		'port":"end","sequence":1}\n',
	];
	t.deepEqual(await write(...whole), {file, lines: 1});
	t.is(readFileSync(file, 'utf8'), whole.join(''));
	t.is(statSync(file).mode & 0o777, 0o600);

	await t.throwsAsync(write('something else\n'), {message: /it exists, and stays as it is$/});
	t.is(readFileSync(file, 'utf8'), whole.join(''));
});

async function* arriving(chunks: readonly string[]): AsyncGenerator<Buffer, void> {
	for (const chunk of chunks) yield Buffer.from(chunk);
}
