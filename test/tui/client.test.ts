import fs from 'node:fs';
import {createServer, type RequestListener, type Server} from 'node:http';
import {mkdtempSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import test, {type ExecutionContext} from 'ava';
import * as z from 'zod';
import {me as meSchema} from '../../contract/people.ts';
import {headers} from '../../contract/errors.ts';
import {routes} from '../../contract/routes.ts';
import {nextCursor, parseAnswer} from '../../tui/client/answer.ts';
import {createClient} from '../../tui/client/client.ts';
import {requestOf} from '../../tui/client/request.ts';
import {Failure} from '../../tui/failure.ts';
import {loose} from '../../tui/client/loose.ts';
import {inFile, sessionFile} from '../../tui/session/file.ts';
import {readPrivate, writePrivately} from '../../tui/session/private-file.ts';
import {createSession, inMemory} from '../../tui/session/session.ts';
import {isPrivate} from '../../tui/settings/address.ts';
import {resolveSettings} from '../../tui/settings/settings.ts';

const organisation = {
	id: '11111111-1111-4111-8111-111111111111',
	name: 'acme',
	plan: 'team',
	created_at: '2026-01-01T00:00:00Z',
};
const me = {
	id: '22222222-2222-4222-8222-222222222222',
	email: 'ana@acme.example',
	operator: true,
	organization: organisation,
	role: 'owner',
};

test('a newer server is understood: unknown members are dropped, unknown words taken', (t) => {
	const newer = {
		...me,
		role: 'auditor',
		mfa: true,
		organization: {...organisation, plan: 'galactic', region: 'eu'},
	};
	t.false(meSchema.safeParse(newer).success);
	const {role, organization, ...rest} = loose(meSchema).parse(newer);
	t.is(String(role), 'auditor');
	t.deepEqual({...organization}, {
		...organisation,
		plan: 'galactic',
	} as unknown as typeof organization & object);
	t.deepEqual(rest, {id: me.id, email: me.email, operator: true});
});

test('what is there must still have the right type', (t) => {
	t.false(loose(meSchema).safeParse({...me, operator: 'yes'}).success);
	t.false(loose(meSchema).safeParse({...me, email: undefined}).success);
	t.false(loose(z.array(z.strictObject({a: z.int()}))).safeParse([{a: 1.5}]).success);
});

test('every response of the contract has a lenient twin', (t) => {
	for (const route of Object.values(routes)) t.notThrows(() => loose<z.ZodType>(route.response));
});

test('a request is built from its route', (t) => {
	const request = requestOf(routes.createKey, {
		org_id: 'a/b?c',
		body: {name: 'x'},
		organisation: 'o',
		setupToken: 's',
	});
	t.is(request.method, 'POST');
	t.is(request.path, '/api/v1/organizations/a%2Fb%3Fc/api-keys');
	t.is(request.body, '{"name":"x"}');
	t.like(request.headers, {
		'Content-Type': 'application/json',
		'Latchkey-Organization': 'o',
		'Latchkey-Setup-Token': 's',
	});
	const list = requestOf(routes.listKeys, {org_id: 'o', query: {limit: '2', cursor: undefined}});
	t.is(list.path, '/api/v1/organizations/o/api-keys?limit=2');
});

test('the next page is found in the Link header', (t) => {
	t.is(nextCursor('</api/v1/x?limit=2&cursor=a%3Db>; rel="next"'), 'a=b');
	t.is(nextCursor('<http://h/x?cursor=1>; rel="prev", <http://h/x?cursor=2>; rel="next"'), '2');
	t.is(nextCursor('</x>; rel="next"'), undefined);
	t.is(nextCursor(undefined), undefined);
});

test('a refusal keeps what the server says, and none of its escape sequences', (t) => {
	const reply = (text: string, headers = {}) => ({status: 403, headers, text});
	const plain = refusalOf(() =>
		parseAnswer(
			'createKey',
			routes.createKey,
			reply('{"error":"No \\u001b[2Jway"}', {
				'latchkey-error-code': 'plan_required',
				'request-id': 'req_1',
				'retry-after': '3',
			}),
		),
	);
	t.is(plain.message, 'No �[2Jway');
	t.like(plain.details, {status: 403, code: 'plan_required', requestId: 'req_1', retryAfter: 3000});
	const problem = refusalOf(() =>
		parseAnswer(
			'createKey',
			routes.createKey,
			reply('{"title":"T","detail":"D","field":"name","code":"c"}'),
		),
	);
	t.like(problem, {kind: 'refused', message: 'D'});
	t.like(problem.details, {field: 'name', code: 'c'});
	t.is(
		refusalOf(() => parseAnswer('createKey', routes.createKey, reply('<html>'))).kind,
		'unexpected',
	);
	t.is(
		refusalOf(() => parseAnswer('me', routes.me, {status: 200, headers: {}, text: '{}'})).kind,
		'unexpected',
	);
});

function refusalOf(work: () => unknown): Failure {
	try {
		work();
	} catch (error) {
		if (error instanceof Failure) return error;
	}
	throw new Error('it was not refused');
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
	try {
		await work;
	} catch (error) {
		if (error instanceof Failure) return error;
	}
	throw new Error('it did not fail');
}

async function listen(t: ExecutionContext, answer: RequestListener): Promise<URL> {
	const server: Server = createServer(answer);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return new URL(`http://127.0.0.1:${address.port}`);
}

/** A server of two routes, whose access tokens can be ended: a1, a2, … by refresh tokens r1, r2, … */
function tokenServer() {
	const state = {valid: 1, refreshed: 0, seen: [] as string[]};
	const answer: RequestListener = (request, response) => {
		const end = (status: number, body: unknown) => {
			response.writeHead(status, {'Content-Type': 'application/json'}).end(JSON.stringify(body));
		};
		if (request.url === '/api/v1/auth/refresh') {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const {refresh_token: token} = JSON.parse(Buffer.concat(chunks).toString()) as {
					refresh_token: string;
				};
				if (token !== `r${state.valid}`) return end(401, {error: 'Invalid or missing API key'});
				state.refreshed++;
				state.valid++;
				end(200, {
					access_token: `a${state.valid}`,
					refresh_token: `r${state.valid}`,
					token_type: 'Bearer',
					expires_in: 600,
				});
			});
			return;
		}
		const token = String(request.headers.authorization);
		state.seen.push(token);
		if (token === `Bearer a${state.valid}`) end(200, me);
		else end(401, {error: 'Invalid or missing API key'});
	};
	return {state, answer};
}

test('a token about to end is renewed before it is used, once for all who wait', async (t) => {
	const {state, answer} = tokenServer();
	const url = await listen(t, answer);
	const store = inMemory({accessToken: 'a1', refreshToken: 'r1', expiresAt: Date.now() + 1000});
	const client = createClient({url, session: createSession(store)});
	t.teardown(() => client.close());
	const answers = await Promise.all([
		client.call('me', {}),
		client.call('me', {}),
		client.call('me', {}),
	]);
	t.deepEqual(
		answers.map(({body}) => body.email),
		[me.email, me.email, me.email],
	);
	t.is(state.refreshed, 1);
	t.false(state.seen.includes('Bearer a1'));
});

test('a token that the server no longer takes is renewed, and the request sent again', async (t) => {
	const {state, answer} = tokenServer();
	const url = await listen(t, answer);
	const store = inMemory({
		accessToken: 'stale',
		refreshToken: 'r1',
		expiresAt: Date.now() + 600_000,
	});
	const client = createClient({url, session: createSession(store)});
	t.teardown(() => client.close());
	t.is((await client.call('me', {})).body.email, me.email);
	t.deepEqual(state.seen, ['Bearer stale', 'Bearer a2']);
});

test('a session that cannot be renewed has ended', async (t) => {
	const {answer} = tokenServer();
	const url = await listen(t, answer);
	const store = inMemory({
		accessToken: 'stale',
		refreshToken: 'old',
		expiresAt: Date.now() + 600_000,
	});
	const client = createClient({url, session: createSession(store)});
	t.teardown(() => client.close());
	t.is((await failureOf(client.call('me', {}))).kind, 'signed_out');
	const given = createClient({url, session: createSession(inMemory({accessToken: 'given'}))});
	t.teardown(() => given.close());
	t.is((await failureOf(given.call('me', {}))).kind, 'signed_out');
});

test('of a session that has ended it is told why, where the server says so', async (t) => {
	let end = 'password_changed';
	const url = await listen(t, (request, response) => {
		const why = request.url === '/api/v1/auth/refresh' ? {[headers.sessionEnd]: end} : {};
		response.writeHead(401, {'Content-Type': 'application/json', ...why});
		response.end(JSON.stringify({error: 'Invalid or missing API key'}));
	});
	const failed = async () => {
		const store = inMemory({accessToken: 'a', refreshToken: 'r', expiresAt: Date.now() + 600_000});
		const client = createClient({url, session: createSession(store)});
		t.teardown(() => client.close());
		return failureOf(client.call('me', {}));
	};
	const {kind, message, details} = await failed();
	t.is(kind, 'signed_out');
	t.is(message, 'Your session has ended: your password was changed elsewhere');
	t.is(details.hint, 'Run `latchkey login`.');
	end = 'toString';
	t.is((await failed()).message, 'Not logged in, or the session has ended');
});

test('a service account gets itself a token, and another one when that is refused', async (t) => {
	let granted = 0;
	const forms: string[] = [];
	const url = await listen(t, (request, response) => {
		const end = (status: number, body: unknown) =>
			response.writeHead(status, {'Content-Type': 'application/json'}).end(JSON.stringify(body));
		if (request.url === '/oauth2/token') {
			granted++;
			void text(request).then((form) => {
				forms.push(`${request.headers['content-type']} ${form}`);
				end(200, {access_token: `m${granted}`, token_type: 'Bearer', expires_in: 600});
			});
		} else if (request.headers.authorization === 'Bearer m2') end(200, []);
		else end(401, {error: 'Invalid or missing API key'});
	});
	const machine = {clientId: 'id', secret: 'a+b&c'};
	const client = createClient({url, session: createSession(inMemory(), {machine})});
	t.teardown(() => client.close());
	await Promise.all([client.call('listOrganisations', {}), client.call('listOrganisations', {})]);
	t.is(granted, 2);
	t.is(
		forms[0],
		'application/x-www-form-urlencoded grant_type=client_credentials&client_id=id&client_secret=a%2Bb%26c',
	);
});

test('what another process renewed in the meantime is taken over', async (t) => {
	const {state, answer} = tokenServer();
	const url = await listen(t, answer);
	const file = sessionFile(mkdtempSync(path.join(os.tmpdir(), 'latchkey-session-')), url);
	const sessions = [createSession(inFile(file, url)), createSession(inFile(file, url))] as const;
	inFile(file, url).write({accessToken: 'a1', refreshToken: 'r1', expiresAt: Date.now() + 600_000});
	const [one, other] = sessions.map((session) => createClient({url, session}));
	t.teardown(() => one?.close());
	t.teardown(() => other?.close());
	state.valid = 1;
	await one?.call('me', {});
	// The server forgets the token; one renews it, the other finds the new one in the file.
	state.seen.length = 0;
	inFile(file, url).write({
		accessToken: 'ended',
		refreshToken: 'r1',
		expiresAt: Date.now() + 600_000,
	});
	await one?.call('me', {});
	await other?.call('me', {});
	t.is(state.refreshed, 1);
	t.deepEqual(state.seen, ['Bearer ended', 'Bearer a2', 'Bearer a2']);
});

test('a server that does not answer is unreachable, in bounded time', async (t) => {
	const url = await listen(t, () => {});
	const session = createSession(inMemory({accessToken: 'a1'}));
	const client = createClient({url, session, timeout: 200});
	t.teardown(() => client.close());
	t.is((await failureOf(client.call('me', {}))).kind, 'unreachable');

	const nobody = createClient({url: new URL('http://127.0.0.1:1'), session});
	t.teardown(() => nobody.close());
	t.like(await failureOf(nobody.call('setupState', {})), {
		kind: 'unreachable',
		message: 'Cannot reach the server: nothing listens there',
	});
});

test('an answer cut short is unreachable, and not half an answer', async (t) => {
	const url = await listen(t, (_request, response) => {
		response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': '1000'});
		response.write('{"required":', () => response.destroy());
	});
	const client = createClient({url, session: createSession(inMemory())});
	t.teardown(() => client.close());
	t.is((await failureOf(client.call('setupState', {}))).kind, 'unreachable');
});

test('the session is kept where only its owner reads it, and refused where others could', (t) => {
	const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'latchkey-private-')), 'latchkey');
	const file = path.join(folder, 'session.json');
	t.is(readPrivate(file), undefined);
	writePrivately(file, 'secret');
	t.is(fs.statSync(file).mode & 0o777, 0o600);
	t.is(fs.statSync(folder).mode & 0o777, 0o700);
	t.deepEqual(fs.readdirSync(folder), ['session.json']);
	t.is(readPrivate(file), 'secret');
	fs.chmodSync(file, 0o640);
	t.throws(() => readPrivate(file), {instanceOf: Failure, message: /can be read by others/});
});

test('the address is the flag, the environment, the last log-in, or this machine', (t) => {
	const home = mkdtempSync(path.join(os.tmpdir(), 'latchkey-home-'));
	const urlOf = (flag?: string, environment = {}) =>
		resolveSettings({url: flag}, {HOME: home, ...environment}, 'required').url.href;
	t.is(urlOf(), 'http://127.0.0.1:8080/');
	t.is(urlOf(undefined, {LATCHKEY_PORT: '9'}), 'http://127.0.0.1:9/');
	writePrivately(
		path.join(home, '.config/latchkey/profile.json'),
		'{"url":"https://keys.example.com/"}',
	);
	t.is(urlOf(), 'https://keys.example.com/');
	t.is(urlOf(undefined, {LATCHKEY_URL: 'http://server:8080'}), 'http://server:8080/');
	t.is(urlOf('http://10.0.0.1', {LATCHKEY_URL: 'http://server:8080'}), 'http://10.0.0.1/');
	for (const wrong of [
		'nonsense',
		'ftp://x',
		'https://user:pass@host',
		'http://keys.example.com',
	]) {
		t.throws(() => urlOf(wrong), {instanceOf: Failure}, wrong);
	}
	t.is(
		resolveSettings({url: 'http://keys.example.com', insecure: true}, {HOME: home}, 'required').url
			.host,
		'keys.example.com',
	);
});

test('plain http is for private networks', (t) => {
	for (const host of [
		'localhost',
		'server',
		'127.0.0.1',
		'10.1.2.3',
		'172.31.0.1',
		'192.168.0.1',
		'[::1]',
		'[fd00::1]',
		'keys.internal',
		'[::ffff:10.0.0.1]',
	]) {
		t.true(isPrivate(host), host);
	}
	for (const host of [
		'example.com',
		'8.8.8.8',
		'172.32.0.1',
		'[2001:db8::1]',
		'internal.example.com',
	])
		t.false(isPrivate(host), host);
});
