import {readFileSync, statSync} from 'node:fs';
import {isIP} from 'node:net';

/** How often it is looked whether a file has changed, in milliseconds. */
const lookEveryMs = 1000;

/**
 * What a small file says, read again once it has changed.
 *
 * @returns reads it; a file that is not there says nothing
 */
export function createWatchedFile<T>(path: string, parse: (text: string) => T): () => T {
	let lookedAt = Number.NEGATIVE_INFINITY;
	let seen = '';
	let value = parse('');
	return () => {
		const now = performance.now();
		if (now - lookedAt < lookEveryMs) return value;
		lookedAt = now;
		try {
			const {ino, mtimeMs, size} = statSync(path);
			const found = `${ino} ${mtimeMs} ${size}`;
			if (found === seen) return value;
			value = parse(readFileSync(path, 'utf8'));
			seen = found;
		} catch {
			seen = '';
			value = parse('');
		}
		return value;
	};
}

/** The addresses of each name in a hosts file (hosts(5)), names in lower case. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
	const found = new Map<string, string[]>();
	for (const line of text.split('\n')) {
		const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
		if (isIP(address) === 0) continue;
		for (const name of names) {
			const key = withoutDot(name.toLowerCase());
			const addresses = found.get(key);
			if (addresses === undefined) found.set(key, [address]);
			else if (!addresses.includes(address)) addresses.push(address);
		}
	}
	return found;
}

/** What is appended to a name, and from how many dots on it is first looked up as it is. */
export type Search = {domains: readonly string[]; dots: number};

/** The part of resolv.conf(5) that is ours to follow; c-ares reads the rest. */
export function parseSearch(text: string): Search {
	let domains: string[] = [];
	let dots = 1;
	for (const line of text.split('\n')) {
		const [word, ...values] = line
			.replace(/[#;].*/, '')
			.trim()
			.split(/\s+/);
		// Of several lines the last one counts.
		if (word === 'search' || word === 'domain') {
			domains = values.map((value) => withoutDot(value.toLowerCase())).filter(Boolean);
		}
		if (word !== 'options') continue;
		for (const value of values) {
			const given = /^ndots:(\d{1,2})$/.exec(value)?.[1];
			if (given !== undefined) dots = Math.min(Number(given), 15);
		}
	}
	return {domains, dots};
}

/** The names to look up for one, in order (resolv.conf(5)). */
export function candidates(name: string, {domains, dots}: Search): string[] {
	if (name.endsWith('.')) return [withoutDot(name)];
	const longer = domains.map((domain) => `${name}.${domain}`);
	return name.split('.').length - 1 >= dots ? [name, ...longer] : [...longer, name];
}

export function withoutDot(name: string): string {
	return name.endsWith('.') ? name.slice(0, -1) : name;
}
