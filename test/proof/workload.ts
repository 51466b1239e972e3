import {setTimeout as sleep} from 'node:timers/promises';
import type {Client, HeldKey, HeldRole} from './client.ts';
import type {Member} from './fleet.ts';
import type {Operation} from './history.ts';
import type {Random} from './random.ts';
import {offClockMs} from './rotations.ts';
import {isDefinite} from './states.ts';

const organisations = 6;
const keysEach = 6;
const walkers = 12;
/** An organisation that has changed this often makes room for another. */
const mostChanges = 30;

/** Changes of a key that has it refused, and the ones that undo them. */
const alterations = [
	{ways: ['suspend', 'resume']},
	{ways: ['shutOut', 'letIn']},
	{ways: ['narrow', 'widen'], isByRole: false},
	{ways: ['takeRole', 'giveRole'], isByRole: true},
] as const;
type Alteration = (typeof alterations)[number] & {isByRole?: boolean};

/** How long the grace of a rotation is, in seconds, and what ends it. */
type Rotating = {
	grace: number;
	ending: readonly ('finish' | 'cancel')[];
	/** Its keys are used beyond what was to be its end. */
	isOutwaited?: boolean;
};
const rotations: readonly Rotating[] = [
	{grace: 0, ending: []},
	{grace: 3600, ending: ['finish']},
	{grace: 3600, ending: ['finish', 'finish']},
	{grace: 3600, ending: ['cancel', 'cancel']},
	{grace: 3600, ending: ['finish', 'cancel']},
	{grace: 1, ending: ['cancel'], isOutwaited: true},
	{grace: 1, ending: [], isOutwaited: true},
];

export type Person = {id: string; email: string; password: string; organisation: string};

/** An organisation and its keys that nobody has tried to revoke. */
type Tenant = {
	id: string;
	/** By which half of the keys go. */
	role: HeldRole;
	live: HeldKey[];
	isChanging: boolean;
	changes: number;
};

type Change = (member: Member) => Promise<Operation>;

/** Something that is done to keys of an organisation. @returns whether it was done whole */
type Course = (tenant: Tenant) => Promise<boolean>;

function isMade({status}: Operation): boolean {
	return status === 200;
}

/** What is asked of the servers, by many at once. */
export class Workload {
	readonly #members: readonly Member[];
	readonly #client: Client;
	readonly #random: Random;
	readonly #signal: AbortSignal;
	/** Who has not been disabled yet. */
	readonly #people: Person[];
	#tenants: Tenant[] = [];
	/** Keys that were ended or lost their plan lately. */
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

	/** Everything once, so that a history holds it, however little a busy machine does afterwards. */
	async rehearse(): Promise<void> {
		await this.#client.logIn(this.#members);
		const courses: Course[] = [
			// What takes longest first.
			...rotations.toReversed().map((rotation): Course => {
				let {grace} = rotation;
				return async (tenant) => {
					const isDone = await this.#rotate(tenant, {...rotation, grace});
					// What took too long for a grace has a longer one.
					if (rotation.isOutwaited) grace *= 2;
					return isDone;
				};
			}),
			...alterations.map(
				(each): Course =>
					(tenant) =>
						this.#alter(tenant, each),
			),
			(tenant) => this.#changePlan(tenant),
			(tenant) => this.#changeRole(tenant),
			(tenant) => this.#revoke(tenant),
			() => this.#disable(),
		];
		const goThrough = async () => {
			for (let course = courses.shift(); course !== undefined; course = courses.shift()) {
				await this.#rehearseOne(course);
			}
		};
		await Promise.all(Array.from({length: walkers}, goThrough));
	}

	async #rehearseOne(course: Course): Promise<void> {
		while (!this.#signal.aborted) {
			const tenant = await this.#makeTenant();
			if (tenant === undefined) continue;
			await this.#create(tenant, undefined);
			await this.#create(tenant, tenant.role);
			if (await course(tenant)) return;
		}
	}

	/** At random, until it is to stop. */
	async run(): Promise<void> {
		await Promise.all(Array.from({length: walkers}, () => this.#walk()));
	}

	async #walk(): Promise<void> {
		while (!this.#signal.aborted) {
			await this.#client.logIn(this.#members);
			if (this.#tenants.length < organisations) {
				const made = await this.#makeTenant();
				if (made !== undefined) this.#tenants.push(made);
			}
			const tenant = this.#random.pick(this.#tenants);
			const chance = this.#random.next();
			if (tenant === undefined || chance < 0.34) await this.#useOne(tenant);
			else if (chance < 0.6) await this.#createSome(tenant);
			else if (chance < 0.73) await this.#revoke(tenant);
			else if (chance < 0.76) await this.#disable();
			else if (chance < 0.85) await this.#alter(tenant, this.#random.pick(alterations));
			else if (chance < 0.93) await this.#rotate(tenant, this.#random.pick(rotations));
			else if (chance < 0.96) await this.#changeRole(tenant);
			else await this.#changePlan(tenant);
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

	async #useOne(tenant: Tenant | undefined): Promise<void> {
		const key = this.#random.pick(
			this.#random.chance(0.4) || tenant === undefined ? this.#hot : tenant.live,
		);
		if (key !== undefined) await this.#client.use(this.#member(), key);
		else if (tenant !== undefined) await this.#createSome(tenant);
	}

	async #makeTenant(): Promise<Tenant | undefined> {
		const id = await this.#client.createOrganisation(this.#member());
		if (id === undefined) return undefined;
		const role = await this.#client.createRole(this.#member(), id);
		return role && {id, role, live: [], isChanging: false, changes: 0};
	}

	async #createSome(tenant: Tenant): Promise<void> {
		if (tenant.live.length >= keysEach) return;
		const role = this.#random.chance(0.5) ? tenant.role : undefined;
		const key = await this.#create(tenant, role);
		if (key !== undefined && this.#random.chance(0.5)) {
			await this.#client.use(this.#member(), key);
		}
	}

	async #create(tenant: Tenant, role: HeldRole | undefined): Promise<HeldKey | undefined> {
		const key = await this.#client.create(this.#member(), tenant.id, role);
		if (key !== undefined) tenant.live.push(key);
		return key;
	}

	/** Revokes a key, at times twice at once, while it is used; then uses it everywhere at once. */
	async #revoke(tenant: Tenant): Promise<boolean> {
		const key = tenant.live.pop();
		if (key === undefined) return false;
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
		const [statuses] = await Promise.all([Promise.all(revocations), uses(), uses(), writes()]);
		this.#heat(key);
		return statuses.includes(200);
	}

	/** Disables a person who is making keys, with bodies that come while it is done and after. */
	async #disable(): Promise<boolean> {
		const person = this.#people.pop();
		if (person === undefined) return false;
		const {id, organisation} = person;
		const bearer = await this.#client.logInAs(this.#member(), person);
		if (bearer === undefined) return false;
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
		return status === 200;
	}

	/** Takes the plan away and gives it back, with uses during and after each. */
	#changePlan(tenant: Tenant): Promise<boolean> {
		return this.#changeTenant(tenant, tenant.live, ['free', 'team'], (plan) => [
			(member) => this.#client.changePlan(member, tenant.id, plan),
		]);
	}

	/** Takes the scope that uses need from a role and gives it back, with uses during and after each. */
	#changeRole(tenant: Tenant): Promise<boolean> {
		const keys = tenant.live.filter(({isByRole}) => isByRole);
		return this.#changeTenant(tenant, keys, ['narrowRole', 'widenRole'], (way) =>
			this.#maybeTwice((member) => this.#client[way](member, tenant.role)),
		);
	}

	/** Has keys of an organisation refused for a while. */
	async #changeTenant<const Step extends string>(
		tenant: Tenant,
		all: readonly HeldKey[],
		steps: readonly Step[],
		changesOf: (step: Step) => Change[],
	): Promise<boolean> {
		const keys = all.slice(0, 3);
		if (keys.length === 0 || tenant.isChanging) return false;
		tenant.isChanging = true;
		tenant.changes++;
		for (const [index, step] of steps.entries()) {
			const changes = await this.#changeUnderUse(keys, changesOf(step));
			if (index === 0 && this.#random.chance(0.3)) {
				await this.#client.create(this.#member(), tenant.id);
			}
			// It may still take effect: no more can be concluded about this organisation.
			if (!changes.every(isMade)) {
				this.#retire(tenant);
				return false;
			}
		}
		tenant.isChanging = false;
		if (tenant.changes >= mostChanges) this.#retire(tenant);
		return true;
	}

	/** Has a key refused for a while: suspends it, shuts its user out, or takes a scope or role from it. */
	async #alter(tenant: Tenant, alteration: Alteration | undefined): Promise<boolean> {
		const key = this.#pickUnaltered(tenant, alteration?.isByRole);
		if (key === undefined || alteration === undefined) return false;
		this.#altering.add(key);
		for (const way of alteration.ways) {
			const changes = await this.#changeUnderUse(
				[key],
				this.#maybeTwice((member) => this.#client[way](member, key)),
			);
			// It may still take effect, or the key is revoked.
			if (!changes.every(isMade)) return false;
		}
		this.#altering.delete(key);
		return true;
	}

	/** Replaces a key, and ends the old one or the new one, with uses of both during and after each step. */
	async #rotate(tenant: Tenant, rotating: Rotating | undefined): Promise<boolean> {
		const old = this.#pickUnaltered(tenant);
		if (old === undefined || rotating === undefined) return false;
		const {grace, ending, isOutwaited} = rotating;
		this.#altering.add(old);
		const client = this.#client;
		const successors: HeldKey[] = [];
		const made = await this.#changeUnderUse(
			[old],
			this.#maybeTwice(async (member) => {
				const {operation, successor} = await client.rotate(member, old, grace);
				if (successor !== undefined) successors.push(successor);
				return operation;
			}),
		);
		const [successor] = successors;
		// It may still take effect, or the key is revoked, or has no plan.
		if (successor === undefined || !made.every(isDefinite)) return false;
		const both = [old, successor];
		await this.#useEverywhere(successor);
		const endings = await this.#changeUnderUse(
			both,
			ending.map((way) => (member) => client[way](member, {old, successor})),
		);
		if (isOutwaited) {
			const graceUntil = Math.max(...made.map((each) => each.graceUntil ?? 0));
			await this.#useUntil(both, graceUntil + offClockMs);
			await Promise.all(both.map((key) => this.#useEverywhere(key)));
		}
		if (!endings.every(isDefinite)) return false;
		// The old one stays where it has outlived its successor.
		if (endings.some((ending) => ending.kind === 'cancel' && isMade(ending))) {
			this.#altering.delete(old);
			this.#heat(successor);
		} else {
			tenant.live = tenant.live.filter((key) => key !== old);
			tenant.live.push(successor);
			this.#heat(old);
		}
		return ending.length === 0 || endings.some(isMade);
	}

	/** One that is not being suspended or the like. */
	#pickUnaltered(tenant: Tenant, isByRole?: boolean): HeldKey | undefined {
		return this.#random.pick(
			tenant.live.filter(
				(key) => !this.#altering.has(key) && (isByRole ?? key.isByRole) === key.isByRole,
			),
		);
	}

	#maybeTwice(change: Change): Change[] {
		return this.#random.chance(0.3) ? [change, change] : [change];
	}

	/** Uses keys now and then until an instant is past. */
	async #useUntil(keys: readonly HeldKey[], instant: number): Promise<void> {
		while (performance.now() <= instant && !this.#signal.aborted) {
			const key = this.#random.pick(keys);
			if (key !== undefined) await this.#client.use(this.#member(), key);
			await sleep(this.#random.between(20, 100));
		}
	}

	/**
	 * Makes changes at once, while keys are used; after each answer uses them everywhere at once.
	 *
	 * @returns the changes as they were answered
	 */
	async #changeUnderUse(
		keys: readonly HeldKey[],
		changes: readonly Change[],
	): Promise<Operation[]> {
		if (changes.length === 0) return [];
		let isAnswered = false;
		const uses = async () => {
			while (!isAnswered && !this.#signal.aborted) {
				const key = this.#random.pick(keys);
				if (key !== undefined) await this.#client.use(this.#member(), key);
				await sleep(this.#random.between(0, 20));
			}
		};
		const using = uses();
		const changing = changes.map(async (change) => {
			const operation = await change(this.#member());
			isAnswered = true;
			await Promise.all(keys.map((key) => this.#useEverywhere(key)));
			return operation;
		});
		const [operations] = await Promise.all([Promise.all(changing), using]);
		return operations;
	}

	#retire(tenant: Tenant): void {
		this.#tenants = this.#tenants.filter((each) => each !== tenant);
	}

	#heat(key: HeldKey): void {
		this.#hot.push(key);
		if (this.#hot.length > 40) this.#hot.shift();
	}
}
