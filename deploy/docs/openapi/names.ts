import {glob, readFile} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

/*
What schemas of the contract are called, and what is said about them and their members: by the names
under which they are exported, and by the comments that stand there.
*/

/** A schema of the contract that has a name. */
export type Named = {
	name: string;
	description: string | undefined;
	/** What is said about members, by their names. */
	members: Readonly<Record<string, string>>;
};

export type Names = ReadonlyMap<z.ZodType, Named>;

/** @param root the folder of the project, with `contract/` and `dist/contract/` */
export async function readNames(root: string): Promise<Names> {
	const found = new Map<z.ZodType, Named>();
	const files: string[] = [];
	for await (const file of glob('contract/*.ts', {cwd: root})) files.push(file);
	for (const file of files.toSorted()) {
		const comments = commentsIn(await readFile(path.join(root, file), 'utf8'));
		const built = path.join(root, 'dist', file.replace(/\.ts$/, '.js'));
		const exported = (await import(built)) as Record<string, unknown>;
		for (const [name, schema] of Object.entries(exported)) {
			if (!isNamed(schema) || found.has(schema)) continue;
			found.set(schema, {
				name: componentName(name),
				description: comments.ofConstants[name],
				members: {...comments.ofMembers, ...comments.within[name]},
			});
		}
	}
	return found;
}

/** Schemas that a client has a type for; the others are written out where they are used. */
function isNamed(schema: unknown): schema is z.ZodType {
	return schema instanceof z.ZodObject || schema instanceof z.ZodEnum;
}

/** `keyDetail` → `KeyDetail`, spelled as the wire spells it. */
function componentName(name: string): string {
	const spelled = name.replace('rganisation', 'rganization');
	return spelled.charAt(0).toUpperCase() + spelled.slice(1);
}

type Comments = {
	ofConstants: Record<string, string>;
	/** By constant, then member. */
	within: Record<string, Record<string, string>>;
	/** Of members that are commented on in one place of the file only. */
	ofMembers: Record<string, string>;
};

/** A comment, and the name that stands behind it, with the tabs before it. */
const commented = /\/\*\*([^]*?)\*\/\s*?\n(\t*)(?:export )?(?:const )?(\w+)\b/g;
const constant = /^(?:export )?(?:const|function) (\w+)/gm;

function commentsIn(source: string): Comments {
	const comments: Comments = {ofConstants: {}, within: {}, ofMembers: {}};
	const starts = [...source.matchAll(constant)].map(({index, 1: name = ''}) => ({index, name}));
	const ambiguous = new Set<string>();
	for (const {index, 1: raw = '', 2: tabs = '', 3: name = ''} of source.matchAll(commented)) {
		const text = raw.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
		if (tabs === '') {
			comments.ofConstants[name] = text;
			continue;
		}
		const holder = starts.findLast((start) => start.index < index)?.name ?? '';
		(comments.within[holder] ??= {})[name] = text;
		if (name in comments.ofMembers) ambiguous.add(name);
		comments.ofMembers[name] = text;
	}
	for (const name of ambiguous) delete comments.ofMembers[name];
	return comments;
}
