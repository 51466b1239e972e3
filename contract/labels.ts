import * as z from 'zod';
import {described} from './described.ts';
import {maxNoteLength, name} from './text.ts';

/** What says what a key is for, and decides nothing: as requests give it. */

export const mostTags = 20;
const mostTagCharacters = 64;

/** Text for people, of more than a name. */
export function description(field: string) {
	return name(field, maxNoteLength, `${field} must be text, or null`);
}

/** Whom a key belongs to: a kind of things of the operator's own, such as a team, and the one of them. */
export function owner(field: string) {
	return z.strictObject(
		{type: ownerType(`${field}.type`), id: ownerId(`${field}.id`)},
		{error: (issue) => (issue.code === 'invalid_type' ? ownerForm(field) : undefined)},
	);
}

export function ownerType(field: string) {
	const form = `${field} must be lower-case letters, digits and _`;
	return z.string({error: form}).regex(/^[a-z][a-z0-9_]{0,31}$/, {
		error: ({input}) =>
			String(input).length > 32 ? `${field} must be at most 32 characters` : form,
	});
}

export function ownerId(field: string) {
	return name(field);
}

function ownerForm(field: string): string {
	return `${field} must be such as {"type":"team","id":"payments"}, or null`;
}

const tagCharacters = /^[A-Za-z0-9][A-Za-z0-9._:/=-]*$/;

/** Why a text is not a tag, as a sentence without its subject. */
export function tagFault(text: string): string | undefined {
	if (!tagCharacters.test(text)) return 'must be letters, digits and . _ : / = -';
	if (text.length > mostTagCharacters) return `must be at most ${mostTagCharacters} characters`;
	return undefined;
}

/** @param form what it must be, as it is told where it is none */
export function tagList(field: string, form = 'a list of tags, or null') {
	const entry = z
		.string({error: ({path}) => `${field}[${String(path?.at(-1))}] ${tagFault('')}`})
		.register(described, {pattern: tagCharacters.source, maxLength: mostTagCharacters});
	return z
		.array(entry, {error: `${field} must be ${form}`})
		.max(mostTags, {error: `${field} must have at most ${mostTags} tags`})
		.superRefine((texts, context) => {
			const index = texts.findIndex(
				(text, place) => tagFault(text) !== undefined || texts.indexOf(text) < place,
			);
			const text = texts[index];
			if (text === undefined) return;
			const fault = tagFault(text) ?? 'is there twice';
			context.addIssue({code: 'custom', message: `${field}[${index}] ${fault}`, path: [index]});
		});
}

export function yesOrNo(field: string) {
	return z.boolean({error: `${field} must be true or false`});
}
