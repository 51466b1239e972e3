import test from 'ava';
import {Webhook} from 'standardwebhooks';
import {
	createAppliance,
	makeKey,
	type Appliance,
	type WorkerProgram,
} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';
import {connectPlainly} from '../helpers/services.ts';
import {createReceiver} from './receiver.ts';
import {createWebhookWorld, type WebhookWorld} from './world.ts';

let appliance: Appliance;
let worker: WorkerProgram;
let world: WebhookWorld;

const settings = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '1,1',
};

test.before(async () => {
	appliance = await createAppliance();
	world = await createWebhookWorld(appliance, settings);
	worker = await appliance.startWorker(settings);
});

test.after.always(async () => {
	await world?.close();
	await appliance?.stop();
});

test('S-105: a change is delivered, signed as Standard Webhooks has it, without the key', async (t) => {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	const id = await world.makeOrganisation();
	const made = await world.makeEndpoint(id, receiver.url);
	const key = await makeKey(world.server, world.jwt, id, 'Production');
	const [received] = await receiver.waitFor(1);
	if (received === undefined) throw new Error('nothing came');
	t.notThrows(() => new Webhook(made.secret).verify(received.body, received.headers));
	t.is(received.headers['webhook-id'], received.event.id);
	t.is(received.headers['content-type'], 'application/json; charset=utf-8');
	t.like(received.event, {type: 'key.created', sequence: 1, data: {key: {id: key.id}}});
	t.false(received.body.includes(key.key));
	await eventually(async () => (await world.deliveriesOf(made.id))[0]?.status === 'succeeded');
	const shown = await world.showEndpoint(id, made.id);
	t.not(shown.last_success_at, null);
});

test('a secret that is being replaced signs beside the new one', async (t) => {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	const id = await world.makeOrganisation();
	const made = await world.makeEndpoint(id, receiver.url);
	const second = await world.rotate(id, made.id, {});
	await world.makeKeys(id, 1);
	const [both] = await receiver.waitFor(1);
	const third = await world.rotate(id, made.id, {grace_seconds: 0});
	await world.makeKeys(id, 1);
	const [, last] = await receiver.waitFor(2);
	if (both === undefined || last === undefined) throw new Error('too few came');
	const isSigned = (secret: string, {body, headers}: typeof both) => {
		try {
			new Webhook(secret).verify(body, headers);
			return true;
		} catch {
			return false;
		}
	};
	t.deepEqual(
		[made.secret, second, third].map((secret) => [isSigned(secret, both), isSigned(secret, last)]),
		[
			[true, false],
			[true, false],
			[false, true],
		],
	);
});

test('headers of the endpoint’s own are sent, and a test hides what they hold', async (t) => {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	const organisationId = await world.makeOrganisation();
	const made = await world.makeEndpoint(organisationId, receiver.url);
	const path = `/api/v1/organizations/${organisationId}/webhooks/${made.id}`;
	const body = {custom_headers: {Authorization: 'Bearer of-the-receiver'}};
	const changed = await world.server.call(path, {method: 'PATCH', bearer: world.jwt, body});
	t.is(changed.status, 200, changed.text);
	await world.makeKeys(organisationId, 1);
	const [received] = await receiver.waitFor(1);
	t.is(received?.headers['authorization'], 'Bearer of-the-receiver');
	const tested = await world.server.call(`${path}/test`, {bearer: world.jwt, body: {}});
	const [, test] = await receiver.waitFor(2);
	t.is(test?.headers['authorization'], 'Bearer of-the-receiver');
	t.true(tested.text.includes('"authorization":"(hidden)"'));
	t.false(tested.text.includes('of-the-receiver'));

	await world
		.db('webhook_endpoints')
		.where({id: made.id})
		.update({
			custom_headers: world.db.raw(
				'set_byte(custom_headers, 40, (get_byte(custom_headers, 40) + 1) % 256)',
			),
		});
	await world.makeKeys(organisationId, 1);
	await eventually(async () => (await world.deliveriesOf(made.id))[1]?.last_error !== null);
	const [, poisoned] = await world.deliveriesOf(made.id);
	t.is(poisoned?.last_error, 'custom_headers cannot be read: set them again');
	t.is(receiver.received.length, 2);
});

test('a failure is tried again with the same id and body; after the last attempt the others are told', async (t) => {
	const [receiver, witness] = [await createReceiver(), await createReceiver()];
	t.teardown(receiver.close);
	t.teardown(witness.close);
	receiver.answer((_request, response) => response.writeHead(500).end('broken'));
	const id = await world.makeOrganisation();
	const made = await world.makeEndpoint(id, receiver.url, ['key.created']);
	await world.makeEndpoint(id, witness.url, ['webhook.delivery_exhausted']);
	await world.makeKeys(id, 1);
	const [told] = await witness.waitFor(1, 30_000);
	t.is(told?.event.type, 'webhook.delivery_exhausted');
	t.is(receiver.received.length, 3);
	t.is(new Set(receiver.received.map(({body}) => body)).size, 1);
	t.is(new Set(receiver.received.map(({headers}) => headers['webhook-id'])).size, 1);
	const [delivery] = await world.deliveriesOf(made.id);
	t.like(delivery, {status: 'dead', attempt: 3, last_status: 500, last_error: 'status 500'});
	const attempts = await world.db('webhook_attempts').where({delivery_id: delivery?.id ?? ''});
	t.is(attempts.length, 3);
	t.is((await world.showEndpoint(id, made.id)).consecutive_failures, 3);
});

test('S-106: 410 and the header of the receiver disable the endpoint; abort-message ends one delivery', async (t) => {
	for (const [headers, status, reason] of [
		[{}, 410, 'gone'],
		[{'webhook-delivery': 'disable'}, 500, 'receiver'],
		[{'webhook-delivery': 'abort-message'}, 400, null],
	] as const) {
		const receiver = await createReceiver();
		t.teardown(receiver.close);
		receiver.answer((_request, response) => response.writeHead(status, headers).end());
		const id = await world.makeOrganisation();
		const made = await world.makeEndpoint(id, receiver.url);
		await world.makeKeys(id, 1);
		await eventually(async () => (await world.deliveriesOf(made.id))[0]?.status === 'dead');
		t.is(receiver.received.length, 1);
		const shown = await world.showEndpoint(id, made.id);
		t.is(shown.disabled_reason, reason);
		t.is(shown.status, reason === null ? 'active' : 'disabled');
	}
});

test('S-102: a redirect is a failure and is not followed', async (t) => {
	const [receiver, target] = [await createReceiver(), await createReceiver()];
	t.teardown(receiver.close);
	t.teardown(target.close);
	receiver.answer((_request, response) => response.writeHead(302, {Location: target.url}).end());
	const id = await world.makeOrganisation();
	const made = await world.makeEndpoint(id, receiver.url);
	await world.makeKeys(id, 1);
	await eventually(async () => (await world.deliveriesOf(made.id))[0]?.status === 'dead');
	t.is(target.received.length, 0);
	const [delivery] = await world.deliveriesOf(made.id);
	t.is(delivery?.last_error, 'status 302: redirects are not followed');
});

test.serial('what Redis forgets is sent all the same', async (t) => {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	const id = await world.makeOrganisation();
	await world.makeEndpoint(id, receiver.url);
	const redis = connectPlainly(appliance.redis);
	t.teardown(() => redis.disconnect());
	for (let i = 0; i < 5; i++) {
		await world.makeKeys(id, 1);
		await redis.flushall();
	}
	// What was queued when Redis was emptied is due again after a minute.
	await world
		.db('webhook_deliveries')
		.where({organisation_id: id, status: 'queued'})
		.update({queued_at: new Date(Date.now() - 61_000)});
	await receiver.waitFor(5);
	const ids = new Set(receiver.received.map(({event}) => event.id));
	t.is(ids.size, 5);
});

test.serial(
	'a worker that is killed while it sends: another sends it again, with the same id',
	async (t) => {
		const receiver = await createReceiver();
		t.teardown(receiver.close);
		receiver.answer(() => {});
		const id = await world.makeOrganisation();
		await world.makeEndpoint(id, receiver.url);
		await world.makeKeys(id, 1);
		const [first] = await receiver.waitFor(1);
		worker.kill('SIGKILL');
		await worker.exited;
		receiver.answer((_request, response) => response.writeHead(200).end());
		// Nobody waits for the lease of 30 s in a test.
		await world
			.db('webhook_deliveries')
			.where({organisation_id: id, status: 'sending'})
			.update({lease_until: new Date(Date.now() - 1)});
		worker = await appliance.startWorker(settings);
		const [, second] = await receiver.waitFor(2);
		t.is(second?.body, first?.body);
		t.is(second?.headers['webhook-id'], first?.headers['webhook-id']);
	},
);

test.serial('SIGTERM while sending: the attempt ends, and the worker exits 0', async (t) => {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	receiver.answer((_request, response) => {
		setTimeout(() => response.writeHead(200).end(), 1000);
	});
	const id = await world.makeOrganisation();
	const made = await world.makeEndpoint(id, receiver.url);
	await world.makeKeys(id, 1);
	await receiver.waitFor(1);
	t.is(await worker.stop(), 0);
	t.is((await world.deliveriesOf(made.id))[0]?.status, 'succeeded');
	worker = await appliance.startWorker(settings);
});
