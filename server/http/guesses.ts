import type {ErrorCode} from '../../contract/errors.ts';
import {Problem} from './problem.ts';

/** Wrong attempts from one origin in a window of time, after which no more are looked at. */
const mostFailures = 20;
const windowMs = 60_000;
/** Attempts of one origin that wait while others of it are looked at. */
const mostWaiting = 100;
/** Most origins remembered; beyond it the oldest is forgotten. */
const mostOrigins = 10_000;

/** What somebody gets who knew it, and asked for what they cannot have: no guess. */
const known: ReadonlySet<ErrorCode> = new Set(['organization_not_found', 'already_member']);

type Origin = {
	failures: number;
	/** When the failures are forgotten. */
	endsAt: number;
	running: number;
	/** Each is told whether it may go. */
	waiting: ((mayGo: boolean) => void)[];
};

/**
 * Bounds what one origin can guess with, in this process; the account's own delay, which is kept in
 * PostgreSQL, is what stops guessing. Only what fails counts, so that many people behind one address
 * may log in at once: no more are looked at than may still fail, the others wait for their outcome.
 */
export class Guesses {
	readonly #origins = new Map<string, Origin>();
	readonly #now: () => number;

	constructor(now: () => number = () => performance.now()) {
		this.#now = now;
	}

	/**
	 * Looks at an attempt, and counts it if it was wrong. An outage is not a guess.
	 *
	 * @param name where it comes from, see `attemptOrigin`
	 * @param onRefused what else is to be done where there were too many wrong ones
	 * @returns what the attempt came to, or why it was not looked at
	 */
	async count<T>(
		name: string,
		attempt: () => Promise<T | Problem>,
		onRefused?: () => Promise<void>,
	): Promise<T | Problem> {
		const origin = this.#find(name);
		if (this.#isFull(origin) && origin.failures < mostFailures) {
			if (origin.waiting.length >= mostWaiting) return new Problem('overloaded');
			const mayGo = await new Promise<boolean>((resolve) => origin.waiting.push(resolve));
			if (!mayGo) return this.#refuse(origin, onRefused);
		} else if (this.#isFull(origin)) {
			return this.#refuse(origin, onRefused);
		} else {
			origin.running++;
		}
		let isWrong = false;
		try {
			const answer = await attempt();
			isWrong = answer instanceof Problem && !known.has(answer.code);
			return answer;
		} finally {
			this.#end(name, origin, isWrong);
		}
	}

	#find(name: string): Origin {
		const found = this.#origins.get(name);
		if (found !== undefined) return found;
		if (this.#origins.size >= mostOrigins) {
			const [oldest] = this.#origins.keys();
			if (oldest !== undefined) this.#origins.delete(oldest);
		}
		const made = {failures: 0, endsAt: 0, running: 0, waiting: []};
		this.#origins.set(name, made);
		return made;
	}

	#isFull(origin: Origin): boolean {
		if (origin.endsAt <= this.#now()) origin.failures = 0;
		return origin.failures + origin.running >= mostFailures;
	}

	#end(name: string, origin: Origin, isWrong: boolean): void {
		origin.running--;
		if (isWrong) {
			if (origin.endsAt <= this.#now()) {
				origin.failures = 0;
				origin.endsAt = this.#now() + windowMs;
			}
			origin.failures++;
		}
		while (origin.waiting.length > 0 && !this.#isFull(origin)) {
			origin.running++;
			origin.waiting.shift()?.(true);
		}
		if (origin.failures >= mostFailures) for (const tell of origin.waiting.splice(0)) tell(false);
		const isBlank = origin.failures === 0 && origin.running === 0;
		if (isBlank && this.#origins.get(name) === origin) this.#origins.delete(name);
	}

	/** With the seconds until attempts are looked at again. */
	async #refuse(origin: Origin, onRefused?: () => Promise<void>): Promise<Problem> {
		await onRefused?.();
		const seconds = Math.max(1, Math.ceil((origin.endsAt - this.#now()) / 1000));
		return new Problem('too_many_attempts', {headers: {'Retry-After': String(seconds)}});
	}
}
