import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
import {bySystem} from '../../core/actor.ts';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createOrganisation} from '../../core/organisations/store.ts';
import {hashPassword} from '../../core/people/passwords/password.ts';
import {insertUser} from '../../core/people/store.ts';
import {createOwnServices, uncaught} from '../helpers/faults.ts';
import {check, type Report} from './checker.ts';
import {Client} from './client.ts';
import {injectFaults} from './faults.ts';
import {startFleet} from './fleet.ts';
import type {Fault, Operation} from './history.ts';
import {seededRandom} from './random.ts';
import {Workload, type Person} from './workload.ts';

export type ProofOptions = {
	seed: number;
	durationMs: number;
	servers: number;
	/** How long PostgreSQL stands still when it does for longer than a lease. */
	longFreezeMs: number;
	/** Called about every ten seconds. */
	onProgress?: (text: string) => void;
};

export type Proof = {
	report: Report;
	operations: readonly Operation[];
	faults: readonly Fault[];
	barriers: readonly {header: number; whole: number}[];
	/** What servers logged that nobody caught. */
	uncaught: string[];
};

const persons = 60;
const password = 'a long enough password';

/**
 * Servers under random load and random faults, and what the checker says of it. Choices repeat with
 * the seed; what they meet does not.
 */
export async function prove(options: ProofOptions): Promise<Proof> {
	const services = await createOwnServices();
	const {appliance, postgres} = services;
	try {
		await survivesCrashes(postgres.adminConfig, postgres.config.database);
		const fleet = await startFleet(appliance, {size: options.servers});
		try {
			const random = seededRandom(options.seed);
			const people = await makePeople(appliance.ownerDatabase);
			const client = new Client((writer) => rowsOf(postgres.adminConfig, writer));
			const stop = new AbortController();
			const workload = new Workload(fleet.members, client, random, stop.signal, people);
			const progress = setInterval(() => {
				options.onProgress?.(
					`${client.operations.length} operations, ${client.faults.length} faults`,
				);
			}, 10_000);
			try {
				const {signal} = stop;
				const faultRandom = seededRandom(options.seed + 1);
				const injector = {
					services,
					members: fleet.members,
					client,
					random: faultRandom,
					signal,
					longFreezeMs: options.longFreezeMs,
				};
				await workload.rehearse();
				await Promise.all([
					workload.run(),
					injectFaults(injector, 2),
					untilTelling(client, options.durationMs, signal).then(() => stop.abort()),
				]);
			} finally {
				stop.abort();
				clearInterval(progress);
			}
			await client.settleRows();
			const {operations, faults, barriers} = client;
			const output = fleet.members.flatMap((member) => uncaught(member.process()));
			return {report: check(client), operations, faults, barriers, uncaught: output};
		} finally {
			await fleet.stop();
		}
	} finally {
		await appliance.stop();
	}
}

/** The time is over, and the history holds what it is about: a busy machine may take longer. */
async function untilTelling(client: Client, durationMs: number, signal: AbortSignal) {
	const isTelling = () => {
		const {violations: _violations, forbiddenUses, ...others} = check(client);
		const counts = [...Object.values(forbiddenUses), ...Object.values(others)];
		return counts.every((count) => count > 0) && client.faults.length > 0;
	};
	try {
		await sleep(durationMs, undefined, {signal});
		while (!isTelling()) await sleep(500, undefined, {signal});
	} catch (error) {
		// Another part of the work has failed, and says so.
		if (!signal.aborted) throw error;
	}
}

/** People who may make keys, each in an organisation of their own. */
async function makePeople(database: DatabaseConfig): Promise<Person[]> {
	const db = connectDatabase(database, 'proof');
	try {
		const passwordHash = await hashPassword(password);
		return await Promise.all(
			Array.from({length: persons}, async (_, index) => {
				const email = `person-${index}@example.com`;
				const {id} = await insertUser(db, {
					email,
					passwordHash,
					isOperator: false,
					origin: 'operator',
				});
				const organisation = await createOrganisation(db, bySystem('proof'), {
					name: email,
					plan: 'team',
					ownerId: id,
				});
				return {id, email, password, organisation: organisation.id};
			}),
		);
	} finally {
		await db.destroy();
	}
}

/** Names of the rows that a writer has made, read past every server. */
async function rowsOf(admin: pg.ClientConfig, writer: string): Promise<string[]> {
	const client = new pg.Client({...admin, connectionTimeoutMillis: 2000, query_timeout: 2000});
	client.on('error', () => {});
	try {
		await client.connect();
		const {rows} = await client.query<{name: string}>(
			`select name from sources where name like $1
			union all select name from api_keys where name like $1`,
			[`${writer} %`],
		);
		return rows.map(({name}) => name);
	} finally {
		void client.end().catch(() => {});
	}
}

/** The tests' clusters give up what is not on disk yet when they crash; an operator's does not. */
async function survivesCrashes(admin: pg.ClientConfig, database: string): Promise<void> {
	const client = new pg.Client(admin);
	await client.connect();
	await client.query(`alter database ${database} set synchronous_commit = on`);
	await client.end();
}
