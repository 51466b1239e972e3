import {mostSampled, type KeyDecision} from '../../contract/decisions.ts';
import type {CountedOutcome} from '../../contract/outcomes.ts';
import type {Asked} from '../keys/asked.ts';
import type {KeyFacts} from '../keys/policy.ts';

/** A check of a key that was made, as the verifier knows it. */
export type Decided = {facts: KeyFacts; outcome: CountedOutcome; asked: Asked; at: number};

/**
 * Some of the decisions of a while, and how many there were: each of them is among those with the same
 * chance (a reservoir), however many come.
 */
export class Sample {
	seen = 0;
	readonly #taken: Decided[] = [];
	readonly #random: () => number;

	/** @param random from 0 to less than 1 */
	constructor(random: () => number = Math.random) {
		this.#random = random;
	}

	add(facts: KeyFacts, outcome: CountedOutcome, asked: Asked, at: number): void {
		this.seen++;
		const place =
			this.#taken.length < mostSampled
				? this.#taken.length
				: Math.floor(this.#random() * this.seen);
		if (place < mostSampled) this.#taken[place] = {facts, outcome, asked, at};
	}

	/** Those that were taken, in no order. */
	get taken(): readonly Decided[] {
		return this.#taken;
	}
}

/** Makes text from outside fit to be told: no credential is left in it. */
export type Cleaning = {
	/** Of what a client calls itself; '' where it says nothing. */
	agentOf: (name: string) => string;
	/** Of a finished line. */
	scrub: (line: string) => string;
};

/** Bytes of what one server tells a watch of a second. */
const mostBytes = 32 * 1024;

/** What is told of a sample: JSON, oldest first; what is too long is left out. */
export function writeSample(sample: Sample, server: string, cleaning: Cleaning): string {
	const lines: {at: number; line: string}[] = [];
	let bytes = 2;
	for (const decided of sample.taken) {
		const line = cleaning.scrub(JSON.stringify(present(decided, server, cleaning)));
		bytes += Buffer.byteLength(line) + 1;
		if (bytes > mostBytes) break;
		lines.push({at: decided.at, line});
	}
	return `[${lines
		.toSorted((a, b) => a.at - b.at)
		.map(({line}) => line)
		.join(',')}]`;
}

function present(
	{facts, outcome, asked, at}: Decided,
	server: string,
	{agentOf}: Cleaning,
): KeyDecision {
	const {ip, via, method, tags, scopes} = asked;
	return {
		at: new Date(at).toISOString(),
		key_id: facts.keyId,
		key_name: facts.name,
		outcome,
		address: ip ?? null,
		user_agent: agentOf(asked.userAgent ?? '') || null,
		via: via ?? null,
		method: method ?? null,
		tags: [...(tags ?? [])],
		scopes: scopes?.scopes.map(({name}) => name) ?? [],
		server,
	};
}
