import test from 'ava';
import {createAppliance, makeMember, type Appliance} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';
import {createReceiver} from '../webhooks/receiver.ts';
import {createWebhookWorld, type WebhookWorld} from '../webhooks/world.ts';
import {logIn, moveTo, openConsole, pressYes} from './person.ts';

/*
Webhooks as a person sets them up and looks after them, against a real server, worker and receiver.
*/

const env = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32',
	LATCHKEY_WEBHOOK_KEEP_PRIVATE_ANSWERS: '1',
	// Two attempts, and then it is dead.
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '1',
};

let appliance: Appliance;
let world: WebhookWorld;

test.before(async () => {
	appliance = await createAppliance();
	world = await createWebhookWorld(appliance, env);
	await appliance.startWorker(env);
});

test.after.always(async () => {
	await world.close();
	await appliance.stop();
});

test.serial(
	'an endpoint is made, tried out, watched, rotated, disabled, enabled and deleted',
	async (t) => {
		const receiver = await createReceiver();
		t.teardown(() => receiver.close());
		const organisation = await world.makeOrganisation();
		const owner = await makeMember(appliance.database, organisation, 'owner');
		const screen = openConsole(t, {url: world.server.url});
		await logIn(screen, owner);
		screen.press('6');
		await screen.shows('No webhook endpoints yet');

		screen.press('n');
		await screen.shows('A new webhook endpoint');
		screen.type('10.0.0.9/hooks');
		screen.press('enter', 'enter', 'enter');
		await screen.shows('LATCHKEY_WEBHOOK_ALLOWED_NETWORKS=10.0.0.9/32');
		screen.press('\u0015');
		screen.type(receiver.url);
		await screen.hides('would allow it');
		screen.press('enter');
		screen.type('the SIEM');
		screen.press('enter');
		screen.type('key.created key.nothing');
		await screen.shows('there is no event type key.nothing');
		screen.press('\u0017', 'enter');
		await screen.shows('only time it');
		const [secret = ''] = /^whsec_\S+$/m.exec(screen.text()) ?? [];
		t.regex(screen.text(), /HMAC-SHA-256/);
		screen.press('enter');
		await screen.shows('last 4 characters');
		screen.type(secret.slice(-4));
		await screen.shows(/▌ http:\/\/127\.0\.0\.1:\d+\/hooks +key\.created +active/);
		t.false(screen.text().includes(secret));

		screen.press('T');
		await screen.shows('Send a test');
		screen.press('enter');
		t.regex(await screen.shows(/Result +204 received/), /Timing +DNS [\d.]+ ms · connect/);
		t.regex(screen.text(), /the text that was signed/);
		const [tested] = await receiver.waitFor(1);
		screen.press('y');
		await screen.shows('Sent the text that was signed');
		t.is(
			screen.clipboard(),
			`${tested?.headers['webhook-id']}.${tested?.headers['webhook-timestamp']}.${tested?.body}`,
		);
		screen.press('escape');
		await screen.shows('1 endpoint');

		screen.press('enter');
		await screen.shows('Nothing has been sent to this endpoint yet');
		screen.press('f');
		await world.makeKeys(organisation, 1);
		await screen.shows(/▌ .* key\.created +\S.* +1 +204 +succeeded/);
		await screen.shows('FOLLOW');
		screen.press('escape');

		await screen.shows('1 endpoint');
		screen.press('t');
		await screen.shows('for 24 hours');
		screen.press('enter');
		await screen.shows('only time it');
		const [rotated = ''] = /^whsec_\S+$/m.exec(screen.text()) ?? [];
		t.not(rotated, secret);
		screen.press('enter');
		await screen.shows('last 4 characters');
		screen.type(rotated.slice(-4));
		screen.resize(160, 50);
		await screen.shows(/ends in 2[34]h/);
		await screen.shows(/Description +the SIEM/);
		screen.resize(80, 24);

		screen.press('d');
		await screen.shows('waiting deliveries are cancelled');
		await pressYes(screen);
		await screen.shows('x disabled');
		await world.makeKeys(organisation, 2);
		screen.press('d');
		await screen.shows(/send what it missed +2 events/);
		screen.press('enter');
		await screen.shows('Enabled, and sending what it missed');
		await receiver.waitFor(4);

		screen.press('x');
		await screen.shows('To delete it, type');
		await pressYes(screen);
		await screen.shows('No webhook endpoints yet');
	},
);

test.serial('what was not received is found, looked into and sent again', async (t) => {
	const receiver = await createReceiver();
	t.teardown(() => receiver.close());
	receiver.answer((_request, response) => {
		response.writeHead(503, {'content-type': 'text/plain'}).end('\u001B[2Jback soon');
	});
	const organisation = await world.makeOrganisation();
	const endpoint = await world.makeEndpoint(organisation, receiver.url, ['key.created']);
	await world.makeKeys(organisation, 2);
	const owner = await makeMember(appliance.database, organisation, 'admin');
	const screen = openConsole(t, {url: world.server.url, columns: 120, rows: 50});
	await logIn(screen, owner);
	screen.press('6');
	await screen.shows(/\/hooks +.*failing/);
	screen.press('enter');
	// Both, before it is narrowed: the cursor stays on the row that it is on when another comes.
	await screen.shows(/▌ .*x dead.*\n.*x dead/);
	screen.press('D');
	await screen.shows(/status:dead +2 match/);
	screen.press('enter');
	await screen.shows(/1 {2}\S+ \S+ UTC {2}x 503 answered, but not with 2xx/);
	t.regex(await screen.shows('response body'), /Status +x dead/);
	screen.press('G');
	await screen.shows('"sequence": 2');
	await screen.shows('�[2Jback soon');
	screen.press('escape');
	await screen.shows('2 match');

	receiver.answer((_request, response) => {
		response.writeHead(204).end();
	});
	const before = receiver.received.length;
	screen.press('r');
	await screen.shows('the same as before');
	await pressYes(screen);
	await receiver.waitFor(before + 1);
	const again = receiver.received.at(-1)?.event;
	t.is(again?.sequence, 2);
	t.is(again?.id, receiver.received.find(({event}) => event.sequence === 2)?.event.id);

	screen.press('m');
	await screen.shows(/> +Which +\[ dead \]/);
	screen.press('enter', 'enter', 'enter');
	await screen.shows('Send 1 event to');
	await pressYes(screen);
	await screen.shows('1 event on the way');
	await receiver.waitFor(before + 2);

	// Disabled elsewhere: the refusal says so, and nothing is lost of what is shown.
	await world.server.call(`/api/v1/organizations/${organisation}/webhooks/${endpoint.id}`, {
		bearer: world.jwt,
		method: 'PATCH',
		body: {status: 'disabled'},
	});
	screen.press('r');
	await screen.shows('the same as before');
	await pressYes(screen);
	await screen.shows('The webhook is disabled; enable it first');
	await eventually(
		async () => {
			// Not heard while it was being asked once more.
			screen.press('escape');
			await screen.settled();
			return screen.text().includes('status:dead');
		},
		{what: 'the list behind the question'},
	);
});

test.serial(
	'a developer sees deliveries, and is told in words what only others may see',
	async (t) => {
		const receiver = await createReceiver();
		t.teardown(() => receiver.close());
		const organisation = await world.makeOrganisation();
		await world.makeEndpoint(organisation, receiver.url);
		await world.makeKeys(organisation, 1);
		await receiver.waitFor(1);
		const developer = await makeMember(appliance.database, organisation, 'developer');
		const screen = openConsole(t, {url: world.server.url});
		await logIn(screen, developer);
		screen.press('6');
		await screen.shows('1 endpoint');
		await moveTo(screen, new URL(receiver.url).origin.replaceAll('.', String.raw`\.`));
		screen.press('n');
		await screen.shows('Only owners and admins manage webhooks');
		screen.press('enter');
		await screen.shows(/▌ .* succeeded/);
		screen.press('enter');
		t.regex(await screen.shows('is for owners and admins'), /your\s+role here is developer/);
	},
);
