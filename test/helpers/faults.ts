import {readFile} from 'node:fs/promises';
import type {Dependency} from '../../contract/health.ts';
import {createAppliance, type Appliance, type Server} from './appliance.ts';
import type {Answer} from './http.ts';
import {eventually, type Program} from './program.ts';
import {createPostgres, createRedis, type TestPostgres, type TestRedis} from './services.ts';

export type OwnServices = {appliance: Appliance; postgres: TestPostgres; redis: TestRedis};

/**
 * An appliance on a PostgreSQL and a Redis that nobody else uses, to stop and kill.
 *
 * @param options.durable PostgreSQL waits for the disk, as in production: without it, a crash takes
 * back what it has just committed
 */
export async function createOwnServices({durable = false} = {}): Promise<OwnServices> {
	const [postgres, redis] = await Promise.all([
		createPostgres({durable}),
		createRedis({durable: true}),
	]);
	const appliance = await createAppliance({
		env: {...postgres.env, ...redis.env},
		database: postgres.config,
		redis: redis.config,
		async close() {
			await Promise.all([postgres.stop(), redis.stop()]);
		},
	});
	return {appliance, postgres, redis};
}

/**
 * Stops the postmaster and every backend where they are (SIGSTOP), as a frozen machine would.
 *
 * @returns what lets them go on
 */
export async function freeze(postgres: Pick<TestPostgres, 'pid'>): Promise<() => void> {
	const postmaster = postgres.pid;
	// The postmaster first: it makes no new backends after that.
	process.kill(postmaster, 'SIGSTOP');
	const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
	const pids = children.trim().split(' ').map(Number);
	for (const pid of pids) send(pid, 'SIGSTOP');
	return () => {
		for (const pid of [...pids, postmaster]) send(pid, 'SIGCONT');
	};
}

function send(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch {
		// It has ended meanwhile.
	}
}

export type Timed = Answer & {what: string; ms: number};

/** Sends all calls at once and measures each. */
export async function volley(calls: Record<string, () => Promise<Answer>>): Promise<Timed[]> {
	return Promise.all(
		Object.entries(calls).map(async ([what, send]) => {
			const startedAt = performance.now();
			const answer = await send();
			return Object.assign(answer, {what, ms: Math.round(performance.now() - startedAt)});
		}),
	);
}

export function slowest(answers: readonly Timed[]): number {
	return Math.max(...answers.map(({ms}) => ms));
}

/** The body of `/readyz`, with its status. */
export async function readyState(server: Server): Promise<{
	status: number;
	body: {
		status: string;
		dependencies: Record<'postgresql' | 'redis', Dependency>;
	};
}> {
	const answer = await server.call('/readyz');
	return {status: answer.status, body: answer.json() as never};
}

/**
 * Waits until `/readyz` gives this reason for a part, or none: on a busy machine it may take a part that is
 * slow to answer for one that is away.
 *
 * @returns the status of that answer, and what it says of the part
 */
export async function saysOf(
	server: Server,
	part: 'postgresql' | 'redis',
	reason: Dependency['reason'],
): Promise<Dependency & {status: number}> {
	return eventually(
		async () => {
			const {status, body} = await readyState(server);
			const found = body.dependencies[part];
			return found.reason === reason && {...found, status};
		},
		{what: `/readyz to say ${reason ?? 'that all is well'} of ${part}`},
	);
}

/** Waits until all of these servers know among how many limits are divided, and have Redis decide. */
export async function untilLimitsAreDivided(servers: readonly Server[]): Promise<void> {
	for (const server of servers) {
		await eventually(
			async () => {
				const {text} = await server.call('/metrics');
				return (
					text.includes(`\nlatchkey_limits_servers ${servers.length}\n`) &&
					text.includes('\nlatchkey_limits_redis_away 0\n')
				);
			},
			{what: `${servers.length} servers that know of each other`},
		);
	}
}

/** What a program logged that nobody caught. */
export function uncaught(program: Program): string[] {
	return program
		.output()
		.split('\n')
		.filter((line) => /unhandled rejection|uncaught exception|UnhandledPromise/i.test(line));
}
