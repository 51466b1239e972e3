import {mkdtempSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import ava, {type ExecutionContext} from 'ava';
import type {DeviceLogin} from '../../contract/providers.ts';
import {top} from '../../tui/app/navigation.ts';
import type {Effect, Event} from '../../tui/app/effect.ts';
import {initialModel} from '../../tui/app/model.ts';
import {update} from '../../tui/app/update.ts';
import type {Terminal} from '../../tui/terminal/terminal.ts';
import {Failure} from '../../tui/failure.ts';
import {main} from '../../tui/main.ts';
import {createAppliance} from '../helpers/appliance.ts';
import {apiAudience, consoleClient, startIdentityProvider} from '../helpers/identity-provider.ts';
import {rsaKey} from '../helpers/issuer.ts';
import {eventually} from '../helpers/program.ts';
import {createScreen} from './screen.ts';

/** One after another. Commands that run at once in one process keep each other from answers in time. */
const test = ava.serial;

/*
Logging in through an identity provider: as events and effects, and once for real.
*/

const start = Date.parse('2026-03-12T12:00:00Z');
const login: DeviceLogin = {
	device_code: 'lkdc_of-the-console',
	user_code: 'ABCD-EFGH',
	verification_uri: 'https://id.example/device',
	verification_uri_complete: 'https://id.example/device?user_code=ABCD-EFGH',
	expires_in: 600,
	interval: 5,
};
const tokens = {
	access_token: 'access',
	token_type: 'Bearer',
	expires_in: 600,
	refresh_token: 'refresh',
} as const;

/** A console before the log-in, that a test drives. */
function drive(providers: readonly string[] = ['main', 'entra']) {
	const driven = {
		model: initialModel('http://server:8080', {columns: 80, rows: 24}, start),
		now: start,
		effects: [] as Effect[],
	};
	const send = (event: Event) => {
		const [next, ...effects] = update(driven.model, event, driven.now);
		driven.model = next;
		driven.effects = effects;
	};
	send({type: 'probed', setupRequired: false, session: false, tokenFound: false, providers});
	return Object.assign(driven, {
		send,
		press: (...keys: string[]) => {
			for (const key of keys) send({type: 'key', key});
		},
		wait(ms: number) {
			driven.now += ms;
			send({type: 'tick'});
		},
		refuse(code: string, status = 400) {
			const [effect] = driven.effects;
			if (effect === undefined) throw new Error('nothing was asked for');
			send({
				type: 'failed',
				effect,
				failure: new Failure('refused', `it said ${code}`, {code, status}),
			});
		},
		shown: () => driven.model.screens.map(({type}) => type),
	});
}

function waiting() {
	const driven = drive();
	driven.press('enter');
	driven.send({type: 'deviceStarted', provider: 'main', login});
	return driven;
}

const question: Effect = {do: 'askDeviceLogin', code: login.device_code};

test('without providers there is no choice', (t) => {
	const driven = drive([]);
	t.deepEqual(driven.shown(), ['logIn']);
	driven.press('escape');
	t.deepEqual(driven.shown(), ['logIn']);
});

test('one chooses a provider, or email and password, and can come back', (t) => {
	const driven = drive();
	t.deepEqual(driven.shown(), ['chooseLogIn']);
	driven.press('down', 'down', 'enter');
	t.deepEqual(driven.shown(), ['chooseLogIn', 'logIn']);
	driven.press('escape');
	t.deepEqual(driven.shown(), ['chooseLogIn']);
	driven.press('up', 'enter');
	t.deepEqual(driven.effects, [{do: 'startDeviceLogin', provider: 'entra'}]);
	driven.press('down', 'enter');
	t.deepEqual(driven.effects, [], 'one at a time');
});

test('a provider that cannot be reached is told, and another way can be taken', (t) => {
	const driven = drive();
	driven.press('enter');
	driven.refuse('provider_unavailable', 503);
	const screen = top(driven.model);
	t.is(screen.type === 'chooseLogIn' && screen.problem, 'it said provider_unavailable');
	driven.press('down', 'enter');
	t.deepEqual(driven.effects, [{do: 'startDeviceLogin', provider: 'entra'}]);
});

test('it is asked once an interval whether it is approved, and never twice at once', (t) => {
	const driven = waiting();
	t.deepEqual(driven.shown(), ['chooseLogIn', 'device']);
	driven.wait(4999);
	t.deepEqual(driven.effects, []);
	driven.wait(1);
	t.deepEqual(driven.effects, [question]);
	driven.wait(60_000);
	t.deepEqual(driven.effects, [], 'the first question is not answered yet');
	driven.send({
		type: 'failed',
		effect: question,
		failure: new Failure('refused', 'not yet', {code: 'authorization_pending', status: 400}),
	});
	driven.wait(4999);
	t.deepEqual(driven.effects, []);
	driven.wait(1);
	t.deepEqual(driven.effects, [question]);
	driven.refuse('slow_down');
	driven.wait(9999);
	t.deepEqual(driven.effects, []);
	driven.wait(1);
	t.deepEqual(driven.effects, [question], 'slower from now on');
});

test('approved: the session begins', (t) => {
	const driven = waiting();
	driven.wait(5000);
	driven.send({type: 'deviceApproved', code: login.device_code, tokens});
	t.deepEqual(driven.effects, [{do: 'begin', tokens}]);
});

test('esc cancels: an approval that comes later begins nothing', (t) => {
	const driven = waiting();
	driven.wait(5000);
	driven.press('escape');
	t.deepEqual(driven.shown(), ['chooseLogIn']);
	driven.send({type: 'deviceApproved', code: login.device_code, tokens});
	t.deepEqual(driven.effects, []);
	const again = waiting();
	again.press('escape', 'enter');
	again.send({
		type: 'deviceStarted',
		provider: 'main',
		login: {...login, device_code: 'lkdc_other'},
	});
	again.send({type: 'deviceApproved', code: login.device_code, tokens});
	t.deepEqual(again.effects, [], 'of the login before');
});

test('cancelled before the code was there, nothing is shown of it', (t) => {
	const driven = waiting();
	driven.press('escape', 'down', 'down', 'enter');
	t.deepEqual(driven.shown(), ['chooseLogIn', 'logIn']);
	driven.send({type: 'deviceStarted', provider: 'main', login});
	t.deepEqual(driven.shown(), ['chooseLogIn', 'logIn']);
});

for (const code of ['access_denied', 'expired_token']) {
	test(`it ends with ${code}, and enter asks for a new code`, (t) => {
		const driven = waiting();
		driven.wait(5000);
		driven.refuse(code);
		const screen = top(driven.model);
		t.is(screen.type === 'device' && screen.problem, `it said ${code}`);
		driven.wait(60_000);
		t.deepEqual(driven.effects, []);
		driven.press('enter');
		t.deepEqual(driven.effects, [{do: 'startDeviceLogin', provider: 'main'}]);
	});
}

test('a server or provider that is away for a while does not end it', (t) => {
	const driven = waiting();
	driven.wait(5000);
	driven.refuse('provider_unavailable', 503);
	driven.wait(5000);
	t.deepEqual(driven.effects, [question]);
	const failure = new Failure('unreachable', 'Cannot reach the server: it is away');
	driven.send({type: 'failed', effect: question, failure});
	driven.wait(1000);
	t.deepEqual(driven.effects, [{do: 'probe'}]);
	driven.send({
		type: 'probed',
		setupRequired: false,
		session: false,
		tokenFound: false,
		providers: ['main'],
	});
	driven.wait(5000);
	t.deepEqual(driven.effects, [question]);
});

test('the address is copied on request', (t) => {
	const driven = waiting();
	driven.press('y');
	t.deepEqual(driven.effects, [{do: 'copy', text: login.verification_uri_complete ?? ''}]);
});

/** A server whose people come from a real provider, and an environment of their own. */
async function withProvider(t: ExecutionContext) {
	const provider = await startIdentityProvider({key: rsaKey('key'), claimsInIdToken: true});
	t.teardown(provider.stop);
	const appliance = await createAppliance();
	t.teardown(() => appliance.stop());
	const server = await appliance.startServer({
		LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify([
			{
				name: 'main',
				issuer: provider.issuer,
				audience: apiAudience,
				algorithms: ['RS256'],
				allow_insecure_http: true,
				claims: {operator: {claim: 'groups', values: ['operators']}},
				device: {client_id: consoleClient.id, client_secret_file: secretFile()},
			},
		]),
	});
	provider.people.set('olga', {groups: ['operators']});
	const home = mkdtempSync(path.join(os.tmpdir(), 'latchkey-home-'));
	return {provider, environment: {HOME: home, LATCHKEY_URL: server.url, LATCHKEY_DATA_DIR: home}};
}

test('a person logs in on the console through a real provider', async (t) => {
	const {provider, environment} = await withProvider(t);
	const screen = createScreen(100, 24);
	const exit = main([], environment, screen.streams);
	t.teardown(async () => {
		screen.press('ctrl-c', 'ctrl-c');
		await exit;
		screen.close();
	});
	await screen.shows('With email and password');
	screen.press('enter');
	const shown = await screen.shows('Waiting until you approve it there');
	const [address = ''] = /http:\/\/\S+user_code=\S+/.exec(shown) ?? [];
	const [, code = ''] = /Code: (\S+)/.exec(shown) ?? [];
	t.true(address.endsWith(code));
	await provider.visit(address, 'olga');
	await screen.shows(/› organisations|› keys/);
});

test('with --accessible providers are offered as numbers', async (t) => {
	const {provider, environment} = await withProvider(t);
	const screen = createScreen(100, 40);
	const exit = main(['--accessible'], environment, screen.streams);
	t.teardown(async () => {
		screen.press('ctrl-c');
		await exit;
		screen.close();
	});
	await screen.shows(/How do you want to log in\?\n1\. main\n2\. email and password\nNumber/);
	screen.type('1\r');
	const shown = await screen.shows(/approve the login with the code \S+$/m);
	const [address = ''] = /http:\/\/\S+user_code=\S+/.exec(shown) ?? [];
	await provider.visit(address, 'olga');
	await screen.shows(/^olga@example\.com, operator[^]*^Number \(required\):$/m);
	screen.type('quit\r');
	t.is(await exit, 0);
});

test('`latchkey login --provider` shows where to approve, and keeps the session', async (t) => {
	const {provider, environment} = await withProvider(t);
	const run = (argv: readonly string[]) => {
		const stdin = new PassThrough();
		stdin.end();
		const streams = {stdin, stdout: new PassThrough(), stderr: new PassThrough()};
		return {...streams, status: main(argv, environment, streams as unknown as Terminal)};
	};
	const login = run(['login', '--provider', 'main', '--json']);
	let said = '';
	login.stderr.on('data', (chunk: Buffer) => {
		said += chunk.toString();
	});
	const address = await eventually(() => /^Open (\S+)\n.*code \S+\n/.exec(said)?.[1]);
	await provider.visit(address, 'olga');
	t.is(await login.status, 0);
	login.stdout.end();
	t.like(JSON.parse(await text(login.stdout)), {email: 'olga@example.com', operator: true});
	t.is(await run(['whoami']).status, 0);

	t.is(await run(['login', '--provider', 'nobody']).status, 3);
	t.is(await run(['login', '--provider', 'main', '--email', 'a@example.com']).status, 2);
});

function secretFile(): string {
	const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'secret-')), 'client_secret');
	writeFileSync(file, consoleClient.secret);
	return file;
}
