import test, {type ExecutionContext} from 'ava';
import {Webhook} from 'standardwebhooks';
import {createAppliance, type Appliance, type WorkerProgram} from '../helpers/appliance.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {eventually} from '../helpers/program.ts';
import {createRawReceiver} from './raw-receiver.ts';
import {createReceiver, type Received, type Receiver} from './receiver.ts';
import {createWebhookWorld, type WebhookWorld} from './world.ts';

// F7 to F11 and F16 of the design: two workers, and receivers that fail.

let appliance: Appliance;
let world: WebhookWorld;
let workers: WorkerProgram[];

const authority = await createAuthority();
const settings = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '100,200',
	LATCHKEY_WEBHOOK_CA: authority.cert,
};

test.before(async () => {
	appliance = await createAppliance();
	world = await createWebhookWorld(appliance, settings);
	workers = await Promise.all([appliance.startWorker(settings), appliance.startWorker(settings)]);
});

test.after.always(async () => {
	await world?.close();
	await appliance?.stop();
});

async function receive(t: ExecutionContext): Promise<Receiver> {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	return receiver;
}

/** Makes the endpoint due again that the breaker keeps from being tried. */
async function comeBack(endpointId: string): Promise<void> {
	await world
		.db('webhook_endpoints')
		.where({id: endpointId})
		.update({open_until: new Date(Date.now() - 1000)});
	await world
		.db('webhook_deliveries')
		.where({endpoint_id: endpointId, status: 'pending'})
		.update({next_at: new Date(Date.now() - 1000)});
}

test('S-106: a failure is due again after its step, or when Retry-After says', async (t) => {
	const date = (ms: number) => new Date(ms).toUTCString();
	for (const [status, headers, from, to] of [
		[500, {}, 80, 120],
		[302, {Location: 'http://127.0.0.1/'}, 80, 120],
		[429, {'Retry-After': '1000'}, 1000, 1000],
		[503, {'Retry-After': date(Date.now() + 3_600_000)}, 3500, 3600],
		[503, {'Retry-After': '1'}, 80, 120],
	] as const) {
		const receiver = await receive(t);
		receiver.answer((_request, response) => response.writeHead(status, headers).end());
		const organisationId = await world.makeOrganisation();
		const {id} = await world.makeEndpoint(organisationId, receiver.url);
		await world.makeKeys(organisationId, 1);
		await eventually(async () => (await world.deliveriesOf(id))[0]?.last_status === status);
		const answer = await world.db.raw<{rows: {seconds: number}[]}>(
			`select extract(epoch from d.next_at - a.started_at)::float8 as seconds
			from webhook_deliveries d join webhook_attempts a on a.delivery_id = d.id
			where d.endpoint_id = ?`,
			[id],
		);
		const seconds = answer.rows[0]?.seconds ?? 0;
		// From the beginning of the attempt, not its end: the answer takes a moment.
		t.true(seconds >= from && seconds <= to + 15, `${status}: ${seconds} s`);
	}
});

test('a certificate of an authority named by LATCHKEY_WEBHOOK_CA is accepted', async (t) => {
	const receiver = await createRawReceiver(
		(socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'),
		await authority.issue('127.0.0.1'),
	);
	t.teardown(receiver.close);
	const organisationId = await world.makeOrganisation();
	const {id} = await world.makeEndpoint(organisationId, receiver.url);
	await world.makeKeys(organisationId, 1);
	await eventually(async () => (await world.deliveriesOf(id))[0]?.status === 'succeeded');
	t.is(receiver.requests, 1);
});

test('one endpoint that never answers: five attempts, then one at a time; the others get theirs at once', async (t) => {
	const hole = await receive(t);
	const answers: (() => void)[] = [];
	hole.answer((request) => answers.push(() => request.socket.destroy()));
	const healthy = await Promise.all([1, 2, 3].map(() => receive(t)));
	const organisationId = await world.makeOrganisation();
	const {id} = await world.makeEndpoint(organisationId, hole.url, ['key.created']);
	for (const {url} of healthy) await world.makeEndpoint(organisationId, url, ['key.created']);
	await world.makeKeys(organisationId, 60);
	for (const receiver of healthy) await receiver.waitFor(60);
	await hole.waitFor(5);
	t.is(hole.received.length, 5, 'in hand, none of them answered');

	const fail = () => {
		for (const answer of answers.splice(0)) answer();
	};
	fail();
	await eventually(
		async () => (await world.showEndpoint(organisationId, id)).paused_until !== null,
	);
	t.is((await world.showEndpoint(organisationId, id)).consecutive_failures, 5);
	await world.makeKeys(organisationId, 1);
	await healthy[0]?.waitFor(61);
	t.is(hole.received.length, 5, 'nothing while it is left alone');

	await comeBack(id);
	await hole.waitFor(6);
	await world.makeKeys(organisationId, 1);
	await healthy[0]?.waitFor(62);
	t.is(hole.received.length, 6, 'one probe');
	fail();
	await eventually(
		async () => (await world.showEndpoint(organisationId, id)).consecutive_failures === 6,
	);

	const startedAt = performance.now();
	hole.answer((_request, response) => response.writeHead(204).end());
	await comeBack(id);
	await hole.waitFor(6 + 62, 60_000);
	// One probe, then at most ten a second.
	t.true(performance.now() - startedAt > 5000, 'what waited came gently');
	t.is(new Set(hole.received.map(({event}) => event.id)).size, 62);
	const shown = await world.showEndpoint(organisationId, id);
	t.like(shown, {consecutive_failures: 0, paused_until: null, status: 'active'});
});

test('an endpoint that has failed for five days is disabled; the others are told, what waits is cancelled', async (t) => {
	const [broken, witness] = [await receive(t), await receive(t)];
	broken.answer((_request, response) => response.writeHead(500).end());
	const organisationId = await world.makeOrganisation();
	const {id} = await world.makeEndpoint(organisationId, broken.url, ['key.created']);
	await world.makeEndpoint(organisationId, witness.url, ['webhook.endpoint_disabled']);
	await world.makeKeys(organisationId, 12);
	for (let failures = 5; failures < 9; failures++) {
		await eventually(
			async () => (await world.showEndpoint(organisationId, id)).consecutive_failures >= failures,
		);
		await comeBack(id);
	}
	await eventually(
		async () => (await world.showEndpoint(organisationId, id)).consecutive_failures === 9,
	);
	await world
		.db('webhook_endpoints')
		.where({id})
		.update({first_failure_at: new Date(Date.now() - 5 * 86_400_000 - 1000)});
	t.is((await world.showEndpoint(organisationId, id)).status, 'active');
	await comeBack(id);
	const [told] = await witness.waitFor(1);
	t.like(told?.event.data, {endpoint: {id, reason: 'failing'}});
	t.like(await world.showEndpoint(organisationId, id), {
		status: 'disabled',
		disabled_reason: 'failing',
	});
	// The log is written in pieces, a moment later.
	const line = new RegExp(`"endpoint_id":"${id}".*"failing".*webhook endpoint disabled`);
	const lines = () => workers.map((worker) => worker.output()).join('');
	await eventually(() => line.test(lines()), {what: 'the line in the log'});
	const deliveries = await world.deliveriesOf(id);
	// The first are those that were tried again here, three times at most.
	const statuses = new Set(deliveries.map(({status}) => status));
	t.true(statuses.has('cancelled'));
	t.deepEqual([...statuses.difference(new Set(['cancelled', 'dead']))], []);
	t.is(broken.received.length, 10);
});

test('a secret that is rotated under load: receivers of the old, of the new and of both never fail', async (t) => {
	const receiver = await receive(t);
	const organisationId = await world.makeOrganisation();
	const {id, secret: first} = await world.makeEndpoint(organisationId, receiver.url);
	const making = world.makeKeys(organisationId, 40);
	await receiver.waitFor(10);
	const second = await world.rotate(organisationId, id, {grace_seconds: 3600});
	const both = receiver.received.length;
	await making;
	await receiver.waitFor(40);
	const signedBy = (secret: string) => (one: Received) => {
		try {
			new Webhook(secret).verify(one.body, one.headers);
			return true;
		} catch {
			return false;
		}
	};
	t.true(receiver.received.every(signedBy(first)));
	// What was begun before the answer is signed by the old one alone.
	t.true(receiver.received.slice(both + 20).every(signedBy(second)));
	await world
		.db('webhook_secrets')
		.where({endpoint_id: id})
		.whereNotNull('expires_at')
		.update({expires_at: new Date(Date.now() - 1000)});
	await world.makeKeys(organisationId, 1);
	const last = (await receiver.waitFor(41))[40];
	t.deepEqual(last && [signedBy(first)(last), signedBy(second)(last)], [false, true]);
});

test('a secret that cannot be opened: nothing is sent unsigned, the log says so, and rotation mends it', async (t) => {
	const [poisoned, healthy] = [await receive(t), await receive(t)];
	const organisationId = await world.makeOrganisation();
	const {id} = await world.makeEndpoint(organisationId, poisoned.url);
	await world.makeEndpoint(organisationId, healthy.url);
	await world
		.db('webhook_secrets')
		.where({endpoint_id: id})
		.update({sealed: world.db.raw('set_byte(sealed, 40, (get_byte(sealed, 40) + 1) % 256)')});
	await world.makeKeys(organisationId, 8);
	await healthy.waitFor(8);
	await eventually(
		async () => (await world.showEndpoint(organisationId, id)).consecutive_failures === 5,
	);
	const attempts = await world
		.db('webhook_attempts as a')
		.join('webhook_deliveries as d', 'd.id', 'a.delivery_id')
		.where('d.endpoint_id', id)
		.select('a.result', 'a.detail');
	t.is(attempts.length, 5, 'each once: the next is on the schedule');
	t.like(attempts[0], {result: 'unsigned', detail: 'no secret can be read: rotate the secret'});
	const lines = () => workers.map((worker) => worker.output()).join('');
	await eventually(() => lines().includes('a webhook secret cannot be opened'));
	t.is(poisoned.received.length, 0);

	const secret = await world.rotate(organisationId, id, {});
	await comeBack(id);
	const [received] = await poisoned.waitFor(1);
	if (received === undefined) throw new Error('nothing came');
	t.notThrows(() => new Webhook(secret).verify(received.body, received.headers));
});

test('an endpoint or its organisation deleted while it is sent to: the rest goes on', async (t) => {
	const [slow, healthy] = [await receive(t), await receive(t)];
	const answers: (() => void)[] = [];
	slow.answer((_request, response) => answers.push(() => response.writeHead(204).end()));
	const [first, second] = [await world.makeOrganisation(), await world.makeOrganisation()];
	const {id} = await world.makeEndpoint(first, slow.url);
	await world.makeEndpoint(first, healthy.url);
	await world.makeEndpoint(second, slow.url);
	await world.makeKeys(first, 8);
	await world.makeKeys(second, 8);
	await slow.waitFor(10);
	const path = `/api/v1/organizations/${first}/webhooks/${id}`;
	const deleted = await world.server.call(path, {method: 'DELETE', bearer: world.jwt});
	t.is(deleted.status, 200);
	// Nobody deletes organisations by the API: an operator at the database may.
	await world.db('webhook_endpoints').where({organisation_id: second}).delete();
	for (const answer of answers) answer();
	await healthy.waitFor(8);
	t.deepEqual(await world.deliveriesOf(id), []);
	await world.makeKeys(first, 1);
	await healthy.waitFor(9);
	t.is(slow.received.length, 10);
});

test('a delivery whose attempts never come to an end is given up in time', async (t) => {
	const receiver = await receive(t);
	receiver.answer(() => {});
	const organisationId = await world.makeOrganisation();
	const {id} = await world.makeEndpoint(organisationId, receiver.url);
	await world.makeKeys(organisationId, 1);
	await receiver.waitFor(1);
	await world
		.db('webhook_deliveries')
		.where({endpoint_id: id})
		.update({attempt: 12, lease_until: new Date(Date.now() - 1)});
	await eventually(async () => (await world.deliveriesOf(id))[0]?.status === 'dead');
	t.is((await world.deliveriesOf(id))[0]?.last_error, 'no attempt came to an end');
});

test.serial('two workers: everything is sent once', async (t) => {
	const receivers = await Promise.all([1, 2, 3].map(() => receive(t)));
	const organisationId = await world.makeOrganisation();
	for (const {url} of receivers) await world.makeEndpoint(organisationId, url, ['key.created']);
	await world.makeKeys(organisationId, 100);
	for (const receiver of receivers) {
		await receiver.waitFor(100);
		t.is(new Set(receiver.received.map(({event}) => event.id)).size, 100);
		t.is(receiver.received.length, 100, 'none twice');
	}
	const rows = await world
		.db('webhook_deliveries')
		.where({organisation_id: organisationId})
		.select('attempt');
	t.deepEqual([...new Set(rows.map(({attempt}) => attempt))], [1]);
});
