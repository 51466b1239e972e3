import type {Log} from '../log.ts';

/** Why a Redis that answers does not do what it is asked. */
export type RedisRefusal = {
	reason:
		| 'full'
		| 'unsaved'
		| 'few_replicas'
		| 'replica'
		| 'no_right'
		| 'no_login'
		| 'loading'
		| 'cluster_down';
	detail: string;
};

const refusals: readonly [code: RegExp, reason: RedisRefusal['reason'], detail: string][] = [
	[/\bOOM\b/, 'full', 'Redis is full (maxmemory) and takes no writes'],
	[/\bMISCONF\b/, 'unsaved', 'Redis cannot save to its disk and takes no writes (MISCONF)'],
	[/\bNOREPLICAS\b/, 'few_replicas', 'Redis has too few replicas and takes no writes (NOREPLICAS)'],
	[/\b(READONLY|UNBLOCKED|MASTERDOWN)\b/, 'replica', 'Redis is a replica and takes no writes'],
	[/\b(WRONGPASS|NOAUTH)\b/, 'no_login', 'Redis refuses the user or password'],
	[/\bLOADING\b/, 'loading', 'Redis is still reading its data'],
	[
		/\bCLUSTERDOWN\b/,
		'cluster_down',
		'Redis Cluster is down: not every slot is served (CLUSTERDOWN)',
	],
];

/** How ioredis tells the last answer to what it has tried again and again in a Cluster. */
const givenUp = /^Too many Cluster redirections\. Last error: ReplyError: /;

/**
 * What the code at the beginning of an error of Redis means. In one of a script it may stand further
 * on (Redis before 7).
 *
 * @returns undefined for whatever is not such a refusal, as a connection that was lost
 */
export function refusalOf(error: unknown): RedisRefusal | undefined {
	if (!(error instanceof Error)) return undefined;
	const {name, message} = error;
	if (name !== 'ReplyError' && !givenUp.test(message)) return undefined;
	if (/\bNOPERM\b/.test(message)) return {reason: 'no_right', detail: missingRight(message)};
	for (const [code, reason, detail] of refusals) if (code.test(message)) return {reason, detail};
	return undefined;
}

/** Whether Redis has become a replica since it was connected to: another one leads now. */
export function isDemoted(error: Error): boolean {
	return refusalOf(error)?.reason === 'replica';
}

/** Whether Redis refuses what one part of a program needs: one line when it does, and one when it is over. */
export class Refusals {
	readonly #log: Log;
	readonly #what: string;
	#current: string | undefined;

	/** @param what cannot be done, for the log */
	constructor(log: Log, what: string) {
		this.#log = log;
		this.#what = what;
	}

	isRefused(): boolean {
		return this.#current !== undefined;
	}

	/** Takes any error; one that is not a refusal changes nothing. */
	note(error: unknown): void {
		const reason = refusalOf(error)?.detail;
		if (reason === undefined || reason === this.#current) return;
		this.#current = reason;
		this.#log.warn({reason}, `${this.#what}: Redis refuses`);
	}

	clear(): void {
		if (this.#current !== undefined)
			this.#log.info(`${this.#what}: Redis does as it is asked again`);
		this.#current = undefined;
	}
}

function missingRight(message: string): string {
	const command = /'([\w|-]{1,40})'/.exec(message)?.[1];
	const what =
		command === undefined ? 'keys or channels that are needed' : `the command ${command}`;
	return `the Redis user has no right to ${what} (NOPERM)`;
}
