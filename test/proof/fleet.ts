import {setTimeout as sleep} from 'node:timers/promises';
import path from 'node:path';
import pg from 'pg';
import type {Appliance} from '../helpers/appliance.ts';
import {administrator} from '../helpers/appliance.ts';
import {call} from '../helpers/http.ts';
import {eventually, freePort, startProgram, type Program} from '../helpers/program.ts';
import type {Build} from './parts.ts';

const program = path.join(import.meta.dirname, 'server.js');

/** A server of the fleet: a place that outlives the processes that are started there. */
export type Member = {
	name: string;
	url: string;
	/** The one that runs now. */
	process: () => Program;
	start: () => Promise<void>;
	/** Kills it like the kernel would, and starts another in its place. */
	restart: () => Promise<void>;
};

export type FleetOptions = {
	size: number;
	/** Undefined: the program as it is shipped. */
	build?: Build;
	readDelayMs?: number;
	/** More variables for the server of an index. */
	env?: (index: number) => Record<string, string>;
};

/** Starts servers on an appliance's services, the first one first: it makes the administrator. */
export async function startFleet(
	appliance: Appliance,
	options: FleetOptions,
): Promise<{members: readonly Member[]; stop: () => Promise<void>}> {
	const {size, build, readDelayMs = 0, env = () => ({})} = options;
	const programs: Program[] = [];
	const members = await Promise.all(
		Array.from({length: size}, async (_, index): Promise<Member> => {
			const port = await freePort();
			const url = `http://127.0.0.1:${port}`;
			const variables = {
				...appliance.env,
				LATCHKEY_PORT: String(port),
				LATCHKEY_LOG_LEVEL: 'warn',
				LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: administrator.email,
				LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
				...env(index),
			};
			let running: Program | undefined;
			const member: Member = {
				name: `server ${index + 1}`,
				url,
				process() {
					if (running === undefined) throw new Error('not started');
					return running;
				},
				async start() {
					const started =
						build === undefined
							? startProgram(['server'], variables)
							: startProgram([build, String(readDelayMs)], variables, program);
					running = started;
					programs.push(started);
					await becomesLive(started, url);
				},
				async restart() {
					member.process().kill('SIGKILL');
					await member.process().exited;
					await member.start();
				},
			};
			return member;
		}),
	);
	const [first, ...rest] = members;
	await first?.start();
	await Promise.all(rest.map((member) => member.start()));
	return {
		members,
		async stop() {
			await Promise.all(programs.map((each) => each.stop()));
		},
	};
}

/** Alive, not ready: PostgreSQL may be down when a server comes back. */
async function becomesLive(started: Program, url: string): Promise<void> {
	let hasEnded = false;
	void started.exited.then(() => {
		hasEnded = true;
	});
	await eventually(
		async () => {
			if (hasEnded) return true;
			return (await call(url, '/livez', {timeoutMs: 2000})).status === 200;
		},
		{withinMs: 60_000, what: 'a server to listen'},
	);
	if (hasEnded) throw new Error(`a server ended: ${started.output()}`);
}

/** Waits until so many servers hold a lease. */
export async function haveLeases(admin: pg.ClientConfig, count: number): Promise<void> {
	const client = new pg.Client(admin);
	await client.connect();
	try {
		for (;;) {
			const {rows} = await client.query<{held: number}>(
				'select count(*)::int as held from verifiers where lease_until > clock_timestamp()',
			);
			if (rows[0]?.held === count) return;
			await sleep(20);
		}
	} finally {
		await client.end();
	}
}
