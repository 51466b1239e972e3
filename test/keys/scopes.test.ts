import test from 'ava';
import fc from 'fast-check';
import {createKeyRequest} from '../../contract/keys.ts';
import {permissions} from '../../contract/permissions.ts';
import {allOf, queryFor, readScopeQuery, scopeQuery, unsaid} from '../../contract/scope-query.ts';
import {isScope, isScopeName} from '../../contract/scopes.ts';
import {compileScopes, isMet, missingScopes, textsOf} from '../../core/keys/scopes.ts';
import {rulesOf} from '../../core/keys/terms.ts';

/** As the specification says it, and as slow as it likes. */
function isCovered(scopes: readonly string[], wanted: string): boolean {
	return scopes.some((scope) => {
		if (scope === wanted) return true;
		if (wanted.startsWith('latchkey:')) return scope === 'latchkey:*';
		return scope.endsWith('*') && wanted.startsWith(scope.slice(0, -1));
	});
}

const segment = fc.constantFrom('a', 'b', 'orders', 'AND', 'read-all', '_', '0');
const names = fc
	.array(fc.tuple(fc.constantFrom('.', ':', '/'), segment), {maxLength: 3})
	.chain((rest) => segment.map((first) => first + rest.flat().join('')));
const own = fc.constantFrom('latchkey:sources:read', 'latchkey:keys:verify');
const wanted = fc.oneof({weight: 9, arbitrary: names}, own);
const carried = fc.oneof(
	names,
	own,
	names.chain((name) => fc.constantFrom('.', ':', '/').map((separator) => `${name}${separator}*`)),
	fc.constantFrom('*', 'latchkey:*', 'latchkey.*', 'a.*', 'a:*'),
);

test('a scope is covered as the specification says', (t) => {
	let covered = 0;
	const runs = 50_000;
	fc.assert(
		fc.property(fc.array(carried, {maxLength: 4}), wanted, (scopes, name) => {
			const is = isMet(queryFor(name), [compileScopes(scopes)]);
			if (is) covered++;
			return is === isCovered(scopes, name);
		}),
		{numRuns: runs},
	);
	t.true(covered > runs / 20 && covered < runs / 1.2, `${covered} of ${runs}`);
});

type Tree = {name: string} | {word: 'AND' | 'OR'; parts: Tree[]};

const {tree} = fc.letrec<{tree: Tree}>((tie) => ({
	tree: fc.oneof(
		{depthSize: 'small', withCrossShrink: true, maxDepth: 6},
		wanted.filter((name) => name !== 'AND').map((name): Tree => ({name})),
		fc.record({
			word: fc.constantFrom('AND' as const, 'OR' as const),
			parts: fc.array(tie('tree'), {minLength: 1, maxLength: 3}),
		}),
	),
}));

/** With the parentheses that the rule of precedence asks for, and sometimes more. */
function written(of: Tree, more: boolean, within?: 'AND' | 'OR'): string {
	if ('name' in of) return of.name;
	const blanks = more ? '  ' : ' ';
	const text = of.parts
		.map((part) => written(part, more, of.word))
		.join(`${blanks}${of.word}${blanks}`);
	return more || (within === 'AND' && of.word === 'OR') ? `(${text})` : text;
}

function isTrue(of: Tree, scopes: readonly string[]): boolean {
	if ('name' in of) return isCovered(scopes, of.name);
	const parts = of.parts.map((part) => isTrue(part, scopes));
	return of.word === 'AND' ? parts.every(Boolean) : parts.some(Boolean);
}

function namesIn(of: Tree): string[] {
	return 'name' in of ? [of.name] : of.parts.flatMap(namesIn);
}

test('a query is met as it is written', (t) => {
	let [met, read] = [0, 0];
	fc.assert(
		fc.property(tree, fc.array(carried, {maxLength: 5}), fc.boolean(), (of, scopes, more) => {
			const text = written(of, more);
			fc.pre(text.length <= 1000 && namesIn(of).length <= 50);
			const query = readScopeQuery(text);
			if ('fault' in query) throw new Error(`${text}: ${query.fault}`);
			read++;
			const compiled = [compileScopes(scopes)];
			const is = isMet(query, compiled);
			if (is) met++;
			const lacking = [...new Set(namesIn(of))].filter((name) => !isCovered(scopes, name));
			t.deepEqual(missingScopes(query, compiled), lacking);
			return is === isTrue(of, scopes) && isMet(query, undefined);
		}),
		{numRuns: 50_000},
	);
	t.true(met > read / 20, `${met} of ${read}`);
});

test('what is a scope, what is one for a key only, and what is none', (t) => {
	const long = (length: number) => `${'a'.repeat(64)}.${'b'.repeat(length - 65)}`;
	for (const text of ['a', 'orders.read', 'A-z_0:b/c.d', 'a'.repeat(64), long(100), 'latchkey']) {
		t.true(isScope(text) && isScopeName(text), text);
	}
	for (const permission of Object.keys(permissions)) t.true(isScopeName(`latchkey:${permission}`));
	for (const text of ['*', 'orders.*', 'a:b/*', 'latchkey:*', 'latchkey.*', `${long(98)}.*`]) {
		t.true(isScope(text) && !isScopeName(text), text);
	}
	for (const text of [
		'',
		' ',
		'.',
		'a.',
		'.a',
		'a..b',
		'a.:b',
		'a b',
		' a',
		'a\n',
		'a,b',
		'ä',
		'a+b',
		'a\u200b',
		'**',
		'a*',
		'*a',
		'*.a',
		'a.*.b',
		'a.**',
		'.*',
		'a.*\n',
		'a'.repeat(65),
		long(101),
		`${long(99)}.*`,
		'latchkey:',
		'latchkey:nothing',
		'latchkey:sources:*',
		'latchkey:sources:read:all',
	]) {
		t.false(isScope(text) || isScopeName(text), text);
	}
});

test('the list of a key: what is refused, and how', (t) => {
	const read = (scopes: unknown) => createKeyRequest.safeParse({name: 'a', scopes});
	const many = (count: number) => Array.from({length: count}, (_, i) => `a.${i}`);
	const form = 'must be a scope such as orders.read or orders.*';
	for (const good of [null, undefined, [], ['b', 'a', 'A'], ['*'], many(100)]) {
		t.deepEqual(read(good).data?.scopes, good as string[]);
	}
	for (const [value, message] of [
		['orders.read', 'scopes must be a list of scopes, or null'],
		[{}, 'scopes must be a list of scopes, or null'],
		[many(101), 'scopes must have at most 100 scopes'],
		[['a', 'b', 'c', 'or ders'], `scopes[3] ${form}`],
		[['a', 7], `scopes[1] ${form}`],
		[[null], `scopes[0] ${form}`],
		[['a.*.b'], `scopes[0] ${form}`],
		[['a', 'b', 'a'], 'scopes[2] is there twice'],
		[
			['latchkey:everything'],
			'scopes[0] begins with latchkey:, which is for the rights of the API: write latchkey:sources:read, another right, or latchkey:*',
		],
	] as const) {
		t.is(read(value).error?.issues[0]?.message, message, JSON.stringify(value));
	}
});

test('a query that is none is refused with the column of its fault', (t) => {
	const read = (value: unknown) => scopeQuery('scopes').safeParse(value);
	const scopes = (count: number) => Array.from({length: count}, (_, i) => `s${i}`);
	const deep = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
	for (const good of [
		'a',
		' a ',
		'a AND b OR c',
		'(a)',
		'( a )OR( b )',
		deep(16),
		scopes(50).join(' OR '),
		`${'a'.repeat(50)}${' '.repeat(950)}`,
		'AND.x',
		'latchkey:sources:read',
		['a'],
		scopes(50),
		['AND', 'OR'],
	]) {
		t.true(read(good).success, String(good));
	}
	const column = (expected: string, at: number) => `scopes must have ${expected} at column ${at}`;
	for (const [value, message] of [
		['', column('a scope or (', 1)],
		['   ', column('a scope or (', 4)],
		['AND', column('a scope or (', 1)],
		['a AND', column('a scope or (', 6)],
		['a AND OR b', column('a scope or (', 7)],
		['a b', column('AND, OR or the end', 3)],
		['a and b', column('AND, OR or the end', 3)],
		['a)', column('AND, OR or the end', 2)],
		['(a', column('AND, OR or )', 3)],
		['(a b)', column('AND, OR or )', 4)],
		['()', column('a scope or (', 2)],
		['a OR b..c', column('a scope or (', 6)],
		['a\tOR b', column('AND, OR or the end', 2)],
		['a & b', column('AND, OR or the end', 3)],
		[`a OR ${'b'.repeat(65)}`, column('a scope or (', 6)],
		['a OR latchkey:nothing', column('a scope or (', 6)],
		['orders.*', 'scopes must name scopes, without *'],
		['a AND *', 'scopes must name scopes, without *'],
		[['a', 'b.*'], 'scopes must name scopes, without *'],
		[deep(17), 'scopes must be at most 16 parentheses deep'],
		[scopes(51).join(' AND '), 'scopes must name at most 50 scopes'],
		[scopes(51), 'scopes must name at most 50 scopes'],
		['a'.repeat(1001), 'scopes must be at most 1000 characters'],
		[[], 'scopes must name a scope'],
		[['a', 'b OR c'], 'scopes must name scopes such as orders.read: number 2 is not'],
		[['a', ''], 'scopes must name scopes such as orders.read: number 2 is not'],
		[7, 'scopes must be a text such as orders.read AND eu, or a list of scopes'],
		[null, 'scopes must be a text such as orders.read AND eu, or a list of scopes'],
		[[7], 'scopes must be a text such as orders.read AND eu, or a list of scopes'],
	] as const) {
		t.is(read(value).error?.issues[0]?.message, message, JSON.stringify(value));
	}
});

test('each distinct text is read once; the last five hundred are kept, and no more than a thousand', (t) => {
	const one = readScopeQuery('a AND b');
	t.is(readScopeQuery('a AND b'), one);
	for (let i = 0; i < 499; i++) readScopeQuery(`x${i}`);
	t.is(readScopeQuery('a AND b'), one, 'used last');
	for (let i = 0; i < 1000; i++) readScopeQuery(`y${i}`);
	t.not(readScopeQuery('a AND b'), one);
	t.deepEqual(readScopeQuery('a AND b'), one);
});

test('several queries at once ask for all of each; where nobody said what is needed, nothing is enough', (t) => {
	const both = allOf([queryFor('a'), queryFor('b')]);
	if (both === undefined) throw new Error('no query');
	t.true(isMet(both, [compileScopes(['a', 'b'])]));
	t.false(isMet(both, [compileScopes(['a'])]));
	t.deepEqual(missingScopes(both, [compileScopes(['a'])]), ['b']);
	t.is(allOf([]), undefined);
	t.false(isMet(unsaid, [compileScopes(['*'])]));
	t.false(isMet(unsaid, undefined));
});

test('a key with roles has its own scopes and those of each role, and no others', (t) => {
	let met = 0;
	const runs = 50_000;
	const list = fc.uniqueArray(carried, {maxLength: 4});
	fc.assert(
		fc.property(fc.option(list), fc.array(list, {maxLength: 4}), wanted, (own, roles, name) => {
			const {scopes} = rulesOf(
				'',
				JSON.stringify(own === null ? {} : {scopes: own}),
				roles.length === 0 ? null : JSON.stringify(roles.map((scopes) => ['role', scopes])),
			);
			const is = isMet(queryFor(name), scopes);
			if (is) met++;
			// Without any of them it is not restricted; null gives nothing where it has a role.
			if (own === null && roles.length === 0) return scopes === undefined && is;
			const all = [...(own ?? []), ...roles.flat()];
			if (scopes === undefined || new Set(all).size !== textsOf(scopes).length) return false;
			return is === isCovered(all, name);
		}),
		{numRuns: runs},
	);
	t.true(met > runs / 50 && met < runs / 2, `${met} are met`);
});
