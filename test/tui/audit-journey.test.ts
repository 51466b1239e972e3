import {readFile, rm, stat} from 'node:fs/promises';
import test from 'ava';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {logIn, openConsole} from './person.ts';

/*
The audit trail and health as a person reads them, on an emulated terminal, against a real server.
*/

const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

test.serial('the trail is filtered, followed, opened and written to a file', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const names = Array.from({length: 30}, (_, index) => `row-${index}`);
	for (const name of names) {
		// In turn, so that their order is known.
		await makeKey(server, jwt, organisation.id, name);
	}
	const admin = await makeMember(appliance.database, organisation.id, 'admin');
	const screen = openConsole(t, {url: server.url, columns: 120});
	await logIn(screen, admin);
	screen.press('5');
	await screen.shows(/^▌ \S+ +admin@\S+ +key\.created +row-29 +127\.0\.0\.1 +ok/m);
	await screen.shows(' 31 entries');

	screen.press('/');
	await screen.shows('actor: action: target: outcome: since:1h');
	screen.type('action:organization');
	await screen.shows('1 of 31');
	screen.press('enter');
	await screen.shows(/^▌ \S+ +admin@\S+ +organization\.created/m);
	screen.press('/');
	screen.paste(' since:soon');
	await screen.shows('since:soon: takes 15m, 1h, 7d');
	t.regex(screen.text(), /organization\.created/, 'the last good result stays');
	screen.press('escape');
	await screen.shows('31 entries');

	screen.press('f');
	await screen.shows('FOLLOW');
	await makeKey(server, jwt, organisation.id, 'fresh');
	await screen.shows(/^▌ \S+ +\S+ +key\.created +fresh/m);
	screen.press('j');
	await screen.shows(/^▌ \S+ +\S+ +key\.created +row-29/m);
	await makeKey(server, jwt, organisation.id, 'fresher');
	await screen.shows('FOLLOW held by scrolling: 1 newer above');
	t.regex(screen.text(), /^▌ \S+ +\S+ +key\.created +row-29/m);
	screen.press('f');
	await screen.shows(/^▌ \S+ +\S+ +key\.created +fresher/m);

	screen.press('enter');
	await screen.shows(/^ Target +type api_key\n +id \S+\n +name fresher/m);
	screen.press('y');
	await screen.shows('Sent req_');
	t.regex(screen.clipboard() ?? '', /^req_\w+$/);
	screen.press('G');
	await screen.shows(/^ +"hash": "\w{64}"\n }$/m);
	screen.press('escape');
	await screen.shows('FOLLOW');

	screen.press('E');
	await screen.shows('Write the audit trail to a file');
	screen.press('enter');
	const shown = await screen.shows(/Wrote \S+\.ndjson: 33 entries/);
	const [, file = ''] = /Wrote (\S+\.ndjson)/.exec(shown) ?? [];
	t.teardown(() => rm(file, {force: true}));
	t.is((await stat(file)).mode & 0o777, 0o600);
	const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
	t.is(lines.length, 35);
	t.regex(lines.at(-1) ?? '', /^{"export":"end",/);

	screen.press('A');
	await screen.shows('Only operators may read the trail of the appliance');
});

test.serial(
	'who may not read the trail is told so; an operator reads that of the appliance',
	async (t) => {
		const organisation = await makeOrganisation(server, jwt, 'team');
		const developer = await makeMember(appliance.database, organisation.id, 'developer');
		const screen = openConsole(t, {url: server.url});
		await logIn(screen, developer);
		screen.press('5');
		await screen.shows('Only admins and owners read the audit trail.');
		screen.press('E');
		await screen.shows('Your role may not read this trail');

		const operator = openConsole(t, {url: server.url});
		await logIn(operator);
		operator.press('5');
		await operator.shows(/› audit .*live/);
		operator.press('A');
		await operator.shows(/session\.opened/);
		t.regex(operator.text(), /› audit of the appliance/);
		operator.press('A');
		await operator.hides('of the appliance');
	},
);

test.serial('health is all to an operator, and what everybody may ask to others', async (t) => {
	const operator = openConsole(t, {url: server.url, rows: 60});
	await logIn(operator);
	operator.press('7');
	await operator.shows(/^ x No worker is running\.$/m);
	t.regex(operator.text(), /^ +Start one: `docker compose up -d worker`/m);
	// True of the PostgreSQL that tests run on.
	t.regex(operator.text(), /^ x fsync is off in PostgreSQL\.$/m);
	const worker = await appliance.startWorker();
	await operator.shows(/^ Worker +ok, 1 running$/m);
	await operator.until('the finding has gone', () => !operator.text().includes('No worker'));

	const organisation = await makeOrganisation(server, jwt, 'team');
	const member = await makeMember(appliance.database, organisation.id, 'owner');
	const other = openConsole(t, {url: server.url});
	await logIn(other, member);
	other.press('7');
	await other.shows('are shown to operators');
	t.regex(other.text(), /^ PostgreSQL +ok/m);

	t.is(await worker.stop(), 0);
	await operator.shows(/^ x No worker is running\.$/m);
	await server.stop();
	await operator.shows('OFFLINE');
	t.regex(operator.text(), /No worker is running/, 'what was read stays');
});
