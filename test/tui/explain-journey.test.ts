import ava from 'ava';
import {administrator, defaultOrganisation, makeMember} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {logIn, moveTo, openConsole} from './person.ts';
import {makeHome, runScript} from './script.ts';

/* Why a key is refused, as a person and a script find it out at a real server. */

const test = ava.serial;
const HOME = makeHome();
const {appliance, server, jwt} = await openAppliance();
const {id: organisation} = await defaultOrganisation(server, jwt);
const list = `/api/v1/organizations/${organisation}/api-keys`;
const bound = await make('billing', {
	ip_allow: ['10.20.0.0/16'],
	scopes: ['orders.read'],
	rate_limits: [{name: 'requests', limit: 100, window_seconds: 86_400}],
});

test.after.always(() => appliance.stop());

async function make(name: string, terms: object = {}) {
	const made = await server.call(list, {bearer: jwt, body: {name, ...terms}});
	if (made.status !== 201) throw new Error(made.text);
	return made.json() as {id: string; key: string};
}

const run = (argv: readonly string[], stdin?: string, env: Record<string, string> = {}) =>
	runScript(argv, {LATCHKEY_URL: server.url, HOME, ...env}, stdin);

test('a refusal is explained from the list and from the trail, and again after it was suspended', async (t) => {
	const screen = openConsole(t, {url: server.url});
	await logIn(screen);
	await moveTo(screen, 'billing');
	screen.press('v');
	await screen.shows('Would this use of billing be accepted?');
	await screen.shows(/x fail +address +no address was given/);
	await screen.shows(/Whoever uses it gets 403/);
	screen.type('10.20.3.4');
	await screen.shows('Press enter to ask about this; the answer below is an earlier one.');
	screen.press('tab');
	screen.type('orders.read');
	screen.press('enter');
	await screen.shows('✓ It would be accepted.');
	await screen.shows(/✓ pass +rate limits +requests 100 of 100/);
	screen.press('tab', 'enter');
	await screen.shows('✓ It would be accepted.');
	screen.press('escape');
	await screen.shows(/› keys .*live/);

	t.is((await server.call('/api/v1/sources', {bearer: bound.key})).status, 403);
	const suspended = await server.call(`${list}/${bound.id}/suspend`, {bearer: jwt, body: {}});
	t.is(suspended.status, 200, suspended.text);
	screen.press('5');
	await screen.shows(/▌ .*key\.suspended +billing/);
	screen.press('enter');
	await screen.shows(/Action +key\.suspended/);
	screen.press('v');
	await screen.shows('x It would be refused: suspended (SUSPENDED).');
	await screen.shows(/Address +10\.20\.3\.4/);
	t.regex(screen.text(), /gets 401: Invalid or missing API key/);
	screen.press('escape');
	await screen.shows(/Action +key\.suspended/);
	t.is((await server.call(`${list}/${bound.id}/resume`, {bearer: jwt, body: {}})).status, 200);
});

test('it fits the smallest screen, without colour and in ASCII', async (t) => {
	const env = {NO_COLOR: '1', LATCHKEY_ASCII: '1'};
	const screen = openConsole(t, {url: server.url, columns: 60, rows: 16, env});
	await screen.shows('Log in to');
	screen.type(administrator.email);
	screen.press('enter');
	await screen.shows(/> +Password/);
	screen.type(administrator.password);
	screen.press('enter');
	await screen.shows(/> keys .*live/);
	screen.press('v');
	await screen.shows('x It would be refused: address (IP_DENIED).');
	await screen.shows(/\+ pass +form of a key/);
	await screen.shows(/! \d+ more lines: /);
	screen.press('pagedown', 'pagedown');
	await screen.shows(/- skipped +quota +there is none/);
	await screen.shows(/> +Address/);
	t.notRegex(screen.text(), /[^\n\x20-\x7E]/);
});

test('from the screen of a key: what somebody did meanwhile is told when it is asked again', async (t) => {
	const {id} = await make('passing');
	const screen = openConsole(t, {url: server.url});
	await logIn(screen);
	await moveTo(screen, 'passing');
	screen.press('enter');
	await screen.shows('24 hours');
	screen.press('v');
	await screen.shows('✓ It would be accepted.');
	t.is((await server.call(`${list}/${id}`, {bearer: jwt, method: 'DELETE'})).status, 200);
	screen.press('enter');
	await screen.shows('x It would be refused: revoked (REVOKED).');
	screen.press('escape');
	await screen.shows('24 hours');
	const viewer = await makeMember(appliance.database, organisation, 'viewer');
	const other = openConsole(t, {url: server.url});
	await logIn(other, viewer);
	await moveTo(other, 'billing');
	other.press('v');
	await other.shows('It would be refused');
	other.press('escape');
});

test('while the server is away what was said stays, and enter asks again once it is back', async (t) => {
	// A server of its own: the other is in use.
	const stopped = await appliance.startServer();
	const screen = openConsole(t, {url: stopped.url});
	await logIn(screen);
	await moveTo(screen, 'billing');
	screen.press('v');
	await screen.shows('It would be refused');
	stopped.kill('SIGSTOP');
	t.teardown(() => stopped.kill('SIGCONT'));
	screen.press('enter');
	await screen.shows('! Could not ask:');
	t.regex(screen.text(), /x It would be refused: address/);
	stopped.kill('SIGCONT');
	await screen.shows('The server is back');
	screen.press('enter');
	await screen.hides('Could not ask');
	await screen.shows('x It would be refused: address');
});

test('the command says the same by its exit status, for a key by id or name', async (t) => {
	const login = ['login', '--email', administrator.email, '--password-stdin'];
	t.is((await run(login, administrator.password)).status, 0);
	const explain = (...argv: string[]) => run(['keys', 'explain', ...argv]);

	const good = await explain('billing', '--ip', '10.20.3.4', '--scopes', 'orders.read');
	t.is(good.status, 0, good.stderr);
	t.regex(good.stdout, /^verdict +It would be accepted\.$/m);
	t.regex(good.stdout, /^address +pass: 10\.20\.3\.4 may use it$/m);
	t.regex(good.stdout, /^requests +100 of 100 left, /m);
	const bad = await explain(bound.id.toUpperCase(), '--ip', '192.0.2.1');
	t.is(bad.status, 10, bad.stderr);
	t.regex(bad.stdout, /^answered +403: This key may not be used from this address\.$/m);
	t.regex(bad.stdout, /^address +fail: 192\.0\.2\.1 is in none of ip_allow$/m);
	const data = await explain('billing', '--json');
	t.is(data.status, 10);
	t.like(JSON.parse(data.stdout), {valid: false, code: 'IP_DENIED', key_id: bound.id});
	t.is((await explain('nobody')).status, 3);
	t.is((await explain('billing', '--ip', 'nowhere')).status, 2);
	await make('twice');
	const {id: newer} = await make('twice');
	const several = await explain('twice');
	t.is(several.status, 2);
	t.regex(several.stderr, new RegExp(`Several API keys are called twice[^]*${newer}`));
	await server.call(`${list}/${newer}`, {bearer: jwt, method: 'DELETE'});
	t.is((await explain('twice')).status, 0, 'the one that still works');
});

test('a key is verified from stdin and never from an argument; it is a use only with --count', async (t) => {
	const {id, key} = await make('piped', {quota: {limit: 5, period: 'total'}});
	const used = async () => {
		const shown = await server.call(`${list}/${id}`, {bearer: jwt});
		return (shown.json() as {quota_used: number}).quota_used;
	};
	const verify = (stdin: string, ...argv: string[]) => run(['keys', 'verify', ...argv], stdin);
	const good = await verify(`${key}\n`, '-');
	t.is(good.status, 0, good.stderr);
	t.regex(good.stdout, /^quota +pass: quota 5 of 5$/m);
	t.is(await used(), 0);
	const counted = await verify(key, '-', '--count', '--json');
	t.like(JSON.parse(counted.stdout), {valid: true, key_id: id});
	t.true(await eventually(async () => (await used()) === 1));
	t.like(await run(['keys', 'verify', '-', '--count'], key, {LATCHKEY_READONLY: '1'}), {status: 2});

	const bad = await verify('no key at all', '-');
	t.is(bad.status, 10);
	t.regex(bad.stdout, /refused: not a key \(MALFORMED\)/);
	const argument = await verify('', key);
	t.is(argument.status, 2);
	t.regex(argument.stderr, /A key is never an argument/);
	t.is((await verify('', '-')).status, 2);
	t.is((await verify('')).status, 2, 'without a terminal nobody can be asked');
	for (const {stdout, stderr} of [good, counted, bad, argument]) {
		t.false(`${stdout}${stderr}`.includes(key));
	}
});
