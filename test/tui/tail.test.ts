import test from 'ava';
import type {KeyDecision} from '../../contract/decisions.ts';
import type {CreatedKey} from '../../contract/keys.ts';
import {commands} from '../../tui/commands/tail.ts';
import {createPatience} from '../../tui/commands/patience.ts';
import {execute} from '../../tui/commands/run.ts';
import type {Terminal} from '../../tui/terminal/terminal.ts';
import {Failure} from '../../tui/failure.ts';
import {administrator, defaultOrganisation, makeMember} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {makeHome, type Result, runScript} from './script.ts';

/* `latchkey tail`, as a person and as a script. */

const HOME = makeHome();
const viewer = makeHome();
const {appliance, server, jwt} = await openAppliance();
const {id} = await defaultOrganisation(server, jwt);
const member = await makeMember(appliance.database, id, 'viewer');
for (const [home, who] of [
	[HOME, administrator],
	[viewer, member],
] as const) {
	const argv = ['login', '--email', who.email, '--password-stdin'];
	const {status, stderr} = await run(argv, {HOME: home}, who.password);
	if (status !== 0) throw new Error(stderr);
}
const made = await server.call(`/api/v1/organizations/${id}/api-keys`, {
	bearer: jwt,
	body: {name: 'ingest', scopes: ['b']},
});
const key = made.json() as CreatedKey;

test.after.always(() => appliance.stop());

function run(
	argv: readonly string[],
	env: Record<string, string>,
	stdin?: string,
): Promise<Result> {
	return runScript(argv, {LATCHKEY_URL: server.url, ...env}, stdin);
}

/** Uses the key until something is done. */
async function whileUsed<T>(doing: Promise<T>): Promise<T> {
	let isDone = false;
	const ended = doing.finally(() => (isDone = true));
	while (!isDone) {
		await server.call('/api/v1/forward-auth', {bearer: key.key, headers: {'User-Agent': 'shop/1'}});
		await server.call('/api/v1/forward-auth?scopes=a', {bearer: key.key});
	}
	return ended;
}

test.serial('what is decided is printed as it happens, and --for ends it', async (t) => {
	const {status, stdout, stderr} = await whileUsed(run(['tail', '--for', '6s'], {HOME}));
	t.is(status, 0, stderr);
	const accepted = stdout.split('\n').find((line) => line.includes('accepted')) ?? '';
	t.regex(
		accepted,
		/^\d\d:\d\d:\d\d\.\d{3} {2}accepted {11}ingest {20}127\.0\.0\.1 {8}forward-auth {18}shop\/1$/,
	);
	t.true(stderr.startsWith('Watching decisions as they are made; Ctrl-C stops.\n'), stderr);
	t.false(stdout.includes(key.key));
});

test.serial('--json is a line for each, of one key and outcome', async (t) => {
	const argv = ['tail', '--key', 'INGEST', '--outcome', 'refused', '--json', '--for', '6s'];
	const {status, stdout, stderr} = await whileUsed(run(argv, {HOME}));
	t.is(status, 0, stderr);
	const told = stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as KeyDecision);
	t.true(told.length > 0);
	for (const decision of told) {
		t.like(decision, {key_id: key.id, outcome: 'insufficient_scope', scopes: ['a']});
	}
});

test.serial('for whoever listens each is a sentence, and it ends by itself', async (t) => {
	const written = {stdout: '', stderr: ''};
	const stream = (name: keyof typeof written) => ({
		columns: 80,
		write: (text: string | Uint8Array) => {
			written[name] += String(text);
			return true;
		},
	});
	const terminal = {
		stdin: process.stdin,
		stdout: stream('stdout'),
		stderr: stream('stderr'),
		spoken: true,
	} as unknown as Terminal;
	const env = {LATCHKEY_URL: server.url, HOME};
	t.is(await whileUsed(execute(['tail', '--for', '5s'], env, terminal)), 0);
	t.regex(
		written.stdout,
		/^TIME [\d:.]+, OUTCOME .+, KEY ingest, FROM 127\.0\.0\.1, BY forward-auth/m,
	);
	t.true(commands[0]?.options['for']?.unasked !== true, 'it can be said');
});

test.serial('what is wrong has its exit status', async (t) => {
	const none = '99999999-9999-4999-8999-999999999999';
	const cases: [rest: string, env: Record<string, string>, status: number, text: RegExp][] = [
		['', {HOME: viewer}, 5, /Your role does not allow this operation/],
		['', {HOME: makeHome()}, 4, /Not logged in/],
		['', {HOME, LATCHKEY_TOKEN: 'x', LATCHKEY_URL: 'http://127.0.0.1:1'}, 7, /Cannot reach/],
		[`--key ${none}`, {HOME}, 3, /API key not found/],
		['--key nothing', {HOME}, 3, /No API key is called nothing/],
		['--outcome denied', {HOME}, 2, /--outcome must be one of refused, valid/],
		['--for ever', {HOME}, 2, /--for must be a time span/],
	];
	for (const [rest, env, status, text] of cases) {
		const result = await run(['tail', ...rest.split(' ').filter(Boolean)], env);
		t.is(result.status, status, `${rest}: ${result.stderr}`);
		t.regex(result.stderr, text);
		t.is(result.stdout, '');
	}
});

test('a server that is away is waited for, and that is said once', async (t) => {
	const said: string[] = [];
	const output = {say: (text: string) => void said.push(text)};
	const away = new Failure('unreachable', 'Cannot reach the server');
	const busy = new Failure('refused', 'Redis is away', {status: 503});
	const answers = [away, busy, 'one', busy, 'two'];
	const ask = async () => {
		const next = answers.shift();
		if (next instanceof Failure) throw next;
		return next;
	};
	const patiently = createPatience(output, 1);
	t.is(await patiently(ask), 'one');
	t.is(await patiently(ask), 'two');
	t.deepEqual(said, ['Cannot reach the server. Trying again.', 'Redis is away. Trying again.']);
	const refused = new Failure('refused', 'Your role does not allow this', {status: 403});
	const refusal = await t.throwsAsync(patiently(() => Promise.reject(refused)));
	t.is(refusal, refused);
	const isOver = createPatience(output, 1, () => true);
	t.is(await t.throwsAsync(isOver(() => Promise.reject(away))), away);
});
