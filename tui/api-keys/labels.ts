import * as z from 'zod';
import {keyTerms, type TermName} from '../../contract/key-terms.ts';
import {tagFault} from '../../contract/labels.ts';
import {metadataChange} from '../../contract/metadata.ts';
import {codePoints} from '../../contract/text.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import type {Reading, Typed} from '../text/typed.ts';

/* What says what a key is for, as a person types it. */

export const description: Typed<string> = {
	label: 'Description',
	takes: 'nothing; or what it is for, in a sentence',
	read(text) {
		const problem = problemOf(keyTerms.description.request, text, 'description');
		if (problem !== undefined) return {problem};
		return {value: text, means: plural(codePoints(text), ['character', 'characters'])};
	},
};

/** `team/payments`. */
export const owner: Typed<{type: string; id: string}> = {
	label: 'Owner',
	takes: 'nobody; or a type and an id such as team/payments',
	read(text) {
		const slash = text.indexOf('/');
		if (slash === -1) return {problem: 'takes a type and an id such as team/payments'};
		const value = {type: text.slice(0, slash), id: text.slice(slash + 1)};
		const problem = problemOf(keyTerms.owner.request, value, 'owner');
		return problem === undefined ? {value, means: `the ${value.type} ${value.id}`} : {problem};
	},
};

const suchTags = 'tags such as env:prod, region=eu';

/** Tags with commas or spaces between. */
export const tags: Typed<string[]> = {
	label: 'Tags',
	takes: `none; or ${suchTags}`,
	read(text) {
		const value = [...new Set(text.split(/[\s,]+/u).filter((each) => each !== ''))];
		if (value.length === 0) return {problem: `takes ${suchTags}`};
		for (const tag of value) {
			const fault = tagFault(tag);
			if (fault !== undefined) return {problem: `${tag} ${fault}`};
		}
		const problem = problemOf(keyTerms.tags.request, value, 'tags');
		if (problem !== undefined) return {problem};
		return {value, means: `${plural(value.length, ['tag', 'tags'])}: ${value.join(', ')}`};
	},
};

const unprotected = 'can be revoked; yes: not until that is lifted';

export const protection: Typed<boolean> = {
	label: 'Protected',
	takes: unprotected,
	read(text) {
		const answer = text.toLowerCase();
		if (answer === 'yes') return {value: true, means: 'cannot be revoked until this is lifted'};
		if (answer === 'no') return {value: false, means: unprotected};
		return {problem: 'takes yes or no'};
	},
};

/** A JSON object. */
export const metadata: Typed<Record<string, unknown>> = {
	label: 'Metadata',
	takes: 'none; or a JSON object such as {"plan":"gold"}',
	read(text): Reading<Record<string, unknown>> {
		const parsed = jsonSchema.safeParse(text);
		if (!parsed.success) return {problem: parsed.error.issues[0]?.message.trimStart() ?? ''};
		const names = Object.keys(parsed.data);
		return {value: parsed.data, means: clean(names.join(', ')) || 'nothing'};
	},
};

const jsonSchema = z
	.string()
	.transform((text, context): unknown => {
		try {
			return JSON.parse(text);
		} catch {
			context.addIssue({code: 'custom', message: 'takes a JSON object such as {"plan":"gold"}'});
			return z.NEVER;
		}
	})
	.pipe(metadataChange(''));

/** What the contract has against a value, as a sentence without its subject. */
function problemOf(schema: z.ZodType, value: unknown, name: TermName): string | undefined {
	const message = schema.safeParse(value).error?.issues[0]?.message;
	return message?.startsWith(name) ? message.slice(name.length).replace(/^[ .]/, '') : message;
}
