import test from 'ava';
import {Webhook} from 'standardwebhooks';
import {createAppliance} from '../helpers/appliance.ts';
import {clockOff} from '../helpers/clock.ts';
import {eventually} from '../helpers/program.ts';
import {createReceiver} from './receiver.ts';
import {createWebhookWorld} from './world.ts';

const settings = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '100',
};

for (const minutes of [10, -10]) {
	test(`F10: the clock of the worker is ${minutes} minutes off: everything goes by the one of PostgreSQL`, async (t) => {
		const appliance = await createAppliance();
		t.teardown(() => appliance.stop());
		const world = await createWebhookWorld(appliance, settings);
		t.teardown(() => world.close());
		const worker = await appliance.startWorker({
			...settings,
			...clockOff(minutes * 60_000),
		});
		await eventually(() => worker.output().includes('the clock of this machine differs'));
		const at = Date.parse(
			await eventually(async () => (await worker.state()).webhooks.last_pass_at ?? false),
		);
		t.true(Math.abs(at - Date.now()) < 300_000, 'what it tells goes by the one of PostgreSQL, too');

		const receiver = await createReceiver();
		t.teardown(receiver.close);
		receiver.answer((_request, response) => response.writeHead(500).end());
		const organisationId = await world.makeOrganisation();
		const {id, secret} = await world.makeEndpoint(organisationId, receiver.url);
		await world.makeKeys(organisationId, 1);
		await eventually(async () => (await world.deliveriesOf(id))[0]?.last_status === 500);
		const left = await world.db.raw<{rows: {seconds: number}[]}>(
			`select extract(epoch from d.next_at - a.started_at)::float8 as seconds
			from webhook_deliveries d join webhook_attempts a on a.delivery_id = d.id
			where d.endpoint_id = ?`,
			[id],
		);
		const seconds = left.rows[0]?.seconds ?? 0;
		t.true(seconds >= 80 && seconds <= 120 + 15, `${seconds} s`);
		// The receiver, whose clock is right, takes the timestamp for one of now.
		const [received] = receiver.received;
		if (received === undefined) throw new Error('nothing came');
		t.notThrows(() => new Webhook(secret).verify(received.body, received.headers));
		// Another delivery goes through meanwhile, and takes nothing with it.
		receiver.answer((_request, response) => response.writeHead(204).end());
		await world.makeKeys(organisationId, 1);
		await eventually(async () => (await world.deliveriesOf(id))[1]?.status === 'succeeded');
		t.is(receiver.received.length, 2);
	});
}
