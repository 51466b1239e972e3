import {codePrefixes} from '../../contract/people.ts';

export type CodeKind = keyof typeof codePrefixes;

/** What a one-time code is for; undefined for what is none. */
export function kindOfCode(code: string): CodeKind | undefined {
	const kinds = Object.keys(codePrefixes) as CodeKind[];
	return kinds.find((kind) => code.startsWith(codePrefixes[kind]));
}
