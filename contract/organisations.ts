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

export type Plan = z.infer<typeof plan>;
export type Organisation = z.infer<typeof organisation>;
