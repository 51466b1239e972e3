import ava from 'ava';
import type {CreatedKey, KeyDetail} from '../../contract/keys.ts';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';
import {logIn, openConsole, sayYes} from './person.ts';

/*
Cleaning up against a real server: who has left is known, a reason arrives, one that is gone meanwhile is told,
and what was suspended is taken back.
*/

const test = ava.serial;
const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const statusWith = async ({key}: CreatedKey) =>
	(await server.call('/api/v1/sources', {bearer: key})).status;

/** An organisation with an owner, who has keys, and with keys of somebody who has left. */
async function withLeaver() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}`;
	const owner = await makeMember(appliance.database, id, 'owner');
	const ada = await makeMember(appliance.database, id, 'developer');
	const left = await makeKey(server, await server.logIn(ada), id, 'left behind');
	const token = await server.logIn(owner);
	const own = [
		await makeKey(server, token, id, 'own 1'),
		await makeKey(server, token, id, 'own 2'),
	];
	const members = (await server.call(`${path}/members`, {bearer: jwt})).json() as {
		user_id: string;
		email: string;
	}[];
	const userId = members.find(({email}) => email === ada.email)?.user_id ?? '';
	await server.call(`${path}/members/${userId}`, {method: 'DELETE', bearer: jwt});
	const detail = async (key: CreatedKey) =>
		(await server.call(`${path}/api-keys/${key.id}`, {bearer: jwt})).json() as KeyDetail;
	return {id, path, owner, left, own, detail, ada};
}

test('keys are suspended together with a reason, but for one that is dropped, and resumed by u', async (t) => {
	const {id, owner, left, own, detail} = await withLeaver();
	const screen = openConsole(t, {url: server.url, rows: 30});
	await logIn(screen, owner);
	await screen.shows(/ 3 keys +sort/);
	screen.press('*', 'd');
	await screen.shows('Suspend 3 keys?');
	await screen.shows('1 was made by somebody who has left.');
	await screen.shows(/left behind +never +\S+ \(left\)/);
	screen.press('tab', ' ');
	await screen.shows('Suspend 2 keys?');
	await screen.shows('1 was dropped.');
	screen.press('tab', 'tab');
	screen.type('quarterly, CHG-4471');
	screen.press('enter');
	screen.type('suspend 2');
	await screen.shows('Type suspend 2: suspend 2');
	screen.press('enter');
	await screen.shows('Suspended 2 keys: refused everywhere (1 server)');
	const [first, second] = own;
	if (first === undefined || second === undefined) return t.fail();
	t.deepEqual(await Promise.all([second, first, left].map(statusWith)), [200, 401, 401]);
	t.is((await detail(left)).suspended_reason, 'quarterly, CHG-4471');
	const entries = (await entriesOf(db, id)).filter(({action}) => action === 'key.suspended');
	t.deepEqual(
		entries.map(({details}) => details?.['reason']),
		['quarterly, CHG-4471', 'quarterly, CHG-4471'],
	);
	screen.press('u');
	await screen.shows('Resume 2 keys that were suspended together?');
	await sayYes(screen);
	await screen.shows('Resumed 2 keys: accepted everywhere (1 server)');
	t.deepEqual(await Promise.all([second, first, left].map(statusWith)), [200, 200, 200]);
});

test('one that is gone by then is told, with what became of the others', async (t) => {
	const {path, owner, own, left} = await withLeaver();
	const screen = openConsole(t, {url: server.url});
	await logIn(screen, owner);
	await screen.shows(/ 3 keys +sort/);
	screen.press('*', 'x');
	await screen.shows('Suspend 3 keys?');
	await server.call(`${path}/api-keys/${left.id}`, {method: 'DELETE', bearer: jwt});
	screen.type('revoke 3');
	await screen.shows('Revoke 3 keys?');
	screen.press('enter');
	await screen.shows('2 of 3 were revoked');
	await screen.shows(/! failed +left behind API key not found/);
	await screen.shows('Revoked 2 keys of 3: refused everywhere (1 server)');
	t.deepEqual(await Promise.all(own.map(statusWith)), [401, 401]);
});
