import ava, {type ExecutionContext} from 'ava';
import type {KeyPolicyState} from '../../contract/key-policies.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {
	listens,
	logIn,
	openConsole,
	pressYes,
	question,
	sayNo,
	sayYes,
	typeWord,
	type Opened,
} from './person.ts';

/** One after another, as in the other journeys. */
const test = ava.serial;

/*
Key policies as a person reads and changes them, against a real server.
*/

const {appliance, server} = await openServer();
const jwt = await server.logIn();
const floor = '/api/v1/key-policy';

test.after.always(() => appliance.stop());

async function patch(path: string, body: object) {
	const {status} = await server.call(path, {bearer: jwt, method: 'PATCH', body});
	if (status !== 200) throw new Error(`${path} answered ${status}`);
}

/** An organisation of its own; `open` opens a console at its policy. */
async function begin(
	t: ExecutionContext,
	role: 'owner' | 'developer' = 'owner',
	size = {columns: 80, rows: 24},
) {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const member = await makeMember(appliance.database, organisation.id, role);
	const path = `/api/v1/organizations/${organisation.id}/key-policy`;
	return {
		organisation,
		path,
		read: async () => (await server.call(path, {bearer: jwt})).json() as KeyPolicyState,
		change: (body: object) => patch(path, body),
		open: async () => {
			const screen = openConsole(t, {url: server.url, ...size});
			await logIn(screen, member);
			await goThere(screen);
			return screen;
		},
	};
}

async function goThere(screen: Opened) {
	screen.press(':');
	screen.type('key policy');
	await screen.shows(/▌ key policy/);
	screen.press('enter');
	await screen.shows('Longest lifetime');
}

/** Opens the form, with the cursor on a field of the part that many parts on. */
async function edit(screen: Opened, parts: number, label: string) {
	screen.press('e');
	await screen.shows('> ');
	for (let part = 0; part < parts; part++) screen.press('pagedown');
	await screen.shows(`> ${label}`);
}

/** Presses a key that does no harm when it comes once more, until the screen has or has not a text. */
async function pressUntil(screen: Opened, key: string, isThere: (text: string) => boolean) {
	await eventually(async () => {
		screen.press(key);
		await screen.settled();
		return isThere(screen.text());
	});
}

/** A key that was made 400 days ago. */
async function makeOld(organisation: string, name: string) {
	const key = await makeKey(server, jwt, organisation, name);
	const db = connectDatabase(appliance.database, 'test');
	await db.raw("update api_keys set created_at = now() - interval '400 days' where id = :id", key);
	await db.destroy();
	return key;
}

test('what holds is shown with who asks for it; a change is made and shown', async (t) => {
	const {change, open, read} = await begin(t);
	await change({max_lifetime_days: 90, default_lifetime_days: 14});
	const screen = await open();
	await screen.shows(/Longest lifetime +90 days +organisation/);
	t.teardown(() => patch(floor, {max_lifetime_days: null, require_expiry: null}));
	await patch(floor, {max_lifetime_days: 30, require_expiry: true});
	await screen.shows(
		/Longest lifetime +30 days +appliance\n +! 90 days was set here: the stricter/,
	);
	t.regex(screen.text(), /Expiry required +yes +appliance/);
	t.regex(screen.text(), /Default lifetime +14 days +organisation/);
	t.regex(screen.text(), /Rotate every +none +-/);
	await edit(screen, 0, 'Longest lifetime');
	await screen.shows(
		/a key must end within 90 days of when it is made; the\n +appliance asks for 30 days/,
	);
	screen.press('tab', 'tab');
	await screen.shows('> Default lifetime');
	screen.press('ctrl-u');
	screen.type('3w');
	await screen.shows(/without an end expires after 21 days\n/);
	screen.press('ctrl-x');
	await screen.shows('Changed the key policy: in force');
	await screen.shows(/Default lifetime +21 days +organisation/);
	t.like((await read()).own, {max_lifetime_days: 90, default_lifetime_days: 21});
});

test('what a value is wrong for is said under its field, also by the server', async (t) => {
	const {change, open, read} = await begin(t);
	await change({max_grace_seconds: 3600});
	const screen = await open();
	await edit(screen, 4, 'Default grace');
	screen.type('2x');
	await screen.shows('! takes a time such as 1h, 7d, or seconds, or none');
	screen.press('ctrl-u');
	screen.type('2h');
	screen.press('ctrl-x');
	await screen.shows(/! default_grace_seconds must be at most\n +max_grace_seconds, which is 3600/);
	t.regex(screen.text(), /> Default grace +2h/, 'what was typed is there');
	t.is((await read()).own.default_grace_seconds, null);
});

test('what keys break, and which are refused, is said before a rule is tightened', async (t) => {
	const {organisation, open, read} = await begin(t);
	await makeKey(server, jwt, organisation.id, 'forever');
	const ancient = await makeKey(server, jwt, organisation.id, 'ancient');
	const db = connectDatabase(appliance.database, 'test');
	await db.raw(
		"update api_keys set created_at = now() - interval '400 days' where id = :id",
		ancient,
	);
	await db.destroy();
	const screen = await open();
	await edit(screen, 0, 'Longest lifetime');
	screen.type('365d');
	screen.press('ctrl-x');
	await question(screen);
	const asked = screen.text();
	t.regex(asked, /Longest lifetime: 365 days \(none before\)/);
	t.regex(asked, /Longest lifetime: broken by 2 keys/);
	t.regex(asked, /Among them ancient, forever\./);
	t.regex(asked, /They go on working/);
	await sayNo(screen);
	await screen.shows(/Longest lifetime +365d/);
	t.is((await read()).own.max_lifetime_days, null, 'no is no, and what was typed is there');
	await pressUntil(screen, 'tab', (text) => text.includes('> Existing keys'));
	screen.press('right');
	await screen.shows('[ enforce ]');
	screen.press('ctrl-x');
	await screen.shows('! 1 key that works is refused at once');
	await typeWord(screen, 'refuse 1', 'Change it');
	await screen.shows('Changed the key policy: in force everywhere (1 server');
	await screen.shows(/Existing keys +enforce +organisation/);
	t.like((await read()).own, {max_lifetime_days: 365, applies_to_existing: 'enforce'});
	t.is((await server.call('/api/v1/sources', {bearer: ancient.key})).status, 401);
});

test('somebody else changes the policy meanwhile: what was typed stays, and is asked about anew', async (t) => {
	const {organisation, change, open, read} = await begin(t);
	await makeKey(server, jwt, organisation.id, 'unbound');
	const screen = await open();
	await edit(screen, 2, 'Networks required');
	screen.press('right');
	await screen.shows('[ yes ]');
	screen.press('ctrl-x');
	await screen.shows('Networks required: broken by 1 key');
	await change({require_expiry: true, max_grace_seconds: 7200});
	await pressYes(screen);
	await screen.shows('Somebody else changed this policy meanwhile');
	await screen.shows('! meanwhile changed to yes');
	t.false((await read()).own.require_ip_allow, 'nothing was sent');
	t.regex(screen.text(), /\* changed: networks required yes/);
	screen.press('ctrl-x');
	await screen.shows('Networks required: broken by 1 key');
	await sayYes(screen);
	await screen.shows('Changed the key policy: in force');
	t.like((await read()).own, {
		require_ip_allow: true,
		require_expiry: true,
		max_grace_seconds: 7200,
	});
});

test('operators change what the appliance asks, and see whose keys break it', async (t) => {
	const {organisation, read} = await begin(t);
	await makeOld(organisation.id, 'rusty');
	t.teardown(() => patch(floor, {rotate_every_days: null}));
	const screen = openConsole(t, {url: server.url, columns: 80, rows: 24});
	await logIn(screen);
	await goThere(screen);
	screen.press('A');
	await screen.shows('What the appliance requires of the keys of every organisation');
	await edit(screen, 0, 'Longest lifetime');
	screen.press('tab', 'tab', 'tab');
	await screen.shows('> Rotate every');
	screen.type('180d');
	screen.press('ctrl-x');
	await screen.shows(/Rotate every: broken by \d+ keys?/);
	t.regex(screen.text(), /rusty \(on team\)/);
	await sayYes(screen);
	await screen.shows('Changed the key policy: in force');
	await screen.shows(/Rotate every +180 days +appliance/);
	t.is((await read()).effective.rotate_every_days, 180);
	screen.press('A');
	await screen.shows('What is required of the keys of');
});

test('who may not change it is told so', async (t) => {
	const {open, read} = await begin(t, 'developer');
	const screen = await open();
	screen.press('e');
	await screen.shows('Only admins and owners change the key policy');
	await listens();
	screen.press('A');
	await screen.shows('Only operators see what the appliance itself asks');
	t.is((await read()).updated_at, null);
});

test('on the smallest terminal the question says all of it, and the policy can be scrolled', async (t) => {
	const {organisation, open, read} = await begin(t, 'owner', {columns: 60, rows: 16});
	await makeKey(server, jwt, organisation.id, 'anywhere');
	const screen = await open();
	await screen.shows(/j shows \d+ more/);
	screen.press('G');
	await screen.shows('If-Match required');
	await edit(screen, 1, 'Scopes required');
	screen.press('right');
	await screen.shows('[ yes ]');
	screen.press('ctrl-x');
	await screen.shows('Scopes required: broken by 1 key');
	t.regex(screen.text(), /Among them anywhere\./);
	await sayYes(screen);
	await screen.shows('Changed the key policy: in force');
	t.true((await read()).own.require_scopes);
});
