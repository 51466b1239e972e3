import ava, {type ExecutionContext} from 'ava';
import type {CreatedKey, FullKey} from '../../contract/keys.ts';
import type {Member} from '../../contract/members.ts';
import type {Me, Role} from '../../contract/people.ts';
import type {KeyLeft} from '../../tui/api-keys/left.ts';
import {top} from '../../tui/app/navigation.ts';
import {
	administrator,
	makeKey,
	makeMember,
	makeOrganisation,
	makeUser,
} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {type Driven, loggedIn, me, organisation as acme, unused, used} from './driven.ts';
import {logIn, moveTo, openConsole, sayYes, typeWord} from './person.ts';
import {makeHome, runScript} from './script.ts';

/*
The live keys of somebody who leaves: whoever removes or disables them is shown those, in the console
and by commands, and may suspend or revoke them.
*/

const test = ava.serial;
const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const statusWith = async ({key}: CreatedKey) =>
	(await server.call('/api/v1/sources', {bearer: key})).status;

/** An organisation with an owner, and a member who makes keys and is to go. */
async function staffed(count: number, role: Role = 'developer') {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const owner = await makeMember(appliance.database, organisation.id, 'owner');
	const ada = await makeMember(appliance.database, organisation.id, role);
	const token = await server.logIn(ada);
	const keys: CreatedKey[] = [];
	for (let at = 1; at <= count; at++) {
		keys.push(await makeKey(server, token, organisation.id, `of ada ${at}`));
	}
	const path = `/api/v1/organizations/${organisation.id}`;
	const list = (await server.call(`${path}/members`, {bearer: jwt})).json() as Member[];
	const id = list.find(({email}) => email === ada.email)?.user_id ?? '';
	return {organisation, owner, ada, id, keys, path};
}

async function removeInConsole(t: ExecutionContext, team: Awaited<ReturnType<typeof staffed>>) {
	const screen = openConsole(t, {url: server.url});
	await logIn(screen, team.owner);
	screen.press('4');
	await moveTo(screen, team.ada.email);
	screen.press('x');
	await screen.shows('Keys they made keep working');
	await typeWord(screen, team.ada.email, 'Remove');
	return screen;
}

test('a member is removed: their keys are shown, suspended at once, and revoked at once', async (t) => {
	const team = await staffed(3);
	const [first, second, third] = team.keys as [CreatedKey, CreatedKey, CreatedKey];
	await server.call(`${team.path}/api-keys/${third.id}`, {method: 'DELETE', bearer: jwt});
	await makeKey(server, jwt, team.organisation.id, 'of somebody else');
	const screen = await removeInConsole(t, team);
	await screen.shows('; 2 live keys go on working');
	await screen.shows(/▌ of ada 2 +active/);
	await screen.shows('› keys made by developer-');
	t.notRegex(screen.text(), /of ada 3|of somebody else/);

	screen.press('D');
	await screen.shows('Suspend 2 keys?');
	screen.type('suspend 2');
	screen.press('enter');
	await screen.shows('Suspended 2 keys: refused everywhere (1 server)');
	t.deepEqual(await Promise.all([first, second].map(statusWith)), [401, 401]);
	await screen.shows(/▌ of ada 2 +suspended/);
	screen.press('X');
	await screen.shows('Revoke 2 keys?');
	screen.type('revoke 2');
	screen.press('enter');
	await screen.shows('Revoked 2 keys: refused everywhere (1 server)');
	await screen.shows(`${team.ada.email} made no key that is live`);
	const keys = (await server.call(`${team.path}/api-keys`, {bearer: jwt})).json() as FullKey[];
	t.deepEqual(
		keys.filter(({revoked_at}) => revoked_at === null).map(({name}) => name),
		['of somebody else'],
	);
	screen.press('escape');
	await screen.shows(/▌ \S+@\S+ +(\(you\) +)?owner/);
});

test('a member who made no live key is removed, and nothing is shown', async (t) => {
	const team = await staffed(1);
	await server.call(`${team.path}/api-keys/${team.keys[0]?.id}`, {method: 'DELETE', bearer: jwt});
	const screen = await removeInConsole(t, team);
	await screen.shows(`Removed ${team.ada.email}`);
	t.notRegex(screen.text(), /live key/);
	await screen.shows(/2 members/);
});

test('keys that one may not do without one another: one of several is protected, and stays', async (t) => {
	const team = await staffed(2);
	const answer = await server.call(`${team.path}/api-keys/${team.keys[0]?.id}`, {
		method: 'PATCH',
		bearer: jwt,
		body: {delete_protected: true},
	});
	t.is(answer.status, 200);
	const screen = await removeInConsole(t, team);
	await screen.shows(/▌ of ada 2 +active/);
	screen.press('X');
	await screen.shows('Suspend 2 keys?');
	screen.type('revoke');
	await screen.shows('1 more is marked, but protected: it stays as it is.');
	screen.type(' 1');
	await screen.shows('Type revoke 1: revoke 1');
	screen.press('enter');
	await screen.shows('Revoked 1 key: refused everywhere (1 server)');
	await screen.shows(/▌ of ada 1 +active/);
});

test('a user is disabled: the keys of all organisations are shown, each with its own', async (t) => {
	const team = await staffed(1);
	const other = await makeOrganisation(server, jwt, 'team');
	const elsewhere = await makeKey(server, jwt, other.id, 'elsewhere');
	await db('api_keys').where({id: elsewhere.id}).update({created_by: team.id});
	const screen = openConsole(t, {url: server.url, columns: 100});
	await logIn(screen, administrator);
	screen.press('4');
	await screen.shows(/ members?\n/);
	screen.press('U');
	await moveTo(screen, team.ada.email);
	screen.press('K');
	await screen.shows(/elsewhere +active/);
	screen.press('escape');
	await screen.hides('keys made by');
	screen.press('d');
	await screen.shows(`Disable ${team.ada.email}?`);
	await sayYes(screen);
	await screen.shows('; 2 live keys go on working');
	await screen.shows(/of ada 1 +active +never +on team/);
	await moveTo(screen, 'elsewhere');
	screen.press('x');
	await screen.shows('Suspend 1 key?');
	screen.type('revoke 1');
	await screen.shows('Revoke 1 key?');
	screen.press('enter');
	await screen.shows('Revoked 1 key: refused everywhere (1 server)');
	t.is(await statusWith(elsewhere), 401);
	t.is(await statusWith(team.keys[0] as CreatedKey), 200);
});

test('a service account is deleted, and the keys it made are shown', async (t) => {
	const team = await staffed(1);
	const made = await server.call(`${team.path}/service-accounts`, {
		bearer: jwt,
		body: {name: 'deploy-bot', role: 'developer'},
	});
	const {id} = made.json() as {id: string};
	const key = team.keys[0] as CreatedKey;
	await db('api_keys')
		.where({id: key.id})
		.update({created_by: null, created_by_service_account_id: id});
	const screen = openConsole(t, {url: server.url});
	await logIn(screen, team.owner);
	screen.press('4');
	await screen.shows(/ members\n/);
	screen.press('m');
	await screen.shows(/▌ deploy-bot/);
	screen.press('x');
	await screen.shows('Delete deploy-bot?');
	await typeWord(screen, 'deploy-bot', 'Delete');
	await screen.shows(/▌ of ada 1 +active/);
	screen.press('d');
	await screen.shows('Suspend 1 key?');
	screen.press('up');
	screen.type('left behind');
	screen.press('enter');
	screen.type('suspend 1');
	await screen.shows(/Reason +left behind/);
	screen.press('enter');
	await screen.shows('Suspended 1 key: refused everywhere (1 server)');
	const suspended = await server.call(`${team.path}/api-keys/${key.id}`, {bearer: jwt});
	t.like(suspended.json(), {status: 'suspended', suspended_reason: 'left behind'});
	t.is(await statusWith(key), 401);
});

/** The keys that Bob made, as they are shown once he is gone. */
function atKeysLeft(who: Partial<Me>, keys: readonly FullKey[], keysLeft = keys.length): Driven {
	const driven = loggedIn([unused], {...me, operator: false, ...who});
	const bob = '88888888-8888-4888-8888-888888888888';
	driven.press('4');
	const member = {user_id: bob, email: 'bob@acme.example', role: 'developer' as const};
	const items = [{...member, id: bob, created_at: unused.created_at}];
	const read = {partial: false, took: 1, epoch: driven.model.epoch} as const;
	driven.send({type: 'loaded', answer: {list: 'members', items}, query: undefined, ...read});
	driven.press('x').wait(300).write('bob@acme.example').press('enter');
	const [effect] = driven.effects;
	if (effect?.do !== 'change') throw new Error('nobody was to be removed');
	driven.send({type: 'changed', change: effect.change, body: {message: 'done'}, keysLeft});
	const left = keys.map((key): KeyLeft => ({...key, org_id: acme.id, organisation: acme.name}));
	const query = driven.model.queries.keysLeft;
	driven.send({type: 'loaded', answer: {list: 'keysLeft', items: left}, query, ...read});
	return driven;
}

test('what one may not do to them is not offered, and says why', (t) => {
	const driven = atKeysLeft({role: 'admin'}, [unused, used]);
	t.is(top(driven.model).type, 'keysLeft');
	for (const [role, readOnly, says] of [
		['viewer', false, 'Your role may not suspend or revoke keys'],
		['admin', true, 'This console is read-only (LATCHKEY_READONLY)'],
	] as const) {
		for (const key of ['d', 'D', 'x', 'X']) {
			const other = atKeysLeft({role: 'admin'}, [unused, used]);
			other.model = {...other.model, readOnly, me: {...me, operator: false, role}};
			other.press(key);
			t.is(top(other.model).type, 'keysLeft');
			t.deepEqual(other.effects, []);
			t.is(other.model.notice?.text, says, key);
		}
	}
});

test('whoever goes by themselves is told, and shown nothing; an older server tells nothing', (t) => {
	const none = atKeysLeft({role: 'owner'}, [], 0);
	t.is(top(none.model).type, 'members');
	t.is(none.model.notice?.text, 'Removed bob@acme.example');
	const own = loggedIn([unused], {...me, operator: false, role: 'admin'}).press('4');
	const items = [
		{id: me.id, user_id: me.id, email: me.email, role: 'admin', created_at: unused.created_at},
	] as const;
	const read = {partial: false, took: 1, epoch: own.model.epoch, query: undefined} as const;
	own.send({type: 'loaded', answer: {list: 'members', items}, ...read});
	own.press('x').wait(300).write(me.email).press('enter');
	const [effect] = own.effects;
	if (effect?.do !== 'change') return t.fail('nobody was to leave');
	own.send({type: 'changed', change: effect.change, body: {message: 'done'}, keysLeft: 2});
	t.is(own.model.notice?.text, 'You have left acme; 2 live keys of yours go on working');
});

const home = makeHome();
const run = (argv: readonly string[], stdin = '') =>
	runScript(argv, {HOME: home, LATCHKEY_URL: server.url}, stdin);

test('the commands say how many, and what lists them; --json has the number', async (t) => {
	const {status} = await run(
		['login', '--email', administrator.email, '--password-stdin'],
		administrator.password,
	);
	t.is(status, 0);
	const team = await staffed(2);
	const {id: org} = team.organisation;
	const removed = await run(['members', 'remove', team.ada.email, '--yes', '--org', org]);
	t.is(removed.status, 0);
	t.is(
		removed.stderr,
		`Member removed successfully.
2 live keys that ${team.ada.email} made go on working.
See them: latchkey keys list --org ${org} --created-by ${team.id}
Then \`latchkey keys suspend\`, \`rotate\` or \`revoke\` with their ids.
`,
	);
	const listed = await run(['keys', 'list', '--org', org, '--created-by', team.id, '--quiet']);
	t.deepEqual(listed.stdout.trim().split('\n').toSorted(), team.keys.map(({id}) => id).toSorted());

	const disabled = await run(['users', 'disable', team.id]);
	t.is(disabled.stdout, `${team.id}\n`);
	t.regex(disabled.stderr, /^2 live keys that \S+ made go on working\.$/m);
	t.regex(disabled.stderr, /^See those of each organisation: latchkey keys list --org ORGANI/m);
	const again = await run(['users', 'disable', team.id, '--json']);
	t.like(JSON.parse(again.stdout), {id: team.id, disabled: true, keys_left: 2});
	t.is(again.stderr, '');
	const enabled = await run(['users', 'enable', team.id, '--json']);
	t.false('keys_left' in JSON.parse(enabled.stdout));

	const nobody = await makeUser(server, jwt, {email: 'nobody@example.com'});
	const quiet = await run(['users', 'disable', nobody.id]);
	t.is(quiet.stderr, 'nobody@example.com is disabled:\n');
});
