import {spawn} from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type {AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {Invitation} from '../../contract/invitations.ts';
import type {FullKey} from '../../contract/keys.ts';
import type {ClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import type {Endpoint} from '../../contract/webhooks.ts';
import {newFile} from '../../tui/commands/answer.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {makeHome} from './script.ts';

/*
What is shown once reaches who asked for it, or is taken back: `latchkey` as its own process, into
files that take nothing and pipes that nobody reads.
*/

const entry = path.join(import.meta.dirname, '../../bundle/latchkey.js');

const {appliance, server, jwt} = await openAppliance();
const organisation = await makeOrganisation(server, jwt, 'team');

test.after.always(() => appliance.stop());

const home = makeHome();

/** Runs `latchkey …` in a shell, where `"$@"` is the command; by itself, or with its stdout closed. */
async function run(
	argv: readonly string[],
	{shell = '"$@"', isClosed = false, url = server.url, onStart = (_pid: number) => {}} = {},
) {
	const child = spawn('/bin/sh', ['-c', shell, 'sh', process.execPath, entry, ...argv], {
		cwd: home,
		env: {PATH: process.env['PATH'], HOME: home, LATCHKEY_URL: url, LATCHKEY_TOKEN: jwt},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	if (child.pid !== undefined) onStart(child.pid);
	if (isClosed) child.stdout.destroy();
	const [stdout, stderr, status] = await Promise.all([
		isClosed ? '' : text(child.stdout),
		text(child.stderr),
		new Promise<number | null>((resolve) => child.once('close', resolve)),
	]);
	return {stdout, stderr, status};
}

async function read<T>(of: string): Promise<T> {
	const from = `/api/v1/organizations/${organisation.id}/${of}`;
	return (await server.call(from, {bearer: jwt})).json() as T;
}

async function make<T>(of: string, body: object): Promise<T> {
	const to = `/api/v1/organizations/${organisation.id}/${of}`;
	return (await server.call(to, {bearer: jwt, body})).json() as T;
}

const here = () => ['--org', organisation.id];
/** A file system where everything is full, for this command alone. */
const noRoom = `trap '' XFSZ; ulimit -f 0; "$@"`;
const noStack = /^\s+at |node:internal/m;

test('where the output is known to take nothing, no key is made', async (t) => {
	const create = ['keys', 'create', '--name', 'into nothing', ...here()];
	const full = await run(create, {shell: '"$@" > /dev/full'});
	t.is(full.status, 1);
	t.is(full.stderr, 'latchkey: The answer could not be written: no space is left there.\n');
	const file = await run([...create, '--out', 'no-room'], {shell: noRoom});
	t.is(file.status, 2);
	t.regex(file.stderr, /^latchkey: --out: cannot write no-room: the file would be too large\.\n$/);
	const keys = await read<FullKey[]>('api-keys');
	t.deepEqual(
		keys.filter(({name}) => name === 'into nothing'),
		[],
	);
});

test('a key that reached nobody is revoked, and told by its id', async (t) => {
	const lost = await run(['keys', 'create', '--name', 'unread', ...here()], {isClosed: true});
	const big = await run(['keys', 'create', '--name', 'unwritten', '--json', ...here()], {
		shell: `${noRoom} > lost.json`,
	});
	t.is(lost.status, 1);
	t.is(big.status, 1);
	const keys = await read<FullKey[]>('api-keys');
	const [unread, unwritten] = ['unread', 'unwritten'].map((wanted) =>
		keys.find(({name}) => name === wanted),
	);
	t.truthy(unread?.revoked_at);
	t.truthy(unwritten?.revoked_at);
	t.true(
		lost.stderr.endsWith(
			`latchkey: The secret of ${unread?.id} reached nobody (nobody reads it any more), so the key was revoked.\n`,
		),
		lost.stderr,
	);
	t.like((JSON.parse(big.stderr) as {error: object}).error, {
		code: 'secret_lost',
		id: unwritten?.id,
		message: `The secret of ${unwritten?.id} reached nobody (the file would be too large), so the key was revoked`,
	});
	t.notRegex(lost.stderr + big.stderr, /hklst_\w{20}/);
});

test('what else is shown once is taken back, or it is said how to make another', async (t) => {
	const account = await make<ServiceAccount>('service-accounts', {name: 'bot', role: 'viewer'});
	const endpoint = await make<Endpoint>('webhooks', {url: 'https://hooks.example.com/kept'});
	const quietly = async (...argv: string[]) => {
		const {status, stderr} = await run([...argv, '--json'], {isClosed: true});
		t.is(status, 1, argv.join(' '));
		const {error} = JSON.parse(stderr) as {error: {code: string; message: string; hint?: string}};
		t.is(error.code, 'secret_lost');
		return error;
	};
	const {code} = await make<{code: string}>('invitations', {email: 'e@f.example', role: 'viewer'});
	const accepting = {code, password: 'six loud birds at dawn'};
	t.is((await server.call('/api/v1/invitations/accept', {body: accepting})).status, 200);
	const [secret, webhook, invitation, rotated, user, promoted] = await Promise.all([
		quietly('service-accounts', 'new-secret', account.id, ...here()),
		quietly('webhooks', 'create', '--to', 'https://hooks.example.com/x', ...here()),
		quietly('invitations', 'create', '--email', 'a@b.example', '--role', 'viewer', ...here()),
		quietly('webhooks', 'rotate-secret', endpoint.id, ...here()),
		quietly('users', 'create', '--email', 'c@d.example'),
		quietly('users', 'promote', 'e@f.example'),
	]);
	t.regex(secret.message, /so it was revoked$/);
	t.deepEqual(await read<ClientSecret[]>(`service-accounts/${account.id}/secrets`), []);
	t.regex(webhook.message, /so the webhook was deleted$/);
	t.deepEqual(
		(await read<Endpoint[]>('webhooks')).map(({id}) => id),
		[endpoint.id],
	);
	t.regex(invitation.message, /so the invitation was withdrawn$/);
	t.deepEqual(await read<Invitation[]>('invitations'), []);
	t.regex(rotated.hint ?? '', /`latchkey webhooks rotate-secret /);
	t.regex(user.hint ?? '', /`latchkey users reset-password /);
	t.regex(
		promoted.hint ?? '',
		/an operator: make another code with `latchkey users reset-password /,
	);
});

/** A server that makes a key, and does something before it answers; what else was asked of it. */
async function standIn(t: ExecutionContext, meanwhile: (request: http.IncomingMessage) => void) {
	const asked: string[] = [];
	const id = '33333333-3333-4333-8333-333333333333';
	const answers: Readonly<Record<string, [number, object]>> = {
		POST: [201, {id, name: 'held', key: 'hklst_held', created_at: '2026-01-01T00:00:00Z'}],
		DELETE: [200, {message: 'API key revoked successfully'}],
	};
	const standing = http.createServer((request, response) => {
		request.resume();
		const [status, body] = answers[request.method ?? ''] ?? [404, {}];
		asked.push(`${request.method} ${request.url?.split('/').at(-1)}`);
		if (request.method === 'POST') meanwhile(request);
		const text = JSON.stringify({last_used_at: null, revoked_at: null, ...body});
		const headers = {'Content-Type': 'application/json'};
		// Later than a busy machine takes to see the signal.
		setTimeout(() => response.writeHead(status, headers).end(text), 1500);
	});
	await new Promise<void>((resolve) => standing.listen(0, '127.0.0.1', resolve));
	t.teardown(() => standing.close());
	const {port} = standing.address() as AddressInfo;
	return {url: `http://127.0.0.1:${port}`, asked, id};
}

test('a key is taken back when the command that makes it is interrupted before its answer is there', async (t) => {
	let pid = 0;
	const {url, asked, id} = await standIn(t, () => void process.kill(pid, 'SIGINT'));
	const onStart = (started: number) => {
		pid = started;
	};
	for (const out of [[], ['--out', 'interrupted']]) {
		asked.length = 0;
		const {status, stdout, stderr} = await run(
			['keys', 'create', '--name', 'held', ...here(), ...out],
			{url, onStart, shell: 'exec "$@"'},
		);
		t.is(status, 130);
		t.is(stdout, '');
		t.is(
			stderr,
			`latchkey: The secret of ${id} reached nobody (it was interrupted), so the key was revoked.\n`,
		);
		t.deepEqual(asked, ['POST api-keys', `DELETE ${id}`]);
		t.false(fs.existsSync(path.join(home, 'interrupted')));
	}
});

test('where the answer is lost on its way, that a key may be there is told', async (t) => {
	const {url} = await standIn(t, ({socket}) => void socket.destroy());
	const lost = await run(['keys', 'create', '--name', 'held', ...here()], {url});
	t.is(lost.status, 7);
	t.regex(lost.stderr, /\nIf it was made after all, nobody has its secret: /);
});

test('an answer that was lost is asked for again: one key is made, and its secret arrives', async (t) => {
	const sent: (string | undefined)[] = [];
	const losing = http.createServer((request, response) => {
		const {method, url: path, headers} = request;
		const onward = http.request(server.url + path, {method, headers}, (answer) => {
			if (method !== 'POST') return void answer.pipe(response.writeHead(answer.statusCode ?? 0));
			sent.push(String(headers['idempotency-key']));
			if (sent.length === 1) request.socket.destroy();
			else if (sent.length === 2) response.writeHead(504).end('Gateway Timeout');
			else answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers));
		});
		request.pipe(onward);
	});
	await new Promise<void>((resolve) => losing.listen(0, '127.0.0.1', resolve));
	t.teardown(() => losing.close());
	const {port} = losing.address() as AddressInfo;
	const created = await run(['keys', 'create', '--name', 'lost and found', ...here()], {
		url: `http://127.0.0.1:${port}`,
	});
	t.is(created.status, 0, created.stderr);
	t.is(sent.length, 3);
	t.is(new Set(sent).size, 1);
	const self = await server.call('/api/v1/keys/self', {bearer: created.stdout.trim()});
	t.is(self.status, 200);
	const made = (await read<FullKey[]>('api-keys')).filter(({name}) => name === 'lost and found');
	t.deepEqual(
		made.map(({id}) => id),
		[(self.json() as {id: string}).id],
	);
});

test('a file that is given up is gone, and giving it up never throws', (t) => {
	const name = path.join(home, 'given-up');
	const file = newFile(name);
	file?.close();
	const other = fs.openSync(home, 'r');
	t.notThrows(() => file?.discard());
	t.false(fs.existsSync(name));
	t.notThrows(() => fs.closeSync(other), 'what was opened since stays open');
	const kept = newFile(name);
	kept?.keep('all of it');
	t.is(fs.readFileSync(name, 'utf8'), 'all of it');
	t.throws(() => kept?.write('more'), {message: /^The answer could not be written: /});
	fs.rmSync(name);
});

test('a file system that has no size is not taken for a full one', async (t) => {
	const create = ['keys', 'create', '--name', 'nowhere', ...here()];
	t.like(await run(create, {shell: 'exec "$@" > /proc/self/comm'}), {status: 0});
});

test('a list that cannot be written says so, without a stack trace', async (t) => {
	await makeKey(server, jwt, organisation.id, 'listed');
	for (const [shell, why] of [
		['"$@" > /dev/full', 'no space is left there'],
		[`${noRoom} > list`, 'the file would be too large'],
	] as const) {
		for (const argv of [
			['keys', 'list', '--json', ...here()],
			['keys', '--help', '--json'],
		]) {
			const {status, stderr} = await run(argv, {shell});
			t.is(status, 1, argv.join(' '));
			t.deepEqual(JSON.parse(stderr), {
				error: {code: 'output_failed', message: `The answer could not be written: ${why}`},
			});
		}
	}
	const version = await run(['--version'], {shell: '"$@" > /dev/full'});
	t.is(version.status, 1);
	t.notRegex(version.stderr, noStack);
	const unheard = await run(['keys', 'list', ...here()], {shell: '"$@" 2> /dev/full'});
	t.is(unheard.status, 0);
	t.regex(unheard.stdout, /listed/);
});

test('a whole secret, and nothing else, is in the file that was asked for', async (t) => {
	const made = await run(['keys', 'create', '--name', 'kept', '--out', 'kept', ...here()]);
	t.is(made.status, 0);
	const {stdout: key} = await run([], {shell: 'cat kept; rm kept'});
	t.regex(key, /^hklst_\w+\n$/);
	t.is((await server.call('/api/v1/sources', {bearer: key.trim()})).status, 200);
	const appended = await run(['keys', 'create', '--name', 'appended', '--quiet', ...here()], {
		shell: 'echo before > all; "$@" >> all; cat all',
	});
	t.regex(appended.stdout, /^before\nhklst_\w+\n$/);
});
