import * as z from 'zod';
import {limitNameFault, maxLimit} from './rate-limits.ts';

/** What a use asks of the limits of a key. */

const mostNamed = 10;
/** Shared ones have the name that answers call them by: `org:burst`, `owner:burst`. */
const prefix = /^(org|owner):/;

function nameFault(text: string): string | undefined {
	return limitNameFault(text.replace(prefix, ''));
}

/** Limits by name, each with what a use takes of it. Those that a key does not have do not concern it. */
export function namedLimits(field: string) {
	const entry = ({path = []}: {path?: PropertyKey[] | undefined}) =>
		`${field}[${String(path.at(-2))}].${String(path.at(-1))}`;
	const cost = (issue: {path?: PropertyKey[] | undefined}) =>
		`${entry(issue)} must be a whole number from 0 to ${maxLimit}`;
	return z
		.array(
			z.strictObject(
				{
					name: z
						.string({error: (issue) => `${entry(issue)} is required`})
						.refine((text) => nameFault(text) === undefined, {
							error: (issue) => `${entry(issue)} ${nameFault(String(issue.input))}`,
						}),
					cost: z.int({error: cost}).min(0, {error: cost}).max(maxLimit, {error: cost}).optional(),
				},
				{
					error: ({code, path = []}) =>
						code === 'invalid_type'
							? `${field}[${String(path.at(-1))}] must be such as {"name":"writes","cost":2}`
							: undefined,
				},
			),
			{error: `${field} must be a list of limits`},
		)
		.max(mostNamed, {error: `${field} must have at most ${mostNamed} limits`});
}

/** Names of limits, as a query has them: `writes,org:writes`. */
export function limitNames(field: string) {
	return z
		.string({error: `${field} must be given once`})
		.transform((text) => text.split(','))
		.superRefine((names, context) => {
			const wrong = names.find((name) => nameFault(name) !== undefined);
			const fault =
				wrong === undefined ? undefined : `${field}: ${wrong.slice(0, 40)} ${nameFault(wrong)}`;
			if (fault !== undefined) context.addIssue({code: 'custom', message: fault});
			else if (names.length > mostNamed) {
				context.addIssue({
					code: 'custom',
					message: `${field} must have at most ${mostNamed} names`,
				});
			}
		});
}

/** A whole number as a query has it. */
export function wholeNumberText(field: string, least: number, most: number) {
	const error = `${field} must be a whole number from ${least} to ${most}`;
	return z
		.string({error})
		.refine((text) => /^\d{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most, {
			error,
		})
		.transform(Number);
}
