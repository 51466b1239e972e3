import test from 'ava';
import {Queue, type ConnectionOptions} from 'bullmq';
import {Redis} from 'ioredis';
import {worstFirst, type Diagnosis} from '../../contract/diagnosis.ts';
import type {System} from '../../contract/system.ts';
import {maintenanceQueue} from '../../core/jobs.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {healthLines} from '../../tui/screens/system/health/lines.ts';
import {defaultOrganisation, makeMember, type Server} from '../helpers/appliance.ts';
import {createOwnServices, uncaught, type OwnServices} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';

/*
`GET /api/v1/system` with its checks, and what the console makes of them, with PostgreSQL, Redis and a worker of its own
that come and go.
*/

let services: OwnServices;
let server: Server;
let jwt: string;

test.before(async () => {
	services = await createOwnServices();
	server = await services.appliance.startServer();
	jwt = await server.logIn();
});

test.after.always(() => services.appliance.stop());

type Told = System & {checks: Diagnosis};

async function read(): Promise<Told> {
	const [answer, checks] = await Promise.all([
		server.call('/api/v1/system', {bearer: jwt}),
		server.call('/api/v1/system/checks', {bearer: jwt}),
	]);
	if (answer.status !== 200) throw new Error(answer.text);
	if (checks.status !== 200) throw new Error(checks.text);
	return {...(answer.json() as System), checks: checks.json() as Diagnosis};
}

/**
 * Asks until it is so, and says what it was last. Of a busy machine each answer may lack what was not
 * known in time, or tell of a lease that has just lapsed: whatever is looked for belongs in here.
 */
async function becomes(what: string, isSo: (told: Told) => boolean): Promise<Told> {
	let last: Told | undefined;
	await eventually(
		async () => {
			last = await read();
			return isSo(last);
		},
		{what},
	);
	return last ?? read();
}

/** The screen of health, as text. */
function screenOf({checks, ...system}: Told): string {
	const {dependencies} = system;
	const report = {id: 'system', version: '', dependencies, system, checks} as const;
	return healthLines(report, Date.now(), 78)
		.map((line) =>
			line
				.map(([text]) => text)
				.join('')
				.trimEnd(),
		)
		.join('\n');
}

/** Puts a job into the queue that was due so long ago. */
async function leaveJob(agoMs: number): Promise<void> {
	const connection = new Redis({...services.redis.clientSettings, maxRetriesPerRequest: null});
	const queue = new Queue(maintenanceQueue, {
		connection: connection as ConnectionOptions,
		prefix: createRedisNames('latchkey').queuePrefix,
	});
	await queue.add('sign-audit-heads', {}, {timestamp: Date.now() - agoMs, removeOnComplete: true});
	await queue.close();
	connection.disconnect();
}

/** Nobody backs up the database of a test, and its PostgreSQL waits for no disk. */
const expected = ['backups.backup', 'postgresql.durability'];
const isFine = ({checks}: Told) =>
	worstFirst(checks).every(({id}) => expected.includes(id)) &&
	checks.checks.every((check) => check.unknown_because === undefined);
const isTold = (id: string, what: RegExp) => (told: Told) =>
	worstFirst(told.checks).some((found) => found.id === id && what.test(found.what)) &&
	what.test(screenOf(told));
const isWorkerMissed = isTold('programs.workers', /No worker is running\./);
const hasNoneRunning = ({workers}: System) =>
	workers?.every(({state}) => state !== 'running') === true;
const isRunning = ({workers}: System) => workers?.some(({state}) => state === 'running') === true;

test.serial('without a worker the console says what that means, and what to do', async (t) => {
	const system = await becomes(
		'a server about which everything is known',
		({workers, verifiers, versions, webhooks, dependencies}) =>
			workers !== null &&
			webhooks !== null &&
			versions.postgresql !== null &&
			versions.redis !== null &&
			dependencies.postgresql.state === 'ok' &&
			dependencies.redis.state === 'ok' &&
			verifiers?.every(({holds_lease}) => holds_lease) === true,
	);
	t.deepEqual(system.workers, []);
	t.is(system.usage, null);
	t.regex(system.versions.postgresql ?? '', /^\d+(\.\d+)?$/);
	t.regex(system.versions.redis ?? '', /\d+\.\d+/);
	t.is(system.versions.node, process.versions.node);
	t.regex(system.migration ?? '', /^\d{4}_/);
	t.is(system.verifiers?.length, 1);
	t.deepEqual(system.webhooks, {
		pending: 0,
		due: 0,
		oldest_due_seconds: 0,
		in_flight: 0,
		dead: 0,
		paused_endpoints: 0,
		disabled_endpoints: 0,
	});
	const told = await becomes('the lack of a worker to be told', isWorkerMissed);
	t.regex(
		screenOf(told),
		/^x No worker is running\.\n[^]*Start one: `docker compose up -d worker`/m,
	);
	t.regex(screenOf(told), /^Worker +! none$/m);
});

test.serial('a worker is seen as long as it runs, and how it ended', async (t) => {
	const worker = await services.appliance.startWorker();
	const running = await becomes(
		'a worker that runs and has written usage, and nothing that is wrong',
		(system) =>
			isRunning(system) &&
			system.usage !== null &&
			system.workers?.[0]?.takes_jobs === true &&
			isFine(system),
	);
	t.is(running.workers?.length, 1);
	t.true(running.usage !== null && running.usage.lag_seconds >= 0);
	t.regex(screenOf(running), /^Worker +ok, 1 running$/m);

	t.is(await worker.stop(), 0);
	const stopped = await becomes('a worker that stopped', hasNoneRunning);
	t.deepEqual(
		stopped.workers?.map(({state, takes_jobs}) => [state, takes_jobs]),
		[['stopped', false]],
	);
	await becomes('that to be told', isWorkerMissed);

	// A second more than is asked for below: its clock and that of the server differ a little.
	await leaveJob(61_000);
	const waiting = await becomes(
		'a job that waits',
		({queues}) => queues !== null && queues.maintenance.waiting > 0,
	);
	t.true(waiting.queues !== null && waiting.queues.maintenance.oldest_seconds >= 60);

	const killed = await services.appliance.startWorker();
	await becomes('another worker', isRunning);
	killed.kill('SIGKILL');
	await killed.exited;
	const lost = await becomes('a worker that is lost', hasNoneRunning);
	t.deepEqual(lost.workers?.map(({state}) => state).sort(), ['lost', 'stopped']);
	t.regex(screenOf(lost), / x lost /);
});

test.serial(
	'with Redis away what PostgreSQL knows is known, and the rest is said not to be',
	async (t) => {
		const worker = await services.appliance.startWorker();
		await becomes('a worker that gets jobs', ({workers}) => workers?.[0]?.takes_jobs === true);
		await services.redis.stop();
		const away = await becomes(
			'Redis to be missed',
			({dependencies, workers, webhooks, verifiers}) =>
				dependencies.redis.state === 'degraded' &&
				dependencies.postgresql.state === 'ok' &&
				webhooks !== null &&
				verifiers?.every(({holds_lease}) => holds_lease) === true &&
				workers?.some(({state, takes_jobs}) => state === 'running' && !takes_jobs) === true,
		);
		t.is(away.queues, null);
		t.is(away.versions.redis, null);
		const told = await becomes(
			'that to be told',
			(each) =>
				isTold('redis.answers', /Redis does not answer\./)(each) &&
				each.queues === null &&
				each.workers?.some(({takes_jobs: takes}) => takes) === false,
		);
		const screen = screenOf(told);
		t.regex(screen, /^x Redis does not answer\.\n[^]*Start Redis\./m);
		t.regex(screen, /^\? \d+ checks could not be made: Redis does not answer\.$/m);
		t.notRegex(screen, /Everything works/);
		t.regex(screen, /^QUEUES +unknown while Redis is away$/m);
		t.regex(screen, /! no jobs/);

		await services.redis.start();
		await becomes(
			'Redis to be back, and nothing that is wrong',
			(system) =>
				system.queues !== null &&
				system.workers?.some(({takes_jobs}) => takes_jobs) === true &&
				isFine(system),
		);
		t.deepEqual([...uncaught(server), ...uncaught(worker)], []);
	},
);

test.serial('only operators are told', async (t) => {
	const organisation = await defaultOrganisation(server, jwt);
	const owner = await makeMember(services.appliance.database, organisation.id, 'owner');
	const theirs = await server.logIn(owner);
	for (const path of ['/api/v1/system', '/api/v1/system/checks']) {
		t.is((await server.call(path, {bearer: theirs})).status, 403);
	}
});
