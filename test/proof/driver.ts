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
import {Client, type HeldKey} from './client.ts';
import {injectFaults} from './faults.ts';
import {startFleet, type Member} from './fleet.ts';
import type {Fault, Operation} from './history.ts';
import {seededRandom, type Random} from './random.ts';

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

/** Changes of a key that has it refused, and the ones that undo them. */
const toAndFro = [
	['suspend', 'resume'],
	['suspend', 'resume'],
	['shutOut', 'letIn'],
	['narrow', 'widen'],
] as const;

const organisations = 6;
const keysEach = 6;
const walkers = 12;
const persons = 60;
const password = 'a long enough password';
/** An organisation that has changed this often makes room for another. */
const mostChanges = 30;

type Person = {id: string; email: string; password: string; organisation: string};

/** An organisation and its keys that nobody has tried to revoke. */
type Tenant = {id: string; live: HeldKey[]; isChanging: boolean; changes: number};

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
		const {forbiddenUses, forbiddenWrites, validUses, restoredUses} = check(client);
		const counts = [...Object.values(forbiddenUses), forbiddenWrites, validUses, restoredUses];
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

class Workload {
	readonly #members: readonly Member[];
	readonly #client: Client;
	readonly #random: Random;
	readonly #signal: AbortSignal;
	/** Who has not been disabled yet. */
	readonly #people: Person[];
	#tenants: Tenant[] = [];
	/** Keys that were revoked or lost their plan lately. */
	#hot: HeldKey[] = [];
	/** Keys that are being suspended or the like, or of which it cannot be told whether they are. */
	readonly #altering = new WeakSet<HeldKey>();

	constructor(
		members: readonly Member[],
		client: Client,
		random: Random,
		signal: AbortSignal,
		people: Person[],
	) {
		this.#people = people;
		this.#members = members;
		this.#client = client;
		this.#random = random;
		this.#signal = signal;
	}

	async run(): Promise<void> {
		await this.#client.logIn(this.#members);
		await Promise.all(Array.from({length: walkers}, () => this.#walk()));
	}

	async #walk(): Promise<void> {
		while (!this.#signal.aborted) {
			await this.#client.logIn(this.#members);
			const chance = this.#random.next();
			if (chance < 0.35) await this.#useOne();
			else if (chance < 0.63) await this.#create();
			else if (chance < 0.8) await this.#revoke();
			else if (chance < 0.83) await this.#disable();
			else if (chance < 0.95) await this.#alter();
			else await this.#changePlan();
		}
	}

	#member(): Member {
		const member = this.#random.pick(this.#members);
		if (member === undefined) throw new Error('no server');
		return member;
	}

	/** On every server at once, so that none can go by old terms unseen. */
	async #useEverywhere(key: HeldKey): Promise<void> {
		await Promise.all(this.#members.map((member) => this.#client.use(member, key)));
	}

	async #useOne(): Promise<void> {
		const tenant = this.#random.pick(this.#tenants);
		const key = this.#random.pick(
			this.#random.chance(0.4) || tenant === undefined ? this.#hot : tenant.live,
		);
		if (key === undefined) return this.#create();
		await this.#client.use(this.#member(), key);
	}

	async #create(): Promise<void> {
		if (this.#tenants.length < organisations) {
			const id = await this.#client.createOrganisation(this.#member());
			if (id !== undefined) this.#tenants.push({id, live: [], isChanging: false, changes: 0});
		}
		const tenant = this.#random.pick(this.#tenants);
		if (tenant === undefined || tenant.live.length >= keysEach) return;
		const key = await this.#client.create(this.#member(), tenant.id);
		if (key === undefined) return;
		tenant.live.push(key);
		if (this.#random.chance(0.5)) await this.#client.use(this.#member(), key);
	}

	/** Revokes a key, at times twice at once, while it is used; then uses it everywhere at once. */
	async #revoke(): Promise<void> {
		const tenant = this.#random.pick(this.#tenants);
		const key = tenant?.live.pop();
		if (key === undefined) return;
		if (this.#random.chance(0.6)) await this.#useEverywhere(key);
		const {id, key: bearer, organisation} = key;
		const write = () =>
			this.#client.hold(this.#member(), '/api/v1/sources', {id, bearer, organisation});
		const held = Array.from({length: Math.floor(this.#random.between(0, 3))}, write);
		const revokers = this.#random.chance(0.3) ? 2 : 1;
		let isAnswered = false;
		const revocations = Array.from({length: revokers}, async () => {
			const {status} = await this.#client.revoke(this.#member(), key);
			isAnswered = true;
			if (status === 200 || status === 404) await this.#client.noteRows(id);
			await Promise.all(held.splice(0).map((finish) => finish()));
			// Also after a failure: nothing follows from it then, unless another was answered.
			await this.#useEverywhere(key);
			return status;
		});
		const uses = async () => {
			while (!isAnswered && !this.#signal.aborted) {
				await this.#client.use(this.#member(), key);
				await sleep(this.#random.between(0, 20));
			}
		};
		const writes = async () => {
			while (!isAnswered && !this.#signal.aborted) {
				await write()();
				await sleep(this.#random.between(0, 20));
			}
		};
		await Promise.all([...revocations, uses(), uses(), writes()]);
		this.#heat(key);
	}

	/** Disables a person who is making keys, with bodies that come while it is done and after. */
	async #disable(): Promise<void> {
		const person = this.#people.pop();
		if (person === undefined) return;
		const {id, organisation} = person;
		const bearer = await this.#client.logInAs(this.#member(), person);
		if (bearer === undefined) return;
		const path = `/api/v1/organizations/${organisation}/api-keys`;
		const write = () => this.#client.hold(this.#member(), path, {id, bearer, organisation});
		const held = [write(), write()];
		let isAnswered = false;
		const writes = async () => {
			while (!isAnswered && !this.#signal.aborted) await write()();
		};
		const writing = writes();
		const {status} = await this.#client.disable(this.#member(), id, organisation);
		isAnswered = true;
		if (status === 200) await this.#client.noteRows(id);
		await Promise.all([writing, ...held.map((finish) => finish())]);
	}

	/** Takes the plan away and gives it back, with uses during and after each. */
	async #changePlan(): Promise<void> {
		const tenant = this.#random.pick(this.#tenants.filter(({isChanging}) => !isChanging));
		const keys = [...(tenant?.live ?? [])].slice(0, 3);
		if (tenant === undefined || keys.length === 0) return;
		tenant.isChanging = true;
		tenant.changes++;
		for (const plan of ['free', 'team'] as const) {
			const isMade = await this.#changeUnderUse(keys, 1, (member) =>
				this.#client.changePlan(member, tenant.id, plan),
			);
			if (plan === 'free' && this.#random.chance(0.3)) {
				await this.#client.create(this.#member(), tenant.id);
			}
			// It may still take effect: no more can be concluded about this organisation.
			if (!isMade) return this.#retire(tenant);
		}
		tenant.isChanging = false;
		if (tenant.changes >= mostChanges) this.#retire(tenant);
	}

	/** Has a key refused for a while: suspends it, shuts its user out, or takes a scope from it. */
	async #alter(): Promise<void> {
		const tenant = this.#random.pick(this.#tenants);
		const key = this.#random.pick((tenant?.live ?? []).filter((each) => !this.#altering.has(each)));
		if (key === undefined) return;
		this.#altering.add(key);
		const client = this.#client;
		for (const way of this.#random.pick(toAndFro) ?? []) {
			const times = this.#random.chance(0.3) ? 2 : 1;
			const isMade = await this.#changeUnderUse([key], times, (member) => client[way](member, key));
			// It may still take effect, or the key is revoked.
			if (!isMade) return;
		}
		this.#altering.delete(key);
	}

	/**
	 * Makes a change, at times several times at once, while keys are used; then uses them everywhere at
	 * once.
	 *
	 * @returns whether it was made for certain
	 */
	async #changeUnderUse(
		keys: readonly HeldKey[],
		times: number,
		change: (member: Member) => Promise<Operation>,
	): Promise<boolean> {
		let isAnswered = false;
		const uses = async () => {
			while (!isAnswered && !this.#signal.aborted) {
				const key = this.#random.pick(keys);
				if (key !== undefined) await this.#client.use(this.#member(), key);
				await sleep(this.#random.between(0, 20));
			}
		};
		const using = uses();
		const changing = Array.from({length: times}, async () => {
			const {status} = await change(this.#member());
			isAnswered = true;
			await Promise.all(keys.map((key) => this.#useEverywhere(key)));
			return status === 200;
		});
		const [isEachMade] = await Promise.all([Promise.all(changing), using]);
		return isEachMade.every(Boolean);
	}

	#retire(tenant: Tenant): void {
		this.#tenants = this.#tenants.filter((each) => each !== tenant);
	}

	#heat(key: HeldKey): void {
		this.#hot.push(key);
		if (this.#hot.length > 40) this.#hot.shift();
	}
}
