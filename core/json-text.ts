/** Deepest nesting of a body: parsing cost and stack stay small. */
const deepest = 32;

export type JsonFault = 'syntax' | 'depth' | 'duplicate';

const memberName = /"(?:[^"\\]|\\.)*"/y;

/**
 * Looks through JSON text, before it is parsed, for what JSON.parse lets pass: nesting that is too
 * deep, and a member that is named twice in an object, of which parsers keep different ones
 * (RFC 8259, 4). Everything else is left to JSON.parse.
 */
export function findJsonFault(text: string): JsonFault | undefined {
	/** Names seen in each open object; undefined for an array. */
	const open: (Set<string> | undefined)[] = [];
	let expectsName = false;
	for (let i = 0; i < text.length; i++) {
		switch (text.charCodeAt(i)) {
			case 0x22: {
				memberName.lastIndex = i;
				const literal = memberName.exec(text)?.[0];
				if (literal === undefined) return 'syntax';
				const names = open.at(-1);
				if (expectsName && names !== undefined) {
					const name = unescape(literal);
					if (name === undefined) return 'syntax';
					if (names.has(name)) return 'duplicate';
					names.add(name);
					expectsName = false;
				}
				i += literal.length - 1;
				break;
			}
			case 0x7b:
			case 0x5b: {
				if (open.length === deepest) return 'depth';
				const isObject = text[i] === '{';
				open.push(isObject ? new Set() : undefined);
				expectsName = isObject;
				break;
			}
			case 0x7d:
			case 0x5d: {
				open.pop();
				expectsName = false;
				break;
			}
			case 0x2c: {
				expectsName = open.at(-1) !== undefined;
				break;
			}
			default:
		}
	}
	return undefined;
}

/**
 * Parses JSON text in which nothing is escaped, and that has nothing of what `findJsonFault` looks for: a
 * member that is named twice is missed when the quotes are counted in what came of the text.
 *
 * @returns undefined for what must be looked through letter by letter, which may be right or wrong
 */
export function parsePlainJson(text: string): unknown {
	if (text.includes('\\')) return undefined;
	let quotes = 0;
	for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
	try {
		const value: unknown = JSON.parse(text);
		return quotesOf(value, 0) === quotes ? value : undefined;
	} catch {
		return undefined;
	}
}

/** Names that could change what an object inherits. */
const isSuspect = (name: string) => name === '__proto__' || name === 'constructor';

/** Those around the names and texts of a value; NaN: it must be looked at more closely. */
function quotesOf(value: unknown, depth: number): number {
	if (typeof value === 'string') return 2;
	if (typeof value !== 'object' || value === null) return 0;
	if (depth === deepest) return NaN;
	let quotes = 0;
	if (Array.isArray(value)) {
		for (const item of value) quotes += quotesOf(item, depth + 1);
		return quotes;
	}
	for (const name in value) {
		if (isSuspect(name)) return NaN;
		quotes += 2 + quotesOf((value as Record<string, unknown>)[name], depth + 1);
	}
	return quotes;
}

function unescape(literal: string): string | undefined {
	if (!literal.includes('\\')) return literal.slice(1, -1);
	try {
		return JSON.parse(literal) as string;
	} catch {
		return undefined;
	}
}
