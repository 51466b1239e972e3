import type {FullKey} from '../../contract/keys.ts';

/* A whole API key that somebody pasted or typed: it is drawn masked, and told to the server alone. */

/** What every key has behind its prefix, and how much of that lists show. */
const secretLength = 49;
const hintLength = 6;

/** The prefix of keys, where the server was not set up for another one. */
const usualPrefix = 'hklst_';

/** A key, or the beginning of one. Whatever writes it down gets the mask: only `reveal` has all of it. */
export class PastedKey {
	readonly prefix: string;
	readonly #secret: string;

	constructor(prefix: string, secret: string) {
		this.prefix = prefix;
		this.#secret = secret.slice(0, secretLength);
	}

	get length(): number {
		return this.prefix.length + this.#secret.length;
	}

	get wholeLength(): number {
		return this.prefix.length + secretLength;
	}

	get isWhole(): boolean {
		return this.#secret.length === secretLength;
	}

	/** How it begins, as lists of keys show it. */
	get hint(): string {
		return this.prefix + this.#secret.slice(0, hintLength);
	}

	/** The beginning that lists show, and of a whole key its last four characters. */
	masked(mask: string): string {
		const end = this.isWhole ? this.#secret.slice(-4) : '';
		return this.hint + mask.repeat(Math.max(0, this.length - this.hint.length - end.length)) + end;
	}

	/** With what is typed behind it. */
	with(text: string): PastedKey {
		return new PastedKey(this.prefix, this.#secret + text.replaceAll(/[^\dA-Za-z]/g, ''));
	}

	/** Without its last character; undefined: what is left is no secret any more. */
	shorter(): PastedKey | undefined {
		const secret = this.#secret.slice(0, -1);
		return secret.length > hintLength ? new PastedKey(this.prefix, secret) : undefined;
	}

	/** All of it, to be sent to the server. */
	reveal(): string {
		return this.prefix + this.#secret;
	}

	toString(): string {
		return this.masked('*');
	}

	toJSON(): string {
		return this.masked('*');
	}

	/** As Node writes it, in a log or a stack. */
	[Symbol.for('nodejs.util.inspect.custom')](): string {
		return this.masked('*');
	}
}

const wholeKey = new RegExp(
	`(?<![\\w-])([a-z][a-z\\d]{1,14}_)([\\dA-Za-z]{${secretLength}})(?!\\w)`,
);

/**
 * The key in a text: one that is whole, under any prefix and wherever it stands, such as in a line of a
 * log; or more of the beginning of one than lists show.
 */
export function pastedKey(text: string, prefixes: readonly string[]): PastedKey | undefined {
	const [, prefix, secret] = wholeKey.exec(text) ?? [];
	if (prefix !== undefined && secret !== undefined) return new PastedKey(prefix, secret);
	for (const known of prefixes) {
		const [, begun] =
			new RegExp(`(?<!\\w)${known}([\\dA-Za-z]{${hintLength + 1},})`).exec(text) ?? [];
		if (begun !== undefined) return new PastedKey(known, begun);
	}
	return undefined;
}

type Keys = readonly Pick<FullKey, 'hint'>[];

/** The prefixes of the keys that are here. */
export function prefixesOf(keys: Keys): readonly string[] {
	const found = prefixesByKeys.get(keys);
	if (found !== undefined) return found;
	const known = keys.flatMap(
		({hint}) => /^[a-z][a-z\d]{1,14}_(?=[\dA-Za-z])/.exec(hint)?.[0] ?? [],
	);
	const prefixes = [...new Set([usualPrefix, ...known])];
	prefixesByKeys.set(keys, prefixes);
	return prefixes;
}

/** A list is never changed: they are asked for at each letter that is typed, and found once. */
const prefixesByKeys = new WeakMap<Keys, readonly string[]>();
