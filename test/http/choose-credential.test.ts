import test from 'ava';
import fc from 'fast-check';
import {chooseCredential} from '../../server/http/credentials.ts';

const key = 'hklst_abc123';
const other = 'hklst_other9';
const jwt = 'eyJh.eyJz.c2ln-_';

type Case = [
	title: string,
	headers: {authorization?: string[]; 'x-api-key'?: string[]},
	expected: ReturnType<typeof chooseCredential>,
];

const none = {kind: 'none'} as const;
const apiKey = (value: string) => ({kind: 'api_key', value}) as const;
const token = (value: string) => ({kind: 'jwt', value}) as const;
const malformed = (reason: 'duplicate_header' | 'scheme' | 'value') =>
	({kind: 'malformed', reason}) as const;

const cases: Case[] = [
	['nothing', {}, none],
	['key as Bearer', {authorization: [`Bearer ${key}`]}, apiKey(key)],
	['scheme in any case', {authorization: [`bEARER ${key}`]}, apiKey(key)],
	['several blanks', {authorization: [`Bearer    ${key}  `]}, apiKey(key)],
	['key in X-API-Key', {'x-api-key': [key]}, apiKey(key)],
	['blanks around it', {'x-api-key': [` \t${key}\t `]}, apiKey(key)],
	['JWT', {authorization: [`Bearer ${jwt}`]}, token(jwt)],

	// The contract's order: Bearer key, X-API-Key, Bearer JWT.
	['two keys', {authorization: [`Bearer ${key}`], 'x-api-key': [other]}, apiKey(key)],
	['key before JWT', {authorization: [`Bearer ${jwt}`], 'x-api-key': [key]}, apiKey(key)],
	['JWT beside no key', {authorization: [`Bearer ${jwt}`], 'x-api-key': ['sk_1']}, token(jwt)],
	['JWT beside nothing', {authorization: [`Bearer ${jwt}`], 'x-api-key': ['']}, token(jwt)],
	['other scheme beside a key', {authorization: ['Basic eDp5'], 'x-api-key': [key]}, apiKey(key)],

	// No falling through from a bad one.
	['bad Bearer key', {authorization: ['Bearer hklst_!'], 'x-api-key': [key]}, malformed('scheme')],
	['bare prefix', {authorization: ['Bearer hklst_'], 'x-api-key': [key]}, apiKey('hklst_')],
	['empty Bearer', {authorization: ['Bearer '], 'x-api-key': [key]}, malformed('scheme')],
	['Bearer alone', {authorization: ['Bearer'], 'x-api-key': [key]}, malformed('scheme')],
	[
		'bad X-API-Key',
		{authorization: [`Bearer ${jwt}`], 'x-api-key': [`${key},${key}`]},
		malformed('value'),
	],
	['X-API-Key that is not a key', {'x-api-key': ['sk_1']}, apiKey('sk_1')],
	['JWT in X-API-Key', {'x-api-key': [jwt]}, apiKey(jwt)],

	['two Authorization', {authorization: [`Bearer ${key}`, 'x']}, malformed('duplicate_header')],
	[
		'two equal ones',
		{authorization: [`Bearer ${key}`, `Bearer ${key}`]},
		malformed('duplicate_header'),
	],
	['two X-API-Key', {'x-api-key': [key, key]}, malformed('duplicate_header')],
	[
		'two X-API-Key beside a good one',
		{authorization: [`Bearer ${key}`], 'x-api-key': ['a', 'b']},
		malformed('duplicate_header'),
	],

	['other scheme', {authorization: ['Basic eDp5']}, malformed('scheme')],
	['no scheme', {authorization: [key]}, malformed('scheme')],
	['empty Authorization', {authorization: ['']}, malformed('scheme')],
	['tab after the scheme', {authorization: [`Bearer\t${key}`]}, malformed('scheme')],
	['tab among the blanks', {authorization: [`Bearer \t${key}`]}, malformed('scheme')],
	['no blank', {authorization: [`Bearer${key}`]}, malformed('scheme')],
	['two tokens', {authorization: [`Bearer ${key} ${key}`]}, malformed('scheme')],
	['comma', {authorization: [`Bearer ${key}, Bearer ${key}`]}, malformed('scheme')],
	['quotes', {authorization: [`Bearer "${key}"`]}, malformed('scheme')],
	['percent', {authorization: [`Bearer ${key}%20`]}, malformed('scheme')],
	['byte above ASCII', {authorization: [`Bearer ${key}\u00E9`]}, malformed('scheme')],
	['no-break space after the scheme', {authorization: [`Bearer\u00A0${key}`]}, malformed('scheme')],

	['inner blank', {'x-api-key': [`hklst_a b`]}, malformed('value')],
	['inner comma', {'x-api-key': [`hklst_a,b`]}, malformed('value')],
	['control', {'x-api-key': [`hklst_a\u0001b`]}, malformed('value')],
	['byte above ASCII in X-API-Key', {'x-api-key': [`${key}\u00E9`]}, malformed('value')],
	['no-break space around it', {'x-api-key': [`\u00A0${key}`]}, malformed('value')],
	['empty X-API-Key', {'x-api-key': ['']}, malformed('value')],
	['512 bytes', {'x-api-key': ['a'.repeat(512)]}, apiKey('a'.repeat(512))],
	['513 bytes', {'x-api-key': ['a'.repeat(513)]}, malformed('value')],
	['prefix in another case', {authorization: ['Bearer HKLST_abc']}, token('HKLST_abc')],
];

for (const [title, headers, expected] of cases) {
	test(title, (t) => {
		const {authorization, 'x-api-key': key} = headers;
		t.deepEqual(chooseCredential({authorization, 'x-api-key': key}, 'hklst_'), expected);
	});
}

test('the prefix is the operator’s', (t) => {
	const authorization = ['Bearer acme_1'];
	t.deepEqual(chooseCredential({authorization}, 'acme_'), apiKey('acme_1'));
	t.deepEqual(chooseCredential({authorization}, 'hklst_'), token('acme_1'));
});

test('a token is read alike, however its scheme is written', (t) => {
	const letters = fc.constantFrom(...Array.from('aZ09_.~+/=- \t,é\u017F"'));
	const texts = fc.array(letters, {maxLength: 8}).map((all) => all.join(''));
	fc.assert(
		fc.property(texts, (text) => {
			const [usual, odd] = ['Bearer', 'beareR'].map((scheme) =>
				chooseCredential({authorization: [`${scheme} ${text}`]}, 'hklst_'),
			);
			t.deepEqual(usual, odd);
		}),
		{numRuns: 3000},
	);
});
