import test from 'ava';
import {createAppliance, type Appliance} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';
import {createRawReceiver} from './raw-receiver.ts';
import {createReceiver} from './receiver.ts';
import {createWebhookWorld, type WebhookWorld} from './world.ts';

let appliance: Appliance;
let world: WebhookWorld;

const settings = {LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback'};
/** More than a worker has slots, were it not for their organisation's share. */
const silentEndpoints = 30;
const events = 4;

test.before(async () => {
	appliance = await createAppliance();
	world = await createWebhookWorld(appliance, settings);
});

test.after.always(async () => {
	await world?.close();
	await appliance?.stop();
});

test('endpoints that never answer hold up neither those of others nor those beside them', async (t) => {
	const silent = await createRawReceiver(() => {});
	const [other, beside] = [await createReceiver(), await createReceiver()];
	for (const receiver of [silent, other, beside]) t.teardown(receiver.close);
	const [noisy, quiet] = [await world.makeOrganisation(), await world.makeOrganisation()];
	for (let i = 0; i < silentEndpoints; i++) {
		await world.makeEndpoint(noisy, `${silent.url}/${i}`, ['key.created']);
	}
	await world.makeEndpoint(quiet, other.url);
	await world.makeKeys(noisy, events);
	const ofNoisy = () => world.db('webhook_deliveries').where({organisation_id: noisy});
	t.is((await ofNoisy()).length, silentEndpoints * events);
	await appliance.startWorker(settings);
	// Its share is in use, and no more than that.
	await eventually(() => silent.requests >= 20, {what: 'silent endpoints to be sent to'});

	await world.makeKeys(quiet, 3);
	await other.waitFor(3);
	// One that has just been made has its turn among those that are silent.
	const made = await world.makeEndpoint(noisy, beside.url, ['plan.downgraded']);
	const path = `/api/v1/organizations/${noisy}`;
	await world.server.call(path, {method: 'PATCH', bearer: world.jwt, body: {plan: 'free'}});
	const inHand = await ofNoisy().whereIn('status', ['queued', 'sending']);
	t.true(inHand.length <= 20, `${inHand.length} in hand`);
	// Attempts end after 15 s: without a share, what came later would have waited for that.
	const over = await world
		.db('webhook_attempts as a')
		.join('webhook_deliveries as d', 'd.id', 'a.delivery_id')
		.where({'d.organisation_id': noisy});
	t.is(over.length, 0, 'none of them had ended when those of others had come');
	await beside.waitFor(1);
	t.is((await world.deliveriesOf(made.id)).length, 1);
});
