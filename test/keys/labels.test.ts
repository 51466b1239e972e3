import test from 'ava';
import {createKeyRequest, updateKeyRequest} from '../../contract/keys.ts';
import {mergePatch} from '../../contract/metadata.ts';
import {appendixA} from '../helpers/merge-patch.ts';

/** What PostgreSQL, terminals or other programs would stumble over, and how it is told. */
const naughty = [
	['a\0b', 'must not contain control characters'],
	['a\nb', 'must not contain control characters'],
	['\u001B[2J', 'must not contain control characters'],
	['a\u202Eb', 'must not contain control characters'],
	['a\u200Bb', 'must not contain invisible characters'],
	['a\uD800b', 'must be well-formed Unicode text'],
	['\uDC00', 'must be well-formed Unicode text'],
] as const;

function textCases(): [string, unknown, string?][] {
	const wrongType = 'description must be text, or null';
	return [
		['description', null],
		['description', 'a'],
		['description', '😀'.repeat(1000)],
		['description', "Robert'); drop table api_keys;-- <b>&amp;</b> {{7*7}} ${1} \\u0000"],
		['description', '😀'.repeat(1001), 'description must be at most 1000 characters'],
		...[5, true, [], {}, '', '   ', '\u200B'].map((value): [string, unknown, string] => [
			'description',
			value,
			wrongType,
		]),
		...naughty.map(([value, fault]): [string, unknown, string] => [
			'description',
			value,
			`description ${fault}`,
		]),
	];
}

function ownerCases(): [string, unknown, string?][] {
	const form = 'owner must be such as {"type":"team","id":"payments"}, or null';
	const typeForm = 'owner.type must be lower-case letters, digits and _';
	const typed = (type: unknown) => ({type, id: 'payments'});
	const called = (id: unknown) => ({type: 'team', id});
	return [
		['owner', null],
		['owner', typed('t')],
		['owner', typed(`t${'_'.repeat(31)}`)],
		['owner', typed(`t${'_'.repeat(32)}`), 'owner.type must be at most 32 characters'],
		...['', 'Team', '1team', '_team', 'te am', 'té', 'team\n', 'team/a', 5, null, undefined].map(
			(type): [string, unknown, string] => ['owner', typed(type), typeForm],
		),
		['owner', called('ä/b c')],
		['owner', called('😀'.repeat(255))],
		['owner', called('😀'.repeat(256)), 'owner.id must be at most 255 characters'],
		...['', ' ', 5, null, undefined].map((id): [string, unknown, string] => [
			'owner',
			called(id),
			'owner.id is required',
		]),
		...naughty.map(([id, fault]): [string, unknown, string] => [
			'owner',
			called(id),
			`owner.id ${fault}`,
		]),
		...['team/payments', 5, true, []].map((value): [string, unknown, string] => [
			'owner',
			value,
			form,
		]),
		['owner', {...called('a'), name: 'b'}, 'Unrecognized key: "name"'],
	];
}

function tagCases(): [string, unknown, string?][] {
	const form = 'tags[0] must be letters, digits and . _ : / = -';
	const several = (count: number) => Array.from({length: count}, (_, index) => `t${index}`);
	return [
		['tags', null],
		['tags', []],
		['tags', several(20)],
		['tags', several(21), 'tags must have at most 20 tags'],
		['tags', ['a'.repeat(64), '0', 'A.b_c:d/e=f-g', 'a', 'A']],
		['tags', ['a'.repeat(65)], 'tags[0] must be at most 64 characters'],
		...['', ' ', '.a', '-a', 'a b', 'ü', 'a,b', 'a\n', 'a\0', '\uD800', '😀', 5, null, {}].map(
			(tag): [string, unknown, string] => ['tags', [tag], form],
		),
		['tags', ['a', 'b', 'a'], 'tags[2] is there twice'],
		['tags', ['a', 'b c'], 'tags[1] must be letters, digits and . _ : / = -'],
		...['a', 5, true, {}].map((value): [string, unknown, string] => [
			'tags',
			value,
			'tags must be a list of tags, or null',
		]),
	];
}

function nested(depth: number, innermost: unknown = {}): unknown {
	return depth === 1 ? innermost : {a: nested(depth - 1, innermost)};
}

function metadataCases(): [string, unknown, string?][] {
	const text = 'metadata must be well-formed Unicode text without NUL';
	const numbers = 'metadata must not have numbers beyond 9007199254740991: write them as text';
	return [
		['metadata', null],
		['metadata', {}],
		['metadata', {a: 'ä'.repeat(2044)}],
		['metadata', nested(5)],
		['metadata', nested(6), 'metadata must be at most 5 deep'],
		['metadata', {a: [[[[]]]]}],
		['metadata', {a: [[[[[]]]]]}, 'metadata must be at most 5 deep'],
		['metadata', {['😀'.repeat(64)]: 1, '': 2}],
		['metadata', {a: {['a'.repeat(65)]: 1}}, 'metadata must have names of at most 64 characters'],
		['metadata', {a: [null, true, 0.1, -0.5, 1e-7, 2 ** 53 - 1, '\n\t\u202E😀', "'; --"]}],
		['metadata', {a: 2 ** 53}, numbers],
		['metadata', {a: [{b: Infinity}]}, numbers],
		['metadata', {a: 'b\0'}, text],
		['metadata', {a: ['\uD800']}, text],
		['metadata', {'a\0': 1}, text],
		...['a', 5, true, [], [{}]].map((value): [string, unknown, string] => [
			'metadata',
			value,
			'metadata must be a JSON object',
		]),
	];
}

/** What a request may say of a label, and what it is told of what it may not. */
const cases: readonly (readonly [member: string, value: unknown, fault?: string])[] = [
	...textCases(),
	...ownerCases(),
	...tagCases(),
	...metadataCases(),
	['delete_protected', true],
	['delete_protected', false],
	['delete_protected', null],
	['delete_protected', 'true', 'delete_protected must be true or false'],
	['delete_protected', 1, 'delete_protected must be true or false'],
	['delete_protected', [], 'delete_protected must be true or false'],
];

for (const [member, value, fault] of cases) {
	const shown = (JSON.stringify(value) ?? '').slice(0, 60);
	test(`${member} ${shown} (${JSON.stringify(value)?.length}): ${fault ?? 'is taken'}`, (t) => {
		const given = {[member]: value};
		const created = createKeyRequest.safeParse({name: 'a', ...given});
		const changed = updateKeyRequest.safeParse(given);
		t.is(created.error?.issues[0]?.message, fault);
		t.is(changed.error?.issues[0]?.message, fault);
		if (fault === undefined)
			t.deepEqual([created.data, changed.data], [{name: 'a', ...given}, given] as never);
	});
}

test('metadata is bounded in bytes as a whole; what changes it may be longer', (t) => {
	// {"a":"…"} is 8 bytes more than the text.
	const most = {a: 'ä'.repeat(2044)};
	const over = {a: `${'ä'.repeat(2044)}b`};
	const read = (metadata: object) => createKeyRequest.safeParse({name: 'a', metadata});
	t.true(read(most).success);
	t.is(read(over).error?.issues[0]?.message, 'metadata must be at most 4096 bytes');
	t.true(updateKeyRequest.safeParse({metadata: over}).success);
});

for (const [original, patch, result] of appendixA) {
	test(`${JSON.stringify(original)} changed by ${JSON.stringify(patch)}`, (t) => {
		t.deepEqual(mergePatch(original, patch), result);
	});
}
