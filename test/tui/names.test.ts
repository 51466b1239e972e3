import ava from 'ava';
import type {Key, KeyDetail} from '../../contract/keys.ts';
import {administrator} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {makeHome, type Result, runScript} from './script.ts';

/** One after another: they share keys. */
const test = ava.serial;

/* Commands take what people have at hand: names, emails, beginnings of keys, a key in a file. */

const {appliance, server} = await openServer();
const home = makeHome();
const login = await run(['login', '--email', administrator.email, '--password-stdin'], {
	stdin: `${administrator.password}\n`,
});
if (login.status !== 0) throw new Error(login.stderr);

test.after.always(() => appliance.stop());

async function run(
	argv: readonly string[],
	{stdin, env}: {stdin?: string; env?: Record<string, string>} = {},
): Promise<Result> {
	return runScript(argv, {HOME: home, LATCHKEY_URL: server.url, ...env}, stdin);
}

async function make(name: string): Promise<KeyDetail & {key: string}> {
	const {stdout} = await run(['keys', 'create', '--name', name, '--json']);
	return JSON.parse(stdout) as KeyDetail & {key: string};
}

test('a key is named by its name in any letters, its beginning or its id; several of a name are told', async (t) => {
	const made = await make('billing-prod');
	for (const named of ['billing-prod', 'Billing-Prod', made.key.slice(0, 12), made.id]) {
		const {stdout} = await run(['keys', 'show', named, '--quiet']);
		t.is(stdout, `${made.id}\n`, named);
	}
	for (const argv of [
		['keys', 'suspend', 'billing-prod'],
		['keys', 'resume', 'billing-prod'],
		['keys', 'update', 'billing-prod', '--description', 'of the shop'],
		['keys', 'limits', 'billing-prod'],
	]) {
		t.is((await run(argv)).status, 0, argv.join(' '));
	}
	const twin = await make('billing-prod');
	const several = await run(['keys', 'revoke', 'billing-prod', '--yes']);
	t.is(several.status, 2);
	t.true(several.stderr.includes(made.id) && several.stderr.includes(twin.id));
	t.is((await run(['keys', 'revoke', twin.id, '--yes'])).status, 0);
	t.is((await run(['keys', 'show', 'billing-prod', '--quiet'])).stdout, `${made.id}\n`);
});

test('a whole key is no argument, and is not repeated', async (t) => {
	const {key} = await make('told');
	for (const argv of [
		['keys', 'find', key],
		['keys', 'show', key],
		['keys', 'revoke', key, '--yes'],
		['keys', 'verify', key],
	]) {
		const {status, stdout, stderr} = await run(argv);
		t.is(status, 2, argv.join(' '));
		t.false((stdout + stderr).includes(key), argv.slice(0, 2).join(' '));
		t.regex(stderr, /never an argument/);
	}
});

test('a key that was found is recognised: whose it is, whether it works, what can be done', async (t) => {
	const {key, id} = await make('leaked');
	const found = await run(['keys', 'find', '-'], {
		stdin: `2026-11-30 10:03 GET /orders Authorization: Bearer ${key} 200\n`,
	});
	t.is(found.status, 0, found.stderr);
	t.false(found.stdout.includes(key) || found.stderr.includes(key));
	t.regex(found.stdout, /^name +leaked$/m);
	t.regex(found.stdout, /^use +It would be accepted\.$/m);
	t.regex(found.stdout, /^organisation +default$/m);
	t.regex(found.stdout, /^24 hours +0 accepted$/m);
	t.true(found.stdout.indexOf(`keys suspend ${id}`) < found.stdout.indexOf(`keys revoke ${id}`));
	const {stdout} = await run(['keys', 'find', '-', '--json'], {stdin: key});
	t.like(JSON.parse(stdout), {id, code: 'VALID', organization: {name: 'default'}});

	await run(['keys', 'revoke', id, '--yes']);
	const over = await run(['keys', 'find', '-'], {stdin: key});
	t.regex(over.stdout, /^use +It would be refused: .*REVOKED/m);
	t.false(over.stdout.includes('keys suspend'));

	const cut = await run(['keys', 'find', '-'], {stdin: key.slice(0, 30)});
	t.is(cut.status, 0);
	t.true(cut.stdout.includes(id) && !cut.stdout.includes(key.slice(0, 30)));
	const wrong = await run(['keys', 'find', '-'], {stdin: `${key.slice(0, -1)}_`});
	t.false((wrong.stdout + wrong.stderr).includes(key.slice(0, 20)));
	const swapped = key.slice(0, -2) + key.at(-1) + key.at(-2);
	const mistyped = await run(['keys', 'find', '-'], {
		stdin: swapped === key ? `${key.slice(0, -1)}0` : swapped,
	});
	t.is(mistyped.status, 3);
	t.regex(mistyped.stderr, /checksum is wrong/);
	t.is((await run(['keys', 'find', '-'], {stdin: 'nothing of the kind, at all'})).status, 3);
	t.is((await run(['keys', 'find', 'leak', '--quiet'])).stdout, `${id}\n`);
});

test('revoking again is done already, and an unknown one still fails', async (t) => {
	const {id} = await make('twice');
	const first = await run(['keys', 'revoke', 'twice', '--yes']);
	t.is(first.status, 0, first.stderr);
	for (const argv of [
		['keys', 'revoke', id, '--yes'],
		['keys', 'revoke', 'twice', '--yes'],
	]) {
		const again = await run(argv);
		t.is(again.status, 0, again.stderr);
		t.is(again.stderr, `Already revoked ${id}\n`);
	}
	const none = '99999999-9999-4999-8999-999999999999';
	const {status, stdout} = await run(['keys', 'revoke', '-', '--yes', '--json'], {
		stdin: `${id}\n${none}\nno such name\n`,
	});
	t.is(status, 9);
	t.like(JSON.parse(stdout), {revoked: [], already_revoked: [id], failed: {length: 2}});
	const dry = await run(['keys', 'revoke', id, '--dry-run']);
	t.is(dry.status, 0);
	t.regex(dry.stderr, /Already revoked/);
});

test('the trail is narrowed by name and email, also of what is gone', async (t) => {
	await make('audited');
	await run(['keys', 'revoke', 'audited', '--yes']);
	await run(['sources', 'create', '--name', 'gone', '--type', 'csv']);
	const sources = await run(['sources', 'list', '--json']);
	const source = (JSON.parse(sources.stdout) as Key[]).find(({name}) => name === 'gone');
	await run(['sources', 'delete', source?.id ?? '', '--yes']);
	const actions = async (...argv: string[]) => {
		const {status, stdout, stderr} = await run(['audit', 'list', ...argv, '--json']);
		t.is(status, 0, stderr);
		return (JSON.parse(stdout) as {action: string}[]).map(({action}) => action);
	};
	t.deepEqual(await actions('--target', 'audited'), ['key.revoked', 'key.created']);
	t.deepEqual(await actions('--target', 'gone'), ['source.deleted', 'source.created']);
	t.deepEqual(await actions('--target', 'gone', '--limit', '1'), ['source.deleted']);
	const byMe = await actions('--actor', administrator.email, '--action', 'source.created');
	t.deepEqual(byMe, ['source.created']);
	t.deepEqual(await actions('--actor', 'nobody@example.com'), []);
});

test('what is there already is not made again where that is asked for', async (t) => {
	const first = await run(['keys', 'create', '--name', 'once', '--if-not-exists', '--quiet']);
	t.regex(first.stdout, /^hklst_/);
	const again = await run(['keys', 'create', '--name', 'once', '--if-not-exists', '--quiet']);
	t.like(again, {status: 0, stdout: ''});
	const told = await run(['keys', 'create', '--name', 'once', '--if-not-exists', '--json']);
	t.is((JSON.parse(told.stdout) as Key).name, 'once');
	const org = ['orgs', 'create', '--name', 'Just one', '--if-not-exists', '--quiet'];
	t.is((await run(org)).stdout, (await run(org)).stdout);
	const role = ['roles', 'create', '--name', 'r1', '--scopes', 'a.b', '--if-not-exists', '-q'];
	t.is((await run(role)).stdout, (await run(role)).stdout);
});

test('a mistyped command says what was meant; help is asked for in every usual way', async (t) => {
	for (const [argv, said] of [
		['keys lst', 'Did you mean keys list?'],
		['key list', 'Did you mean keys list?'],
		['webhook', 'Did you mean webhooks?'],
		['keys nonsense', 'See `latchkey keys --help`.'],
	] as const) {
		const {status, stderr} = await run(argv.split(' '));
		t.is(status, 2);
		t.true(stderr.includes(said), stderr);
	}
	const help = await run(['keys', '--help']);
	for (const argv of ['help keys', 'keys help']) t.deepEqual(await run(argv.split(' ')), help);
	const ofOne = await run(['keys', 'create', '--help']);
	t.deepEqual(await run(['help', 'keys', 'create']), ofOne);
	t.deepEqual(await run(['help']), await run(['--help']));
	for (const argv of [['version'], ['-v']]) t.deepEqual(await run(argv), await run(['--version']));
});

test('what is wrong is told by the option that gave it', async (t) => {
	for (const [argv, said] of [
		['keys create --name x --expires soon', /--expires: takes 90d/],
		['keys create', /--name is required/],
		['audit list --since soon', /--since must be a time such as 1h/],
		['audit list --action Nonsense!', /--action /],
		['webhooks create --to nowhere', /--to /],
	] as const) {
		const {status, stderr} = await run(argv.split(' '));
		t.is(status, 2, stderr);
		t.regex(stderr, said);
	}
	const day = await run(['audit', 'list', '--since', '2026-01-01', '--limit', '1', '--quiet']);
	t.is(day.status, 0, day.stderr);
});

test('hints name the form that the program was called in', async (t) => {
	const empty = makeHome();
	const env = {HOME: empty, LATCHKEY_CALLED_AS: 'docker compose run --rm tui'};
	const {stderr} = await run(['whoami'], {env});
	t.regex(stderr, /Run `docker compose run --rm tui login`/);
	const npm = {HOME: empty, npm_lifecycle_event: 'console', npm_package_name: 'latchkey'};
	t.regex((await run(['whoami'], {env: npm})).stderr, /Run `npm run --silent console -- login`/);
});

test('of a credential in the environment it is told what is wrong with it, and who it is', async (t) => {
	const bad = await run(['whoami'], {env: {LATCHKEY_TOKEN: 'nonsense'}});
	t.is(bad.status, 4);
	t.regex(bad.stderr, /token of LATCHKEY_TOKEN/);
	t.regex(bad.stderr, /unset it/);
	t.false(bad.stderr.includes('latchkey login'));

	const argv = ['service-accounts', 'create', '--name', 'ci', '--role', 'admin', '--quiet'];
	const id = (await run(argv)).stdout.trim();
	const secret = JSON.parse(
		(await run(['service-accounts', 'new-secret', id, '--json'])).stdout,
	) as Record<string, string>;
	const {client_id: LATCHKEY_CLIENT_ID = '', client_secret: LATCHKEY_CLIENT_SECRET = ''} = secret;
	const env = {LATCHKEY_CLIENT_ID, LATCHKEY_CLIENT_SECRET};
	const who = await run(['whoami'], {env});
	t.is(who.status, 0, who.stderr);
	t.true(who.stdout.startsWith(`service account ${LATCHKEY_CLIENT_ID}, in default (team plan)`));
	const wrong = await run(['whoami'], {env: {...env, LATCHKEY_CLIENT_SECRET: 'lks_wrong'}});
	t.is(wrong.status, 4, wrong.stderr);
	t.regex(wrong.stderr, /LATCHKEY_CLIENT_ID/);
});
