import type {ExecutionContext} from 'ava';
import type {RedisConfig} from '../../core/config/config.ts';
import type {Dependency} from '../../contract/health.ts';
import {
	createAppliance,
	makeKey,
	type Appliance,
	type Server,
	type WorkerProgram,
} from '../helpers/appliance.ts';
import {saysOf, uncaught} from '../helpers/faults.ts';
import type {Answer} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase, type ServiceEnvironment} from '../helpers/services.ts';
import {createReceiver, type Receiver} from '../webhooks/receiver.ts';
import {createWebhookWorld} from '../webhooks/world.ts';

/** An appliance over several Redis processes, with a key that is used and an endpoint that is told. */
export type RedisWorld = {
	appliance: Appliance;
	server: Server;
	worker: WorkerProgram;
	jwt: string;
	/** Uses the key, which is accepted whatever becomes of Redis. */
	use: (t: ExecutionContext) => Promise<void>;
	/** What PostgreSQL has counted comes to what callers were told. */
	isCounted: (t: ExecutionContext) => Promise<void>;
	/** Makes a key, and waits for the endpoint to be told of it and all before. */
	isDelivered: () => Promise<void>;
	/** Makes a key of which the endpoint is to be told. */
	makeEvent: () => Promise<void>;
	setUpEndpoint: (url: string) => Promise<Answer>;
	/** Waits until `/readyz` says so of Redis; undefined: that it is well. */
	says: (reason: Dependency['reason']) => Promise<{detail?: string | undefined}>;
	/** Waits until the worker takes no jobs, or takes them again. */
	workerTakesJobs: (takes: boolean) => Promise<void>;
	uncaught: () => string[];
	stop: () => Promise<void>;
};

const settings = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '1',
	LATCHKEY_USAGE_FLUSH_MS: '300',
};

export async function createRedisWorld(redis: {
	config: RedisConfig;
	env: ServiceEnvironment;
	stop: () => Promise<void>;
}): Promise<RedisWorld> {
	const database = await createDatabase();
	const receiver = await createReceiver();
	const appliance = await createAppliance({
		env: {...database.env, ...redis.env},
		database: database.config,
		redis: redis.config,
		async close() {
			await Promise.all([database.drop(), redis.stop(), receiver.close()]);
		},
	});
	const webhooks = await createWebhookWorld(appliance, settings);
	const {server, jwt, db} = webhooks;
	const worker = await appliance.startWorker(settings);
	const organisationId = await webhooks.makeOrganisation();
	await webhooks.makeEndpoint(organisationId, receiver.url, ['key.created']);
	const key = await makeKey(server, jwt, organisationId);
	let made = 1;
	let accepted = 0;

	const makeEvent = async () => {
		made++;
		await webhooks.makeKeys(organisationId, 1);
	};
	const counted = async () => {
		const answer = await db.raw<{rows: {sum: string | null}[]}>(
			"select sum(count) from usage_hourly where key_id = ? and outcome = 'valid'",
			[key.id],
		);
		return Number(answer.rows[0]?.sum ?? 0);
	};
	return {
		appliance,
		server,
		worker,
		jwt,
		async use(t) {
			const answer = await server.call('/api/v1/sources', {bearer: key.key});
			t.is(answer.status, 200, answer.text);
			accepted++;
		},
		async isCounted(t) {
			await eventually(async () => (await counted()) >= accepted, {what: 'uses to be counted'});
			t.is(await counted(), accepted);
		},
		makeEvent,
		async isDelivered() {
			await makeEvent();
			await eventually(() => idsOf(receiver).size === made, {what: `${made} events to be told`});
		},
		setUpEndpoint: (url) =>
			server.call(`/api/v1/organizations/${organisationId}/webhooks`, {bearer: jwt, body: {url}}),
		says: (reason) => saysOf(server, 'redis', reason),
		async workerTakesJobs(takes) {
			await eventually(async () => ((await worker.isReady()) === takes ? true : undefined), {
				what: takes ? 'the worker to take jobs' : 'the worker to say that it takes none',
			});
		},
		uncaught: () => [...uncaught(server), ...uncaught(worker)],
		async stop() {
			await webhooks.close();
			await appliance.stop();
		},
	};
}

/** One that is sent twice is told once. */
function idsOf({received}: Receiver): ReadonlySet<string> {
	return new Set(received.map(({event}) => event.id));
}
