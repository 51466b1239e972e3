import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import pg from 'pg';
import type {DatabaseConfig} from '../config/config.ts';
import {connectionSettings} from '../db/connect.ts';
import type {KeyHashText} from '../keys/token.ts';
import type {Log} from '../log.ts';
import {within} from '../within.ts';
import {Barriers, type BarrierResult} from './barrier.ts';
import type {FactsMemory} from './facts.ts';
import {Lease, leaseMs, renewEveryMs} from './lease.ts';

const changesChannel = 'latchkey_changes';
/** A renewal that takes longer has lost its connection, in milliseconds. */
const renewalTimeoutMs = 2500;
const reconnectMs = 100;
const mostReconnectMs = 1000;
/** Longest wait for the other verifiers: any lease has run out by then. */
const barrierBoundMs = leaseMs + 1000;
/**
 * A change that is older than this is in force everywhere, in seconds. Far longer than any barrier:
 * a row tells when its transaction began, and a commit may have hung with PostgreSQL.
 */
export const recentSeconds = 3600;

/** What the triggers announce in `latchkey_changes` (migrations/0002), and `change` after it where somebody waits. */
type Announcement =
	| {key: string}
	| {organisation: string}
	| {everything: true}
	/** `<change id>@<verifier id of who waits>` */
	| {change: string};

export type CoherenceOptions = {
	/** Reaches PostgreSQL itself, no pooler: LISTEN needs a session. */
	database: DatabaseConfig;
	/** The pool that changes and barriers go through. */
	db: Knex;
	memory: FactsMemory;
	log: Log;
	lease?: Lease;
};

export type Change<T> = {value: T; barrier: BarrierResult | undefined};

/**
 * Keeps the memories of all server processes coherent. One connection of its own LISTENs to
 * changes, which PostgreSQL announces in the transaction that makes them (migrations/0002), and
 * renews this process's lease. A change is answered only when every verifier with a live lease has
 * let go of the old row, or its lease has run out.
 *
 * Why that holds: PostgreSQL delivers announcements in the order of their commits, and what was
 * announced before a renewal before it answers the renewal. Who gains the lease anew empties its
 * memory at that moment, so what it knows was read after every change that did not wait for it.
 */
export class Coherence {
	readonly id = randomUUID();
	readonly #options: CoherenceOptions;
	readonly #lease: Lease;
	readonly #barriers = new Barriers();
	readonly #acknowledgements: {channel: string; payload: string}[] = [];
	#client: pg.Client | undefined;
	#isStopping = false;
	#running: Promise<void> | undefined;
	/** Times the lease was gained anew, for metrics. */
	gains = 0;

	constructor(options: CoherenceOptions) {
		this.#options = options;
		this.#lease = options.lease ?? new Lease();
	}

	/** Whether memory may be used now. Ask after reading it, not before. */
	isHeld(): boolean {
		return this.#lease.isHeld();
	}

	/** Connects, and connects again whenever the connection is lost, until stopped. */
	start(): void {
		this.#running = this.#run();
	}

	/** Gives the lease back, so that no change has to wait for it. */
	async stop(): Promise<void> {
		this.#isStopping = true;
		this.#lease.end();
		this.#options.memory.evictAll();
		const client = this.#client;
		if (client !== undefined) {
			await client.query('delete from verifiers where id = $1', [this.id]).catch(() => {});
			destroy(client);
		}
		await this.#running;
	}

	/**
	 * Makes a change and waits until no verifier decides by what it replaced.
	 *
	 * @param run the change; announced by the triggers of the tables it touches
	 * @param hasChanged whether it found anything to change: nothing is announced where it did not
	 * @throws what `run` throws; nothing was changed then
	 */
	async change<T>(
		run: (transaction: Knex.Transaction) => Promise<T>,
		hasChanged: (value: T) => boolean,
	): Promise<Change<T>> {
		const change = this.#barriers.open();
		let made: {value: T; isChange: boolean};
		try {
			made = await this.#options.db.transaction(async (transaction) => {
				const value = await run(transaction);
				const isChange = hasChanged(value);
				// Last in the transaction: who hears it has heard everything that the triggers announced.
				if (isChange) await this.#ask(transaction, change);
				return {value, isChange};
			});
		} catch (error) {
			this.#barriers.abandon(change);
			throw error;
		}
		const {value, isChange} = made;
		if (isChange) return {value, barrier: await this.wait(change)};
		this.#barriers.abandon(change);
		return {value, barrier: undefined};
	}

	/**
	 * Waits like `change` for whatever somebody else has committed before: an answer that rests on it
	 * must hold on every verifier too.
	 *
	 * @throws when PostgreSQL cannot be asked
	 */
	async settle(): Promise<BarrierResult> {
		const change = this.#barriers.open();
		try {
			await this.#ask(this.#options.db, change);
		} catch (error) {
			this.#barriers.abandon(change);
			throw error;
		}
		return this.wait(change);
	}

	/** Asks every verifier to say when it has heard what was announced before. */
	async #ask(db: Knex, change: string): Promise<void> {
		const announcement: Announcement = {change: `${change}@${this.id}`};
		await db.raw('select pg_notify(?, ?)', [changesChannel, JSON.stringify(announcement)]);
	}

	/** Waits for the verifiers that held a lease when the change was committed. */
	protected async wait(change: string): Promise<BarrierResult> {
		const startedAt = performance.now();
		const result = await this.#barriers.wait(change, await this.#findLive(), barrierBoundMs);
		return {...result, ms: performance.now() - startedAt};
	}

	async #findLive(): Promise<{id: string; remainingMs: number}[]> {
		try {
			const answer = await this.#options.db.raw<{rows: {id: string; remaining: number}[]}>(
				`select id, extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as remaining
				from verifiers where lease_until > clock_timestamp()`,
			);
			return answer.rows.map(({id, remaining}) => ({id, remainingMs: remaining}));
		} catch (error) {
			// Who is live cannot be read: every lease has run out after its full length.
			this.#options.log.warn(
				{error},
				'the verifiers could not be listed; waiting for their leases',
			);
			return [{id: 'all', remainingMs: leaseMs}];
		}
	}

	async #run(): Promise<void> {
		let pause = reconnectMs;
		while (!this.#isStopping) {
			try {
				await this.#session(() => {
					pause = reconnectMs;
				});
			} catch (error) {
				if (this.#isStopping) return;
				this.#options.log.warn({error}, 'the connection that keeps memory coherent was lost');
			}
			if (this.#isStopping) return;
			await sleep(pause);
			pause = Math.min(pause * 2, mostReconnectMs);
		}
	}

	/** One connection from its beginning to its loss. */
	async #session(onRenewed: () => void): Promise<void> {
		const client = new pg.Client({
			...connectionSettings(this.#options.database, 'server-listen'),
			// A timeout of pg leaves the connection in use: ours destroys it.
			query_timeout: 0,
			statement_timeout: 0,
			idle_in_transaction_session_timeout: 0,
		});
		const lost = new AbortController();
		client.on('error', (error) => lost.abort(error));
		client.on('end', () => lost.abort(new Error('connection ended')));
		client.on('notification', ({channel, payload}) => this.#hear(client, channel, payload ?? ''));
		try {
			await client.connect();
			if (this.#isStopping) return;
			this.#client = client;
			await within(
				// oxlint-disable-next-line latchkey/literal-sql -- LISTEN binds nothing; both names are ours
				client.query(`listen ${changesChannel}; listen ${ackChannel(this.id)};
					delete from verifiers where lease_until < clock_timestamp() - interval '1 hour'`),
				renewalTimeoutMs,
			);
			await this.#probe();
			await this.#renew(client, true);
			onRenewed();
			while (!this.#isStopping) {
				await sleep(renewEveryMs, undefined, {signal: lost.signal});
				await this.#renew(client, false);
			}
		} catch (error) {
			throw lost.signal.aborted ? lost.signal.reason : error;
		} finally {
			this.#client = undefined;
			destroy(client);
		}
	}

	/**
	 * Sends something to itself by way of the pool, while the connection is idle. What does not arrive
	 * would mean that no change does: the connection leads to another database, or through a pooler.
	 *
	 * @throws when it does not arrive; no lease is asked for then, and nothing decided from memory
	 */
	async #probe(): Promise<void> {
		const change = this.#barriers.open();
		try {
			await this.#options.db.raw('select pg_notify(?, ?)', [
				ackChannel(this.id),
				`${change}@${this.id}`,
			]);
		} catch (error) {
			this.#barriers.abandon(change);
			throw error;
		}
		const own = {id: this.id, remainingMs: 2 * renewalTimeoutMs};
		const {unconfirmed} = await this.#barriers.wait(change, [own], renewalTimeoutMs);
		if (unconfirmed.length > 0) {
			throw new Error(
				'changes are not announced here: LATCHKEY_DATABASE_DIRECT_URL must reach the same database, without a pooler',
			);
		}
	}

	async #renew(client: pg.Client, isFirst: boolean): Promise<void> {
		const sent = this.#lease.instant();
		const wasHeld = this.#lease.isHeld();
		await within(
			client.query({
				name: 'renew_lease',
				text: `insert into verifiers (id, name, lease_until) values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
				on conflict (id) do update set lease_until = excluded.lease_until`,
				values: [this.id, `${hostname()}/${process.pid}`, leaseMs],
			}),
			renewalTimeoutMs,
		);
		if (this.#isStopping) return;
		// On a new connection announcements may have been missed; without the lease nobody waited for us.
		if (isFirst || !wasHeld || !this.#lease.isHeld()) {
			this.#options.memory.evictAll();
			this.gains++;
		}
		this.#lease.grant(sent);
	}

	#hear(client: pg.Client, channel: string, payload: string): void {
		if (channel !== changesChannel) {
			const [change = '', verifier = ''] = payload.split('@');
			this.#barriers.acknowledge(change, verifier);
			return;
		}
		const announcement = parse(payload);
		const {memory} = this.#options;
		if ('key' in announcement) {
			memory.evictKey(Buffer.from(announcement.key, 'hex').toString('latin1') as KeyHashText);
		} else if ('organisation' in announcement) {
			memory.evictOrganisation(announcement.organisation);
		} else if ('change' in announcement) {
			this.#confirm(client, announcement.change);
		} else {
			memory.evictAll();
		}
	}

	/** Everything that was announced before is evicted by now. */
	#confirm(client: pg.Client, change: string): void {
		const [id = '', asker = ''] = change.split('@');
		if (asker === this.id) this.#barriers.acknowledge(id, this.id);
		else this.#acknowledge(client, ackChannel(asker), `${id}@${this.id}`);
	}

	/** The acknowledgements of one turn of the event loop share a statement. */
	#acknowledge(client: pg.Client, channel: string, payload: string): void {
		this.#acknowledgements.push({channel, payload});
		if (this.#acknowledgements.length > 1) return;
		setImmediate(() => {
			const batch = this.#acknowledgements.splice(0);
			client
				.query({
					name: 'acknowledge',
					text: 'select pg_notify(c, p) from unnest($1::text[], $2::text[]) as t (c, p)',
					values: [batch.map((each) => each.channel), batch.map((each) => each.payload)],
				})
				// The connection is lost then, and the lease with it.
				.catch((error: unknown) => this.#options.log.debug({error}, 'an acknowledgement was lost'));
		});
	}
}

function ackChannel(verifier: string): string {
	return `latchkey_ack_${verifier.replaceAll('-', '')}`;
}

const changeShape = /^[0-9a-f-]{36}@[0-9a-f-]{36}$/;

/** What is no announcement of ours, which anybody in the database can send, evicts everything. */
function parse(payload: string): Announcement {
	let value: unknown;
	try {
		value = JSON.parse(payload);
	} catch {
		return {everything: true};
	}
	const {key, organisation, change} = (value ?? {}) as Record<string, unknown>;
	if (typeof key === 'string') return {key};
	if (typeof organisation === 'string') return {organisation};
	if (typeof change === 'string' && changeShape.test(change)) return {change};
	return {everything: true};
}

/** Ends a connection without waiting for the other side, which may be stopped. */
function destroy(client: pg.Client): void {
	client.removeAllListeners('notification');
	client.on('error', () => {});
	const {connection} = client as unknown as {connection?: {stream?: {destroy: () => void}}};
	connection?.stream?.destroy();
}
