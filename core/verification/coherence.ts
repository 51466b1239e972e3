import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import type {Clock} from '../clock/clock.ts';
import type {DatabaseConfig} from '../config/config.ts';
import {inTurn} from '../db/in-turn.ts';
import {openListener} from '../db/listen.ts';
import {destroy, type DatabaseSession} from '../db/session.ts';
import type {KeyHashText} from '../keys/token.ts';
import type {Share} from '../limits/local-limiter.ts';
import type {Log} from '../log.ts';
import {withTimeout} from '../with-timeout.ts';
import {parseAnnouncement, type Announcement} from './announcement.ts';
import {Barriers, type BarrierResult} from './barrier.ts';
import type {FactsMemory} from './facts.ts';
import {SharedReading} from './shared-reading.ts';
import {Lease, leaseMs, renewEveryMs} from './lease.ts';
import {isLeaseRefused} from './terms-version.ts';

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

/** One without a lease still decides, by what it reads: it is counted for a while, unless it has stopped. */
const isNear = "v.lease_until > clock_timestamp() - interval '10 seconds'";

export type CoherenceOptions = {
	/** Reaches PostgreSQL itself, no pooler: LISTEN needs a session. */
	database: DatabaseConfig;
	/** The pool that changes and barriers go through. */
	db: Knex;
	memory: FactsMemory;
	log: Log;
	/** Learns the time of PostgreSQL from each renewal. */
	clock: Clock;
	/** Which terms of keys this server understands. */
	termsVersion: number;
	usageSentMsAgo?: () => number;
	lease?: Lease;
};

/** Verifiers that may decide from memory, and for how long at most. */
type Live = {id: string; remainingMs: number}[];

export type Change<T> = {value: T; barrier: BarrierResult | undefined};

/**
 * Keeps the memories of all server processes coherent. One connection of its own LISTENs to
 * changes, which PostgreSQL announces in the transaction that makes them (migrations/0002), and
 * renews this process's lease. A change is answered only when every verifier with a live lease has
 * let go of the old row, or its lease has run out.
 *
 * Why that holds: PostgreSQL delivers announcements in the order of their commits, and what was
 * announced before a renewal before it answers the renewal. Whoever gains the lease anew empties its
 * memory at that moment, so what it knows was read after every change that did not wait for it.
 */
export class Coherence {
	readonly id = randomUUID();
	readonly #options: CoherenceOptions;
	readonly #lease: Lease;
	readonly #barriers: Barriers;
	readonly #live = new SharedReading(() => this.#findLive());
	readonly #acknowledgements: {channel: string; payload: string}[] = [];
	#client: DatabaseSession | undefined;
	/** That connection, once it was seen to lead to the database of the pool. */
	#proven: DatabaseSession | undefined;
	readonly #stopping = new AbortController();
	#running: Promise<void> | undefined;
	/** Times the lease was gained anew, for metrics. */
	gains = 0;
	/** Which of how many servers this is, as of the last renewal; those count that had a lease lately. */
	share: Share = {servers: 1, place: 0};
	/** Keys carry what this server does not understand: it gets no lease, and decides nothing. */
	isTooOld = false;

	constructor(options: CoherenceOptions) {
		this.#options = options;
		this.#lease = options.lease ?? new Lease();
		this.#barriers = new Barriers(options.clock.now);
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
		this.#stopping.abort(new Error('stopping'));
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
	 * @param row changes of one wait for each other before they take a connection; absent: this one
	 *   waits in PostgreSQL only, as what takes a right away must not stand in a line
	 * @throws what `run` throws; nothing was changed then
	 */
	async change<T>(
		run: (transaction: Knex.Transaction) => Promise<T>,
		hasChanged: (value: T) => boolean,
		row?: string,
	): Promise<Change<T>> {
		const change = this.#barriers.open();
		let made: {value: T; isChange: boolean};
		try {
			const make = () =>
				this.#options.db.transaction(async (transaction) => {
					const value = await run(transaction);
					const isChange = hasChanged(value);
					// Last in the transaction: whoever hears it has heard everything that the triggers announced.
					if (isChange) await this.#ask(transaction, change);
					return {value, isChange};
				});
			made = await (row === undefined ? make() : inTurn(row, make));
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
	async waitForEarlier(): Promise<BarrierResult> {
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
		const elapsed = () => performance.now() - startedAt;
		let live: Live;
		try {
			live = await withTimeout(this.#live.next(), leaseMs);
		} catch (error) {
			// Who is live cannot be read: every lease has run out after its full length.
			this.#options.log.warn(
				{error},
				'the verifiers could not be listed; waiting for their leases',
			);
			live = [{id: 'all', remainingMs: leaseMs - elapsed()}];
		}
		const result = await this.#barriers.wait(change, live, barrierBoundMs - elapsed());
		return {...result, ms: elapsed()};
	}

	/**
	 * On the connection that LISTENs, while there is one: changes wait for those of the pool, and what
	 * has been changed must not wait behind what is still to be. Not before it was probed: the list of
	 * another database holds nobody to wait for.
	 */
	async #findLive(): Promise<Live> {
		const text = `select id, extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as "remainingMs"
			from verifiers where lease_until > clock_timestamp()`;
		const client = this.#proven;
		if (client !== undefined) {
			const answer = await withTimeout(client.query<Live[number]>(text), renewalTimeoutMs);
			return answer.rows;
		}
		const answer = await this.#options.db.raw<{rows: Live}>(text);
		return answer.rows;
	}

	async #run(): Promise<void> {
		const {log, database} = this.#options;
		const {signal} = this.#stopping;
		const tellLoss = (error: unknown) => {
			if (signal.aborted) return;
			if (isLeaseRefused(error)) this.#tellTooOld();
			else log.warn({error}, 'the connection that keeps memory coherent was lost');
		};
		let pause = reconnectMs;
		while (!signal.aborted) {
			// Who could not connect waits at the gate, not here.
			const client = await openListener(database, 'server', signal).catch(tellLoss);
			if (client === undefined) continue;
			await this.#session(client, () => {
				pause = reconnectMs;
			}).catch(tellLoss);
			if (signal.aborted) return;
			await sleep(pause);
			pause = Math.min(pause * 2, mostReconnectMs);
		}
	}

	/** Once: it is so until a newer version is started here. */
	#tellTooOld(): void {
		if (this.isTooOld) return;
		this.isTooOld = true;
		const {log, termsVersion: own} = this.#options;
		log.error(
			{terms_version: own},
			'keys carry terms that this version of Latchkey does not know: it answers no check of a key; start a newer one',
		);
	}

	/**
	 * One connection until its loss.
	 *
	 * @param client a timeout of pg would leave it in use: ours destroys it
	 */
	async #session(client: DatabaseSession, onRenewed: () => void): Promise<void> {
		const lost = new AbortController();
		client.on('error', (error) => lost.abort(error));
		client.on('end', () => lost.abort(new Error('connection ended')));
		client.on('notification', ({channel, payload}) => this.#hear(client, channel, payload ?? ''));
		try {
			if (this.#stopping.signal.aborted) return;
			this.#client = client;
			await withTimeout(
				// oxlint-disable-next-line latchkey/literal-sql -- LISTEN binds nothing; both names are ours
				client.query(`listen ${changesChannel}; listen ${ackChannel(this.id)};
					delete from verifiers where lease_until < clock_timestamp() - interval '1 hour'`),
				renewalTimeoutMs,
			);
			await this.#probe();
			this.#proven = client;
			await this.#renew(client, true);
			onRenewed();
			while (!this.#stopping.signal.aborted) {
				await sleep(renewEveryMs, undefined, {signal: lost.signal});
				await this.#renew(client, false);
			}
		} catch (error) {
			throw lost.signal.aborted ? lost.signal.reason : error;
		} finally {
			this.#client = undefined;
			this.#proven = undefined;
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

	async #renew(client: DatabaseSession, isFirst: boolean): Promise<void> {
		const {clock} = this.#options;
		const asked = clock.instant();
		const sent = this.#lease.instant();
		const wasHeld = this.#lease.isHeld();
		const {rows} = await withTimeout(
			client.query<{now: number; others: number; before: number}>({
				name: 'renew_lease',
				text: `insert into verifiers (id, name, lease_until, clock_offset_ms, terms_version, usage_sent_until)
					values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond', $4, $5,
						clock_timestamp() - $6 * interval '1 millisecond')
				on conflict (id) do update set lease_until = excluded.lease_until,
					clock_offset_ms = excluded.clock_offset_ms,
					terms_version = excluded.terms_version, usage_sent_until = excluded.usage_sent_until
				returning extract(epoch from clock_timestamp())::float8 * 1000 as now,
					(select count(*)::integer from verifiers v where v.id <> $1 and ${isNear}) as others,
					(select count(*)::integer from verifiers v where v.id < $1 and ${isNear}) as before`,
				values: [
					this.id,
					`${hostname()}/${process.pid}`,
					leaseMs,
					clock.offset()?.ms ?? null,
					this.#options.termsVersion,
					this.#options.usageSentMsAgo?.() ?? null,
				],
			}),
			renewalTimeoutMs,
		);
		if (this.#stopping.signal.aborted) return;
		this.isTooOld = false;
		for (const {now, others, before} of rows) {
			clock.learn(asked, now);
			this.share = {servers: others + 1, place: before};
		}
		// On a new connection announcements may have been missed; without the lease nobody waited for us.
		if (isFirst || !wasHeld || !this.#lease.isHeld()) {
			this.#options.memory.evictAll();
			this.gains++;
		}
		this.#lease.grant(sent);
	}

	#hear(client: DatabaseSession, channel: string, payload: string): void {
		if (channel !== changesChannel) {
			const [change = '', verifier = ''] = payload.split('@');
			this.#barriers.acknowledge(change, verifier);
			return;
		}
		const announcement = parseAnnouncement(payload);
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
	#confirm(client: DatabaseSession, change: string): void {
		const [id = '', asker = ''] = change.split('@');
		if (asker === this.id) this.#barriers.acknowledge(id, this.id);
		else this.#acknowledge(client, ackChannel(asker), `${id}@${this.id}`);
	}

	/**
	 * Those that are asked for in one piece of what PostgreSQL sends share a statement. It does not wait for the
	 * requests that the event loop has found ready beside that piece: a whole turn of them, where there is much
	 * to do.
	 */
	#acknowledge(client: DatabaseSession, channel: string, payload: string): void {
		this.#acknowledgements.push({channel, payload});
		if (this.#acknowledgements.length > 1) return;
		process.nextTick(() => {
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
