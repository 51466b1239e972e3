import {mkdtempSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ava, {type ExecutionContext} from 'ava';
import type {Organisation} from '../../contract/organisations.ts';
import type {Me} from '../../contract/people.ts';
import {top} from '../../tui/app/navigation.ts';
import {initialModel} from '../../tui/app/model.ts';
import {Failure} from '../../tui/failure.ts';
import {main} from '../../tui/main.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {away, drive, ended, loggedIn, me, start} from './driven.ts';
import {logIn, openConsole, readSecret} from './person.ts';
import {createScreen} from './screen.ts';
import {makeHome, runScript} from './script.ts';

/*
A code that somebody was handed, for an invitation or for a new password: as events and effects,
on an emulated terminal against a real server, and by commands.
*/

const test = ava.serial;
const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

const password = 'seven quiet dogs at noon';
const other = 'six loud birds at dawn';

/** A console that asks for a log-in. */
function atLogIn(providers: readonly string[] = [], readOnly = false) {
	const size = {columns: 80, rows: 24};
	const driven = drive(initialModel('http://server:8080', size, start, readOnly));
	driven.send({type: 'probed', setupRequired: false, session: false, tokenFound: false, providers});
	return Object.assign(driven, {shown: () => driven.model.screens.map(({type}) => type)});
}

function formOf({model}: ReturnType<typeof drive>) {
	const screen = top(model);
	if (screen.type !== 'form' || screen.name !== 'useCode') throw new Error(`not on ${screen.type}`);
	return screen.form;
}

/** The form filled in and sent. */
function fill(driven: ReturnType<typeof drive>, code: string, again = password) {
	driven.write(code);
	driven.press('enter');
	driven.write(password);
	driven.press('enter');
	driven.write(again);
	driven.press('enter');
	return driven;
}

function problems(driven: ReturnType<typeof drive>) {
	return formOf(driven).fields.map(({problem}) => problem);
}

test('Ctrl-O at the log-in asks for a code; what it begins with says what it is for', (t) => {
	for (const [code, effect] of [
		[' lkin_abc ', {do: 'acceptInvitation', code: 'lkin_abc', password}],
		['lkpw_abc', {do: 'resetPassword', code: 'lkpw_abc', password}],
	] as const) {
		const driven = atLogIn();
		driven.press('ctrl-o');
		fill(driven, code);
		t.deepEqual(driven.effects, [effect]);
		driven.press('x', 'escape');
		t.true(formOf(driven).busy, 'it waits for the answer');
	}
});

test('where there are providers, a code is one of the ways, and Ctrl-O leads there, too', (t) => {
	for (const keys of [['down', 'down', 'enter'], ['ctrl-o'], ['down', 'enter', 'ctrl-o']]) {
		const driven = atLogIn(['main']);
		driven.press(...keys);
		t.is(driven.shown().at(-1), 'form');
		driven.press('escape');
		t.not(driven.shown().at(-1), 'form');
	}
});

test('what is not a code, or not the same twice, is told at its field, and not sent', (t) => {
	const driven = atLogIn();
	driven.press('ctrl-o');
	fill(driven, 'hklst_key', 'another');
	t.deepEqual(driven.effects, []);
	const [code, first, again] = problems(driven);
	t.regex(code ?? '', /^code must begin with lkin_ .* or lkpw_/);
	t.is(first, undefined);
	t.is(again, 'the passwords do not match');
	t.is(formOf(driven).focus, 0);
});

test('a refusal stands at the field that is wrong', (t) => {
	const refusals = [
		[{code: 'invalid_code', status: 400, field: 'code'}, 0],
		[{code: 'invalid_field', status: 400, field: 'password'}, 1],
		// An invitation has the email: only the password can be wrong.
		[{code: 'invalid_login', status: 401}, 1],
	] as const;
	for (const [details, at] of refusals) {
		const driven = atLogIn();
		driven.press('ctrl-o');
		fill(driven, 'lkin_abc').fails(new Failure('refused', 'no', details));
		t.is(problems(driven)[at], 'no');
		t.is(formOf(driven).focus, at);
		t.false(formOf(driven).busy);
	}
	const driven = atLogIn();
	driven.press('ctrl-o');
	fill(driven, 'lkin_abc').fails(new Failure('refused', 'no', {code: 'already_member'}));
	t.is(formOf(driven).problem, 'no');
});

test('when the server goes meanwhile, it is not known whether the code was used', (t) => {
	const driven = atLogIn();
	driven.press('ctrl-o');
	fill(driven, 'lkpw_abc').fails(away);
	t.regex(
		formOf(driven).problem ?? '',
		/not known whether the code was used: if it is refused now, log in/,
	);
});

test('a new password leads to the log-in, wherever one came from', (t) => {
	for (const providers of [[], ['main']]) {
		const driven = atLogIn(providers);
		driven.press('ctrl-o');
		fill(driven, 'lkpw_abc').send({type: 'passwordSet'});
		const screen = top(driven.model);
		t.regex((screen.type === 'logIn' && screen.reason) || '', /new password is set/);
		t.is(driven.shown().includes('chooseLogIn'), providers.length > 0);
		t.false(JSON.stringify(driven.model).includes('lkpw_abc'));
		t.false(JSON.stringify(driven.model).includes(password));
	}
});

test('whoever accepts after their session has ended is where they were, and asked only once', (t) => {
	const driven = loggedIn();
	driven.fails(ended, {do: 'load', list: 'keys', organisation: '', query: undefined, epoch: 1});
	driven.press('ctrl-o');
	driven.fails(ended, {do: 'load', list: 'keys', organisation: '', query: undefined, epoch: 1});
	t.is(top(driven.model).type, 'form', 'no second log-in on top');
	fill(driven, 'lkin_abc').send({type: 'loggedIn'});
	t.is(driven.effects[0]?.do, 'identify');
	const {epoch, organisations} = driven.model;
	driven.send({type: 'identified', me, organisations: organisations.items, epoch});
	t.deepEqual(
		driven.model.screens.map(({type}) => type),
		['keys'],
	);
});

test('a console that only reads uses no code', (t) => {
	const driven = atLogIn([], true);
	driven.press('ctrl-o');
	t.deepEqual(driven.shown(), ['logIn']);
	t.regex(driven.model.notice?.text ?? '', /LATCHKEY_READONLY/);
});

/** Somebody who is invited to a new organisation. */
async function invited(email: string): Promise<{organisation: Organisation; code: string}> {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const url = `/api/v1/organizations/${organisation.id}/invitations`;
	const made = await server.call(url, {bearer: jwt, body: {email, role: 'developer'}});
	return {organisation, code: (made.json() as {code: string}).code};
}

async function passwordCode(email: string): Promise<string> {
	const made = await server.call('/api/v1/users', {bearer: jwt, body: {email}});
	return (made.json() as {code: string}).code;
}

function open(t: ExecutionContext) {
	return openConsole(t, {url: server.url});
}

test('an invitation is accepted at the log-in, and one is in', async (t) => {
	const {code} = await invited('gina@acme.example');
	const screen = open(t);
	await screen.shows(/Log in to[^]*Ctrl-O I have a code/);
	screen.press('\u000F');
	await screen.shows('Use a code at');
	screen.paste(`${code}x`);
	await screen.shows('an invitation');
	screen.press('enter');
	screen.type(password);
	screen.press('enter');
	screen.type(password);
	screen.press('enter');
	await screen.shows('! The code is wrong, was used already or has expired');
	await screen.shows(/> +Code/);
	screen.press('backspace');
	await screen.hides('! The code is wrong');
	screen.press('enter');
	await screen.shows(/> +Password/);
	screen.press('enter');
	await screen.shows(/> +Once more/);
	screen.press('enter');
	await screen.shows(/› keys .*live/);
	screen.press('8');
	await screen.shows(/Logged in as +gina@acme\.example/);
	t.false(screen.text().includes(code));
});

test('whoever has an account accepts with its password, and is told where it is another', async (t) => {
	const home = await makeOrganisation(server, jwt, 'team');
	const member = await makeMember(appliance.database, home.id, 'viewer');
	const {organisation, code} = await invited(member.email);
	const screen = open(t);
	await screen.shows('Log in to');
	screen.press('\u000F');
	await screen.shows('Use a code at');
	screen.paste(code);
	screen.press('enter');
	screen.type(`${member.password}!`);
	screen.press('enter');
	screen.type(`${member.password}!`);
	screen.press('enter');
	await screen.shows('! Invalid email or password');
	await screen.shows(/> +Password/);
	screen.press('backspace', 'enter');
	await screen.shows(/> +Once more/);
	screen.press('backspace', 'enter');
	await screen.shows(/› keys .*live/);
	const bearer = await server.logIn(member);
	const {status} = await server.call(`/api/v1/organizations/${organisation.id}`, {bearer});
	t.is(status, 200);
});

test('a code for a new password sets it, and one logs in with it', async (t) => {
	const email = 'hugo@acme.example';
	const code = await passwordCode(email);
	const screen = open(t);
	await screen.shows('Log in to');
	screen.press('\u000F');
	await screen.shows('Use a code at');
	screen.paste(code);
	await screen.shows('for a new password');
	screen.press('enter');
	screen.type('latchkey latchkey');
	screen.press('enter');
	screen.type('latchkey latchkey');
	screen.press('enter');
	await screen.shows(/! password [^\n]*\n/);
	screen.press('\u0015');
	screen.type(password);
	screen.press('enter');
	await screen.shows(/> +Once more/);
	screen.press('\u0015');
	screen.type(password);
	screen.press('enter');
	await screen.shows('Your new password is set: log in with it.');
	screen.type(email);
	screen.press('enter');
	await screen.shows(/> +Password/);
	screen.type(password);
	screen.press('enter');
	await screen.shows('You belong to no organisation');
	await t.notThrowsAsync(server.logIn({email, password}));
});

test('what shows a code says how it is used', async (t) => {
	const screen = open(t);
	await logIn(screen);
	screen.press('4', 'n');
	await screen.shows('Invite somebody');
	screen.type('ina@acme.example');
	screen.press('enter', 'enter');
	await screen.shows('latchkey invitations accept');
	t.regex(screen.text().replaceAll(/\s+/g, ' '), /press Ctrl-O at the log-in/);
	await readSecret(screen, 'lkin_');
});

const file = (text: string) => {
	const name = path.join(mkdtempSync(path.join(os.tmpdir(), 'latchkey-code-')), 'code');
	writeFileSync(name, text);
	return name;
};

function run(argv: readonly string[], env: Record<string, string> = {}, stdin?: string) {
	return runScript(argv, {HOME: makeHome(), LATCHKEY_URL: server.url, ...env}, stdin);
}

const accept = ['invitations', 'accept'];
const reset = ['password', 'reset'];

test('commands take a code from a file and a password from stdin', async (t) => {
	const email = 'jan@acme.example';
	const {organisation, code} = await invited(email);
	const env = {HOME: makeHome()};
	const options = ['--code-file', file(`${code}\n`), '--password-stdin'];
	const argv = [...accept, ...options, '--profile', 'acme', '--url', server.url];
	const accepted = await run([...argv, '--json'], env, `${password}\n`);
	t.is(accepted.status, 0, accepted.stderr);
	const joined = JSON.parse(accepted.stdout) as Me;
	t.like(joined, {email, organization: {id: organisation.id}, role: 'developer'});
	t.is((await run(['whoami', '--profile', 'acme'], env)).status, 0, 'the session is kept');
	t.is((await run(argv, env, password)).status, 2, 'it works once');

	const {id} = joined;
	const made = await server.call(`/api/v1/users/${id}/password-reset`, {bearer: jwt, body: {}});
	const code2 = (made.json() as {code: string}).code;
	const set = [...reset, '--code-file', file(code2), '--password-stdin'];
	const done = await run(set, {}, other);
	t.is(done.status, 0, done.stderr);
	t.is(done.stderr, 'Your password is set. Log in with `latchkey login`.\n');
	t.is((await run(['whoami', '--profile', 'acme'], env)).status, 4, 'the sessions have ended');
	await t.notThrowsAsync(server.logIn({email, password: other}));
	const again = await run([...set, '--json'], {}, password);
	t.is(again.status, 2);
	t.like(JSON.parse(again.stderr), {error: {code: 'invalid_code'}});
	for (const {stdout, stderr} of [accepted, done, again]) {
		t.false(`${stdout}${stderr}`.includes(password));
		t.false(`${stdout}${stderr}`.includes(code));
	}
});

test('a command that cannot use a code says why, and sends nothing', async (t) => {
	const code = await passwordCode('kim@acme.example');
	const given = ['--code-file', file(code), '--password-stdin'];
	const wrong: [argv: readonly string[], reason: RegExp, env?: Record<string, string>][] = [
		[accept, /no terminal to ask on\. Give --code-file/],
		[[...reset, '--password-stdin'], /--password-stdin needs --code-file/],
		[[...reset, '--code-file', file(code)], /no terminal to ask on\. Give --password-stdin/],
		[[...reset, '--code-file', '/nowhere'], /--code-file: cannot read \/nowhere/],
		[[...accept, ...given], /a code for a new password\. Use it with `latchkey password reset`/],
		[[...reset, '--code-file', file('x'), '--password-stdin'], /not a code for a new password/],
		[[...reset, code], /argument/],
		[[...reset, ...given], /LATCHKEY_READONLY/, {LATCHKEY_READONLY: '1'}],
		[[...accept, ...given], /LATCHKEY_TOKEN is set/, {LATCHKEY_TOKEN: 'x'}],
		[[...reset, ...given], /at least 15 characters/],
	];
	for (const [argv, reason, env] of wrong) {
		const {status, stdout, stderr} = await run(argv, env, 'short');
		t.is(status, 2, argv.join(' '));
		t.is(stdout, '');
		t.regex(stderr.replaceAll(/\s+/g, ' '), reason);
	}
	const gone = await run([...reset, ...given], {LATCHKEY_URL: 'http://127.0.0.1:1'}, password);
	t.is(gone.status, 7);
	t.is((await run([...reset, ...given], {}, password)).status, 0, 'it was not used up');
});

test('on a terminal a command asks for both, and shows neither', async (t) => {
	const {code} = await invited('lea@acme.example');
	const environment = {HOME: makeHome(), LATCHKEY_URL: server.url};
	const attempt = async (again: string, said: string) => {
		const screen = createScreen();
		t.teardown(screen.close);
		const status = main(accept, environment, screen.streams);
		for (const [question, answer] of [
			['Code:', code],
			['Password:', password],
			['Once more:', again],
		] as const) {
			await screen.shows(new RegExp(`${question}$`, 'm'));
			screen.type(`${answer}\r`);
		}
		t.is(await status, again === password ? 0 : 2);
		const shown = await screen.shows(said);
		t.false(shown.includes(code));
		t.false(shown.includes(again));
	};
	await attempt(other, 'The passwords do not match');
	await attempt(password, 'as lea@acme.example');
});
