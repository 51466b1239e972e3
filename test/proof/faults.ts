import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
import {freeze, type OwnServices} from '../helpers/faults.ts';
import {longFreeze} from './availability.ts';
import type {Client} from './client.ts';
import type {Member} from './fleet.ts';
import type {Random} from './random.ts';

export type FaultOptions = {
	services: OwnServices;
	members: readonly Member[];
	client: Client;
	random: Random;
	signal: AbortSignal;
	/** How long PostgreSQL stands still when it does for longer than a lease. */
	longFreezeMs: number;
};

/** Something that goes wrong with one thing at a time, and is over when its promise is. */
type FaultKind = {
	name: string;
	/** How often beside the others. */
	weight: number;
	target: 'server' | 'PostgreSQL' | 'connections' | 'Redis';
	run: (member: Member) => Promise<void>;
};

function kinds({services: {postgres, redis}, random, longFreezeMs}: FaultOptions): FaultKind[] {
	const cut = (name: string, weight: number, application: string, most: number): FaultKind => ({
		name,
		weight,
		target: 'connections',
		run: () => terminate(postgres.adminConfig, application, most),
	});
	return [
		{
			name: 'freeze a server',
			weight: 6,
			target: 'server',
			async run(member) {
				member.process().kill('SIGSTOP');
				// Mostly short, at times longer than a lease.
				await sleep(random.chance(0.25) ? random.between(4000, 8000) : random.between(100, 1500));
				member.process().kill('SIGCONT');
			},
		},
		{name: 'kill a server', weight: 2, target: 'server', run: (member) => member.restart()},
		cut('cut a listening connection', 5, 'latchkey-server-listen', 1),
		cut('cut all listening connections', 2, 'latchkey-server-listen', 100),
		cut('cut all connections', 2, 'latchkey-server%', 1000),
		{
			name: 'freeze PostgreSQL',
			weight: 2,
			target: 'PostgreSQL',
			async run() {
				const goOn = await freeze(postgres);
				await sleep(random.chance(0.2) ? random.between(3000, 6000) : random.between(100, 1500));
				goOn();
			},
		},
		{
			name: longFreeze,
			weight: 1,
			target: 'PostgreSQL',
			async run() {
				const goOn = await freeze(postgres);
				await sleep(longFreezeMs);
				goOn();
			},
		},
		{
			name: 'kill PostgreSQL',
			weight: 1,
			target: 'PostgreSQL',
			async run() {
				process.kill(postgres.pid, random.chance(0.5) ? 'SIGKILL' : 'SIGQUIT');
				await sleep(random.between(50, 500));
				await postgres.start();
			},
		},
		{
			name: 'kill Redis',
			weight: 1,
			target: 'Redis',
			async run() {
				process.kill(redis.pid, 'SIGKILL');
				await sleep(random.between(100, 1000));
				await redis.start();
			},
		},
	];
}

/** Several at once, no two of the same thing. All is well again when it returns. */
export async function injectFaults(options: FaultOptions, atOnce: number): Promise<void> {
	const {random, client, members, signal} = options;
	const each = kinds(options);
	const all = each.flatMap((kind) => Array.from({length: kind.weight}, () => kind));
	// It is the rarest and takes longest: once in any run.
	let due = each.find(({name}) => name === longFreeze);
	const suffering = new Set<unknown>();

	async function injectOne(): Promise<void> {
		const kind = due ?? random.pick(all);
		due = undefined;
		const member = random.pick(members);
		if (kind === undefined || member === undefined) throw new Error('nothing to break');
		const target = kind.target === 'server' ? member : kind.target;
		if (suffering.has(target)) return;
		suffering.add(target);
		const fault = {
			kind: kind.name,
			...(kind.target === 'server' && {server: member.name}),
			from: performance.now(),
			to: Infinity,
		};
		client.faults.push(fault);
		await kind.run(member);
		fault.to = performance.now();
		suffering.delete(target);
	}

	await Promise.all(
		Array.from({length: atOnce}, async () => {
			while (!signal.aborted) {
				await sleep(random.between(100, 1500));
				await injectOne();
			}
		}),
	);
}

/** Ends sessions of the appliance by the name they go by; does nothing where PostgreSQL is away. */
async function terminate(admin: pg.ClientConfig, name: string, most: number): Promise<void> {
	const client = new pg.Client({...admin, connectionTimeoutMillis: 1000, query_timeout: 2000});
	client.on('error', () => {});
	try {
		await client.connect();
		await client.query(
			`select pg_terminate_backend(pid) from
				(select pid from pg_stat_activity where application_name like $1 order by random() limit $2) as chosen`,
			[name, most],
		);
		await client.end();
	} catch {
		// Another fault is at work.
	}
}
