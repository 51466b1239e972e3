import * as z from 'zod';
import {codePoints} from './text.ts';

/*
Metadata of a key: a JSON object of its users' own, which Latchkey keeps and gives back and never goes
by. It is changed member by member (RFC 7396).
*/

export type Metadata = Record<string, unknown>;

/** Of the object as JSON in UTF-8, without spaces. */
const mostBytes = 4096;
/** Objects and lists in each other, the metadata itself included. */
const mostDepth = 5;
const mostNameCharacters = 64;

/** The metadata as a whole. */
export function metadata(field: string) {
	return metadataChange(field).superRefine((value, context) => {
		if (new TextEncoder().encode(JSON.stringify(value)).length <= mostBytes) return;
		context.addIssue({code: 'custom', message: `${field} must be at most ${mostBytes} bytes`});
	});
}

/** A change of it, which may be longer than what it leads to. */
export function metadataChange(field: string) {
	return z
		.record(z.string(), z.unknown(), {error: `${field} must be a JSON object`})
		.superRefine((value, context) => {
			const fault = faultOf(value, mostDepth);
			if (fault !== undefined) context.addIssue({code: 'custom', message: `${field} ${fault}`});
		});
}

/** What cannot be kept as it is given, or only by some of the programs that read it. */
function faultOf(value: unknown, depth: number): string | undefined {
	if (typeof value === 'string') {
		const isKept = value.isWellFormed() && !value.includes('\0');
		return isKept ? undefined : 'must be well-formed Unicode text without NUL';
	}
	if (typeof value === 'number') {
		const isExact = Math.abs(value) <= Number.MAX_SAFE_INTEGER;
		return isExact
			? undefined
			: `must not have numbers beyond ${Number.MAX_SAFE_INTEGER}: write them as text`;
	}
	if (typeof value !== 'object' || value === null) return undefined;
	if (depth === 0) return `must be at most ${mostDepth} deep`;
	for (const [name, each] of Object.entries(value)) {
		if (codePoints(name) > mostNameCharacters) {
			return `must have names of at most ${mostNameCharacters} characters`;
		}
		const fault = faultOf(name, depth) ?? faultOf(each, depth - 1);
		if (fault !== undefined) return fault;
	}
	return undefined;
}

/** What a change makes of a value (RFC 7396, 2). A depth of what is changed is one of the change, too. */
export function mergePatch(target: unknown, patch: unknown): unknown {
	if (!isObject(patch)) return patch;
	const merged = new Map(isObject(target) ? Object.entries(target) : []);
	for (const [name, value] of Object.entries(patch)) {
		if (value === null) merged.delete(name);
		else merged.set(name, mergePatch(merged.get(name), value));
	}
	return Object.fromEntries(merged);
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
