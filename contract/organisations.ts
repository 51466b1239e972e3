import * as z from 'zod';
import {name, timestamp} from './text.ts';

export const plans = ['free', 'pro', 'team'] as const;

export const plan = z.enum(plans, {error: `plan must be one of ${plans.join(', ')}`});

export const organisation = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	plan: plan,
	created_at: timestamp,
});

export const organisationList = z.array(organisation);

export const createOrganisationRequest = z.strictObject({
	name: name('name'),
	plan: plan.optional(),
});

export const updateOrganisationRequest = z.strictObject({
	name: name('name').optional(),
	plan: plan.optional(),
});

/**
 * What rests on the keys of an organisation: how many of them work, how many of these were used in
 * the last 30 days, and how often they were accepted in the last 24 hours. It is some seconds behind.
 */
export const reliance = z.strictObject({
	active_keys: z.int(),
	used_keys: z.int(),
	calls_24h: z.int(),
});

export type Reliance = z.infer<typeof reliance>;
export type Plan = z.infer<typeof plan>;
export type Organisation = z.infer<typeof organisation>;
