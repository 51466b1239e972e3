import os from 'node:os';
import type {Log} from '../log.ts';

/** A machine whose clock is off by more is told of in the log and in the console, in milliseconds. */
const noticeableMs = 2000;
/** By so much the two clocks of a process may part before it asks why, in milliseconds. */
const partedMs = 500;

/** Where a process reads time, each in milliseconds. */
export type Sources = {
	/** Never goes back; may stand still while the machine sleeps. */
	monotonic: () => number;
	/** Goes on while the machine sleeps; may be set. */
	wall: () => number;
	/** Since the machine was started, sleep included. Costs a system call. */
	uptime: () => number;
};

export const systemSources: Sources = {
	monotonic: () => performance.now(),
	wall: () => Date.now(),
	uptime: () => os.uptime() * 1000,
};

/** How far the machine's own clock is ahead of PostgreSQL's; negative: behind. */
export type Offset = {ms: number; isNoticeable: boolean};

/**
 * The time by which all processes judge: that of PostgreSQL. A machine whose own clock is wrong would
 * accept keys and tokens that have expired, or refuse those that have not.
 *
 * Each answer of PostgreSQL that holds its time bounds what the time can be (it was taken between
 * sending and receiving), and the clock is moved no further than into those bounds. In between it
 * goes by the monotonic clock, which nobody can set. That one may stand still while the machine is
 * suspended: where it and the wall clock part, the time since the machine's start tells whether the
 * machine slept or its clock was set.
 */
export class Clock {
	readonly #log: Log | undefined;
	readonly #sources: Sources;
	/** PostgreSQL's time at the beginning of `steady`; undefined before its first answer. */
	#origin: number | undefined;
	/** How long the machine has slept so far. */
	#slept = 0;
	/** What the sources said when they were last compared. */
	#compared: {monotonic: number; ahead: number; uptime: number};
	#toldMs = 0;

	constructor(options: {log?: Log; sources?: Sources} = {}) {
		this.#log = options.log;
		this.#sources = options.sources ?? systemSources;
		this.#compared = this.#read(this.#sources.monotonic());
	}

	/**
	 * @returns milliseconds since the epoch, whole ones; by the machine's own clock before PostgreSQL
	 *   was heard
	 */
	readonly now = (): number =>
		Math.floor(this.#origin === undefined ? this.#sources.wall() : this.#origin + this.#steadyMs());

	/** The instant to give to `learn`, taken before PostgreSQL is asked. */
	instant(): number {
		return this.#steadyMs();
	}

	/**
	 * @param sent the instant at which PostgreSQL was asked
	 * @param time what it said, in milliseconds since the epoch
	 */
	learn(sent: number, time: number): void {
		const earliest = time - this.#steadyMs();
		const latest = time - sent;
		this.#origin =
			this.#origin === undefined
				? (earliest + latest) / 2
				: Math.min(Math.max(this.#origin, earliest), latest);
		this.#tell();
	}

	/** @returns undefined before PostgreSQL was heard */
	offset(): Offset | undefined {
		if (this.#origin === undefined) return undefined;
		const ms = this.#sources.wall() - (this.#origin + this.#steadyMs());
		return {ms, isNoticeable: isNoticeable(ms)};
	}

	/** Goes on evenly, also while the machine sleeps, whatever its clock is set to. */
	#steadyMs(): number {
		const monotonic = this.#sources.monotonic();
		const ahead = this.#sources.wall() - monotonic;
		if (Math.abs(ahead - this.#compared.ahead) > partedMs) this.#compare(monotonic);
		return monotonic + this.#slept;
	}

	/** The wall clock and the monotonic one have parted: did the machine sleep, or was its clock set? */
	#compare(monotonic: number): void {
		const before = this.#compared;
		this.#compared = this.#read(monotonic);
		const missed = this.#compared.uptime - before.uptime - (monotonic - before.monotonic);
		if (missed > partedMs) this.#slept += missed;
	}

	#read(monotonic: number) {
		const {wall, uptime} = this.#sources;
		return {monotonic, ahead: wall() - monotonic, uptime: uptime()};
	}

	/** One line when the machine's clock is off, or off by another amount, and one when it is right. */
	#tell(): void {
		const offset = this.offset();
		if (offset === undefined || this.#log === undefined) return;
		const ms = offset.isNoticeable ? offset.ms : 0;
		if (!isNoticeable(ms - this.#toldMs)) return;
		this.#toldMs = ms;
		const seconds = Math.round(offset.ms / 100) / 10;
		if (ms === 0) this.#log.info("the clock of this machine agrees with PostgreSQL's again");
		else {
			this.#log.warn(
				{ahead_seconds: seconds},
				"the clock of this machine differs from PostgreSQL's, which is the one that counts: see NTP",
			);
		}
	}
}

function isNoticeable(ms: number): boolean {
	return Math.abs(ms) > noticeableMs;
}
