import ava, {type ExecutionContext} from 'ava';
import type {CreatedKey, KeyDetail} from '../../contract/keys.ts';
import {toTimestamp} from '../../contract/text.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {logIn, moveTo, openConsole, type Options, sayYes} from './person.ts';

/*
Keys that somebody should look after, as a person finds and mends them, against a real server.
*/

/** One after another, as in the other journeys. */
const test = ava.serial;

const {appliance, server, jwt, db} = await openAppliance();
const owner = connectDatabase(appliance.ownerDatabase, 'test');
// As if what keys need had been recorded for long.
await owner.raw(
	"update knex_migrations set migration_time = now() - interval '60 days' where name = '0043_usage'",
);

test.after.always(async () => {
	await owner.destroy();
	await appliance.stop();
});

const inDays = (days: number) => toTimestamp(new Date(Date.now() + days * 86_400_000));

/** Nothing is found of a key that carries these, is used, and needs what it may. */
const sound = {scopes: ['orders.read'], ip_allow: ['127.0.0.0/8'], expires_at: inDays(300)};

/** An organisation of its own, its keys, and a console that is logged in there. */
async function begin(t: ExecutionContext, role: 'owner' | 'viewer' = 'owner') {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}/api-keys`;
	const member = await makeMember(appliance.database, id, role);
	/** A key that was made and used so many days ago; null: never. */
	const make = async (name: string, terms: object = {}, used: number | null = 1) => {
		const body = {name, ...sound, ...terms};
		const answer = await server.call(base, {bearer: jwt, body});
		if (answer.status !== 201) throw new Error(answer.text);
		const key = answer.json() as CreatedKey;
		await db.raw(
			`update api_keys set created_at = now() - interval '200 days',
				last_used_at = now() - :used::integer * interval '24 hours' where id = :id`,
			{used, id: key.id},
		);
		await owner('key_needed_scopes').insert({
			key_id: key.id,
			scope: 'orders.read',
			first_needed_at: new Date(),
			last_needed_at: new Date(),
			count: 1,
		} as never);
		return key;
	};
	return {
		make,
		read: async ({id: key}: CreatedKey) =>
			(await server.call(`${base}/${key}`, {bearer: jwt})).json() as KeyDetail,
		change: ({id: key}: CreatedKey, body: object) =>
			server.call(`${base}/${key}`, {method: 'PATCH', bearer: jwt, body}),
		statusWith: async ({key}: CreatedKey) =>
			(await server.call('/api/v1/keys/self', {bearer: key})).status,
		open: async (options: Partial<Options> = {}) => {
			const screen = openConsole(t, {url: server.url, ...options});
			await logIn(screen, member);
			return screen;
		},
	};
}

type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof begin>>['open']>>;

/** From anywhere to the keys of a finding. */
async function openFinding(screen: Opened, title: string) {
	screen.press('H');
	await screen.shows('HOW TO FIX IT');
	await moveTo(screen, title);
	screen.press('enter');
	await screen.shows(`› ${title.toLowerCase()}`);
}

test('what is found is counted; an idle key is suspended by f, which u takes back', async (t) => {
	const {make, open, statusWith} = await begin(t);
	const idle = await make('old-batch', {}, 120);
	await make('busy');
	const screen = await open();
	screen.press('H');
	await screen.shows('2 live keys, 1 of them to look after');
	await screen.shows(/Idle +1 +50% +Suspend it/);
	await screen.shows(/Never used +0 +Revoke it/);
	await moveTo(screen, 'Idle');
	await screen.shows('1 of 2 live keys, 50%');
	await screen.shows(/not within 90 days/);
	screen.press('enter');
	await screen.shows(/▌ old-batch +suspend +Not used since/);
	await screen.shows('f fix: suspend');
	t.notRegex(screen.text(), /busy/);

	screen.press('f');
	await sayYes(screen);
	await screen.shows('Suspended old-batch: refused everywhere');
	t.is(await statusWith(idle), 401);
	await screen.shows('Idle: none of the live keys.');
	screen.press('u');
	await sayYes(screen);
	await screen.shows('Resumed old-batch');
	await screen.shows(/▌ old-batch/);
	t.is(await statusWith(idle), 200);
	screen.press('escape');
	// It was used, to look at it.
	await screen.shows('2 live keys,');
});

test('a key that was never used is revoked by the question that there is', async (t) => {
	const {make, open, statusWith} = await begin(t);
	const never = await make('forgotten', {}, null);
	const screen = await open();
	await openFinding(screen, 'Never used');
	await screen.shows(/▌ forgotten +revoke +Not used once/);
	screen.press('f');
	await screen.shows('Revoke forgotten?');
	await screen.shows('It was never used.');
	await sayYes(screen);
	await screen.shows('Revoked forgotten: it is refused');
	t.is(await statusWith(never), 401);
	await screen.shows('Never used: none of the live keys.');
});

test('several are marked, and suspended at once', async (t) => {
	const {make, open, statusWith} = await begin(t);
	const keys = [await make('idle 1', {}, 100), await make('idle 2', {}, 150)];
	await make('idle 3', {}, 200);
	const screen = await open();
	await openFinding(screen, 'Idle');
	await screen.shows('3 keys');
	await moveTo(screen, 'idle 1');
	screen.press(' ');
	await moveTo(screen, 'idle 2');
	screen.press(' ');
	await screen.shows('2 marked');
	screen.press('f');
	await screen.shows('Suspend 2 keys?');
	screen.type('suspend 2');
	await screen.shows(/Type suspend 2: suspend 2/);
	screen.press('enter');
	await screen.shows('Suspended 2 keys: refused everywhere (1 server)');
	t.deepEqual(await Promise.all(keys.map(statusWith)), [401, 401]);
	await screen.shows(/ 1 key\n/);
	t.regex(screen.text(), /▌ idle 3/);
});

test('a key that may do more than it needs: the form has what it needs, and one key sends it', async (t) => {
	const {make, open, read} = await begin(t);
	const wide = await make('reports', {scopes: ['orders.*', 'invoices.read']});
	const screen = await open();
	await openFinding(screen, 'Over-privileged');
	await screen.shows(/▌ reports +\S+ ago +change/);
	await screen.shows(/Fix +change it: scopes orders/);
	screen.press('f');
	await screen.shows('Filled in as proposed; nothing is sent before Ctrl-X');
	await screen.shows(/> +Scopes +orders/);
	await screen.shows('was orders.*, invoices.read');
	t.deepEqual((await read(wide)).scopes, ['orders.*', 'invoices.read']);
	screen.press('ctrl-x');
	await screen.shows('Changed reports: in force');
	await screen.shows('Over-privileged: none of the live keys.');
	t.deepEqual((await read(wide)).scopes, ['orders.*']);
});

test('somebody else changes the key while the form is open: what is proposed stays, and is not sent', async (t) => {
	const {make, open, read, change} = await begin(t);
	const free = await make('endless', {expires_at: undefined});
	const screen = await open();
	await openFinding(screen, 'Without an end');
	await screen.shows(/▌ endless/);
	screen.press('f');
	await screen.shows(/> +Expires +20\d\d-/);
	t.is((await change(free, {description: 'nightly'})).status, 200);
	screen.press('ctrl-x');
	await screen.shows('Somebody else changed this key meanwhile');
	t.is((await read(free)).expires_at, null);
	screen.press('ctrl-x');
	await screen.shows('Changed endless: in force');
	const {expires_at, description} = await read(free);
	t.truthy(expires_at);
	t.is(description, 'nightly');
});

test('a key that ends soon is rotated, and the new one is shown once', async (t) => {
	const {make, open, read} = await begin(t);
	const ending = await make('ending', {expires_at: inDays(10)});
	const screen = await open();
	await openFinding(screen, 'Expiring');
	await screen.shows(/▌ ending +\S+ ago +rotate +It ends on/);
	screen.press('f');
	await screen.shows('A new key for ending');
	screen.press('enter');
	await screen.shows('This is the only time it is shown');
	t.truthy((await read(ending)).replaced_by_id);
});

test('other numbers are asked for, and kept for the keys; enter opens a key, and esc comes back', async (t) => {
	const {make, open} = await begin(t);
	await make('resting', {}, 20);
	const screen = await open();
	screen.press('H');
	await screen.shows('none of 1 live key');
	screen.press('/');
	screen.type('idle:soon');
	screen.press('enter');
	await screen.shows('idle:soon: takes a number of days');
	screen.press('ctrl-u');
	screen.type('idle:14d');
	screen.press('enter');
	await screen.shows(/Idle +1 +100%/);
	await moveTo(screen, 'Idle');
	await screen.shows(/not within 14 days/);
	screen.press('enter');
	await screen.shows(/▌ resting/);
	screen.press('enter');
	await screen.shows(/Name +resting/);
	screen.press('escape');
	await screen.shows(/▌ resting/);
	screen.press('escape');
	await screen.shows('/ idle:14d');
	t.regex(screen.text(), /Idle +1 +100%/);
});

test('who may only read sees what is found, and why nothing can be done', async (t) => {
	const {make, open, statusWith} = await begin(t, 'viewer');
	const idle = await make('old', {}, 120);
	const screen = await open();
	await openFinding(screen, 'Idle');
	await screen.shows(/▌ old/);
	screen.press('f');
	await screen.shows('Your role may not suspend keys');
	screen.press('*', 'f');
	await screen.shows('Your role may not suspend keys');
	t.is(await statusWith(idle), 200);
});

test('the smallest terminal without colour shows each finding, each key, and what to press', async (t) => {
	const {make, open} = await begin(t);
	await make('old-batch-with-a-long-name', {}, 120);
	const screen = await open({columns: 60, rows: 16, env: {NO_COLOR: '1'}});
	screen.press('H');
	await screen.shows('1 live key, 1 of them to look after');
	await screen.shows(/Made by somebody who left +0/);
	await screen.shows(/Any of these +1/);
	await moveTo(screen, 'Idle');
	await screen.shows(/row 2 of 9 +It was used, but not/);
	screen.press('enter');
	await screen.shows(/▌ old-batch-with-a/);
	await screen.shows('f fix: suspend');
	t.regex(screen.text(), /Not used since/);
});
