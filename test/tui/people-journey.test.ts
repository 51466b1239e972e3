import ava, {type ExecutionContext} from 'ava';
import type {Organisation} from '../../contract/organisations.ts';
import type {Member} from '../../contract/members.ts';
import type {Source} from '../../contract/sources.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {
	listens,
	logIn,
	moveTo,
	openConsole,
	type Opened,
	type Options,
	pressYes,
	readSecret,
	sayYes,
	typeWord,
} from './person.ts';

/*
Members, service accounts, users, sessions, sources and settings as a person meets them: on an
emulated terminal, against a real server.
*/

const test = ava.serial;
const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

function open(t: ExecutionContext, options: Partial<Options> = {}): Opened {
	return openConsole(t, {url: server.url, ...options});
}

/** An organisation of its own, with the owner who is logged in. */
async function owned(t: ExecutionContext, options: Partial<Options> = {}) {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const owner = await makeMember(appliance.database, organisation.id, 'owner');
	// Whoever made it is an owner, too, until they leave.
	const operator = (await members(organisation)).find(({email}) => email !== owner.email);
	const path = `/api/v1/organizations/${organisation.id}/members/${operator?.user_id}`;
	await server.call(path, {bearer: jwt, method: 'DELETE'});
	const screen = open(t, options);
	await logIn(screen, owner);
	return {organisation, owner, screen};
}

async function members({id}: Organisation): Promise<Member[]> {
	return (
		await server.call(`/api/v1/organizations/${id}/members`, {bearer: jwt})
	).json() as Member[];
}

test('somebody is invited, accepts, is given a role and removed; the last owner stays', async (t) => {
	const {organisation, owner, screen} = await owned(t);
	screen.press('4');
	await screen.shows(/▌ owner-\S+ \(you\) +owner/);
	screen.press('n');
	await screen.shows('Invite somebody to on team');
	screen.type('eve');
	await screen.shows('! email must be an email address');
	screen.type('@acme.example');
	await screen.hides('! email');
	screen.press('enter', 'v');
	await screen.shows('[ viewer ]');
	screen.press('enter');
	const code = await readSecret(screen, 'lkin_');
	screen.press('i');
	await screen.shows(/▌ eve@acme\.example +viewer +in 7d/);
	const password = 'seven quiet dogs at noon';
	const accepted = await server.call('/api/v1/invitations/accept', {body: {code, password}});
	t.is(accepted.status, 200);
	await screen.shows('No open invitations');
	screen.press('escape');
	await screen.shows(/eve@acme\.example +viewer/);
	await moveTo(screen, 'eve@acme.example');
	screen.press('e');
	await screen.shows('Role of eve@acme.example');
	screen.press('k');
	await screen.shows(/▌ developer/);
	screen.press('enter');
	await sayYes(screen);
	await screen.shows(/▌ eve@acme\.example +developer/);
	screen.press('x');
	await screen.shows('Remove eve@acme.example from on team?');
	await typeWord(screen, 'eve@acme.example', 'Remove');
	await screen.shows(/ 1 member\n/);
	t.deepEqual(
		(await members(organisation)).map(({email}) => email),
		[owner.email],
	);

	screen.press('x');
	await screen.shows('Leave on team?');
	await typeWord(screen, owner.email, 'Leave');
	await screen.shows('! The organization would be left without an owner');
	screen.press('escape');
	await screen.shows(/▌ owner-\S+ \(you\) +owner/);
});

test('an invitation is withdrawn, and its code is worth nothing', async (t) => {
	const {screen} = await owned(t);
	screen.press('4');
	await screen.shows(/▌ owner-/);
	screen.press('n');
	await screen.shows('Invite somebody');
	screen.type('eve@acme.example');
	screen.press('enter', 'enter');
	const code = await readSecret(screen, 'lkin_');
	screen.press('i');
	await screen.shows(/▌ eve@acme\.example/);
	screen.press('x');
	await screen.shows('Withdraw the invitation for eve@acme.example?');
	await sayYes(screen);
	await screen.shows('No open invitations');
	const body = {code, password: 'seven quiet dogs at noon'};
	t.is((await server.call('/api/v1/invitations/accept', {body})).status, 400);
});

test('whoever leaves sees nothing of the organisation any more', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const viewer = await makeMember(appliance.database, organisation.id, 'viewer');
	const screen = open(t);
	await logIn(screen, viewer);
	screen.press('4');
	await screen.shows('2 members');
	screen.press('n');
	await screen.shows('Only admins and owners invite');
	await moveTo(screen, `${viewer.email} \\(you\\)`);
	await listens();
	screen.press('x');
	await screen.shows('Leave on team?');
	await typeWord(screen, viewer.email, 'Leave');
	await screen.shows('You have left on team');
	// A session is of the organisation it was begun in, and ends with the membership.
	await screen.shows('Your session has ended: you are no longer a member of its organisation.');
	screen.type(viewer.password);
	screen.press('enter');
	await screen.shows('You belong to no organisation.');
	await screen.hides('Log in');
	t.is((await members(organisation)).length, 1);
});

test('a service account gets a secret that works, is disabled, and is deleted', async (t) => {
	const {screen} = await owned(t);
	screen.press('4');
	await screen.shows(/▌ owner-/);
	screen.press('m');
	await screen.shows('No service accounts yet');
	screen.press('n');
	await screen.shows('A new service account');
	screen.type('deploy-bot');
	screen.press('enter', 'enter');
	await screen.shows(/▌ deploy-bot +developer +active/);
	screen.press('enter');
	await screen.shows('deploy-bot has no client secret');
	screen.press('n');
	await screen.shows('A new client secret of deploy-bot');
	screen.type('2027-02-30');
	await screen.shows('! takes 90d');
	screen.press('\u0015');
	screen.type('30d');
	await screen.shows(/UTC, in 30d/);
	screen.press('enter');
	await screen.shows('only time it is');
	const [clientId = ''] = /[\da-f]{8}-[\da-f-]{27}/.exec(screen.text()) ?? [];
	const secret = await readSecret(screen, 'lksc_');
	await screen.shows(/▌ lksc_\S+ +in 30d +never/);
	const grant = async () => {
		const body = new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: secret,
		});
		const headers = {'Content-Type': 'application/x-www-form-urlencoded'};
		return (await server.call('/oauth2/token', {body: body.toString(), headers})).status;
	};
	t.is(await grant(), 200);
	screen.press('escape');
	await screen.shows(/▌ deploy-bot/);
	screen.press('d');
	await screen.shows('Disable deploy-bot?');
	await sayYes(screen);
	await screen.shows(/▌ deploy-bot +developer +x disabled/);
	t.is(await grant(), 401);
	screen.press('x');
	await typeWord(screen, 'deploy-bot', 'Delete');
	await screen.shows('No service accounts yet');
});

test('an operator makes a user, gives a new code, ends a session, and keeps somebody out', async (t) => {
	const screen = open(t);
	await logIn(screen);
	screen.press('4');
	await screen.shows(/row \d/);
	screen.press('U');
	await screen.shows(/admin@example\.com \(you\) +operator/);
	screen.press('n');
	await screen.shows('A new user');
	screen.type('frank@acme.example');
	screen.press('enter', 'enter');
	const first = await readSecret(screen, 'lkpw_');
	const password = 'seven quiet dogs at noon';
	const set = (code: string) =>
		server.call('/api/v1/auth/password-reset', {body: {code, password}});
	t.is((await set(first)).status, 200);
	const bearer = await server.logIn({email: 'frank@acme.example', password});
	const stillIn = async () => (await server.call('/api/v1/auth/me', {bearer})).status;
	t.is(await stillIn(), 200);

	await moveTo(screen, 'frank@acme.example');
	screen.press('enter');
	await screen.shows(/1 open session\n/);
	screen.press('X');
	await screen.shows('End every session of frank@acme.example?');
	await sayYes(screen);
	await screen.shows('frank@acme.example has no open sessions');
	t.is(await stillIn(), 401);

	screen.press('escape');
	await screen.shows(/▌ frank@acme\.example/);
	screen.press('r');
	await screen.shows('Make a one-time code for frank@acme.example');
	await sayYes(screen);
	t.is((await set(await readSecret(screen, 'lkpw_'))).status, 200);
	screen.press('o');
	await screen.shows('Make frank@acme.example an operator?');
	await sayYes(screen);
	await screen.shows(/▌ frank@acme\.example +operator +active/);
	screen.press('d');
	await screen.shows('Disable frank@acme.example?');
	await sayYes(screen);
	await screen.shows(/▌ frank@acme\.example +operator +x disabled/);

	await moveTo(screen, 'admin@example\\.com \\(you\\)');
	screen.press('o');
	await screen.shows('Take the rights of an operator from yourself?');
	await pressYes(screen);
	await screen.shows('! No operator would be left');
});

test('a new password ends one’s other sessions; logging out everywhere ends all', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const {email, password} = await makeMember(appliance.database, organisation.id, 'developer');
	const other = await server.logIn({email, password});
	const screen = open(t);
	await logIn(screen, {email, password});
	screen.press('8');
	await screen.shows(/Logged in as +developer-\S+@example\.com/);
	await screen.shows(/version \d+\.\d+\.\d+\n[\s\S]*version \d+\.\d+\.\d+/);
	screen.press('S');
	await screen.shows('2 open sessions');
	await screen.shows('(this one)');
	screen.press('escape');
	await screen.shows('Logged in as');
	screen.press('c');
	await screen.shows(`A new password for ${email}`);
	const next = 'nine loud cats at dusk';
	for (const [typed, label] of [
		['not the password', 'New password'],
		[next, 'Once more'],
	]) {
		screen.type(typed ?? '');
		screen.press('enter');
		// In turn, as a person fills in a form.
		await screen.shows(new RegExp(`> +${label}`));
	}
	screen.type(next);
	screen.press('enter');
	await screen.shows('! The current password is wrong');
	await screen.shows(/> +Password now/);
	t.false(screen.text().includes(next));
	screen.press('\u0015');
	screen.type(password);
	screen.press('down', 'down', 'enter');
	await screen.shows('Changed the password');
	t.is((await server.call('/api/v1/auth/me', {bearer: other})).status, 401);
	screen.press('S');
	await screen.shows('1 open session');
	screen.press('X');
	await screen.shows('Log out everywhere?');
	await sayYes(screen);
	await screen.shows('You are logged out.');
	await server.logIn({email, password: next});
});

test('sources are made, changed and deleted', async (t) => {
	const {organisation, screen} = await owned(t);
	const sources = async () => {
		const headers = {'Latchkey-Organization': organisation.id};
		return (await server.call('/api/v1/sources', {bearer: jwt, headers})).json() as Source[];
	};
	screen.press('2');
	await screen.shows('No sources yet');
	screen.press('n');
	await screen.shows('A new source for on team');
	screen.type('数据平台');
	screen.press('enter');
	screen.type('s3');
	screen.press('enter');
	await screen.shows(/▌ 数据平台 +s3/);
	screen.press('e');
	await screen.shows(/> +Name +数据平台/);
	screen.press('enter', '\u0015');
	screen.type('webhook');
	screen.press('enter');
	await screen.shows(/▌ 数据平台 +webhook/);
	t.like(await sources(), [{name: '数据平台', type: 'webhook'}]);
	screen.press('x');
	await screen.shows('Delete 数据平台?');
	await sayYes(screen);
	await screen.shows('No sources yet');
	t.deepEqual(await sources(), []);
});

test('a key ends when it was asked to, and the list says so', async (t) => {
	const {screen} = await owned(t, {columns: 100});
	await screen.shows('The organisation "on team" has no API keys yet');
	screen.press('n');
	await screen.shows(/> Name/);
	screen.type('ingest');
	screen.press('pagedown');
	await screen.shows('never; or 90d');
	screen.type('2d');
	await screen.shows(/UTC, in 2d/);
	screen.press('ctrl-x');
	const key = await readSecret(screen, 'hklst_');
	await screen.shows(`${key.slice(0, 12)}…`);
	await screen.shows(/▌ ingest +! 2 days +never +hklst_\w+… +in 2d/);
	screen.press('enter');
	await screen.shows(/Expires +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, in 2d/);
	t.pass();
});

test('a server that goes away in the middle of a change: it is not called done', async (t) => {
	const stopped = await appliance.startServer();
	const organisation = await makeOrganisation(server, jwt, 'team');
	const admin = await makeMember(appliance.database, organisation.id, 'admin');
	const screen = open(t, {url: stopped.url});
	await logIn(screen, admin);
	screen.press('4');
	await screen.shows('2 members');
	screen.press('n');
	await screen.shows('Invite somebody');
	screen.type('eve@acme.example');
	screen.press('enter');
	stopped.kill('SIGKILL');
	await stopped.exited;
	screen.press('enter');
	await screen.shows(/not\s+known\s+whether\s+it\s+was\s+done/);
	await screen.shows(/Email +eve@acme\.example/);
	screen.press('escape');
	await screen.hides('Invite somebody');
	await screen.shows(/OFFLINE/);
	screen.press('n');
	await screen.shows('Server unreachable: nothing can be changed');
	t.pass();
});
