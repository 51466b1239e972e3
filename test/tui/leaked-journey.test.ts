import ava from 'ava';
import {administrator, makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {logIn, openConsole} from './person.ts';

/** One after another, as in the other journeys. */
const test = ava.serial;

/*
A leaked key, pasted as a person does it, against a real server.
*/

const {appliance, server} = await openServer();

const jwt = await server.logIn();

test.after.always(() => appliance.stop());

test('a key that is pasted is recognised, suspended, and told to be; one of another organisation leads there', async (t) => {
	const {body} = await server.call('/api/v1/auth/me', {bearer: jwt}).then((answer) => ({
		body: answer.json() as {organization: {id: string}},
	}));
	const leaked = await makeKey(server, jwt, body.organization.id, 'leaked-here');
	const other = await makeOrganisation(server, jwt, 'team');
	const elsewhere = await makeKey(server, jwt, other.id, 'leaked-elsewhere');
	const screen = openConsole(t, {url: server.url});
	await logIn(screen, administrator);
	await screen.shows('leaked-here');

	screen.press('7');
	await screen.shows(/› health/);
	screen.paste(`Authorization: Bearer ${leaked.key}\n`);
	await screen.shows('This is one of your keys, and it works.');
	await screen.shows(/Made .*by admin@example\.com/);
	await screen.shows('Not called in the last 7 days.');
	t.false(screen.text().includes(leaked.key.slice(20, 40)), 'it is masked');
	t.true(screen.text().includes(leaked.key.slice(-4)));
	const suspended = await server.call(
		`/api/v1/organizations/${body.organization.id}/api-keys/${leaked.id}/suspend`,
		{bearer: jwt, body: {}},
	);
	t.is(suspended.status, 200);
	await screen.shows('It is suspended, and refused for as long as it is.');
	// Asking whose key it is was no use of it.
	await screen.shows(/Last used +never/);

	screen.press('escape', ':');
	await screen.shows('Type any name');
	screen.paste(elsewhere.key);
	await screen.shows('which is another organisation of yours');
	screen.press('enter');
	await screen.shows(/Name +leaked-elsewhere/);
	await screen.shows('This is one of your keys, and it works.');
	screen.press('escape');
	await screen.shows(/▌ leaked-elsewhere/);

	screen.press('/');
	screen.paste(`${leaked.key.slice(0, -1)}${leaked.key.endsWith('0') ? '1' : '0'}`);
	await screen.shows('This is not an API key: its checksum is wrong');
	t.false(screen.text().includes(leaked.key.slice(20, 40)));
});
