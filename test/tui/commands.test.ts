import fs from 'node:fs';
import path from 'node:path';
import ava from 'ava';
import type * as z from 'zod';
import type {Key, KeyDetail} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {CreatedClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import type {Delivery, Endpoint, createdEndpoint} from '../../contract/webhooks.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {main} from '../../tui/main.ts';
import {createScreen} from './screen.ts';
import {makeHome, type Result, runScript} from './script.ts';
import {sessionFile} from '../../tui/session/file.ts';
import {administrator, makeMember} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';

/** One after another. Commands that run at once in one process keep each other from answers in time. */
const test = ava.serial;

/*
The scripting commands against a real server: what they print, where, and their exit status.
*/

const {appliance, server} = await openServer();
const home = makeHome();
const login = await run(['login', '--email', administrator.email, '--password-stdin'], {
	stdin: `${administrator.password}\n`,
});
if (login.status !== 0) throw new Error(login.stderr);

test.after.always(() => appliance.stop());

const none = '99999999-9999-4999-8999-999999999999';

type CreatedEndpoint = z.infer<typeof createdEndpoint>;

async function run(
	argv: readonly string[],
	{stdin, env}: {stdin?: string; env?: Record<string, string>} = {},
): Promise<Result> {
	return runScript(argv, {HOME: home, LATCHKEY_URL: server.url, ...env}, stdin);
}

async function json<T>(argv: readonly string[]): Promise<T> {
	const {status, stdout, stderr} = await run([...argv, '--json']);
	if (status !== 0) throw new Error(stderr);
	return JSON.parse(stdout) as T;
}

test('without a terminal the console is not opened: help on stderr, exit 2', async (t) => {
	const {status, stdout, stderr} = await run([]);
	t.is(status, 2);
	t.is(stdout, '');
	t.regex(stderr, /needs a terminal/);
	t.regex(stderr, /^ {2}keys +list, show, create, update, suspend, resume, rotate,$/m);
	t.true(stderr.split('\n').every((line) => line.length <= 80));
});

test('help is asked for on stdout, of everything, of a noun and of a command', async (t) => {
	for (const argv of [
		['--help'],
		['-h'],
		['help'],
		['keys', '--help'],
		['keys', 'create', '--help'],
		['login', '-h'],
	]) {
		const {status, stdout, stderr} = await run(argv);
		t.is(status, 0, argv.join(' '));
		t.regex(stdout, /latchkey /);
		t.is(stderr, '');
	}
	t.regex((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a command line that is wrong is told what is wrong, with exit 2', async (t) => {
	const wrong: Record<string, RegExp> = {
		'no-such-thing': /no command/,
		keys: /needs one of: list, show, create, update, suspend,\s+resume,\s+rotate,\s+finish,\s+cancel,\s+explain, verify,\s+clients, hygiene, limits,\s+quota,\s+revoke, find/,
		'keys list --nope': /--nope/,
		'keys list extra': /extra/,
		'keys list --sort color': /--sort must be one of/,
		'keys list --limit 0': /--limit/,
		'keys list --filter used:often': /used:often: takes/,
		'keys create': /name is required/,
		'keys create --name=': /name is required/,
		'keys revoke --yes': /Which key/,
		'orgs create --name x --plan gold': /--plan must be one of/,
		'login --password-stdin': /--email/,
		login: /no terminal/,
		'whoami --url ftp://x': /http/,
		'whoami --url http://keys.example.com': /private network/,
	};
	for (const [line, reason] of Object.entries(wrong)) {
		const {status, stdout, stderr} = await run(line.split(' '));
		t.is(status, 2, line);
		t.is(stdout, '', line);
		t.regex(stderr, reason, line);
	}
});

test('options may stand before a command, whatever they are called and whatever follows them', async (t) => {
	const elsewhere = {LATCHKEY_URL: 'http://127.0.0.1:1'};
	const from = async (line: string) => (await run(line.split(' '), {env: elsewhere})).stdout;
	const email = `${administrator.email}, operator`;
	t.true((await from(`--url ${server.url} whoami`)).startsWith(email));
	t.true((await from(`--url=${server.url} whoami`)).startsWith(email));
	t.like(JSON.parse(await from(`--json --url ${server.url} whoami`)), {email: administrator.email});
	// What stands behind it counts.
	t.true((await from(`--url http://127.0.0.1:2 whoami --url ${server.url}`)).startsWith(email));
	// A value that is also the name of a command.
	const made = await run(['orgs', 'create', '--name', 'status']);
	t.is(made.status, 0, made.stderr);
	t.is((await run('--org status --quiet keys list'.split(' '))).stdout, '');
	t.is((await run('--org status --limit 1 keys list'.split(' '))).status, 0);
	const wrong: Record<string, RegExp> = {
		'--nope keys list': /Unknown option '--nope'/,
		'--nope': /Unknown option '--nope'/,
		'--limit keys list': /--limit/,
		'--url http://127.0.0.1:1 no-such-thing': /There is no command no-such-thing/,
		'--url http://127.0.0.1:1 keys': /keys needs one of: list/,
		'--json': /No command is named/,
		'--json doctor': /doctor runs only on the machine[^]*come after it/,
	};
	for (const [line, reason] of Object.entries(wrong)) {
		const {status, stdout, stderr} = await run(line.split(' '));
		t.is(status, 2, line);
		t.is(stdout, '', line);
		t.regex(stderr, reason, line);
	}
	t.regex((await run('--url x keys --help'.split(' '))).stdout, /^Usage: latchkey keys COMMAND/);
	t.regex((await run('--org x keys list -h'.split(' '))).stdout, /^Usage: latchkey keys list/);
});

test('a key whose end has come is expired in every command, and one is asked for alone', async (t) => {
	const made = await json<Key>(['keys', 'create', '--name', 'soon over', '--expires', '1h']);
	const db = connectDatabase(appliance.database, 'test');
	await db.raw("update api_keys set expires_at = now() - interval '1 minute' where id = :id", made);
	await db.destroy();
	const isListed = async (state: string) => {
		const {stdout} = await run(['keys', 'list', '--filter', `soon status:${state}`, '--quiet']);
		return stdout.trim() === made.id;
	};
	t.true(await isListed('expired'));
	t.false(await isListed('active'));
	t.regex(
		(await run(['keys', 'list', '--filter', 'soon'])).stdout,
		/soon over +hklst_\w{6} +expired /,
	);
	const shown = await run(['keys', 'show', made.id.toUpperCase()]);
	t.regex(shown.stdout, /^status +expired \d+[ms] ago$/m);
	t.regex(shown.stdout, new RegExp(`^created .*, by ${administrator.email}$`, 'm'));
	t.is((await json<KeyDetail>(['keys', 'show', made.id])).created_by, administrator.email);
	const none = await run(['keys', 'list', '--filter', 'soon status:revoked']);
	t.is(none.stderr, 'No key matches the filter.\n');
	const unknown = await run(['keys', 'list', '--filter', 'expired:yes']);
	t.is(unknown.status, 2);
	t.regex(unknown.stderr, /^latchkey: --filter: expired:yes: no such filter, there are status: /);
});

test('a key is made, listed, and revoked', async (t) => {
	const made = await run(['keys', 'create', '--name', 'from a script']);
	t.is(made.status, 0);
	t.regex(made.stdout, /^hklst_\w+\n$/);
	t.false(made.stderr.includes(made.stdout.trim()));

	const keys = await json<Key[]>(['keys', 'list', '--filter', 'from script']);
	t.is(keys.length, 1);
	t.deepEqual(Object.keys(keys[0] ?? {}), [
		'id',
		'name',
		'created_at',
		'last_used_at',
		'revoked_at',
	]);
	const id = keys[0]?.id ?? '';

	const asked = await run(['keys', 'revoke', id]);
	t.is(asked.status, 2, 'nothing is revoked without a terminal and without --yes');
	t.regex(asked.stderr, /--yes/);

	const revoked = await run(['keys', 'revoke', id, '--yes', '--json']);
	t.is(revoked.status, 0);
	t.deepEqual(JSON.parse(revoked.stdout), {revoked: [id], already_revoked: [], failed: []});

	const again = await run(['keys', 'revoke', id, '--yes', '--json']);
	t.is(again.status, 0, 'what was wanted is so');
	t.deepEqual(JSON.parse(again.stdout), {revoked: [], already_revoked: [id], failed: []});

	const unknown = await run(['keys', 'revoke', none, '--yes', '--json']);
	t.is(unknown.status, 3);
	t.is(unknown.stdout, '');
	const {error} = JSON.parse(unknown.stderr) as {error: Record<string, unknown>};
	t.like(error, {code: 'api_key_not_found', message: 'API key not found'});
	t.truthy(error['request_id']);
});

test('several keys are revoked from stdin; a part that failed is exit 9', async (t) => {
	const make = async () => (await json<Key>(['keys', 'create', '--name', 'one of many'])).id;
	const ids = [await make(), await make()];
	const all = await run(['keys', 'revoke', '-', '--yes', '--json'], {stdin: `${ids.join('\n')}\n`});
	t.is(all.status, 0);
	t.deepEqual((JSON.parse(all.stdout) as {revoked: string[]}).revoked, ids);
	const fresh = await make();
	const part = await run(['keys', 'revoke', ids[0] ?? '', none, fresh, '--yes', '--json']);
	t.is(part.status, 9);
	t.like(JSON.parse(part.stdout), {
		revoked: [fresh],
		already_revoked: [ids[0]],
		failed: [{id: none, error: 'API key not found'}],
	});
});

test('--out writes the key to a new private file and prints its id alone', async (t) => {
	const file = path.join(makeHome(), 'key');
	const {status, stdout} = await run(['keys', 'create', '--name', 'to a file', '--out', file]);
	t.is(status, 0);
	t.regex(stdout, /^[\da-f-]{36}\n$/);
	t.regex(fs.readFileSync(file, 'utf8'), /^hklst_\w+\n$/);
	t.is(fs.statSync(file).mode & 0o777, 0o600);
	t.is((await run(['keys', 'create', '--name', 'never made', '--out', file])).status, 2);
	t.deepEqual(await json(['keys', 'list', '--filter', 'never made']), []);
});

test('--quiet answers with ids alone, people with a table without colour', async (t) => {
	await json(['keys', 'create', '--name', 'quiet one']);
	const quiet = await run(['keys', 'list', '--quiet', '--limit', '1']);
	t.regex(quiet.stdout, /^[\da-f-]{36}\n$/);
	const table = await run(['keys', 'list']);
	t.regex(table.stdout, /^ID +NAME +HINT +STATUS +EXPIRES +LAST USED +CREATED\n/);
	t.false(table.stdout.includes('\u001B'));
});

test('organisations are named by id or by name, and a plan without keys is exit 5', async (t) => {
	const made = await json<Organisation>(['orgs', 'create', '--name', 'Beta Ltd']);
	t.is(made.plan, 'free');
	const byName = await run(['keys', 'create', '--org', 'beta ltd', '--name', 'x', '--json']);
	t.is(byName.status, 5);
	t.regex(byName.stderr, /plan_required/);
	t.is((await run(['keys', 'list', '--org', made.id])).status, 0);
	t.is((await run(['keys', 'list', '--org', 'nobody'])).status, 3);
	t.is((await run(['keys', 'list', '--org', '99999999-9999-4999-8999-999999999999'])).status, 3);
	await json(['orgs', 'create', '--name', 'Beta Ltd']);
	const both = await run(['keys', 'list', '--org', 'Beta Ltd']);
	t.is(both.status, 2);
	t.regex(both.stderr, new RegExp(made.id));
	t.true((await json<Organisation[]>(['orgs', 'list'])).length >= 3);
	t.deepEqual(await json(['sources', 'list', '--org', made.id]), []);
});

test('whoami and status say who and how', async (t) => {
	t.like(await json(['whoami']), {email: administrator.email, operator: true});
	t.regex((await run(['whoami'])).stdout, /admin@example\.com, operator, in default \(team plan\)/);
	t.like(await json(['status']), {status: 'ready'});
	t.regex((await run(['status'])).stdout, /postgresql +ok/);
});

test('without a session it is exit 4, without a server 7', async (t) => {
	const nobody = makeHome();
	t.is((await run(['whoami'], {env: {HOME: nobody}})).status, 4);
	t.is((await run(['whoami'], {env: {HOME: nobody, LATCHKEY_TOKEN: 'x'}})).status, 4);
	const away = await run(['status', '--url', 'http://127.0.0.1:1', '--json']);
	t.is(away.status, 7);
	t.like(JSON.parse(away.stderr), {error: {code: 'unreachable'}});
	t.is(
		(
			await run(['login', '--email', 'a@b', '--password-stdin'], {
				stdin: 'wrong',
				env: {HOME: nobody},
			})
		).status,
		4,
	);
});

test('what a role does not allow is exit 5', async (t) => {
	const [organisation] = await json<Organisation[]>(['orgs', 'list']);
	const member = await makeMember(appliance.database, organisation?.id ?? '', 'viewer');
	const token = await server.logIn(member);
	const file = path.join(makeHome(), 'token');
	fs.writeFileSync(file, `${token}\n`);
	const created = await run(['keys', 'create', '--name', 'x'], {env: {LATCHKEY_TOKEN_FILE: file}});
	t.is(created.status, 5);
	t.is((await run(['keys', 'list'], {env: {LATCHKEY_TOKEN: token}})).status, 0);
	t.is(
		(await run(['login', '--email', 'a@b', '--password-stdin'], {env: {LATCHKEY_TOKEN: token}}))
			.status,
		2,
	);
});

test('a service account from the environment acts, and nothing else is taken for it', async (t) => {
	const [organisation] = await json<Organisation[]>(['orgs', 'list']);
	const bearer = await server.logIn();
	const accounts = `/api/v1/organizations/${organisation?.id}/service-accounts`;
	const made = await server.call(accounts, {bearer, body: {name: 'CI', role: 'viewer'}});
	const {id} = made.json() as ServiceAccount;
	const answer = await server.call(`${accounts}/${id}/secrets`, {bearer, body: {}});
	const {client_secret: secret} = answer.json() as CreatedClientSecret;
	const file = path.join(makeHome(), 'secret');
	fs.writeFileSync(file, `${secret}\n`);
	const env = {HOME: makeHome(), LATCHKEY_CLIENT_ID: id, LATCHKEY_CLIENT_SECRET_FILE: file};

	t.is((await run(['keys', 'list'], {env})).status, 0);
	t.is((await run(['keys', 'create', '--name', 'x'], {env})).status, 5);
	t.is((await run(['orgs', 'list', '-q'], {env})).stdout, `${organisation?.id}\n`);
	t.false(fs.existsSync(path.join(env.HOME, '.local')), 'nothing is kept');

	const {LATCHKEY_CLIENT_SECRET_FILE: _, ...half} = env;
	for (const [what, argv, changed, status, said] of [
		['half of it', ['keys', 'list'], half, 2, /LATCHKEY_CLIENT_SECRET_FILE/],
		['two credentials', ['keys', 'list'], {...env, LATCHKEY_TOKEN: 'x'}, 2, /unset one/],
		[
			'no file',
			['keys', 'list'],
			{...env, LATCHKEY_CLIENT_SECRET_FILE: '/nowhere'},
			2,
			/cannot read/,
		],
		[
			'wrong secret',
			['keys', 'list'],
			{...half, LATCHKEY_CLIENT_SECRET: 'x'},
			4,
			/its secret is wrong/,
		],
		['login', ['login', '--email', 'a@b', '--password-stdin'], env, 2, /LATCHKEY_CLIENT_ID is set/],
		['logout', ['logout'], env, 2, /LATCHKEY_CLIENT_ID is set/],
	] as const) {
		const result = await run(argv, {env: changed});
		t.is(result.status, status, what);
		t.regex(result.stderr, said, what);
		t.false(result.stderr.includes(secret), what);
	}
});

test('two commands that renew the session at once both succeed, and the session lives on', async (t) => {
	const own = makeHome();
	const env = {HOME: own};
	const login = await run(['login', '--email', administrator.email, '--password-stdin'], {
		stdin: administrator.password,
		env,
	});
	t.is(login.status, 0);
	const file = sessionFile(path.join(own, '.local/state/latchkey'), new URL(server.url));
	const stored = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
	fs.writeFileSync(file, JSON.stringify({...stored, expires_at: 1}), {mode: 0o600});
	const both = await Promise.all([run(['whoami'], {env}), run(['whoami'], {env})]);
	t.deepEqual(
		both.map(({status}) => status),
		[0, 0],
	);
	const renewed = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
	t.not(renewed['refresh_token'], stored['refresh_token']);
	fs.writeFileSync(file, JSON.stringify({...renewed, expires_at: 1}), {mode: 0o600});
	t.is((await run(['whoami'], {env})).status, 0);
	t.is(fs.statSync(file).mode & 0o777, 0o600);
});

test('logging out ends the session on the server and forgets it here', async (t) => {
	const env = {HOME: makeHome()};
	await run(['login', '--email', administrator.email, '--password-stdin'], {
		stdin: administrator.password,
		env,
	});
	const file = sessionFile(path.join(env.HOME, '.local/state/latchkey'), new URL(server.url));
	const {access_token: token} = JSON.parse(fs.readFileSync(file, 'utf8')) as {access_token: string};
	t.is((await run(['logout'], {env})).status, 0);
	t.false(fs.existsSync(file));
	t.is((await run(['whoami'], {env})).status, 4);
	t.is((await run(['whoami'], {env: {...env, LATCHKEY_TOKEN: token}})).status, 4);
	t.is((await run(['logout'], {env})).status, 0);
});

test('a session file that others can read is refused', async (t) => {
	const env = {HOME: makeHome()};
	await run(['login', '--email', administrator.email, '--password-stdin'], {
		stdin: administrator.password,
		env,
	});
	const file = sessionFile(path.join(env.HOME, '.local/state/latchkey'), new URL(server.url));
	fs.chmodSync(file, 0o644);
	const {status, stderr} = await run(['whoami'], {env});
	t.is(status, 2);
	t.regex(stderr, /chmod 600/);
});

test('with LATCHKEY_READONLY nothing is changed', async (t) => {
	const env = {LATCHKEY_READONLY: '1'};
	t.is((await run(['keys', 'create', '--name', 'not made'], {env})).status, 2);
	t.is((await run(['keys', 'list'], {env})).status, 0);
	t.deepEqual(await json(['keys', 'list', '--filter', 'not made']), []);
});

test('on a terminal the password is asked for and not shown', async (t) => {
	const screen = createScreen();
	const environment = {HOME: makeHome(), LATCHKEY_URL: server.url};
	const done = main(['login'], environment, screen.streams);
	await screen.shows('Email:');
	t.true(screen.raw());
	screen.type(`${administrator.email}\r`);
	await screen.shows('Password:');
	screen.type(`${administrator.password}x`);
	screen.press('backspace', 'enter');
	t.is(await done, 0);
	t.regex(await screen.shows(`as ${administrator.email}`), /Password:$/m);
	t.false(screen.raw());

	const left = main(['login'], environment, screen.streams);
	await screen.shows(/Email:[^]*Email:/);
	screen.press('ctrl-c');
	t.is(await left, 130);
	screen.close();
});

test('on a terminal revoking asks, and takes nothing but a y for a yes', async (t) => {
	const {id} = await json<Key>(['keys', 'create', '--name', 'asked about']);
	const environment = {HOME: home, LATCHKEY_URL: server.url};
	for (const [answer, status] of [
		['', 2],
		['n', 2],
		['yes', 0],
	] as const) {
		const screen = createScreen();
		const done = main(['keys', 'revoke', id], environment, screen.streams);
		await screen.shows('Revoke asked about (never used)? This cannot be undone. [y/N]');
		screen.type(`${answer}\r`);
		t.is(await done, status, answer);
		screen.close();
	}
	const [key] = await json<Key[]>(['keys', 'list', '--filter', 'asked about']);
	t.truthy(key?.revoked_at);
});

test('what cannot be revoked is told before anything is asked', async (t) => {
	const {id} = await json<Key>(['keys', 'create', '--name', 'there']);
	const unknown = '018f0000-0000-7000-8000-000000000000';
	const environment = {HOME: home, LATCHKEY_URL: server.url};
	const screen = createScreen();
	const done = main(['keys', 'revoke', id, unknown], environment, screen.streams);
	const question = await screen.shows('Revoke there (never used)?');
	t.regex(question, new RegExp(`Not revoked ${unknown}: API key not found`));
	screen.type('y\r');
	t.is(await done, 9);
	const after = await screen.shows(`Revoked ${id}`);
	t.is(after.split('Not revoked').length, 2, 'and once');
	screen.close();

	const alone = createScreen();
	t.is(await main(['keys', 'revoke', unknown], environment, alone.streams), 3);
	t.notRegex(await alone.shows('API key not found'), /Revoke /);
	alone.close();
});

test('a list of more than one page comes whole', async (t) => {
	const organisation = await json<Organisation>([
		'orgs',
		'create',
		'--name',
		'pages',
		'--plan',
		'team',
	]);
	const token = await server.logIn();
	const names = Array.from({length: 205}, (_, index) => `key ${index}`);
	await Promise.all(
		Array.from({length: 4}, async (_, lane) => {
			for (const name of names.filter((__, index) => index % 4 === lane)) {
				await server.call(`/api/v1/organizations/${organisation.id}/api-keys`, {
					bearer: token,
					body: {name},
				});
			}
		}),
	);
	const keys = await json<Key[]>(['keys', 'list', '--org', organisation.id]);
	t.deepEqual(keys.map(({name}) => name).toSorted(), names.toSorted());
});

test('a webhook is enabled with what it missed, and its replaced secrets are ended', async (t) => {
	const home = await json<Organisation>(['orgs', 'create', '--name', 'Away', '--plan', 'team']);
	const here = <T>(...argv: string[]) => json<T>([...argv, '--org', home.id]);
	const to = 'https://hooks.example.com/latchkey';
	const {id} = await here<CreatedEndpoint>('webhooks', 'create', '--to', to);
	const webhook = (...argv: string[]) => here<Endpoint>('webhooks', ...argv, id);
	t.is((await webhook('disable')).status, 'disabled');
	await here('keys', 'create', '--name', 'while it was away');
	t.is((await webhook('enable', '--replay-missed')).status, 'active');
	const deliveries = await here<Delivery[]>('webhooks', 'deliveries', '--webhook', id);
	t.deepEqual(
		deliveries.map(({event_type: type, status}) => [type, status]),
		[['key.created', 'pending']],
	);
	await here('webhooks', 'rotate-secret', id);
	t.is((await webhook('show')).secrets.length, 2);
	t.is((await webhook('end-replaced-secrets')).secrets.length, 1);
});
