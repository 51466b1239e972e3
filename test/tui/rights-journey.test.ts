import ava from 'ava';
import type {KeyDetail} from '../../contract/keys.ts';
import type {KeyRole} from '../../contract/key-roles.ts';
import {administrator, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';
import {listens, logIn, moveTo, openConsole, readSecret, sayNo, sayYes} from './person.ts';
import {makeHome, runScript} from './script.ts';

/*
What may be done with a key, as a person meets it: what is asked before a key may be used for
everything, a role that two change at once, a rotation that changes more, and a key that is replaced.
*/

const test = ava.serial;
const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

/** An organisation with its owner, a role of its keys, and a key. */
async function open(terms: object) {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const owner = await makeMember(appliance.database, organisation.id, 'owner');
	const path = `/api/v1/organizations/${organisation.id}`;
	const call = async <T>(method: string, at: string, body?: object): Promise<T> => {
		const answer = await server.call(`${path}${at}`, {method, bearer: jwt, ...(body && {body})});
		if (answer.status >= 300) throw new Error(`${method} ${at}: ${answer.text}`);
		return answer.json() as T;
	};
	const role = await call<KeyRole>('POST', '/key-roles', {name: 'billing', scopes: ['invoices.*']});
	const {id} = await call<{id: string}>('POST', '/api-keys', {name: 'ingest', ...terms});
	const key = () => call<KeyDetail>('GET', `/api-keys/${id}`);
	return {organisation, owner, call, role, id, key};
}

test('the last role of a key without scopes is taken only once somebody said that it may do all then', async (t) => {
	const {owner, key} = await open({roles: ['billing']});
	const screen = openConsole(t, {url: server.url, rows: 40});
	await logIn(screen, owner);
	await screen.shows(/▌ ingest/);
	const emptyRoles = async () => {
		screen.press('e');
		await screen.shows('Change ingest');
		screen.press('pagedown', 'pagedown', 'tab');
		await screen.shows(/> +Roles +billing/);
		screen.press('ctrl-u', 'ctrl-x');
		await screen.shows('Let ingest be used for everything?');
		await screen.shows('It loses its last role, billing, and has no scopes of its own.');
	};
	await emptyRoles();
	await sayNo(screen);
	await screen.shows('Nothing was sent, and what you typed is kept');
	t.deepEqual((await key()).roles, ['billing']);
	screen.press('escape');
	await screen.shows(/▌ ingest/);

	await emptyRoles();
	await sayYes(screen);
	await screen.shows('Changed ingest: in force');
	await screen.shows(/▌ ingest/);
	const {roles, scopes} = await key();
	t.deepEqual([roles, scopes], [[], null]);
});

test('the same of a key with scopes of its own is not asked about', async (t) => {
	const {owner, key} = await open({roles: ['billing'], scopes: ['orders.read']});
	const screen = openConsole(t, {url: server.url, rows: 40});
	await logIn(screen, owner);
	screen.press('e');
	await screen.shows('Change ingest');
	screen.press('pagedown', 'pagedown', 'tab');
	await screen.shows(/> +Roles +billing/);
	screen.press('ctrl-u', 'ctrl-x');
	await screen.shows('Changed ingest: in force');
	t.deepEqual((await key()).roles, []);
});

test('the commands ask the same, and do not do it unasked', async (t) => {
	const {organisation, id, key} = await open({roles: ['billing']});
	const env = {HOME: makeHome(), LATCHKEY_URL: server.url};
	const login = ['login', '--email', administrator.email, '--password-stdin'];
	t.is((await runScript(login, env, administrator.password)).status, 0);
	const inOrganisation = ['--org', organisation.id, '--role', 'none'];
	for (const verb of ['update', 'rotate']) {
		const refused = await runScript(['keys', verb, id, ...inOrganisation], env);
		t.is(refused.status, 2);
		t.is(refused.stdout, '');
		t.is(
			refused.stderr,
			`latchkey: ingest would no longer be restricted. It loses its last role, billing, and has no scopes of its own. It could then be used for everything.
Add --yes if that is what you want, or --scopes none for a key that may do nothing.
`,
		);
		const {roles, replaced_by_id: next} = await key();
		t.deepEqual([roles, next], [['billing'], null]);
	}
	const nothing = ['keys', 'update', id, '--scopes', 'none', ...inOrganisation];
	t.is((await runScript(nothing, env)).status, 0, 'this restricts it');
	t.deepEqual((await key()).scopes, []);
	const back = ['keys', 'update', id, '--org', organisation.id, '--role', 'billing'];
	t.is((await runScript([...back, '--scopes', 'everything'], env)).status, 0);
	t.is((await runScript(['keys', 'update', id, '--yes', ...inOrganisation], env)).status, 0);
	const {roles, scopes} = await key();
	t.deepEqual([roles, scopes], [[], null]);
});

test('of two who change a role at once, the second sees what the first did before it is replaced', async (t) => {
	const {owner, role, call} = await open({roles: ['billing']});
	const screen = openConsole(t, {url: server.url, rows: 40});
	await logIn(screen, owner);
	screen.press(':');
	screen.type('key roles');
	screen.press('enter');
	await screen.shows(/▌ billing/);
	screen.press('e');
	await screen.shows('Change billing: 1 key has it');
	screen.press('tab');
	screen.type('For invoices');
	await screen.shows('For invoices');
	const place = `/key-roles/${role.id}`;
	await call('PATCH', place, {scopes: ['invoices.read']});
	screen.press('enter', 'enter');
	await screen.shows('Somebody else changed this role meanwhile, and nothing was sent');
	await screen.shows('! meanwhile changed to invoices.read');
	await screen.shows('For invoices');
	t.is((await call<KeyRole>('GET', place)).description, null);
	screen.press('enter');
	await screen.shows('Changed billing: in force');
	t.like(await call<KeyRole>('GET', place), {
		description: 'For invoices',
		scopes: ['invoices.read'],
	});
});

test('a rotation changes the new key, tells why, and ends earlier where the old key is unused', async (t) => {
	const {organisation, owner, key, id, call} = await open({roles: ['billing'], tags: ['env:prod']});
	const screen = openConsole(t, {url: server.url, rows: 40});
	await logIn(screen, owner);
	await screen.shows(/▌ ingest/);
	screen.press('t');
	await screen.shows(/▌ for 24 hours/);
	screen.press('j', 'j', 'j', 'j', 'j');
	await screen.shows(/▌ change more …/);
	screen.press('enter');
	await screen.shows('A new key for ingest, shown once');
	screen.type('7x');
	await screen.shows('takes a time from 0s to 30d such as 12h, 7d');
	screen.press('ctrl-u');
	screen.type('7d');
	await screen.shows('the old key goes on for 7d');
	screen.press('tab');
	screen.type('6h');
	screen.press('tab');
	screen.type('quarterly');
	screen.press('tab');
	await screen.shows(/> +Name +ingest/);
	screen.type('-2');
	screen.press('ctrl-x');
	const secret = await readSecret(screen, 'hklst_');
	const old = await key();
	const next = await call<KeyDetail>('GET', `/api-keys/${old.replaced_by_id}`);
	t.like(next, {name: 'ingest-2', roles: ['billing'], tags: ['env:prod'], replaces_id: id});
	const days = (Date.parse(old.grace_until ?? '') - Date.parse(next.created_at)) / 86_400_000;
	t.is(Math.round(days), 7);
	const self = await server.call('/api/v1/keys/self', {bearer: secret});
	t.like(self.json(), {id: next.id});
	const row = await db('api_keys').where({id}).first('finish_when_unused_seconds');
	t.is(row?.finish_when_unused_seconds, 21_600);
	const entry = (await entriesOf(db, organisation.id)).findLast(
		({action}) => action === 'key.rotated',
	);
	t.is(entry?.details?.['reason'], 'quarterly');
});

test('of a key that is replaced nothing is offered, and each key says why', async (t) => {
	const {owner, id, call, key} = await open({});
	await call('POST', `/api-keys/${id}/rotate`, {grace_seconds: 3600});
	await call('POST', `/api-keys/${id}/rotation/finish`, {});
	const version = (await key()).version;
	const screen = openConsole(t, {url: server.url});
	await logIn(screen, owner);
	await screen.shows(/▌ ingest +active/);
	screen.press('j');
	await screen.shows(/▌ ingest +x rotated/);
	for (const [pressed, says] of [
		['e', 'its successor took over: it can'],
		['d', 'This key is replaced for good: its successor took over'],
		['x', 'This key is replaced for good: its successor took over'],
		['t', 'This key is replaced for good: its successor took over'],
	] as const) {
		screen.press('g', 'j', pressed);
		await screen.shows(says);
		await listens();
	}
	screen.press('enter');
	await screen.shows(/Status +rotated/);
	screen.press('e');
	await screen.shows('its successor took over: it can');
	t.is((await key()).version, version);
});

test('a key that expired while it was suspended is not resumed as it is', async (t) => {
	const {owner, id, call, key} = await open({expires_at: '2099-01-01T00:00:00Z'});
	await call('POST', `/api-keys/${id}/suspend`, {});
	await db('api_keys')
		.where({id})
		.update({expires_at: db.raw("now() - interval '1 hour'")});
	const screen = openConsole(t, {url: server.url});
	await logIn(screen, owner);
	await moveTo(screen, 'ingest');
	screen.press('d');
	await screen.shows('has expired meanwhile: e gives it another end');
	t.truthy((await key()).suspended_at);
});
