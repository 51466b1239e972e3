import {Resolver} from 'node:dns/promises';
import {isIP} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {withTimeout} from '../with-timeout.ts';
import {codeOf, orAborted, OutboundFault} from './fault.ts';
import {candidates, parseHosts, parseSearch, createWatchedFile, withoutDot} from './name-files.ts';
import {Turns} from './turns.ts';

/** Longest look-up of one name with all that is appended to it, in milliseconds. */
const lookUpMs = 3000;
/** A query is sent again after so long, and once more; then the name server does not answer. */
const queryMs = 1000;
const tries = 2;
/** With the addresses of one kind known, those of the other are waited for so long. */
const otherKindMs = 250;
/** A name that could not be resolved is not asked for again for so long. */
const failureMs = 15_000;
const mostFailures = 10_000;
/** Look-ups under way at once. */
const mostOfOneParty = 4;
const mostOfAll = 100;

export type NamesOptions = {
	hostsFile?: string;
	resolvConf?: string;
	/** Name servers other than those of the system, as `address:port`. */
	servers?: readonly string[];
};

/**
 * Resolves names that others chose. Not with `getaddrinfo`: it keeps one of very few threads for
 * as long as a name server is silent, and files and PostgreSQL's name need them, too. c-ares waits on
 * sockets. What it leaves out is here: the hosts file, and the search list of resolv.conf.
 */
export class Names {
	readonly #hosts: () => ReturnType<typeof parseHosts>;
	readonly #system: () => {search: ReturnType<typeof parseSearch>; resolver: Resolver};
	readonly #turns = new Turns(mostOfOneParty, mostOfAll);
	readonly #running = new Map<string, Promise<readonly string[]>>();
	/** Oldest first. */
	readonly #failures = new Map<string, {until: number; code: string}>();

	constructor(options: NamesOptions = {}) {
		const {hostsFile = '/etc/hosts', resolvConf = '/etc/resolv.conf', servers} = options;
		this.#hosts = createWatchedFile(hostsFile, parseHosts);
		this.#system = createWatchedFile(resolvConf, (text) => {
			// It reads the name servers once, when it is made.
			const resolver = new Resolver({timeout: queryMs, tries, maxTimeout: queryMs});
			if (servers !== undefined) resolver.setServers(servers);
			return {search: parseSearch(text), resolver};
		});
	}

	/**
	 * @param host a name, or an address, which is its own
	 * @param options whose look-up it is: of one party few run at a time
	 * @returns every address, those of IPv4 first
	 * @throws {OutboundFault} `dns`, or `timeout` where the signal aborts
	 */
	async resolve(
		host: string,
		{party, signal}: {party: string; signal: AbortSignal},
	): Promise<readonly string[]> {
		if (isIP(host) !== 0) return [host];
		const name = host.toLowerCase();
		const known = this.#hosts().get(withoutDot(name));
		if (known !== undefined) return byFamily(known);
		// RFC 6761, 6.3.
		if (/(^|\.)localhost\.?$/.test(name)) return ['127.0.0.1', '::1'];
		const late = () => new OutboundFault('timeout', 'its name was not resolved in time');
		const running = this.#running.get(name);
		if (running !== undefined) return orAborted(running, signal, late);
		this.#refuseFailed(name);
		const endTurn = await this.#turns.take(party, signal, late);
		// Others may have asked for it meanwhile.
		const lookUp = this.#running.get(name) ?? this.#lookUp(name);
		lookUp.finally(endTurn).catch(() => {});
		return orAborted(lookUp, signal, late);
	}

	#refuseFailed(name: string): void {
		const failure = this.#failures.get(name);
		if (failure === undefined) return;
		if (performance.now() < failure.until) throw unresolved(failure.code);
		this.#failures.delete(name);
	}

	#lookUp(name: string): Promise<readonly string[]> {
		const lookUp = this.#tryCandidates(name).finally(() => this.#running.delete(name));
		this.#running.set(name, lookUp);
		return lookUp;
	}

	async #tryCandidates(name: string): Promise<readonly string[]> {
		this.#refuseFailed(name);
		const {search, resolver} = this.#system();
		const until = performance.now() + lookUpMs;
		let code = 'ENOTFOUND';
		for (const candidate of candidates(name, search)) {
			try {
				const left = Math.max(until - performance.now(), 1);
				return byFamily(await withTimeout(ask(resolver, candidate), left));
			} catch (error) {
				code = codeOf(error);
				// Too late for any other.
				if (code === 'unknown') code = 'ETIMEOUT';
				if (performance.now() >= until) break;
			}
		}
		const [oldest] = this.#failures.keys();
		if (oldest !== undefined && this.#failures.size >= mostFailures) this.#failures.delete(oldest);
		this.#failures.set(name, {until: performance.now() + failureMs, code});
		throw unresolved(code);
	}
}

function unresolved(code: string): OutboundFault {
	return new OutboundFault('dns', `its name could not be resolved (${code})`);
}

/** Both kinds of addresses at once; a name server that is silent on one of them is not a fault. */
async function ask(resolver: Resolver, name: string): Promise<string[]> {
	const queries = [resolver.resolve4(name), resolver.resolve6(name)];
	const giveUp = Promise.any(queries).then(
		() => delay(otherKindMs, [], {ref: false}),
		() => new Promise<never>(() => {}),
	);
	const answers = await Promise.allSettled(queries.map((query) => Promise.race([query, giveUp])));
	const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
	if (found.length > 0) return found;
	const faults = answers.flatMap((answer): unknown[] =>
		answer.status === 'rejected' ? [answer.reason] : [],
	);
	throw faults.find((fault) => codeOf(fault) !== 'ENODATA') ?? faults[0];
}

/** Fewer machines are without IPv4 than without IPv6. */
function byFamily(addresses: readonly string[]): string[] {
	return addresses.toSorted((one, other) => isIP(one) - isIP(other));
}
