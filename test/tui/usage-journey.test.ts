import ava from 'ava';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {countUses} from '../usage/counts.ts';
import {logIn, openConsole, type Opened} from './person.ts';

/*
The use of keys as a person meets it: the overview of an organisation, what one key is used for and from
where, in any window, and with what there is while no answer comes.
*/

const test = ava.serial;
const {appliance, server, jwt, db} = await openAppliance();
const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
const owner = await makeMember(appliance.database, organisationId, 'owner');
const {id: busy, key: busyKey} = await makeKey(server, jwt, organisationId, 'busy');
const {id: hasty} = await makeKey(server, jwt, organisationId, 'hasty');

test.after.always(() => appliance.stop());

test.before(async () => {
	const hour = 3_600_000;
	// Within the last day, whatever the time is.
	const at = Math.floor(Date.now() / hour) * hour - 2 * hour;
	await countUses(db, [
		{organisationId, keyId: busy, at, count: 1200, address: '10.4.3.9'},
		{organisationId, keyId: busy, at: at - hour, count: 800, address: '10.4.3.11'},
		{organisationId, keyId: busy, at, count: 15, outcome: 'ip_denied', address: '185.220.101.4'},
		{organisationId, keyId: hasty, at, count: 500},
		{organisationId, keyId: hasty, at, count: 40, outcome: 'rate_limited'},
	]);
	await appliance.startWorker();
});

async function open(
	t: Parameters<typeof openConsole>[0],
	size: {columns?: number; rows?: number} = {},
	env = {},
): Promise<Opened> {
	const screen = openConsole(t, {url: server.url, env, ...size});
	await logIn(screen, owner);
	return screen;
}

test('the overview tells how much, which keys, and why some were refused; it leads to a key', async (t) => {
	const screen = await open(t);
	screen.press('0');
	await screen.shows(/\[24 hours\] .* 2,500 accepted · 55 refused \(2%\)/);
	await screen.shows(/▌ busy +2,000 +15 +rate limit +40/);
	await screen.shows(/ hasty +500 +40 +address +15/);
	await screen.shows(/ \d,\d00 ┤/);
	await screen.shows(/TOP OWNERS/);
	t.regex(screen.text(), /^ refused +[▁▂▃▄▅▆▇█]/m);
	screen.press('\t');
	await screen.shows(/ 24 hours  \[7 days\] .* 2,500 accepted/);
	screen.press('j', 'enter');
	await screen.shows(/› use of hasty /);
	await screen.shows(/500 accepted · 40 refused/);
	screen.press('escape');
	await screen.shows(/▌ hasty/);
	screen.press('o');
	await screen.shows(/› hasty .*live/);
});

test('a key tells from where it is used, and an address leads to why it is refused there', async (t) => {
	const screen = await open(t);
	screen.type('/busy');
	screen.press('enter');
	await screen.shows(/▌ busy/);
	screen.press('U');
	await screen.shows(/2,000 accepted · 15 refused/);
	await screen.shows(/▌ 10\.4\.3\.9 +1,200 +█+▁+ +60%/);
	await screen.shows(/ 10\.4\.3\.11 +800 /);
	await screen.shows(/ 185\.220\.101\.4 +0 .* 15 ! /);
	screen.press('left', 'left', 'left');
	await screen.shows(/▲ \w+ \d+ \w+ \d\d:00: 1,200 accepted, 15 refused/);
	screen.press('G', 'enter');
	await screen.shows('Would this use of busy be accepted?');
	await screen.shows(/Address +185\.220\.101\.4/);
	screen.press('escape');
	await screen.shows(/▌ 185\.220\.101\.4/);
	// Uses that are counted while one looks are seen, and how often that is.
	for (let use = 0; use < 5; use++) await server.call('/api/v1/keys/self', {bearer: busyKey});
	await screen.shows(/2,005 accepted/);
	await screen.shows(/ 127\.0\.0\.1 +5 /);
	await screen.shows(/now [\d<]+\/min/);
	t.regex(screen.text(), /▌ 185\.220\.101\.4/, 'and the cursor stays');
});

test('it can be read in the smallest window, without colours and without signs of its own', async (t) => {
	const small = await open(t, {columns: 60, rows: 16});
	small.press('0');
	await small.shows(/\[24 h\] .* accepted · 55 refused/);
	await small.shows(/▌ busy +2,0\d\d +15/);
	t.true(small.text().includes('┤'));
	const plain = await open(t, {columns: 120, rows: 40}, {LATCHKEY_ASCII: '1', NO_COLOR: '1'});
	await plain.shows(/LAST 24 H/);
	await plain.shows(/busy .*#/);
	plain.press('0');
	await plain.shows(/> busy .* 15 .*rate limit/);
	await plain.settled();
	// The last line names keys of the keyboard.
	t.regex(plain.text().trimEnd().split('\n').slice(0, -1).join('\n'), /^[\n -~]*$/);
});

test('a list that is wide enough draws the last 24 hours of each key', async (t) => {
	const screen = await open(t, {columns: 100});
	await screen.shows(/LAST 24 H/);
	await screen.shows(/ busy .*[▁▂▃▄▅▆▇█]/);
	t.regex(screen.text(), / hasty .*█/);
});

test('whoever is of no organisation, or may not, is not left with an empty picture', async (t) => {
	const viewer = await makeMember(appliance.database, organisationId, 'viewer');
	const screen = openConsole(t, {url: server.url});
	await logIn(screen, viewer);
	screen.press('0');
	await screen.shows(/accepted · 55 refused/);
	await server.stop();
	await screen.shows(/OFFLINE/);
	t.regex(screen.text(), /accepted · 55 refused/, 'what was read stays');
});
