import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import net, {type AddressInfo} from 'node:net';
import path from 'node:path';
import type {PassThrough} from 'node:stream';
import ava, {type ExecutionContext} from 'ava';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	makeKey,
	makeMember,
} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {startOnPty} from '../helpers/pty.ts';
import {main} from '../../tui/main.ts';
import {createScreen} from './screen.ts';
import {makeHome, runScript} from './script.ts';
import {keyFilterTakes} from '../../tui/api-keys/filter.ts';
import {keyPolicyRuleNames, type KeyPolicyState} from '../../contract/key-policies.ts';
import {unsetPolicy} from '../../core/key-policies/effective.ts';
import {ruleOf} from '../../tui/key-policies/state.ts';
import {everyTerm, type Term, terms} from '../../tui/api-keys/terms.ts';

/** One after another: commands that run at once in one process keep each other from answers in time. */
const test = ava.serial;

/*
The console for screen readers, on an emulated terminal that keeps every character that was written
to it, against a real server.
*/

const {appliance, server} = await openServer();

test.after.always(() => appliance.stop());

type Options = {
	url?: string;
	argv?: readonly string[];
	columns?: number;
	env?: Record<string, string>;
};

/** Opens it in a home of its own; a test answers a question as soon as it has been asked. */
function open(t: ExecutionContext, options: Options = {}) {
	const {url = server.url, argv = ['--accessible'], columns = 80, env = {}} = options;
	const screen = createScreen(columns);
	const home = env['HOME'] ?? makeHome();
	const environment = {HOME: home, LATCHKEY_URL: url, LATCHKEY_DATA_DIR: home, ...env};
	let heard = '';
	let seen = 0;
	const write = screen.streams.stdout.write.bind(screen.streams.stdout);
	screen.streams.stdout.write = ((text: string, ...done: []) => {
		heard += text;
		return write(text, ...done);
	}) as typeof write;
	const stdin = screen.streams.stdin as PassThrough;
	const exit = main(argv, environment, screen.streams);
	t.teardown(async () => {
		if (stdin.writable) screen.press('ctrl-c');
		await exit;
		screen.close();
	});

	/** Waits for a question after the last one that was answered. @returns what came before it */
	const asked = async (question: string) => {
		await screen.until(`asked ${question}`, () => heard.indexOf(`${question}: `, seen) >= seen);
		const before = heard.slice(seen, heard.indexOf(`${question}: `, seen));
		seen = heard.length;
		return before;
	};
	const answer = async (...pairs: readonly (readonly [question: string, answer: string])[]) => {
		let before = '';
		for (const [question, reply] of pairs) {
			before = await asked(question);
			screen.type(`${reply}\r`);
		}
		return before;
	};
	return {
		...screen,
		exit,
		asked,
		answer,
		heard: () => heard,
		hangUp: () => stdin.end(),
		/** What came since the last question that was waited for. */
		unread: () => heard.slice(seen),
		logIn: ({email, password} = administrator) => answer(['Email', email], ['Password', password]),
		/** Asserts how it ended, and that nothing was written that only eyes can follow. */
		async ends(status: number) {
			t.is(await exit, status);
			t.false(screen.raw());
			t.deepEqual(heard.replaceAll('\b \b', '').match(/[^\n\P{Cc}]|[─-╿]/gu) ?? [], []);
		},
	};
}

const number = 'Number (required)';
const organisation = 'org: organisation to act in, if not your own';
const ids = 'ID or NAME, or several with spaces (required)';
const keyName = 'name: what the key is for (required)';

const asks = ({option: {name, help}}: Term) => `${name}: ${help}`;
const expires = asks(terms.expires_at);
const allow = asks(terms.ip_allow);
const deny = asks(terms.ip_deny);
/** What a key can carry that is asked for between its end and its networks, and after those. */
const questions = everyTerm.map(asks);
const between = questions
	.slice(questions.indexOf(expires) + 1, questions.indexOf(allow))
	.map((question): [string, string] => [question, '']);
const after = questions
	.slice(questions.indexOf(deny) + 1)
	.map((question): [string, string] => [question, '']);
const out = 'out: write the secret to a new file (mode 0600), print its id';

/** A key made by the API. */
async function newKey(name: string) {
	const token = await server.logIn();
	return makeKey(server, token, (await defaultOrganisation(server, token)).id, name);
}

const statusWith = async (key: string) =>
	(await server.call('/api/v1/sources', {bearer: key})).status;

test('whose session has ended since is told why before they log in again, and once', async (t) => {
	const token = await server.logIn();
	const {id} = await defaultOrganisation(server, token);
	const member = await makeMember(appliance.database, id, 'admin');
	const screen = open(t);
	await screen.logIn(member);
	await screen.asked(number);
	const bearer = await server.logIn(member);
	await server.call('/api/v1/auth/sessions', {method: 'DELETE', bearer});
	screen.type('keys list\r');
	const told = await screen.asked('Email');
	t.is(told.match(/Your session has ended: you logged out everywhere\./g)?.length, 1, told);
	screen.press('ctrl-d');
	await screen.ends(0);
});

test('one logs in, makes a key and finds it in the list', async (t) => {
	const screen = open(t);
	const greeting = await screen.asked('Email');
	t.true(greeting.startsWith(`Latchkey at ${server.url}.\n`));
	t.true(greeting.endsWith('Nobody is logged in.\n'));
	screen.type(`${administrator.email}x`);
	screen.press('backspace', 'enter');
	await screen.answer(['Password', administrator.password]);
	const nouns = await screen.answer([number, '1']);
	t.regex(nouns, /^admin@example\.com, operator, in default \(team plan\), at http/m);
	t.regex(nouns, /^What do you want to do\?\n1\. keys\n2\. roles\n/m);
	t.regex(nouns, /^\d+\. whoami: Show who is logged in, and in which organisation$/m);
	const verbs = await screen.answer([number, '3']);
	t.regex(verbs, /What about keys\?\n1\. list: List API keys, revoked ones included\n2\. /);
	await screen.answer([organisation, ''], [keyName, '']);
	const again = await screen.answer([keyName, 'for listening']);
	t.is(again, '\nThis cannot be left out; 0 goes back.\n');
	await screen.answer([expires, '90x']);
	const late = await screen.answer([expires, '90d']);
	t.regex(late, /\nexpires: takes 90d, 12h, 2027-01-31, or nothing for never\.\n$/);
	const [next, ...others] = between;
	if (next === undefined) throw new Error('nothing is asked for between');
	t.regex(await screen.answer(next), /\nexpires is \d{4}-.*, in 90d\.\n$/);
	await screen.answer(...others, [allow, '10.0.0.1/8']);
	const wrong = await screen.answer([allow, '127.0.0.1']);
	t.regex(wrong, /\nip-allow: 10\.0\.0\.1\/8 has host bits set: write 10\.0\.0\.0\/8\.\n$/);
	const bound = await screen.answer([deny, '']);
	t.regex(bound, /\nip-allow is 1 network: 127\.0\.0\.1\/32\.\n$/);
	await screen.answer(...after, [out, '']);
	const made = await screen.answer([number, 'keys']);
	const [, key = ''] = /\. This is the only time the key is shown:\n(hklst_\w+)\n/.exec(made) ?? [];
	t.is(await statusWith(key), 200);

	await screen.answer(
		[number, 'list'],
		[organisation, ''],
		[`filter: ${keyFilterTakes}`, 'listening'],
	);
	const orders = await screen.answer(['Number', 'name']);
	t.regex(orders, /^sort: instead of newest first\n1\. \w/m);
	await screen.answer(['limit: at most this many', '']);
	const listed = await screen.answer([number, 'quit']);
	t.regex(listed, /^1\. NAME for listening, HINT hklst_\w{6}, STATUS active, EXPIRES/m);
	await screen.ends(0);
	t.false(screen.heard().includes(administrator.password));
});

test('a key is revoked after its confirmation, and only then', async (t) => {
	const {id, key} = await newKey('to revoke');
	const screen = open(t);
	await screen.logIn();
	for (const [reply, said, status] of [
		['', 'Nothing was revoked.', 200],
		['y', `Revoked ${id}`, 401],
	] as const) {
		await screen.answer(
			[number, 'keys'],
			[number, 'revoke'],
			[ids, id],
			[organisation, ''],
			['Number', ''],
			['note: what else there is to say about it', ''],
			['Number', 'no'],
		);
		await screen.until('asked whether', () =>
			screen.unread().endsWith('Revoke to revoke (never used)? This cannot be undone. [y/N] '),
		);
		screen.type(`${reply}\r`);
		t.true((await screen.answer([number, 'back'])).includes(`\n${said}\n`));
		t.is(await statusWith(key), status);
	}
	await screen.answer([number, 'quit']);
	await screen.ends(0);
});

test('what was listed keeps its number, a command is typed in a line, and a menu is told once', async (t) => {
	await newKey('numbered one');
	const screen = open(t);
	await screen.logIn();
	await screen.answer([number, 'keys list']);
	const listed = await screen.answer([number, 'menu']);
	const [, second = ''] = /^2\. NAME (.+?), HINT/m.exec(listed) ?? [];
	t.not(second, '');
	t.regex(listed, /menu lists what there is\./);
	t.regex(await screen.answer([number, 'show 2']), /^1\. keys$/m);
	t.true((await screen.answer([number, 'keys show 2'])).includes(second));
	// What a command needs and was not typed is asked for.
	await screen.answer([number, 'keys show'], ['ID or NAME (required)', '2'], [organisation, '']);
	t.true((await screen.answer([number, 'keys create'])).includes(second));
	await screen.answer([organisation, ''], [keyName, '0']);
	await screen.answer([number, 'quit']);
	await screen.ends(0);
});

test('whoever removes somebody is asked about the live keys they made', async (t) => {
	const token = await server.logIn();
	const {id} = await defaultOrganisation(server, token);
	const developer = await makeMember(appliance.database, id, 'developer');
	const theirs = await server.logIn(developer);
	const made = [];
	for (const name of ['first', 'second']) made.push(await makeKey(server, theirs, id, name));
	const screen = open(t);
	await screen.logIn();
	await screen.answer(
		[number, 'members'],
		[number, 'remove'],
		['ID or EMAIL (required)', developer.email],
		[organisation, ''],
	);
	await screen.until('asked whether', () =>
		screen.unread().endsWith(`Remove ${developer.email}? [y/N] `),
	);
	screen.type('y\r');
	const told = await screen.answer([number, 'look']);
	t.true(told.includes(`\n2 live keys that ${developer.email} made go on working.\n`), told);
	t.regex(
		told,
		/What should happen to them\?\n1\. look: .*\n2\. suspend: .*\n3\. revoke: .*\n4\. /,
	);
	const listed = await screen.answer([number, 'suspend']);
	t.regex(listed, /^1\. NAME second, STATUS active, LAST USED never, ORGANISATION default, ID/m);
	await screen.answer(['Type suspend 2 to suspend 2 keys', 'no']);
	await screen.answer([number, 'suspend'], ['Type suspend 2 to suspend 2 keys', 'suspend 2']);
	const done = await screen.answer([number, 'quit']);
	t.regex(done, /^Suspended 2 of 2 keys: refused everywhere \(1 server\)\.$/m);
	for (const {key} of made) t.is(await statusWith(key), 401);
	await screen.ends(0);
});

test('what is refused is said in a sentence, and one is back at the question', async (t) => {
	const token = await server.logIn();
	const {id} = await defaultOrganisation(server, token);
	const viewer = await makeMember(appliance.database, id, 'viewer');
	const screen = open(t);
	await screen.logIn({...viewer, password: 'not the password'});
	const again = await screen.answer(['Enter tries again, quit ends', '']);
	t.regex(again, /^latchkey: Invalid email or password\. \(Request-Id /m);
	await screen.logIn(viewer);
	await screen.answer(
		[number, 'keys'],
		[number, 'create'],
		[organisation, ''],
		[keyName, 'refused'],
		[expires, ''],
		...between,
		[allow, ''],
		[deny, ''],
		...after,
		[out, ''],
	);
	const refused = await screen.answer([number, '99']);
	t.regex(refused, /^latchkey: Your role does not allow this operation\. \(Request-Id /m);
	t.regex(refused, /What do you want to do\?/);
	t.regex(await screen.answer([number, 'quit']), /^99 is none of them: .* from 1 to \d+\.$/m);
	await screen.ends(0);
});

test('0 goes back by one question, and a choice names what there is', async (t) => {
	const screen = open(t);
	await screen.logIn();
	await screen.answer([number, 'members'], [number, 'change']);
	await screen.answer(['ID or EMAIL (required)', 'somebody@example.com'], [organisation, '']);
	const roles = await screen.answer([number, '0']);
	t.regex(
		roles,
		/role: the new role\n1\. owner\n2\. admin\n3\. developer\n4\. viewer\n5\. verifier\n/,
	);
	t.regex(await screen.answer([number, '0']), /What about members\?/);
	t.regex(await screen.answer([number, 'completion']), /What do you want to do\?/);
	t.regex(await screen.answer([number, 'back']), /Which one\?\n1\. bash\n2\. zsh\n3\. fish\n/);
	t.regex(await screen.answer([number, 'quit']), /What do you want to do\?/);
	await screen.ends(0);
});

test('the first administrator is made, and is logged in', async (t) => {
	const own = await createAppliance();
	t.teardown(() => own.stop());
	const fresh = await own.startServer({
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: '',
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: '',
	});
	const screen = open(t, {url: fresh.url, env: {LATCHKEY_SECRETS_DIR: own.secretsDirectory}});
	const token = 'Setup token, or nothing for the one that was found';
	const said = await screen.answer(
		[token, ''],
		['Email (required)', 'ana@acme.example'],
		['Password', 'long enough to be one'],
		['Password again', 'another one'],
		['Enter tries again, quit ends', ''],
	);
	t.regex(said, /^latchkey: The passwords do not match\.$/m);
	await screen.answer(
		[token, ''],
		['Email (required)', 'ana@acme.example'],
		['Password', 'long enough to be one'],
		['Password again', 'long enough to be one'],
	);
	t.regex(await screen.answer([number, 'quit']), /^ana@acme\.example, operator, in default/m);
	await screen.ends(0);
	t.false(screen.heard().includes('long enough'));
});

test('a server that is away is tried again when one wants to', async (t) => {
	const screen = open(t, {url: 'http://127.0.0.1:1'});
	const again = 'Enter tries again, quit ends';
	t.regex(await screen.answer([again, '']), /^latchkey: Cannot reach the server: nothing listens/m);
	t.regex(await screen.answer([again, '0']), /^latchkey: Cannot reach the server/m);
	await screen.answer([again, 'quit']);
	await screen.ends(0);
});

test('a session that has ended is begun again; end of input is an end', async (t) => {
	const screen = open(t);
	await screen.logIn();
	t.regex(await screen.answer([number, 'logout']), /operator/);
	t.regex(await screen.answer([number, 'status']), /^Logged out\.$/m);
	await screen.answer([number, 'whoami'], [organisation, '']);
	await screen.logIn();
	await screen.asked(number);
	screen.hangUp();
	await screen.ends(0);
});

for (const [key, status] of [
	['ctrl-d', 0],
	['ctrl-c', 130],
] as const) {
	test(`${key} at a question, and in a command, ends with ${status}`, async (t) => {
		const atOnce = open(t, {argv: [], env: {ACCESSIBLE: '1'}});
		await atOnce.asked('Email');
		atOnce.press(key);
		await atOnce.ends(status);
		const later = open(t, {argv: [], env: {INK_SCREEN_READER: 'true'}});
		await later.logIn();
		await later.asked(number);
		later.press(key);
		await later.ends(status);
	});
}

test('an organisation that was chosen and is gone keeps nobody out', async (t) => {
	const home = makeHome();
	const argv = ['login', '--email', administrator.email, '--password-stdin'];
	const env = {HOME: home, LATCHKEY_URL: server.url};
	t.is((await runScript(argv, env, administrator.password)).status, 0);
	const gone = '99999999-9999-4999-8999-999999999999';
	const profiles = {
		current: 'default',
		profiles: {default: {url: `${server.url}/`, organization: gone}},
	};
	await writeFile(path.join(home, '.config/latchkey/profile.json'), JSON.stringify(profiles));
	const screen = open(t, {env: {HOME: home}});
	t.regex(await screen.answer([number, 'use']), /^latchkey: Organization not found\. /m);
	await screen.answer(['ID or NAME', ''], ['Number', 'yes']);
	t.regex(await screen.answer([number, 'quit']), /^Commands act in your first organisation\.$/m);
	await screen.ends(0);
});

test('with LATCHKEY_READONLY only what reads is offered, also on few columns', async (t) => {
	const home = makeHome();
	const argv = ['login', '--email', administrator.email, '--password-stdin'];
	const env = {HOME: home, LATCHKEY_URL: server.url};
	t.is((await runScript(argv, env, administrator.password)).status, 0);
	const screen = open(t, {columns: 40, env: {HOME: home, LATCHKEY_READONLY: '1'}});
	const nouns = await screen.answer([number, 'keys']);
	t.true(
		nouns
			.split('\n')
			.slice(1)
			.every((line) => line.length <= 40 || line.includes(' at http')),
	);
	const verbs = await screen.answer([number, 'revoke']);
	t.regex(verbs, /1\. list: [^]*2\. show: /);
	t.notRegex(verbs, /create|^\d+\. revoke/m);
	t.regex(await screen.answer([number, 'quit']), /^revoke is none of them/m);
	await screen.ends(0);
});

test('wrong settings end it before anything is asked', async (t) => {
	const screen = open(t, {argv: ['--accessible', '--url', 'ftp://example.com']});
	t.is(await screen.exit, 2);
	t.regex(screen.heard(), /must start with http/);
});

/** Tells at the end which of the libraries that draw was loaded. */
const watching = `data:text/javascript,${encodeURIComponent(`
	import {registerHooks} from 'node:module';
	const drawing = [];
	registerHooks({
		load(url, context, next) {
			if (/node_modules\\/(?:ink|react|yoga-layout)\\//.test(url)) drawing.push(url);
			return next(url, context);
		},
	});
	process.on('exit', () => process.stdout.write('drawing ' + drawing.length + '\\n'));
`)}`;

/** Opens it as a process under a shell, which says how it ended. */
function openProcess(t: ExecutionContext, url: string) {
	const home = makeHome();
	const entry = path.join(import.meta.dirname, '..', '..', 'bundle', 'latchkey.js');
	const shell = `trap : INT; "$@"; echo "status $?"; stty -a; echo "that is all"`;
	const node = [process.execPath, '--import', watching, entry, '--accessible'];
	const screen = startOnPty('/bin/sh', ['-c', shell, 'sh', ...node], {
		env: {
			PATH: process.env['PATH'] ?? '',
			HOME: home,
			LATCHKEY_URL: url,
			LATCHKEY_DATA_DIR: home,
		},
	});
	t.teardown(async () => {
		if (!screen.hasExited()) screen.kill('SIGHUP');
		await screen.exited;
		screen.close();
	});
	return {
		...screen,
		/** Presses Ctrl-C, and asserts that the terminal is as it was. @returns all that is on it */
		async interrupt() {
			screen.type('\u0003');
			await screen.exited;
			const left = screen.scrollback();
			t.regex(left, /status 130\n/);
			for (const mode of ['icanon', 'echo', 'isig', 'icrnl', 'opost']) {
				t.regex(left, new RegExp(`(?:^|\\s)${mode}\\b`), mode);
			}
			t.false(screen.alternate());
			t.deepEqual(screen.modes(), []);
			return left;
		},
	};
}

test('as a process it loads nothing that draws, and Ctrl-C leaves the terminal as it was', async (t) => {
	const screen = openProcess(t, server.url);
	await screen.shows('Email:');
	t.regex(await screen.interrupt(), /^Latchkey at http[^]*^drawing 0\n/m);
});

test('Ctrl-C ends it while a server does not answer', async (t) => {
	const silent = net.createServer();
	const reached = once(silent, 'connection');
	silent.listen(0, '127.0.0.1');
	t.teardown(() => silent.close());
	await once(silent, 'listening');
	const {port} = silent.address() as AddressInfo;
	const screen = openProcess(t, `http://127.0.0.1:${port}`);
	await reached;
	await screen.interrupt();
});

test('a key policy is changed rule by rule; those that are left alone stay', async (t) => {
	const screen = open(t);
	await screen.logIn();
	const verbs = await screen.answer([number, 'policy'], [number, 'set']);
	t.regex(verbs, /What about policy\?\n1\. show: /);
	await screen.answer([organisation, ''], ['Number', '']);
	for (const name of keyPolicyRuleNames) {
		const {options, takes} = ruleOf(name);
		if (name === 'default_grace_seconds') {
			const said = await screen.answer([`${name}: ${takes}`, '12x'], [`${name}: ${takes}`, '12h']);
			t.regex(said, /default_grace_seconds: takes a time such as 1h, 7d, or seconds, or none\.\n/);
		} else if (options === undefined) await screen.answer([`${name}: ${takes}`, '']);
		else await screen.answer(['Number', name === 'require_if_match' ? 'no' : '']);
	}
	const said = await screen.asked(number);
	t.regex(said, /^Changed the key policy of the organisation: in force /m);
	const token = await server.logIn();
	const {id} = await defaultOrganisation(server, token);
	const path = `/api/v1/organizations/${id}/key-policy`;
	const {own} = (await server.call(path, {bearer: token})).json() as KeyPolicyState;
	t.deepEqual(own, {...unsetPolicy, default_grace_seconds: 43_200});
	screen.hangUp();
	await screen.ends(0);
});
