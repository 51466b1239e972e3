import {glob, readFile} from 'node:fs/promises';
import type {IncomingMessage} from 'node:http';
import path from 'node:path';
import test from 'ava';
import {proxies} from '../../core/config/parse.ts';
import {findJsonFault} from '../../core/json-text.ts';
import {createScrubber} from '../../core/log.ts';
import {passwordFault} from '../../core/people/passwords/password-policy.ts';
import {isCompactToken} from '../../core/token-form.ts';
import {parseAddress} from '../../contract/network.ts';
import {readScopeQuery} from '../../contract/scope-query.ts';
import {isScope} from '../../contract/scopes.ts';
import {name} from '../../contract/text.ts';
import {parseJson} from '../../server/http/body.ts';
import {clientAddress} from '../../server/http/client-address.ts';
import {clientCredentials} from '../../server/http/client-credentials.ts';
import {chooseCredential} from '../../server/http/credentials.ts';
import {isMediaType} from '../../server/http/media-type.ts';
import {verifyBody} from '../../server/decisions/verify-body.ts';

/*
 * What strangers send costs no more than in proportion to its length. Measured is growth, never
 * time: four times the text may take four times as long, and not sixteen times.
 */

/** A header, and a body, at their largest. */
const headerBytes = 16_000;
const bodyBytes = 64_000;
/** Between 4, which is linear, and 16, which is quadratic. */
const mostGrowth = 9;
/** Below this the clock tells nothing; what is quadratic takes far longer at these lengths. */
const leastMs = 4;

/** What this thread has computed so far, in milliseconds: waiting for a core is not in it. */
function computedMs(): number {
	const {user, system} = process.threadCpuUsage();
	return (user + system) / 1000;
}

/** The shortest of some runs: what else the machine does only ever makes them longer. */
function shortest(run: () => unknown, runs: number): number {
	let least = Infinity;
	for (let i = 0; i < runs; i++) {
		const before = computedMs();
		run();
		least = Math.min(least, computedMs() - before);
	}
	return least;
}

/** @returns how much longer four times the text takes; undefined: too short to tell */
function growth(run: (text: string) => unknown, text: (length: number) => string, length: number) {
	const [small, large] = [text(length / 4), text(length)];
	let least: number | undefined;
	// What is quadratic stays so; a busy machine is seldom busy in the same way three times.
	for (let attempt = 0; attempt < 3; attempt++) {
		const ms = shortest(() => run(large), attempt === 0 ? 1 : 5);
		if (ms < leastMs) return undefined;
		least = Math.min(least ?? Infinity, ms / shortest(() => run(small), 5));
		if (least < mostGrowth) return least;
	}
	return least;
}

/** Where an expression may stand; a slash there is no division. */
const literal =
	/(?<=[=(,:[!&|?>]\s?|return |^\s*)\/(?![/*])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/gm;

type Found = {file: string; expression: RegExp};

/** Every expression that is written out in what meets the outside. */
async function expressions(): Promise<Found[]> {
	const root = path.join(import.meta.dirname, '..', '..', '..');
	const found: Found[] = [];
	for await (const file of glob('{contract,core,server,worker}/**/*.ts', {cwd: root})) {
		const code = (await readFile(path.join(root, file), 'utf8'))
			.replace(/^\s*\/\*.*?\*\//gms, '')
			.replace(/^\s*\/\/.*$/gm, '');
		for (const [, source = '', flags] of code.matchAll(literal)) {
			found.push({file, expression: new RegExp(source, flags)});
		}
	}
	return found;
}

/** What a text begins with to get into an expression: pieces of it that stand for themselves. */
function openings({source}: RegExp): string[] {
	const pieces = source
		.replaceAll(
			/\[[^\]]*\]|\(\?<?[=!:]|\\[dDwWsSbBpPuxtnr](\{[^}]*\}|[\dA-F]{2,4})?|\{[\d,]*\}/g,
			'\0',
		)
		.replaceAll(/\\(.)/g, '$1')
		.split(/[\0()|*+?^$]+/)
		.filter((piece) => piece !== '');
	return ['', 'a', ...new Set(pieces), pieces.join('')];
}

/** What is repeated to make it try again and again. */
function pumps(expression: RegExp): string[] {
	const own = openings(expression).filter((piece) => piece !== '');
	return [
		...new Set([
			' ',
			'\t',
			'\n',
			'a',
			'1',
			':',
			'.',
			'/',
			'-',
			'%',
			'"',
			'\\',
			'=',
			';',
			',',
			...own,
			'a:',
			'1.',
			'a ',
			' ;',
		]),
	];
}

test('every expression takes time in proportion to the text, whatever is repeated in it', async (t) => {
	const all = await expressions();
	t.true(all.length > 80, `${all.length} found`);
	for (const file of ['server/http/credentials.ts', 'core/log.ts', 'server/http/media-type.ts']) {
		t.true(
			all.some((one) => one.file === file),
			file,
		);
	}
	for (const {file, expression} of all) {
		for (const opening of openings(expression)) {
			for (const pump of pumps(expression)) {
				const text = (length: number) => `${opening}${pump.repeat(length / pump.length)}\0`;
				const run = (input: string) => {
					expression.lastIndex = 0;
					return expression.global ? input.replace(expression, '') : expression.test(input);
				};
				const ratio = growth(run, text, headerBytes);
				t.true(
					(ratio ?? 0) < mostGrowth,
					`${file}: ${expression} with ${JSON.stringify(opening + pump)}: ${ratio}`,
				);
			}
		}
	}
});

test('the measure tells what is quadratic', (t) => {
	const blanks = (length: number) => `a${' '.repeat(length)}b`;
	const ratio = growth((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''), blanks, headerBytes);
	t.true((ratio ?? 0) > mostGrowth, String(ratio));
});

test('expressions that are put together are few, and known', async (t) => {
	const root = path.join(import.meta.dirname, '..', '..', '..');
	const files: string[] = [];
	for await (const file of glob('{contract,core,server,worker}/**/*.ts', {cwd: root})) {
		if ((await readFile(path.join(root, file), 'utf8')).includes('new RegExp(')) files.push(file);
	}
	// Those of names, addresses and the log are measured below; names of the environment are the
	// operator's.
	t.deepEqual(files.toSorted(), [
		'contract/characters.ts',
		'contract/network.ts',
		'core/config/service-links.ts',
		'core/log.ts',
	]);
});

const request = (headers: Record<string, string[]>, remoteAddress = '10.0.0.1') =>
	({
		headersDistinct: headers,
		rawHeaders: Object.entries(headers).flatMap(([name, lines]) =>
			lines.flatMap((line) => [name, line]),
		),
		socket: {remoteAddress},
	}) as unknown as IncomingMessage;
const trusted = proxies('10.0.0.0/8');
const scrub = createScrubber('hklst_');
const repeat =
	(before: string, piece: string, after = '') =>
	(length: number) =>
		before + piece.repeat(length / piece.length) + after;

const measured: Record<
	string,
	[run: (text: string) => unknown, length: number, ...((length: number) => string)[]]
> = {
	'X-API-Key': [
		(text) => chooseCredential({'x-api-key': [text]} as never, 'hklst_'),
		headerBytes,
		repeat('a', ' ', 'b'),
		repeat('hklst_', 'a'),
		repeat('', '\t '),
	],
	Authorization: [
		(text) => chooseCredential({authorization: [text]} as never, 'hklst_'),
		headerBytes,
		repeat('Bearer', ' '),
		repeat('Bearer a', ' ', 'b'),
		repeat('Bearer ', 'a', '!'),
	],
	'client credentials': [
		(text) => clientCredentials(request({authorization: [text]}), {} as never),
		headerBytes,
		repeat('Basic', ' '),
		repeat('Basic ', 'OjpB'),
		repeat('Basic ', 'A', '!'),
		repeat('Basic a', ' ', 'b'),
	],
	'Content-Type': [
		(text) => isMediaType(text, 'application/json'),
		headerBytes,
		repeat('application/json', ' ', 'a'),
		repeat('application/json', ';'),
		repeat('application/json', '; '),
		repeat('application/json;a', ' '),
		repeat('application/json;', 'a'),
		repeat('application/json;a="', '\\'),
		repeat('application/json', ';a=b'),
	],
	'X-Forwarded-For': [
		(text) => clientAddress(request({'x-forwarded-for': [text]}), trusted),
		headerBytes,
		repeat('', ','),
		repeat('', '10.0.0.1,'),
		repeat('', '10.0.0.1:1,'),
		repeat('', '['),
		repeat('[', ':'),
		repeat('', '1.'),
		repeat('', ' '),
	],
	'an address': [
		parseAddress,
		headerBytes,
		repeat('1', '.1'),
		repeat('', '25'),
		repeat('1:', ':1'),
		repeat('::ffff:', '0'),
	],
	'a line of the log': [
		scrub,
		headerBytes,
		repeat('://', ':'),
		repeat('', '://:'),
		repeat('://', 'a', ':@'),
		repeat('', 'hklst_a'),
		repeat('eyJ', 'a.'),
		repeat('eyJaaaaaaaa', '.'),
		repeat('', 'eyJ'),
		repeat('', 'whsec_'),
		repeat('', 'hklst%5f'),
	],
	JSON: [
		(text) => parseJson(Buffer.from(text)),
		bodyBytes,
		repeat('"', '\\'),
		repeat('"', '\\"'),
		repeat('', '"'),
		repeat('{"a":', '['),
		repeat('[', '"a",', '1]'),
		repeat('', ' '),
	],
	'members of JSON': [findJsonFault, bodyBytes, repeat('{', '"\\u0061":1,'), repeat('{', '"a', '')],
	'the body of verify': [
		(text) => verifyBody(Buffer.from(text)),
		4096,
		repeat('{"key":"', 'a'),
		repeat('', ' '),
	],
	'a name': [
		(text) => name('name').safeParse(text),
		bodyBytes,
		repeat('', ' '),
		repeat('', '\u{1F600}'),
		repeat('a', '\u200D'),
		repeat('', '\u{1F600}\u200D'),
		repeat('', '\u0915\u094D\u200D'),
		repeat('\u{1F3F4}', '\u{E0061}'),
	],
	'a query for scopes': [
		(text) => readScopeQuery(text),
		1000,
		repeat('', '('),
		repeat('', 'a AND '),
		repeat('', 'a'),
		repeat('a', '.a'),
		repeat('', ' '),
		repeat('(', 'a OR (', ')'),
	],
	'a scope': [isScope, bodyBytes, repeat('', 'a'), repeat('a', '.a'), repeat('', '.*')],
	'a token': [isCompactToken, headerBytes, repeat('', '.'), repeat('', 'aaaa.')],
};
for (const [what, [run, length, ...texts]] of Object.entries(measured)) {
	test(`${what}: time in proportion to its length`, (t) => {
		for (const text of texts) {
			const ratio = growth(run, text, length);
			t.true((ratio ?? 0) < mostGrowth, `${JSON.stringify(text(40))}: ${ratio}`);
		}
	});
}

test('a new password: time in proportion to its length, also where folding makes it longer', async (t) => {
	const whose = {email: 'somebody@example.com', organisations: ['an organisation']};
	for (const text of ['\uFDFA', 'a', 'ab\uFDFA']) {
		// The list of common passwords takes its time, whatever the length.
		const run = async (length: number) => {
			let least = Infinity;
			for (let i = 0; i < 3; i++) {
				const before = computedMs();
				await passwordFault(`${text.repeat(length / text.length)}z`, whose);
				least = Math.min(least, computedMs() - before);
			}
			return least;
		};
		const [small, large] = [await run(256), await run(1023)];
		t.true(large / small < mostGrowth, `${text}: ${large / small}`);
	}
});
