import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
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

const organisations = 6;
const keysEach = 6;
const walkers = 12;
/** An organisation that has changed this often makes room for another. */
const mostChanges = 30;

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
			const client = new Client();
			const stop = new AbortController();
			const workload = new Workload(fleet.members, client, random, stop.signal);
			const progress = setInterval(() => {
				options.onProgress?.(
					`${client.operations.length} operations, ${client.faults.length} faults`,
				);
			}, 10_000);
			try {
				const {signal} = stop;
				const faultRandom = seededRandom(options.seed + 1);
				const injector = {services, members: fleet.members, client, random: faultRandom, signal};
				await Promise.all([
					workload.run(),
					injectFaults(injector, 2),
					untilTelling(client, options.durationMs, signal).then(() => stop.abort()),
				]);
			} finally {
				stop.abort();
				clearInterval(progress);
			}
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
		const {forbiddenUses, validUses} = check(client);
		return forbiddenUses > 0 && validUses > 0 && client.faults.length > 0;
	};
	try {
		await sleep(durationMs, undefined, {signal});
		while (!isTelling()) await sleep(500, undefined, {signal});
	} catch (error) {
		// Another part of the work has failed, and says so.
		if (!signal.aborted) throw error;
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
	#tenants: Tenant[] = [];
	/** Keys that were revoked or lost their plan lately. */
	#hot: HeldKey[] = [];

	constructor(members: readonly Member[], client: Client, random: Random, signal: AbortSignal) {
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
			else if (chance < 0.65) await this.#create();
			else if (chance < 0.95) await this.#revoke();
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
		const revokers = this.#random.chance(0.3) ? 2 : 1;
		let isAnswered = false;
		const revocations = Array.from({length: revokers}, async () => {
			const {status} = await this.#client.revoke(this.#member(), key);
			isAnswered = true;
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
		await Promise.all([...revocations, uses(), uses()]);
		this.#heat(key);
	}

	/** Takes the plan away and gives it back, with uses during and after each. */
	async #changePlan(): Promise<void> {
		const tenant = this.#random.pick(this.#tenants.filter(({isChanging}) => !isChanging));
		const keys = [...(tenant?.live ?? [])].slice(0, 3);
		if (tenant === undefined || keys.length === 0) return;
		tenant.isChanging = true;
		tenant.changes++;
		for (const plan of ['free', 'team'] as const) {
			let isAnswered = false;
			const uses = async () => {
				while (!isAnswered && !this.#signal.aborted) {
					const key = this.#random.pick(keys);
					if (key !== undefined) await this.#client.use(this.#member(), key);
					await sleep(this.#random.between(0, 20));
				}
			};
			const using = uses();
			const {status} = await this.#client.changePlan(this.#member(), tenant.id, plan);
			isAnswered = true;
			await Promise.all([using, ...keys.map((key) => this.#useEverywhere(key))]);
			if (plan === 'free' && this.#random.chance(0.3)) {
				await this.#client.create(this.#member(), tenant.id);
			}
			// It may still take effect: no more can be concluded about this organisation.
			if (status !== 200) return this.#retire(tenant);
		}
		tenant.isChanging = false;
		if (tenant.changes >= mostChanges) this.#retire(tenant);
	}

	#retire(tenant: Tenant): void {
		this.#tenants = this.#tenants.filter((each) => each !== tenant);
	}

	#heat(key: HeldKey): void {
		this.#hot.push(key);
		if (this.#hot.length > 40) this.#hot.shift();
	}
}
