import test from 'ava';
import fc from 'fast-check';
import type {Form} from '../../tui/components/form/shape.ts';
import {formKey, formOf, reduceForm, valuesOf} from '../../tui/components/form/state.ts';
import {compose} from '../../tui/components/line.tsx';
import {
	moveTable,
	selectRow,
	settleTable,
	topOfTable,
	type TableCommand,
} from '../../tui/components/table/state.ts';
import {layOut} from '../../tui/components/table/columns.ts';
import {
	emptyField,
	fieldOf,
	reduceTextField,
	textFieldKey,
	visiblePart,
	type TextField,
} from '../../tui/components/text-field/state.ts';
import type {CheckResult} from '../../contract/diagnosis.ts';
import type {HealthReport} from '../../tui/screens/system/health/list.ts';
import {healthLines} from '../../tui/screens/system/health/lines.ts';
import {graphemes, width} from '../../tui/text/width.ts';

const editing = fc.array(
	fc.constantFrom(
		'a',
		'é',
		'数',
		'🚀',
		'\u0301',
		' ',
		'backspace',
		'delete',
		'left',
		'right',
		'home',
		'end',
		'ctrl-w',
		'ctrl-u',
	),
	{maxLength: 40},
);

function press(field: TextField, keys: readonly string[]): TextField {
	return keys.reduce((now, key) => {
		const action = textFieldKey(key);
		return action === undefined ? now : reduceTextField(now, action);
	}, field);
}

test('a text field takes what is typed, where the cursor is', (t) => {
	t.is(press(emptyField, ['a', 'c', 'left', 'b']).value, 'abc');
	t.is(press(fieldOf('one two'), ['ctrl-w']).value, 'one ');
	t.is(press(fieldOf('one two'), ['left', 'ctrl-u']).value, 'o');
	t.is(press(fieldOf('e\u0301'), ['backspace']).value, '');
	t.is(press(fieldOf('ab'), ['home', 'delete']).value, 'b');
	t.is(press(emptyField, ['up', 'pagedown', 'ctrl-c']).value, '');
	t.is(reduceTextField(emptyField, {type: 'insert', text: 'a\nb\u001B'}).value, 'ab');
});

test('whatever is pressed, the cursor is within the text and what is shown fits', (t) => {
	fc.assert(
		fc.property(editing, fc.integer({min: 4, max: 30}), (keys, columns) => {
			const field = press(emptyField, keys);
			const {before, at, after} = visiblePart(field, columns, width);
			return (
				field.cursor >= 0 &&
				field.cursor <= graphemes(field.value).length &&
				width(before + at + after) <= columns + 1 &&
				`${field.value} `.includes(before)
			);
		}),
	);
	t.pass();
});

const commands: TableCommand[] = [
	'down',
	'up',
	'first',
	'last',
	'pageDown',
	'pageUp',
	'halfDown',
	'halfUp',
];
const rowsOf = (ids: readonly number[]) => ids.map((id) => ({id: String(id)}));

test('whatever happens to a list, its cursor is on a row and that row is on the screen', (t) => {
	const change = fc.record({
		command: fc.constantFrom(...commands),
		rows: fc.uniqueArray(fc.integer({min: 0, max: 60}), {maxLength: 60}).map(rowsOf),
		height: fc.integer({min: 1, max: 20}),
	});
	fc.assert(
		fc.property(fc.array(change, {maxLength: 12}), (changes) => {
			let table = topOfTable;
			for (const {command, rows, height} of changes) {
				table = settleTable(table, rows, height);
				table = moveTable(table, rows, height, command);
				if (rows.length === 0) {
					if (table.index !== 0 || table.offset !== 0 || table.id !== undefined) return false;
					continue;
				}
				const onScreen = table.index >= table.offset && table.index < table.offset + height;
				const full = table.offset <= Math.max(0, rows.length - height);
				if (!onScreen || !full || rows[table.index]?.id !== table.id) return false;
			}
			return true;
		}),
	);
	t.pass();
});

test('the cursor stays with its row and at its height when rows come in above', (t) => {
	const before = rowsOf(Array.from({length: 30}, (_, index) => index));
	const table = moveTable(selectRow(topOfTable, before, 10, '14'), before, 10, 'up');
	const after = settleTable(table, rowsOf([98, 99, ...before.map(({id}) => Number(id))]), 10);
	t.is(after.id, '13');
	t.is(after.index - after.offset, table.index - table.offset);
});

test('where the row under the cursor is gone, the cursor is on the one that took its place', (t) => {
	const table = selectRow(topOfTable, rowsOf([1, 2, 3]), 10, '2');
	t.is(settleTable(table, rowsOf([1, 3]), 10).id, '3');
});

const twoFields = formOf([
	{name: 'name', label: 'Name'},
	{name: 'plan', label: 'Plan'},
]);
const needsName = (values: Readonly<Record<string, string>>): Record<string, string> =>
	values['name'] === '' ? {name: 'name is required'} : {};

function fill(form: Form, keys: readonly string[]): Form {
	return keys.reduce((now, key) => {
		const action = formKey(key);
		return action === undefined ? now : reduceForm(now, action, needsName);
	}, form);
}

test('enter goes from field to field and sends from the last, if nothing is wrong', (t) => {
	const wrong = fill(twoFields, ['enter', 'x', 'enter']);
	t.false(wrong.busy);
	t.is(wrong.focus, 0);
	t.is(wrong.fields[0]?.problem, 'name is required');

	const right = fill(wrong, ['a', 'tab', 'enter']);
	t.true(right.busy);
	t.deepEqual(valuesOf(right), {name: 'a', plan: 'x'});
	t.is(right.fields[0]?.problem, undefined);
});

test('an untouched field is not blamed while another is filled in', (t) => {
	t.is(fill(twoFields, ['tab', 'x']).fields[0]?.problem, undefined);
});

test('a refusal of the server is shown at its field, and typing takes it away', (t) => {
	const busy = fill(twoFields, ['a', 'enter', 'enter']);
	const refused = reduceForm(busy, {type: 'refused', problem: 'taken', field: 'name'}, needsName);
	t.false(refused.busy);
	t.is(refused.focus, 0);
	t.is(refused.fields[0]?.problem, 'taken');
	t.is(fill(refused, ['b']).fields[0]?.problem, undefined);
	const general = reduceForm(busy, {type: 'refused', problem: 'no', field: undefined}, needsName);
	t.is(general.problem, 'no');
});

test('a line is as wide as its room, and its right side goes before its left', (t) => {
	const text = (parts: readonly (readonly [string, ...unknown[]])[]) =>
		parts.map(([part]) => part).join('');
	fc.assert(
		fc.property(
			fc.string({unit: 'grapheme', maxLength: 40}),
			fc.integer({min: 10, max: 80}),
			(left, columns) => {
				const line = compose([[left.replaceAll(/\p{C}/gu, '')]], [['right']], columns);
				return width(text(line)) === columns;
			},
		),
	);
	t.is(text(compose([['left']], [['right side']], 12)), 'left        ');
});

test('columns that have no room are left out, and one takes what is left', (t) => {
	const columns = [
		{title: 'A', cell: () => [''] as const},
		{title: 'B', width: 10, cell: () => [''] as const},
		{title: 'C', width: 10, from: 60, cell: () => [''] as const},
	];
	t.deepEqual(
		layOut(columns, 50).map(({title, width: columnsOf}) => [title, columnsOf]),
		[
			['A', 34],
			['B', 10],
		],
	);
	t.is(layOut(columns, 60).length, 3);
});

test('what is wrong with the appliance is told whole, and shown safely, whatever the server says', (t) => {
	const detail = `redis refuses \u001B[2J ${'word '.repeat(30).trim()}; and so on`;
	const dependencies = {postgresql: {state: 'ok'}, redis: {state: 'degraded', detail}} as const;
	const report = {id: 'readiness', version: '1', dependencies} as const;
	const texts = healthLines(report, 0, 60).map((line) => line.map(([text]) => text).join(''));
	t.true(texts.every((text) => !text.includes('\u001B') && width(text.trimEnd()) <= 60));
	t.is(texts.join(' ').match(/word/g)?.length, 30);
});

test('health is good only where all of it was looked at, and just now', (t) => {
	const ok = {state: 'ok'} as const;
	const check: CheckResult = {id: 'redis.policy', group: 'redis', level: 'ok', findings: []};
	const system = {
		versions: {latchkey: '1', node: '26', postgresql: '17', redis: '8'},
		migration: null,
		dependencies: {postgresql: ok, redis: ok},
		verifiers: [],
		workers: [],
		usage: null,
		queues: null,
		webhooks: null,
	};
	const all = {
		id: 'system',
		version: '1',
		dependencies: {postgresql: ok, redis: ok},
		system,
	} as const;
	const diagnosis = {version: '1', checked_at: '2026-11-01T00:00:00Z', level: 'ok'} as const;
	const well: HealthReport = {...all, checks: {...diagnosis, checks: [check]}};
	const because = 'Redis does not answer';
	const unseen: CheckResult = {...check, level: 'unknown', unknown_because: because};
	const told = (report: HealthReport, oldSince?: number) => {
		const parts = healthLines(report, 60_000, 78, oldSince).flat();
		return {
			text: parts.map(([text]) => text).join(' '),
			isGood: parts.some(([, role]) => role === 'good'),
		};
	};
	t.regex(told(well).text, /Everything works\./);
	t.true(told(well).isGood);
	t.regex(told(well, 0).text, /as it was 1m ago; it could not be read since/);
	t.notRegex(told(well, 0).text, /Everything works/);
	t.false(told(well, 0).isGood);
	const unknown = told({...well, checks: {...diagnosis, level: 'unknown', checks: [unseen]}});
	t.regex(unknown.text, /\? 1 check could not be made: Redis does not answer\./);
	t.notRegex(unknown.text, /Everything works/);
	t.regex(told(all).text, /\? What is wrong with the appliance was not told\./);
	t.notRegex(told(all).text, /Everything works/);
	t.regex(told(well).text, /1 check made, nothing wrong found\./);
	// Whom the server has told no more than that it is ready, although they may know all.
	const {system: _, ...little} = all;
	t.regex(told(little).text, /Whether everything works is not known\./);
});

test('who may not see all of the appliance is told what was looked at, and that it is not all', (t) => {
	const ok = {state: 'ok'} as const;
	const told = (postgresql: HealthReport['dependencies']['postgresql'], oldSince?: number) => {
		const dependencies = {postgresql, redis: ok} as const;
		const report = {id: 'readiness', version: '1', dependencies} as const;
		const texts = healthLines(report, 60_000, 78, oldSince).flat();
		return texts.map(([text]) => text).join(' ');
	};
	t.regex(told(ok), /PostgreSQL and Redis work\. Nothing else was looked at/);
	t.regex(told(ok), /whether the rest works is not known here/);
	t.regex(told(ok, 0), /PostgreSQL and Redis worked then\. Nothing else/);
	t.regex(told({state: 'down'}), /x PostgreSQL does not answer\..* Nothing else was looked at/);
	t.notRegex(told({state: 'down'}), /Redis work\./);
	t.notRegex([told(ok), told({state: 'down'})].join(' '), /Everything work/);
});

test('what becomes of limits while Redis is away is told', (t) => {
	const told = (redis: HealthReport['dependencies']['redis']) => {
		const dependencies = {postgresql: {state: 'ok'}, redis} as const;
		const report = {id: 'readiness', version: '1', dependencies} as const;
		return healthLines(report, 0, 78).map((line) =>
			line
				.map(([text]) => text)
				.join('')
				.trim(),
		);
	};
	const share = 'each server keeps its share of them, unless a key policy says otherwise';
	for (const redis of [
		{state: 'degraded', reason: 'away', detail: 'Redis does not answer; and so on'},
		{state: 'degraded', reason: 'slots_away', detail: 'nobody answers for 1 slot; and so on'},
	] as const) {
		t.true(told(redis).join(' ').includes(share), redis.reason);
	}
	t.false(told({state: 'ok'}).join(' ').includes(share));
});
