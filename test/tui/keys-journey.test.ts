import http from 'node:http';
import type {AddressInfo} from 'node:net';
import ava, {type ExecutionContext} from 'ava';
import type {FullKey, KeyDetail} from '../../contract/keys.ts';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {logIn, moveTo, openConsole, pressYes, question, sayYes} from './person.ts';

/** One after another, as in the other journeys. */
const test = ava.serial;

/*
Keys made, changed, suspended and revoked as a person does it, against a real server.
*/

const {appliance, server} = await openServer();

const jwt = await server.logIn();
const organisation = await makeOrganisation(server, jwt, 'team');
const member = await makeMember(appliance.database, organisation.id, 'developer');
const keys = `/api/v1/organizations/${organisation.id}/api-keys`;

test.after.always(() => appliance.stop());

async function open(t: ExecutionContext, url = server.url, size = {columns: 80, rows: 24}) {
	const screen = openConsole(t, {url, ...size});
	await logIn(screen, member);
	return screen;
}

async function read(id: string): Promise<KeyDetail> {
	return (await server.call(`${keys}/${id}`, {bearer: jwt})).json() as KeyDetail;
}

test('a key is changed, also where somebody else changes it meanwhile', async (t) => {
	const {id} = await makeKey(server, jwt, organisation.id, 'billing');
	const screen = await open(t);
	await screen.shows(/▌ billing/);
	screen.press('e');
	await screen.shows('Change billing');
	screen.press('pagedown', 'pagedown');
	await screen.shows(/> Scopes/);
	screen.type('orders.read');
	const theirs = {scopes: ['invoices.*'], ip_allow: ['10.0.0.0/8']};
	const patched = await server.call(`${keys}/${id}`, {bearer: jwt, method: 'PATCH', body: theirs});
	t.is(patched.status, 200);
	screen.press('ctrl-x');
	await screen.shows('! Scopes is now invoices.*: yours replaces it');
	t.regex(screen.text(), /> Scopes +orders\.read/);
	t.regex(screen.text(), /Addresses +only from 10\.0\.0\.0\/8/);
	t.deepEqual((await read(id)).scopes, ['invoices.*']);
	screen.press('ctrl-x');
	await screen.shows('Changed billing: in force');
	t.like(await read(id), {name: 'billing', scopes: ['orders.read'], ip_allow: ['10.0.0.0/8']});
	screen.press('e');
	await screen.shows(/Rights +scopes orders\.read/);
	screen.press('pagedown', 'pagedown', 'pagedown');
	await screen.shows(/> Only from +10\.0\.0\.0\/8/);
	screen.press('ctrl-u', 'ctrl-x');
	// What was said of the change before may be there still.
	await screen.hides('› edit');
	t.like(await read(id), {scopes: ['orders.read'], ip_allow: null});
});

/** In front of the server: it loses every answer to the creation of a key until it is told otherwise. */
async function losing(t: ExecutionContext) {
	const state = {loses: true, asked: [] as string[]};
	const between = http.createServer((request, response) => {
		const {method, url: path, headers} = request;
		const onward = http.request(server.url + path, {method, headers}, (answer) => {
			const isCreation = method === 'POST' && path === keys;
			if (isCreation) state.asked.push(String(headers['idempotency-key']));
			if (isCreation && state.loses) request.socket.destroy();
			else answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers));
		});
		onward.on('error', () => request.socket.destroy());
		request.pipe(onward);
	});
	await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		between.closeAllConnections();
		between.close();
	});
	const {port} = between.address() as AddressInfo;
	return {state, url: `http://127.0.0.1:${port}`};
}

test('where every answer was lost, enter asks for the same key again: one is made, and shown', async (t) => {
	const {state, url} = await losing(t);
	const screen = await open(t, url);
	screen.press('n');
	await screen.shows('A new API key');
	screen.type('lost');
	screen.press('pagedown');
	await screen.shows(/> Expires/);
	screen.type('90d');
	screen.press('ctrl-x');
	await screen.shows('Press enter to ask again: it is made');
	const tries = state.asked.length;
	t.true(tries >= 3, `${tries} tries`);
	state.loses = false;
	screen.press('ctrl-x');
	const shown = await screen.shows(/^hklst_\w+$/m);
	t.is(new Set(state.asked).size, 1);
	const list = (await server.call(`${keys}?view=full`, {bearer: jwt})).json() as FullKey[];
	const made = list.filter(({name}) => name === 'lost');
	t.is(made.length, 1);
	const [key = ''] = /^hklst_\w+$/m.exec(shown) ?? [];
	const self = await server.call('/api/v1/keys/self', {bearer: key});
	t.is((self.json() as {id: string}).id, made[0]?.id ?? '');
});

test('on the smallest terminal the question before a key is revoked shows all that is asked, and takes why', async (t) => {
	const {id} = await makeKey(server, jwt, organisation.id, 'leaked');
	const screen = await open(t, server.url, {columns: 60, rows: 16});
	await moveTo(screen, 'leaked');
	screen.press('D');
	await screen.shows('Suspend leaked');
	screen.type('odd traffic');
	screen.press('enter');
	await pressYes(screen);
	const said = await screen.shows('Suspended leaked: refused everywhere');
	t.regex(said, /\(1\s+server, [\d,]+ ms\)/, 'the number of servers is readable');
	screen.press('enter');
	await screen.shows(/Status +suspended .*\n? *.*odd traffic/);
	screen.press('x');
	await screen.shows('Revoke leaked?');
	t.regex(screen.text(), /Reason +\[ unspecified \]/);
	await question(screen);
	screen.press('right');
	await screen.shows('key_compromise');
	screen.press('down');
	await screen.shows('goes back to the question');
	screen.type('in a public log');
	screen.press('enter');
	await sayYes(screen);
	await screen.shows('key_compromise');
	await screen.shows('in a public log');
	t.like(await read(id), {revocation_reason: 'key_compromise', revocation_note: 'in a public log'});
});
