import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {readTree} from './tree.ts';

/*
What people read (texts of screens and commands, problems, findings, pages) is written as a native speaker
would write it. What was not, once, does not come back.
*/

/** Phrases, each with what is said instead. */
const phrases: readonly (readonly [RegExp, string])[] = [
	[/\bhow the appliance is\b/i, 'health'],
	[/\bkeys of keys\b/i, 'keys: keyboard shortcuts'],
	[/\bis (?:owner|admin|developer|viewer|(?:on the )?\w+ plan) now\b/, 'is now an owner'],
	[/\bin all \d/, 'a total of'],
	[/\bas ever\b/, 'as usual'],
	[/\bgoes on by itself\b/, 'resumes by itself'],
	[/\bbegins? anew\b/, 'resets, starts over'],
	[/\bstops? at once\b/, 'stops working immediately'],
	[/\bgone with it\b/, 'deleted, too'],
	[/\bnobody can (?:read|use|log in)\b/i, 'it cannot be …'],
	[/\bno (?:member|key|endpoint|role|user) any ?more\b/, 'no longer a …'],
	[/\bnone of these\b/i, 'nothing, or what exactly'],
	[/\bwho loses it\b/, 'if you lose it'],
	[/\bnothing has that name\b/i, 'no match'],
	[/\bit is so already\b/i, 'that is set already'],
	[/\bthe tighter holds\b/, 'the stricter one holds'],
	[/\bmeets the keys? later\b/, 'comes across the key later'],
	[/\bwithout a word\b/, 'silently, without notice'],
	[/\bkeys that are there\b/, 'existing keys'],
	[
		/(?<!\b[Tt]here )\bis no (?:API key|name|window|period|time zone|whole number|superuser|JSON|value)\b/,
		'is not a …',
	],
	[/\bshall\b(?! not be liable)/, 'should, is to'],
];

const doubled = /(?<![-\w`.=/:])([a-z]{2,}) \1(?![-\w`=/:])/;
/** Said twice on purpose: `used_at at time zone` is SQL. */
const twice = new Set(['that that', 'had had', 'at at']);

/** Texts in the source: not comments, and not what is imported. */
function textsOf(source: string): string[] {
	const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|^import .*$/gm, '');
	return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(
		([, quoted, template]) => quoted ?? template ?? '',
	);
}

/** Paragraphs of a page, without what is code. */
function paragraphsOf(page: string): string[] {
	return page
		.replaceAll(/^```[\s\S]*?^```/gm, '')
		.replaceAll(/`[^`\n]*`/g, '`code`')
		.split(/\n{2,}|\n(?=[|#-])/)
		.map((paragraph) => paragraph.replaceAll('\n', ' '));
}

async function everyText(): Promise<{where: string; text: string}[]> {
	const said: {where: string; text: string}[] = [];
	for (const {name, text} of await readTree(['contract', 'core', 'server', 'tui'])) {
		for (const each of textsOf(text)) said.push({where: name, text: each});
	}
	const pages = path.join(import.meta.dirname, '..', '..', '..', 'docs');
	for (const page of await readdir(pages)) {
		if (!page.endsWith('.md')) continue;
		const text = await readFile(path.join(pages, page), 'utf8');
		for (const each of paragraphsOf(text)) said.push({where: `docs/${page}`, text: each});
	}
	return said;
}

test('no text is worded as none should be', async (t) => {
	const all = await everyText();
	t.true(all.length > 5000, 'texts are found');
	t.true(all.some(({where, text}) => where === 'docs/glossary.md' && text.includes('appliance')));
	const found = all.flatMap(({where, text}) =>
		phrases.flatMap(([phrase, instead]) => {
			const [hit] = phrase.exec(text) ?? [];
			return hit === undefined ? [] : [`${where}: "${hit}": ${instead}`];
		}),
	);
	t.deepEqual(found, []);
});

test('no word is written twice', async (t) => {
	const found = (await everyText()).flatMap(({where, text}) => {
		const [hit] = doubled.exec(text) ?? [];
		return hit === undefined || twice.has(hit) ? [] : [`${where}: "${hit}"`];
	});
	t.deepEqual(found, []);
});

test('what is looked for is found where it stands', (t) => {
	for (const [text, phrase] of [
		['The key is refused from now on on 1 of 1 server', doubled],
		['Keys are checked as ever.', phrases[4]?.[0]],
		['ana@example.com is owner now', phrases[2]?.[0]],
	] as const) {
		t.regex(text, phrase ?? /never/, text);
	}
	t.deepEqual(textsOf("// 'as ever'\nconst a = 'as usual'; /* 'as ever' */"), ['as usual']);
	t.notRegex(paragraphsOf('## Node\n\n`node node` runs')[1] ?? '', doubled);
});
