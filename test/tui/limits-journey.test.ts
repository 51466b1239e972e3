import ava from 'ava';
import type {KeyLimitsState} from '../../contract/key-limits.ts';
import type {ListedSharedLimits} from '../../contract/shared-limits.ts';
import {createAppliance, makeMember, makeOrganisation, onServices} from '../helpers/appliance.ts';
import {createDatabase, createRedis} from '../helpers/services.ts';
import {logIn, openConsole, pressYes, readSecret, type Opened} from './person.ts';

/*
Limits as a person meets them: a key that is given some and used up, what is left of them as it is
used, which keys are being limited, limits that keys share, and all of it while Redis is away.
*/

const test = ava.serial;
const redis = await createRedis();
const appliance = await createAppliance(onServices(await createDatabase(), redis));
const server = await appliance.startServer({LATCHKEY_LIMITS_TIMEOUT_MS: '1000'});
const jwt = await server.logIn();
const organisation = await makeOrganisation(server, jwt, 'team');
const owner = await makeMember(appliance.database, organisation.id, 'owner');
const path = `/api/v1/organizations/${organisation.id}`;

test.after.always(() => appliance.stop());

async function read<Answer>(at: string): Promise<Answer> {
	return (await server.call(`${path}${at}`, {bearer: jwt})).json() as Answer;
}

async function makeKey(terms: object) {
	const answer = await server.call(`${path}/api-keys`, {method: 'POST', bearer: jwt, body: terms});
	return answer.json() as {id: string; key: string};
}

/** Uses a key so often. @returns the last answer's status */
async function use(key: string, times = 1): Promise<number> {
	let status = 0;
	for (let use = 0; use < times; use++) {
		({status} = await server.call('/api/v1/sources', {bearer: key}));
	}
	return status;
}

async function open(t: Parameters<typeof openConsole>[0], who = owner): Promise<Opened> {
	const screen = openConsole(t, {url: server.url, rows: 40});
	await logIn(screen, who);
	return screen;
}

async function goTo(screen: Opened, place: string) {
	screen.press(':');
	screen.type(place);
	await screen.shows(new RegExp(`▌ ${place}`));
	screen.press('enter');
	await screen.shows(new RegExp(`› ${place}`));
}

test('a key is given limits, is used up, is seen among those that are limited, and gets uses back', async (t) => {
	const screen = await open(t);
	screen.press('n');
	await screen.shows('A new API key');
	screen.type('spent');
	screen.press('pagedown', 'pagedown', 'pagedown', 'pagedown');
	await screen.shows(/> +Rate limits/);
	screen.type('requests 1k per day burst');
	await screen.shows('! requests: nothing comes after burst');
	screen.type(' 50');
	await screen.shows('requests: 1,000 in a day, 50 at once');
	screen.press('enter');
	await screen.shows(/> +Quota/);
	screen.type('5/month in europe/berlin');
	await screen.shows('begins on the 1st, 00:00 Europe/Berlin');
	screen.press('enter');
	const key = await readSecret(screen, 'hklst_');
	t.is(await use(key, 5), 200);
	t.is(await use(key), 429);

	screen.press('9');
	await screen.shows(/▌ spent +quota +1 /);
	screen.press('enter');
	await screen.shows(/ quota +█+! 0 of 5 left, 100% used; resets in /);
	await screen.shows(/requests +█▁+ +45 of 50 left, all of them in \d+m/);
	screen.press('Q');
	await screen.shows('What spent has used of its quota');
	await screen.shows(/Now 5 of 5 are\s+used \(100%\)/);
	screen.type('-3');
	await screen.shows('2 used, 3 left');
	screen.press('enter');
	await screen.shows('Give 3 back to spent?');
	t.is(await use(key), 429, 'nothing is sent before it is agreed to');
	await pressYes(screen);
	await screen.shows(/Changed what spent has used: in force everywhere \(1 server/);
	await screen.shows(/ quota +█+▁+ +3 of 5 left, 40% used/);
	t.is(await use(key), 200);
	await screen.shows(/ quota +█+▁+ +2 of 5 left, 60% used/);
});

test('what is left is seen as it is used, also of what a key shares', async (t) => {
	const {id, key} = await makeKey({
		name: 'watched',
		owner: {type: 'team', id: 'payments'},
		rate_limits: [{name: 'slow', limit: 1000, window_seconds: 2_592_000}],
	});
	const screen = await open(t);
	await goTo(screen, 'shared limits');
	await screen.shows('No shared limits yet.');
	screen.press('n');
	await screen.shows(/> +Shared by/);
	screen.type('team/payments');
	screen.press('enter');
	screen.type('all 100/30d');
	screen.press('enter', 'enter');
	await screen.shows('Set what the keys of team/payments share: in force everywhere (1 server');
	await screen.shows(/▌ team\/payments +all 100\/30d/);
	const listed = () => read<ListedSharedLimits[]>('/shared-limits');
	t.like((await listed())[0], {owner: {type: 'team', id: 'payments'}, quota: null});

	screen.press('K');
	await screen.shows(/▌ watched/);
	screen.press('enter');
	await screen.shows(/Used now +slow +▁+ +1,000 of 1,000 left/);
	await screen.shows(/ owner:all 100\/30d +▁+ +100 of 100 left/);
	t.is(await use(key, 7), 200);
	await screen.shows(/Used now +slow +█▁+ +993 of 1,000 left, all of them in\s+6h/);
	await screen.shows(/ owner:all 100\/30d +█▁+ +93 of 100 left/);
	const {rate_limits: limits} = await read<KeyLimitsState>(`/api-keys/${id}/limits`);
	t.deepEqual(
		limits.map(({name, remaining}) => [name, remaining]),
		[
			['slow', 993],
			['owner:all', 93],
		],
	);

	await goTo(screen, 'shared limits');
	await screen.shows(/▌ team\/payments/);
	screen.press('x');
	await screen.shows('Remove the limits that the keys of team/payments share?');
	await pressYes(screen);
	await screen.shows('Removed the limits that the keys of team/payments shared: in force');
	await screen.shows('No shared limits yet.');
	t.deepEqual(await listed(), []);
});

test('who may only read sees what is left, and changes nothing', async (t) => {
	await makeKey({name: 'read only', quota: {limit: 9, period: 'day'}});
	const viewer = await makeMember(appliance.database, organisation.id, 'viewer');
	const screen = await open(t, viewer);
	screen.type('/read');
	screen.press('enter');
	await screen.shows(/▌ read only/);
	screen.press('enter');
	await screen.shows(/Used now +quota +▁+ +9 of 9 left, 0% used/);
	screen.press('Q');
	await screen.shows('Only admins and owners change what was used of a quota');
	t.regex(screen.text(), /Used now +quota +▁+ +9 of 9 left, 0% used/, 'it stays on the key');
});

test('while Redis is away the screen of the key says who tells, and it is back by itself', async (t) => {
	const {key} = await makeKey({
		name: 'alone',
		rate_limits: [{name: 'slow', limit: 100, window_seconds: 2_592_000}],
	});
	t.is(await use(key), 200);
	const screen = await open(t);
	screen.type('/alone');
	screen.press('enter');
	await screen.shows(/▌ alone/);
	screen.press('enter');
	await screen.shows(/Used now +slow +█▁+ +99 of 100 left/);
	await redis.stop();
	await screen.shows('! Redis is away: this server tells what it knows');
	t.is(await use(key), 200);
	await redis.start();
	await screen.hides('Redis is away');
	await screen.shows(/Used now +slow +/);
});
