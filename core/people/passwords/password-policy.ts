import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';

/** Shorter names (HP, go) are inside too many good passwords. */
const shortestName = 4;
/** What must be left of a password besides the email. */
const leastBesidesEmail = 8;
/** Repeating fewer characters than this is not a password of its own. */
const shortestUnit = 8;

/** Whose password it would be: what somebody who guesses would try first. */
export type Whose = {email: string; organisations: readonly string[]};

/**
 * Why a password that is long enough is refused all the same: it is among the first that are
 * guessed (NIST SP 800-63B, 3.1.1.2; OWASP ASVS 6.2.4, 6.2.11). Case, blanks and punctuation do not
 * make it better. There are no rules of composition.
 *
 * @returns what it must be instead, to be said after the name of the field; undefined: nothing
 */
export async function passwordFault(password: string, whose: Whose): Promise<string | undefined> {
	const text = fold(password);
	if (holdsName(text, ['latchkey'])) return 'must not contain the name of the product, Latchkey';
	if (holdsName(text, whose.organisations)) {
		return 'must not contain the name of your organization';
	}
	if (isMainlyEmail(text, whose.email)) return 'must not be mainly your email';
	if (await isCommon(text)) {
		return 'must not be a common password, two of them in a row, or a repetition: take four or more words that do not belong together, or let a password manager make one';
	}
	return undefined;
}

/** Letters and digits of any script, in one case; a text without any counts as it is. */
function fold(text: string): string {
	const plain = text.normalize('NFKC').toLowerCase();
	return plain.replace(/[^\p{L}\p{N}\p{M}]/gu, '') || plain;
}

function holdsName(text: string, names: readonly string[]): boolean {
	return names.map(fold).some((name) => name.length >= shortestName && text.includes(name));
}

function isMainlyEmail(text: string, email: string): boolean {
	const [local = ''] = email.split('@');
	const parts = [fold(email), fold(local)].filter((part) => part.length >= shortestName);
	return parts.some(
		(part) => text.includes(part) && text.replaceAll(part, '').length < leastBesidesEmail,
	);
}

async function isCommon(text: string): Promise<boolean> {
	const period = periodOf(text);
	if (period < shortestUnit) return true;
	const known = await commonPasswords();
	if (known.has(text) || (period < text.length && known.has(text.slice(0, period)))) return true;
	// Neither half can be longer than the longest of them.
	const longest = known.values().reduce((most, {length}) => Math.max(most, length), 0);
	const last = Math.min(longest, text.length - 1);
	for (let cut = Math.max(1, text.length - longest); cut <= last; cut++) {
		if (known.has(text.slice(0, cut)) && known.has(text.slice(cut))) return true;
	}
	return false;
}

/**
 * The length of what a text repeats from its start to its end; its own where it repeats nothing.
 * Each place is looked at once (Knuth, Morris, Pratt): a text of 1,024 characters may have become
 * one of 18,000 by folding.
 */
function periodOf(text: string): number {
	/** By place: how much of the start of the text ends there. */
	const repeated = new Uint32Array(text.length);
	for (let place = 1; place < text.length; place++) {
		let length = repeated[place - 1] ?? 0;
		while (length > 0 && text[length] !== text[place]) length = repeated[length - 1] ?? 0;
		repeated[place] = text[length] === text[place] ? length + 1 : 0;
	}
	return text.length - (repeated.at(-1) ?? 0);
}

/**
 * 49,233 passwords of public leaks. Few are long enough to be taken; two in a row make the others
 * count. Passwords are set rarely: the list is read each time and not kept in memory.
 */
async function commonPasswords(): Promise<Set<string>> {
	const file = import.meta.resolve('@zxcvbn-ts/language-common/src/passwords.json');
	return new Set(JSON.parse(await readFile(fileURLToPath(file), 'utf8')) as string[]);
}
