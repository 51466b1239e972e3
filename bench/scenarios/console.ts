import {execFile} from 'node:child_process';
import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import type {Knex} from 'knex';
import {hashPassword} from '../../core/people/passwords/password.ts';
import {insertMembership, insertUser} from '../../core/people/store.ts';
import type {OnPty} from '../../test/helpers/pty.ts';
import {latchkey} from '../bench.ts';
import {layOut, median, rounded, spread, type Spread} from '../figures.ts';
import {cpuSeconds, peakBytes, residentBytes} from '../process-facts.ts';
import type {Program} from '../program.ts';
import type {Bench, Scenario} from '../scenario.ts';
import {connectBench, insertUnannounced} from '../statements.ts';

const goals = {firstPaintMs: 300, keyP99Ms: 33, idlePercent: 2, memoryMb: 200};
const megabyte = 1024 ** 2;
/** As fast as a quick typist, so that each key is painted by itself. */
const betweenKeysMs = 70;
const password = 'as long as a password should be';

type Home = {keys: number; email: string; env: Record<string, string>};

/** The console on a terminal of 80 by 24, against a real server: what a person waits for. */
export const consoleOnTerminal: Scenario = {
	name: 'console',
	title: 'the console on a terminal: start, key to paint, CPU when idle, memory',
	keys: () => 1,
	async run(bench) {
		const {options, services, say} = bench;
		const server = await bench.startServer({cores: 'all'});
		const db = connectBench(services.database);
		const rows: Figures[] = [];
		try {
			for (const keys of options.sizes.consoleKeys) {
				const home = await moveIn(bench, db, server, keys);
				rows.push(await measure(bench, home));
				say(`${keys} keys: measured`);
			}
		} finally {
			await db.destroy();
		}
		return {result: {goals, sizes: rows}, table: tableOf(rows), faults: []};
	},
};

/** An organisation with so many keys, and a logged-in member of it. */
async function moveIn(bench: Bench, db: Knex, server: Program, keys: number): Promise<Home> {
	const [organisation] = await db('organisations')
		.insert({name: `With ${keys} keys`, plan: 'team'})
		.returning('id');
	if (organisation === undefined) throw new Error('an organisation was not made');
	const email = `console-${keys}@example.com`;
	const user = await insertUser(db, {
		email,
		passwordHash: await hashPassword(password),
		isOperator: false,
		origin: 'operator',
	});
	await insertMembership(db, {organisationId: organisation.id, userId: user.id, role: 'admin'});
	// Names of services, a third never used, a tenth revoked: so that filters and orders find
	// something.
	await insertUnannounced(db, (transaction) =>
		transaction.raw(
			`insert into api_keys
				(organisation_id, name, hash, hint, created_at, last_used_at, revoked_at)
			select ?::uuid,
				(array['ingest', 'billing', 'reports', 'search', 'mobile'])[1 + i % 5] || '-'
					|| (array['eu', 'us', 'ap'])[1 + i % 3] || '-' || i,
				sha256(gen_random_uuid()::text::bytea), 'hklst_000000',
				now() - i * interval '1 minute',
				case when i % 3 > 0 then now() - (i * 7919 % 100000) * interval '20 seconds' end,
				case when i % 10 = 0 then now() - interval '1 hour' end
			from generate_series(1, ?) as i`,
			[organisation.id, keys],
		),
	);
	const folder = await mkdtemp(path.join(bench.directory, 'console-'));
	const env = {
		PATH: process.env['PATH'] ?? '',
		HOME: folder,
		LATCHKEY_URL: `http://127.0.0.1:${server.port}`,
	};
	const login = promisify(execFile)(
		process.execPath,
		[latchkey, 'login', '--email', email, '--password-stdin'],
		{env},
	);
	login.child.stdin?.end(password);
	await login;
	return {keys, email, env};
}

type Start = {
	/** From the start of the process, its CPU time beside it. */
	paintMs: number;
	paintCpuMs: number;
	/** A key was pressed as soon as there was a row, and the cursor moved. */
	answeredMs: number;
	wasComplete: boolean;
	completeMs: number;
	completeCpuMs: number;
};

type Figures = {
	keys: number;
	starts: {paintMs: number; worstMs: number; paintCpuMs: number; answeredMs: number} & {
		completeMs: number;
		completeCpuMs: number;
		interactiveBeforeComplete: boolean;
	};
	move: Typed;
	page: Typed;
	filter: Typed;
	sort: Typed;
	idle: {quietPercent: number; bytesPerSecond: number};
	memory: {rssMb: number; peakMb: number};
};

type Typed = Spread & {cpuMs: number};

async function measure(bench: Bench, home: Home): Promise<Figures> {
	const {consoleStarts, consolePresses, consoleIdleSeconds} = bench.options.sizes;
	const starts: Start[] = [];
	// The first one only warms up.
	for (let i = 0; i <= consoleStarts; i++) {
		const {start, screen} = await open(bench, home);
		if (i > 0) starts.push(start);
		await leave(screen);
	}
	const {screen} = await open(bench, home);

	const row = () => Number(/row ([\d,]+) of/.exec(screen.text())?.[1]?.replaceAll(',', ''));
	/** Keys of one kind, each waited for. */
	const type = async (count: number, press: (index: number) => [key: string, () => boolean]) => {
		const times: number[] = [];
		const cpuBefore = cpuSeconds(screen.pid);
		for (let i = 0; i < count; i++) {
			bench.signal.throwIfAborted();
			const [key, holds] = press(i);
			const pressedAt = performance.now();
			screen.type(key);
			times.push((await screen.painted(`answered ${key}`, holds)) - pressedAt);
			await delay(betweenKeysMs);
		}
		const cpuMs = rounded(((cpuSeconds(screen.pid) - cpuBefore) * 1000) / count, 1);
		return {...spread(times), cpuMs};
	};
	const moves = (key: string) => () => {
		const before = row();
		return [key, () => row() !== before] as [string, () => boolean];
	};

	const move = await type(consolePresses, moves('j'));
	screen.type('g');
	await screen.painted('went to the top', () => row() === 1);
	const page = await type(Math.ceil(consolePresses / 10), moves('\u001B[6~'));
	screen.type('/');
	await screen.shows(/^ \/ /m);
	const word = 'ingest-eu-1';
	const rounds = Math.max(1, Math.round(consolePresses / 40));
	let field = '';
	// Typed and taken away again, letter by letter.
	const filter = await type(word.length * 2 * rounds, (index) => {
		const at = index % (word.length * 2);
		const grows = at < word.length;
		field = grows ? word.slice(0, at + 1) : field.slice(0, -1);
		const wanted = field;
		const shown = () => /^ \/ (\S*) /m.exec(screen.text())?.[1]?.replace(/▏$/, '') === wanted;
		return [grows ? (word[at] ?? '') : '\u007F', shown];
	});
	screen.type('\u001B');
	await screen.shows(/sort created/);
	const sorted = () => /sort .* [▲▼]/.exec(screen.text())?.[0];
	screen.type('s');
	await screen.shows('Sort by');
	const sort = await type(Math.max(4, Math.ceil(consolePresses / 10)), () => {
		const before = sorted();
		return ['\t', () => sorted() !== before];
	});
	screen.type('\r');

	const cpuBefore = cpuSeconds(screen.pid);
	const bytesBefore = screen.received();
	const idleFrom = performance.now();
	await delay(consoleIdleSeconds * 1000, undefined, {signal: bench.signal});
	const idleSeconds = (performance.now() - idleFrom) / 1000;
	const idle = {
		quietPercent: rounded(((cpuSeconds(screen.pid) - cpuBefore) / idleSeconds) * 100, 2),
		bytesPerSecond: Math.round((screen.received() - bytesBefore) / idleSeconds),
	};
	const memory = {
		rssMb: Math.round(residentBytes(screen.pid) / megabyte),
		peakMb: Math.round(peakBytes(screen.pid) / megabyte),
	};
	await leave(screen);
	const over = (figure: (start: Start) => number) => Math.round(median(starts.map(figure)));
	return {
		keys: home.keys,
		starts: {
			paintMs: over(({paintMs}) => paintMs),
			worstMs: Math.round(Math.max(...starts.map(({paintMs}) => paintMs))),
			paintCpuMs: over(({paintCpuMs}) => paintCpuMs),
			answeredMs: over(({answeredMs}) => answeredMs),
			completeMs: over(({completeMs}) => completeMs),
			completeCpuMs: over(({completeCpuMs}) => completeCpuMs),
			interactiveBeforeComplete: starts.every(({wasComplete}) => !wasComplete),
		},
		move,
		page,
		filter,
		sort,
		idle,
		memory,
	};
}

/** Starts the console and waits until it shows all the keys. */
async function open(bench: Bench, {env, keys}: Home): Promise<{start: Start; screen: OnPty}> {
	const startedAt = performance.now();
	const screen = bench.startConsole(env);
	const cpuMs = () => Math.round(cpuSeconds(screen.pid) * 1000);
	const total = keys.toLocaleString('en');
	const complete = () => new RegExp(`^ ${total} keys(?! so far)`, 'm').test(screen.text());
	const paintedAt = await screen.painted('showed a key', () => /^▌ \S/m.test(screen.text()));
	const paintCpuMs = cpuMs();
	screen.type('j');
	const answeredAt = await screen.painted('moved', () => screen.text().includes('row 2 of'));
	const wasComplete = complete();
	const completeAt = await screen.painted(`showed ${total} keys`, complete);
	return {
		screen,
		start: {
			paintMs: paintedAt - startedAt,
			paintCpuMs,
			answeredMs: answeredAt - startedAt,
			wasComplete,
			completeMs: completeAt - startedAt,
			completeCpuMs: cpuMs(),
		},
	};
}

async function leave(screen: OnPty): Promise<void> {
	screen.type('\u0003');
	await screen.exited;
}

function tableOf(rows: readonly Figures[]): string {
	const ms = ({p50Ms, p99Ms, cpuMs}: Typed) => `${p50Ms} / ${p99Ms} ms, CPU ${cpuMs}`;
	const lines: [string, (row: Figures) => string][] = [
		[
			`start to the first keys, p50 / worst (goal ${goals.firstPaintMs})`,
			({starts: {paintMs, worstMs, paintCpuMs}}) => `${paintMs} / ${worstMs} ms, CPU ${paintCpuMs}`,
		],
		['  a key pressed then, answered', ({starts}) => `${starts.answeredMs} ms`],
		[
			'  before the list was complete',
			({starts}) => (starts.interactiveBeforeComplete ? 'yes' : 'no'),
		],
		[
			'  all the keys',
			({starts: {completeMs, completeCpuMs}}) => `${completeMs} ms, CPU ${completeCpuMs}`,
		],
		[`down, key to paint p50 / p99 (goal ${goals.keyP99Ms})`, ({move}) => ms(move)],
		['page down', ({page}) => ms(page)],
		['a letter of the filter', ({filter}) => ms(filter)],
		['another order', ({sort}) => ms(sort)],
		[`idle, CPU of a core (goal ${goals.idlePercent})`, ({idle}) => `${idle.quietPercent} %`],
		['  written to the terminal', ({idle}) => `${idle.bytesPerSecond} B/s`],
		[`RSS (goal ${goals.memoryMb})`, ({memory}) => `${memory.rssMb} MB`],
		['  at most', ({memory}) => `${memory.peakMb} MB`],
	];
	return layOut(
		['console, 80x24', ...rows.map(({keys}) => `${keys.toLocaleString('en')} keys`)],
		lines.map(([title, cell]) => [title, ...rows.map(cell)]),
	);
}
