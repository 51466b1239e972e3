import http from 'node:http';
import type {AddressInfo} from 'node:net';
import ava, {type ExecutionContext} from 'ava';
import type {FullKey} from '../../contract/keys.ts';
import {administrator, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {logIn, moveTo, openConsole} from './person.ts';
import {makeHome, runScript} from './script.ts';

/*
A console that is newer than its server: the answers of a real server, without the members that
servers before it did not send.
*/

const test = ava.serial;
const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

const documented = 'id name created_at last_used_at revoked_at key message';
const detailed = 'created_by last_used_address revoked_by';
const counted = 'start valid revoked expired plan_inactive';
/** The members that answers about keys had. */
const versions = {
	'that knows no terms': `${documented} hint expires_at ${detailed} ${counted}`,
	'that knows no more than was published first': `${documented} ${detailed} ${counted}`,
};

/** A server of an earlier version in front of the real one. */
async function openOlder(t: ExecutionContext, members: string): Promise<string> {
	const sent = new Set(members.split(' '));
	const isSent = (name: string) => sent.has(name);
	const older = (value: unknown): unknown => {
		if (Array.isArray(value)) return value.map(older);
		if (typeof value !== 'object' || value === null) return value;
		return Object.fromEntries(Object.entries(value).filter(([name]) => isSent(name)));
	};
	const front = http.createServer((request, response) => {
		const {method, url = '', headers} = request;
		const isAboutKeys = /\/api-keys(?:[/?]|$)/.test(url);
		const {'accept-encoding': _, 'if-none-match': _tag, ...others} = headers;
		const behind = http.request(new URL(url, server.url), {method, headers: others}, (answer) => {
			const pieces: Buffer[] = [];
			answer.on('data', (piece: Buffer) => pieces.push(piece));
			answer.once('end', () => {
				const whole = Buffer.concat(pieces);
				const status = answer.statusCode ?? 500;
				const {'content-length': _length, etag, ...told} = answer.headers;
				const text =
					isAboutKeys && status < 300 ? JSON.stringify(older(JSON.parse(whole.toString()))) : whole;
				// Neither had keys a version.
				const tag = etag === undefined || isAboutKeys ? {} : {etag};
				response.writeHead(status, {...told, ...tag}).end(text);
			});
		});
		request.pipe(behind);
	});
	front.listen(0, '127.0.0.1');
	await new Promise((resolve) => front.once('listening', resolve));
	t.teardown(() => {
		front.closeAllConnections();
		front.close();
	});
	return `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
}

for (const [which, sent] of Object.entries(versions)) {
	test(`keys of a server ${which} are listed, shown, made and revoked`, async (t) => {
		const url = await openOlder(t, sent);
		const organisation = await makeOrganisation(server, jwt, 'team');
		const owner = await makeMember(appliance.database, organisation.id, 'owner');
		const path = `/api/v1/organizations/${organisation.id}/api-keys`;
		for (const name of ['first', 'second']) {
			const terms = {scopes: ['orders.read'], expires_at: '2099-01-01T00:00:00Z'};
			const made = await server.call(path, {bearer: jwt, body: {name, ...terms}});
			t.is(made.status, 201);
		}
		const list = (await server.call(path, {bearer: jwt})).json() as FullKey[];
		await server.call(`${path}/${list[0]?.id}`, {method: 'DELETE', bearer: jwt});

		const screen = openConsole(t, {url, columns: 150, rows: 30});
		await logIn(screen, owner);
		await screen.shows(/second +x revoked/);
		await moveTo(screen, 'first');
		await screen.shows(/first +active/);
		screen.press('enter');
		await screen.shows(/Status +active/);
		await screen.shows(/24 hours +no use/);
		screen.press('escape');
		// The pane beside the list tells of its use, too.
		await screen.hides('› first');
		screen.press('/');
		screen.type('status:active');
		screen.press('enter');
		await screen.hides('x revoked');
		screen.press('escape');
		await screen.shows(/second +x revoked/);
		screen.press('s', 'l', 's', 's');
		await screen.settled();
		screen.press('n');
		await screen.shows('A new API key');
		screen.press('escape');
		await screen.hides('A new API key');
		await moveTo(screen, 'first');
		screen.press('*', 'x');
		await screen.shows('Suspend 1 key?');
		screen.type('revoke 1');
		await screen.shows('Revoke 1 key?');
		screen.press('enter');
		await screen.shows(/first +x revoked/);

		const env = {HOME: makeHome(), LATCHKEY_URL: url};
		const login = ['login', '--email', administrator.email, '--password-stdin'];
		t.is((await runScript(login, env, administrator.password)).status, 0);
		const inOrganisation = ['--org', organisation.id];
		const listed = await runScript(['keys', 'list', ...inOrganisation], env);
		t.is(listed.status, 0, listed.stderr);
		t.regex(listed.stdout, /first +(?:hklst_\w+ +)?revoked/);
		const shown = await runScript(['keys', 'show', list[1]?.id ?? '', ...inOrganisation], env);
		t.is(shown.status, 0, shown.stderr);
		t.regex(shown.stdout, /^created .*, by admin@example\.com$/m);
		t.regex(shown.stdout, /^status +revoked .*, by owner-/m);
	});
}
