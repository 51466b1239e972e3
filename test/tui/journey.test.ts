import {mkdtempSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import ava, {type ExecutionContext} from 'ava';
import {organisation as organisationSchema} from '../../contract/organisations.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {findUserByEmail, insertMembership} from '../../core/people/store.ts';
import {terms} from '../../tui/api-keys/terms.ts';
import {main} from '../../tui/main.ts';
import {keyFields, throughKeyForm} from './driven.ts';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	makeKey,
	makeMember,
	makeOrganisation,
} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {listens, logIn, openConsole, typeWord} from './person.ts';
import {createScreen} from './screen.ts';
import {makeHome, runScript} from './script.ts';

/** One after another. Consoles that draw at once keep each other, and their requests, from coming to an end in time. */
const test = ava.serial;

/*
The console as a person uses it, on an emulated terminal, against a real server.
*/

const {appliance, server} = await openServer();

test.after.always(() => appliance.stop());

type Options = Omit<Parameters<typeof openConsole>[1], 'url'> & {url?: string};

const open = (t: ExecutionContext, options: Options = {}) =>
	openConsole(t, {url: server.url, ...options});

test('from nothing: the first administrator, a key, its use and its end', async (t) => {
	const own = await createAppliance();
	t.teardown(() => own.stop());
	const fresh = await own.startServer({
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: '',
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: '',
	});
	const screen = open(t, {url: fresh.url, env: {LATCHKEY_SECRETS_DIR: own.secretsDirectory}});
	await screen.shows('setup token was found');
	t.true(screen.alternate());
	screen.type('ana@acme.example');
	screen.press('enter');
	screen.type('short');
	await screen.shows('at least 15 characters');
	screen.type(' but made longer');
	await screen.hides('! password');
	screen.press('enter');
	screen.type('short but made longer');
	await screen.shows(/Password again +•{21}/);
	t.false(screen.text().includes('short but'), 'passwords are never shown');
	screen.press('enter');

	await screen.shows('The organisation "default" has no API keys yet');
	screen.press('n');
	await screen.shows('A new API key');
	screen.press('enter');
	await screen.shows(/> +Description/);
	screen.press(...throughKeyForm.slice(1));
	await screen.shows('! name is required');
	screen.type('ingest-prod');
	screen.press(...throughKeyForm);
	await screen.shows('only time it is shown');
	const [key = ''] = /^hklst_\w+$/m.exec(screen.text()) ?? [];
	t.is((await fresh.call('/api/v1/sources', {bearer: key})).status, 200);
	screen.press('c');
	await screen.shows('Sent it to the terminal');
	t.is(screen.clipboard(), key);
	screen.press('enter');
	await screen.shows('last 4 characters');
	t.false(screen.text().includes(key));
	screen.type('????');
	screen.press('enter');
	await screen.shows('not its last characters');
	screen.type(key.slice(-4));
	await screen.shows(/▌ ingest-prod +active +never/);
	t.false(screen.text().includes(key));

	await own.startWorker();
	await fresh.call('/api/v1/sources', {bearer: key});
	await screen.shows(/▌ ingest-prod +active +(?:just now|\d+s ago)/);

	screen.press('x');
	await screen.shows('It is in use');
	await typeWord(screen, 'ingest-prod', 'Revoke');
	await screen.shows(/▌ ingest-prod +x revoked/);
	t.is((await fresh.call('/api/v1/sources', {bearer: key})).status, 401);

	screen.press('q');
	t.is(await screen.exit, 0);
	await screen.settled();
	t.false(screen.alternate());
	t.false(screen.raw());
	t.false(screen.scrollback().includes(key), 'no key is left in the scrollback');
});

test('without the secrets folder the setup token is asked for, and a wrong one refused', async (t) => {
	const own = await createAppliance();
	t.teardown(() => own.stop());
	const fresh = await own.startServer({
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: '',
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: '',
	});
	const screen = open(t, {url: fresh.url});
	await screen.shows(/> +Setup token/);
	screen.type('wrong');
	screen.press('enter');
	screen.type('ana@acme.example');
	screen.press('enter');
	for (const again of [1, 2]) {
		screen.type('correct horse battery');
		screen.press(again === 1 ? 'enter' : 'tab');
	}
	await screen.shows(/> +Setup token/);
	screen.press('up', 'enter');
	await screen.shows('The setup token is not valid');
	const token = await readFile(path.join(own.secretsDirectory, 'setup_token'), 'utf8');
	screen.press('\u0015');
	screen.paste(`${token.trim()}\n`);
	screen.press('up', 'enter');
	t.regex(
		await screen.shows('The organisation "default" has no API keys yet'),
		/owner · ana@acme\.example/,
	);
});

test('a wrong password is refused, and the right one logs in', async (t) => {
	const screen = open(t);
	await screen.shows('Log in to');
	screen.type(administrator.email);
	screen.press('enter');
	screen.type('not the password');
	screen.press('enter');
	await screen.shows('Invalid email or password');
	screen.type(administrator.password);
	screen.press('enter');
	await screen.shows(/› keys/);
	screen.press('q');
	t.is(await screen.exit, 0);
});

test('a list is moved through, filtered, sorted, opened and watched', async (t) => {
	const jwt = await server.logIn();
	const organisation = await makeOrganisation(server, jwt, 'team');
	const names = [
		'数据平台',
		'e\u0301te\u0301',
		'x'.repeat(200),
		...Array.from({length: 40}, (_, index) => `row-${String(index).padStart(2, '0')}`),
	];
	for (const name of names) {
		// In turn, so that their order is known.
		await makeKey(server, jwt, organisation.id, name);
	}
	const member = await makeMember(appliance.database, organisation.id, 'developer');
	const screen = open(t);
	await logIn(screen, member);
	await screen.shows('43 keys');
	screen.press('G');
	await screen.shows('row 43 of 43');
	await screen.shows(/^▌ 数据平台 {2,}active/m);
	await screen.shows(/ x+… {2}active/);
	screen.press('g', 'j', 'j', 'down');
	await screen.shows('row 4 of 43');
	screen.press('s');
	await screen.shows('Sort by: n name · s status · l last used · h hint · e expires · c created');
	screen.press('n');
	await screen.shows(/sort name ▲/);
	await screen.shows('row 38 of 43');
	screen.press('S', '/');
	screen.type('row-0 used:nev');
	await screen.shows('10 of 43');
	screen.press('enter');
	await screen.shows(/43 keys {2}\/ row-0 used:nev {2}10 match/);
	screen.press('enter');
	await screen.shows(/Id +[\da-f-]{36}/);
	screen.press('escape');
	await screen.shows('10 match');
	screen.press('escape');
	await screen.hides('10 match');
	screen.press('?');
	await screen.shows('Keys: keyboard shortcuts');
	screen.press('escape');
	await screen.hides('Keys: keyboard shortcuts');

	const late = await makeKey(server, jwt, organisation.id, 'made elsewhere');
	await screen.shows('44 keys');
	screen.press('/');
	screen.type('made elsewhere');
	screen.press('enter');
	await screen.shows(/▌ made elsewhere +active/);
	await server.call(`/api/v1/organizations/${organisation.id}/api-keys/${late.id}`, {
		bearer: jwt,
		method: 'DELETE',
	});
	await screen.shows('made elsewhere was revoked elsewhere');
	t.regex(await screen.shows(/▌ made elsewhere +x revoked/), /44 keys/);
});

test('an operator makes an organisation, gives it the plan for keys, and works in it', async (t) => {
	const screen = open(t);
	await logIn(screen);
	screen.press('3');
	await screen.shows(/▌ default \(here\)/);
	screen.press('n');
	await screen.shows('A new organisation');
	screen.type('Nordlicht');
	screen.press('enter');
	await screen.shows(/> +Plan/);
	screen.press('\u0015');
	screen.type('free');
	screen.press('enter');
	await screen.shows(/▌ Nordlicht +free/);
	await screen.shows('as of');
	t.regex(screen.text(), /▌ Nordlicht +free/, 'also once the list was read again');
	screen.press('enter');
	await screen.shows('Nordlicht is on the free plan');
	screen.press('n');
	await screen.shows('API keys need the Team plan');
	screen.press('3');
	await screen.shows(/▌ Nordlicht \(here\)/);
	await listens();
	screen.press('e');
	await screen.shows('Plan of Nordlicht');
	screen.press('G', 'j', 'j');
	await screen.shows('▌ team');
	screen.press('enter');
	await screen.shows('Nordlicht is now on the team plan');
	screen.press('1', 'n');
	t.regex(await screen.shows('A new API key for Nordlicht'), /^ Nordlicht › keys › new key/);
});

/** A viewer where they log in first, and a developer in another organisation. */
async function makeTraveller() {
	const jwt = await server.logIn();
	const make = async (name: string) => {
		const body = {name, plan: 'team'};
		const made = await server.call('/api/v1/organizations', {bearer: jwt, body});
		return organisationSchema.parse(made.json());
	};
	const [first, second] = [await make('Where I look'), await make('Where I work')];
	const member = await makeMember(appliance.database, first.id, 'viewer');
	const db = connectDatabase(appliance.database, 'test');
	try {
		const user = await findUserByEmail(db, member.email);
		await insertMembership(db, {
			organisationId: second.id,
			userId: user?.id ?? '',
			role: 'developer',
		});
	} finally {
		await db.destroy();
	}
	return {...member, second};
}

test('one’s role is that in the organisation one works in', async (t) => {
	const traveller = await makeTraveller();
	const screen = open(t);
	await logIn(screen, traveller);
	screen.press('8');
	await screen.shows(/Role +viewer/);
	for (const [name, role, way] of [
		['Where I work', 'developer', 'G'],
		['Where I look', 'viewer', 'g'],
	] as const) {
		screen.press('3');
		await screen.shows(/\(here\)/);
		screen.press(way);
		await screen.shows(`▌ ${name}`);
		screen.press('enter');
		await screen.shows(`${name} › keys`);
		screen.press('8');
		await screen.shows(new RegExp(`Role +${role}`));
	}
	t.regex(screen.text(), /Organisation +Where I look/);
});

test('a profile opens its server, in the organisation that was chosen there', async (t) => {
	const traveller = await makeTraveller();
	const HOME = makeHome();
	const nobody = 'http://127.0.0.1:1';
	const env = {HOME, LATCHKEY_URL: nobody};
	const logInAs = `login --email ${traveller.email} --password-stdin --profile work --url ${server.url}`;
	for (const line of [logInAs, `use ${traveller.second.id} --profile work`]) {
		t.is((await runScript(line.split(' '), env, traveller.password)).status, 0, line);
	}
	const away = open(t, {env});
	await away.shows(`Cannot reach ${nobody}`);

	const screen = open(t, {env, argv: ['--profile', 'work']});
	await screen.shows('Where I work › keys');
	screen.press('8');
	await screen.shows(/Role +developer/);
	t.regex(screen.text(), /Profile +work/);
	t.true(screen.text().includes(server.url));
});

test('when the server stops, what is shown stays; when it is back, so is the console', async (t) => {
	// A server of its own: the others are in use.
	const stopped = await appliance.startServer();
	const screen = open(t, {url: stopped.url});
	await logIn(screen);
	stopped.kill('SIGSTOP');
	t.teardown(() => stopped.kill('SIGCONT'));
	await screen.shows(/OFFLINE since/);
	t.regex(screen.text(), /› keys/);
	screen.press('n');
	await screen.shows('Server unreachable: nothing can be changed');
	stopped.kill('SIGCONT');
	await screen.shows('The server is back');
	await screen.shows(/live/);
});

test('nobody there: it says so and goes on trying', async (t) => {
	const screen = open(t, {url: 'http://127.0.0.1:1'});
	await screen.shows('Cannot reach http://127.0.0.1:1');
	await screen.shows('Nothing listens there');
	screen.press('r');
	await screen.shows(/Next try/);
	screen.press('q');
	t.is(await screen.exit, 0);
});

test('when the session ends one logs in again and is where one was', async (t) => {
	const jwt = await server.logIn();
	const organisation = await defaultOrganisation(server, jwt);
	const member = await makeMember(appliance.database, organisation.id, 'admin');
	const home = mkdtempSync(path.join(os.tmpdir(), 'latchkey-home-'));
	const screen = open(t, {env: {HOME: home}});
	await logIn(screen, member);
	screen.press('n');
	await screen.shows('A new API key');
	screen.type('half a na');
	screen.press('enter');
	await screen.shows(/> +Description/);
	// Elsewhere, the same person logs out of the same session.
	const other = createScreen();
	const environment = {HOME: home, LATCHKEY_URL: server.url};
	t.is(await main(['logout'], environment, other.streams), 0);
	other.close();
	screen.press(...throughKeyForm.slice(1));
	await screen.shows('Your session has ended');
	screen.type(member.password);
	screen.press('enter');
	t.regex(await screen.shows(/Basics +name half a na/), /session had ended, so nothing was done/);
	screen.press(...throughKeyForm.slice(1).map(() => 'up'));
	await screen.shows(/Name +half a na/);
	screen.type('me');
	screen.press(...throughKeyForm);
	t.regex(await screen.shows('The key half a name was created'), /^hklst_\w+$/m);
});

test('any size is drawn as if the console had been opened at it', async (t) => {
	const jwt = await server.logIn();
	const organisation = await makeOrganisation(server, jwt, 'team');
	for (const name of ['one', 'zwei 数据', 'trois']) {
		await makeKey(server, jwt, organisation.id, name);
	}
	const member = await makeMember(appliance.database, organisation.id, 'viewer');
	const resized = open(t);
	await logIn(resized, member);
	for (const [columns, rows] of [
		[60, 24],
		[160, 50],
		[61, 16],
		[120, 30],
		[80, 24],
	] as const) {
		resized.resize(columns, rows);
		await resized.shows(columns >= 140 ? /Id +[\da-f-]{36}/ : /▌ trois/);
		const opened = open(t, {columns, rows});
		await logIn(opened, member);
		// The clock and the pace of the refresh, and ages, are of the moment.
		const still = (text: string) =>
			text.replaceAll(/\d\d:\d\d:\d\d|\d+s ago|just now|live \d+s/g, '').replaceAll(/ +/g, ' ');
		await eventually(() => still(resized.text()) === still(opened.text()), {
			what: `equal screens at ${columns}x${rows}:\n${resized.text()}\n---\n${opened.text()}`,
		});
		t.pass();
	}
	resized.resize(59, 15);
	await resized.shows('Need 60x16, have 59x15');
	resized.resize(80, 24);
	await resized.shows(/▌ trois/);
});

test('on the smallest terminal each field of a form is seen with what it takes, and each fact of a key', async (t) => {
	const screen = open(t, {columns: 60, rows: 16});
	await logIn(screen);
	screen.press('n');
	await screen.shows(/^ {2}> Name/m);
	screen.type('bound everywhere');
	for (const name of keyFields.slice(1)) {
		const {label, takes} = terms[name as keyof typeof terms];
		screen.press('enter');
		await screen.shows(new RegExp(`^ {2}> ${label}.*\\n +${takes.slice(0, 20)}`, 'm'));
	}
	screen.type('50k/year');
	await screen.shows(/^ {2}> Quota +50k\/year *\n +! year is not a period/m);
	screen.press('\u0015', 'up', 'up');
	await screen.shows(/^ {2}> Not from/m);
	screen.type('10.0.0.1/8');
	await screen.shows(/^ {2}> Not from +10\.0\.0\.1\/8 *\n +! 10\.0\.0\.1\/8 has host bits set/m);
	screen.press('\u0015');
	screen.type('10.0.0.0/8');
	screen.press('up');
	await screen.shows(/^ {2}> Only from/m);
	screen.type('127.0.0.0/8');
	screen.press('\u0018');
	await screen.shows(/^hklst_\w+$/m);
	const [key = ''] = /^hklst_\w+$/m.exec(screen.text()) ?? [];
	screen.press('enter');
	await screen.shows('last 4 characters');
	screen.type(key.slice(-4));
	await screen.shows(/▌ bound everywhere/);
	screen.press('enter');
	await screen.shows('Not from');
	t.regex(screen.text(), /^ Only from +127\.0\.0\.0\/8\n Not from +10\.0\.0\.0\/8$/m);
});

test('a hostile name cannot act on the terminal', async (t) => {
	const jwt = await server.logIn();
	const organisation = await makeOrganisation(server, jwt, 'team');
	// What the API refuses today may be there from yesterday, or come from another server.
	const {connectDatabase} = await import('../../core/db/connect.ts');
	const key = await makeKey(server, jwt, organisation.id, 'harmless');
	const db = connectDatabase(appliance.database, 'test');
	await db('api_keys')
		.where({id: key.id})
		.update({name: 'a\u001B]52;c;aGFja2Vk\u0007\u001B[2Jb\u202Egpj'});
	await db.destroy();
	const member = await makeMember(appliance.database, organisation.id, 'developer');
	const screen = open(t, {columns: 100});
	await logIn(screen, member);
	await screen.shows('a�]52;c;aGFja2Vk��[2Jb�gpj');
	t.is(screen.clipboard(), undefined);
	screen.press('x');
	await screen.shows('Revoke a�]52');
});
