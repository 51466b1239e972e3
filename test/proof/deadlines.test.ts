import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import type {CreatedKey} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Tokens} from '../../contract/people.ts';
import type {RotatedKey} from '../../contract/rotation.ts';
import {administrator, createAppliance, onServices, type Appliance} from '../helpers/appliance.ts';
import {clockOff} from '../helpers/clock.ts';
import {call} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase, createRedis} from '../helpers/services.ts';
import {
	findMisjudged,
	phaseOf,
	phases,
	type Misjudgement,
	type Phase,
	type Span,
	type TimedUse,
} from './deadlines.ts';
import {startFleet, type Member} from './fleet.ts';
import type {Build} from './parts.ts';

/*
Servers whose machines are an hour ahead and an hour behind, beside one that is right: keys begin and
end on each of them when PostgreSQL's clock says so, and so does the grace of one that was replaced. A round is about keys of a few seconds, which
are used all the time on all servers. Nothing is concluded from how long something takes.
*/

const hourMs = 3_600_000;
/** What a round has a key of each of, with the phases that it is to be used in. */
const kinds = {
	begins: ['too early', 'in time'],
	ends: ['in time', 'too late'],
	'begins and ends': phases,
	'goes on for a grace': ['in time', 'too late'],
} as const satisfies Record<string, readonly Phase[]>;
type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];
/** Rounds in which a busy machine may miss a phase on some server. */
const mostRounds = 20;

let appliance: Appliance;
let clocks: pg.Pool;

test.before(async () => {
	const [database, redis] = await Promise.all([createDatabase(), createRedis()]);
	appliance = await createAppliance(onServices(database, redis));
	clocks = new pg.Pool({...database.adminConfig, max: 4});
	clocks.on('error', () => {});
});

test.after.always(async () => {
	await clocks?.end();
	await appliance?.stop();
});

/** PostgreSQL's time, in milliseconds since the epoch. */
async function readClock(): Promise<number> {
	const {rows} = await clocks.query<{now: number}>(
		'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
	);
	return rows[0]?.now ?? NaN;
}

type Play = {
	misjudged: (Misjudgement & {kind: Kind})[];
	/** Which kinds were used on which servers in which phases for certain. */
	seen: Set<string>;
};

/** Plays rounds on servers whose machines are ahead by so much, until `isEnough`. */
async function play(
	build: Build,
	aheadMs: readonly number[],
	isEnough: (so: Play) => boolean,
): Promise<Play> {
	const fleet = await startFleet(appliance, {
		size: aheadMs.length,
		build,
		env: (index) => clockOff(aheadMs[index] ?? 0),
	});
	try {
		const result: Play = {misjudged: [], seen: new Set()};
		const [first] = fleet.members;
		if (first === undefined) throw new Error('no server');
		if (build === 'correct') await haveTheTime(fleet.members, aheadMs);
		const make = await maker(first);
		for (let round = 0; round < mostRounds && !isEnough(result); round++) {
			await Promise.all(
				kindNames.map(async (kind) => liveThrough(fleet.members, await make(kind), result)),
			);
		}
		return result;
	} finally {
		await fleet.stop();
	}
}

/**
 * Waits until the servers know what time it is: on a busy machine the first answer of PostgreSQL may
 * come so late that they know it by the second only. Later answers make it only better.
 */
async function haveTheTime(members: readonly Member[], aheadMs: readonly number[]): Promise<void> {
	for (const [index, {url}] of members.entries()) {
		await eventually(async () => {
			const {text} = await call(url, '/metrics');
			const offset = Number(/^latchkey_clock_offset_seconds (\S+)$/m.exec(text)?.[1]);
			return Math.abs(offset * 1000 - (aheadMs[index] ?? 0)) < 100;
		});
	}
}

type Timed = {key: string; kind: Kind; span: Span};

/** @returns what makes a key, on a server that knows the time, which opens or closes soon */
async function maker({url}: Member): Promise<(kind: Kind) => Promise<Timed>> {
	const {access_token: bearer} = (
		await call(url, '/api/v1/auth/login', {body: administrator})
	).json() as Tokens;
	const [organisation] = (
		await call(url, '/api/v1/organizations', {bearer})
	).json() as Organisation[];
	const path = `/api/v1/organizations/${organisation?.id}/api-keys`;
	const text = (ms: number) =>
		Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19)}Z` : undefined;
	// Again where a busy machine takes so long that its end has come: it must lie in the future.
	return (kind) =>
		eventually(async () => {
			const soon = Math.ceil((await readClock()) / 1000 + 2) * 1000;
			const spans: Record<Kind, Span> = {
				begins: {opens: soon, closes: Infinity},
				ends: {opens: -Infinity, closes: soon},
				'begins and ends': {opens: soon, closes: soon + 2000},
				'goes on for a grace': {opens: -Infinity, closes: Infinity},
			};
			const {opens, closes} = spans[kind];
			const body = {name: 'timed', not_before: text(opens), expires_at: text(closes)};
			const answer = await call(url, path, {bearer, body});
			if (answer.text.includes('must be in the future')) return false;
			if (answer.status !== 201) throw new Error(answer.text);
			const {id, key} = answer.json() as CreatedKey;
			if (kind !== 'goes on for a grace') return {key, kind, span: {opens, closes}};
			const rotation = await call(url, `${path}/${id}/rotate`, {bearer, body: {grace_seconds: 2}});
			if (rotation.status !== 201) throw new Error(rotation.text);
			const {previous} = rotation.json() as RotatedKey;
			return {key, kind, span: {opens, closes: Date.parse(previous.grace_until ?? '')}};
		});
}

/** Uses a key on all servers until its last time is well past, and judges what they said. */
async function liveThrough(
	members: readonly Member[],
	{key, kind, span}: Timed,
	{misjudged, seen}: Play,
): Promise<void> {
	const last = Number.isFinite(span.closes) ? span.closes : span.opens;
	await Promise.all(
		members.map(async ({name, url}) => {
			const uses: TimedUse[] = [];
			for (let before = -Infinity; before < last + 500;) {
				before = await readClock();
				const {status} = await call(url, '/api/v1/keys/self', {bearer: key});
				const use = {server: name, before, after: await readClock(), isAccepted: status === 200};
				// A server that is too busy to say refuses nobody.
				if (status === 503) continue;
				uses.push(use);
				seen.add(`${name}, ${kind}: ${phaseOf(span, use)}`);
				await sleep(10);
			}
			misjudged.push(...findMisjudged(span, uses).map((each) => ({...each, kind})));
		}),
	);
}

test.serial('keys begin and end on each server when PostgreSQL says so', async (t) => {
	const due = [1, 2, 3].flatMap((index) =>
		kindNames.flatMap((kind) => kinds[kind].map((phase) => `server ${index}, ${kind}: ${phase}`)),
	);
	const {misjudged, seen} = await play('correct', [hourMs, 0, -hourMs], (so) =>
		due.every((what) => so.seen.has(what)),
	);
	t.deepEqual(misjudged, []);
	t.deepEqual(
		due.filter((what) => !seen.has(what)),
		[],
		'each was seen',
	);
});

const wrongs = ({misjudged}: Play) =>
	[...new Set(misjudged.map(({server, what}) => `${server}: ${what}`))].toSorted();

test.serial('servers that go by the clocks of their machines are caught', async (t) => {
	const each = [
		'server 2: accepted too late',
		'server 2: refused in time',
		'server 3: accepted too early',
		'server 3: refused in time',
	];
	const so = await play('own clock', [0, -hourMs, hourMs], (all) => wrongs(all).length >= 4);
	t.deepEqual(wrongs(so), each);
});

test.serial('a server that judges times when it reads a key is caught', async (t) => {
	const needed: Kind[] = ['ends', 'goes on for a grace'];
	const so = await play('times judged once', [0], ({misjudged}) =>
		needed.every((each) => misjudged.some(({kind}) => kind === each)),
	);
	t.deepEqual(wrongs(so), ['server 1: accepted too late']);
	t.deepEqual(
		needed.filter((each) => !so.misjudged.some(({kind}) => kind === each)),
		[],
		'each was seen',
	);
});

const span = {opens: 10_000, closes: 12_000};
for (const [before, after, phase] of [
	[9_000, 9_750, 'too early'],
	[9_000, 9_751, undefined],
	[10_249, 10_300, undefined],
	[10_250, 11_750, 'in time'],
	[10_250, 11_751, undefined],
	[12_249, 12_300, undefined],
	[12_250, 90_000, 'too late'],
	[9_000, 13_000, undefined],
] as const) {
	test(`a use between ${before} and ${after} of a key from 10,000 to 12,000 is ${phase ?? 'not told apart'}`, (t) => {
		const judge = (isAccepted: boolean) => {
			const use = {server: 'server 1', before, after, isAccepted};
			t.is(phaseOf(span, use), phase);
			return findMisjudged(span, [use]).map(({what}) => what);
		};
		t.deepEqual(judge(phase === 'in time'), []);
		const wrong = phase === 'in time' ? ['refused in time'] : [`accepted ${phase}`];
		t.deepEqual(judge(phase !== 'in time'), phase === undefined ? [] : wrong);
	});
}
