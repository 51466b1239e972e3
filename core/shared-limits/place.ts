import {
	orderedLimit,
	orderedQuota,
	type Quota,
	type RateLimit,
} from '../../contract/rate-limits.ts';
import type {SharedLimitsRow} from '../db/key-tables.ts';

/** Whose keys share limits: those of an owner, or, where that is null, all of the organisation. */
export type SharedLimitsPlace = {
	organisationId: string;
	owner: {type: string; id: string} | null;
};

export type SharedDefinitions = {rate_limits: RateLimit[]; quota: Quota | null};

export const limitMembers = ['rate_limits', 'quota'] as const satisfies (keyof SharedDefinitions)[];

/** Null: it is the organisation's. */
export function ownerOf({
	owner_type: type,
	owner_id: id,
}: Pick<SharedLimitsRow, 'owner_type' | 'owner_id'>): SharedLimitsPlace['owner'] {
	return type === null || id === null ? null : {type, id};
}

export function definitionsOf({rate_limits: limits, quota}: SharedDefinitions): SharedDefinitions {
	return {rate_limits: limits.map(orderedLimit), quota: orderedQuota(quota)};
}
