import * as z from 'zod';
import {described} from './described.ts';
import {isRoleName, roleNameForm} from './key-role-names.ts';
import {keyStatuses} from './key-status.ts';
import {owner, tagFault} from './labels.ts';
import {pageQuery} from './paging.ts';
import {isScopeName} from './scopes.ts';
import {instant, name, wholeParameter} from './text.ts';

/** Each parameter of a list of keys narrows it; what is no value is refused, and never stands for all. */

const mostIdleDays = 36_500;

/** What `created_by` must be, also where it is, but of nobody. */
export const createdByTakes =
	'created_by must be the id or email of a user, or the id or name of a service account, who is in this organization or has made keys of it';

/** `team/payments`. */
export const ownerText = z
	.string({error: 'owner must be a type and an id such as team/payments'})
	.register(described, {
		description: 'A type and an id',
		pattern: '^[a-z][a-z0-9_]{0,31}/',
		examples: ['team/payments'],
	})
	.transform((text, context) => {
		const slash = text.indexOf('/');
		const value = owner('owner').safeParse({
			type: text.slice(0, Math.max(0, slash)),
			id: text.slice(slash + 1),
		});
		if (slash !== -1 && value.success) return value.data;
		const message =
			slash === -1 || value.success
				? 'owner must be a type and an id such as team/payments'
				: (value.error.issues[0]?.message ?? '');
		context.addIssue({code: 'custom', message});
		return z.NEVER;
	});

export const keyFilters = {
	status: z
		.enum(keyStatuses, {error: `status must be one of ${keyStatuses.join(', ')}`})
		.optional(),
	tag: z
		.string({error: `tag ${tagFault('')}`})
		.superRefine((text, context) => {
			const fault = tagFault(text);
			if (fault !== undefined) context.addIssue({code: 'custom', message: `tag ${fault}`});
		})
		.optional(),
	owner: ownerText.optional(),
	role: z
		.string({error: `role ${roleNameForm}`})
		.refine(isRoleName, {error: `role ${roleNameForm}`})
		.optional(),
	/** Keys whose scopes, and those of their roles, cover it; those without either do. */
	scope: z
		.string({error: 'scope must be a scope such as orders.read, without *'})
		.refine(isScopeName, {error: 'scope must be a scope such as orders.read, without *'})
		.optional(),
	/** A part of name, id or hint. */
	q: name('q', undefined, 'q must be a part of a name, an id or a hint').optional(),
	expires_before: instant('expires_before').optional(),
	expires_after: instant('expires_after').optional(),
	/** Not used for so long, or never and older than that. */
	idle_days: wholeParameter('idle_days', mostIdleDays).optional(),
	/** That a policy has replaced by now, and that were not; those that have ended are not among them. */
	rotation_due: z.literal('true', {error: 'rotation_due must be true'}).optional(),
	/** Who made it: a user by id or email, a service account by id or name, in any case; also one that has left. */
	created_by: name('created_by', undefined, createdByTakes).optional(),
};

export const keyListQuery = pageQuery.extend({
	view: z.literal('full', {error: 'view must be full'}).optional(),
	...keyFilters,
});

const keyFilter = z.strictObject(keyFilters);
export type KeyFilter = z.output<typeof keyFilter>;
