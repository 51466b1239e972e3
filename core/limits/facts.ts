import * as z from 'zod';
import {quota, rateLimit} from '../../contract/rate-limits.ts';
import type {SharedDefinition, SharedSubject} from './definitions.ts';

/* What is read of limits with the facts of a key, from the text that PostgreSQL makes of it. */

/** What somebody added to what was used of a quota in a period that began then, in ms since the epoch. */
export type QuotaAdjustment = {readonly start: number; readonly amount: number};

const shared = z.array(
	z.tuple([z.string().nullable(), z.string().nullable(), z.array(rateLimit), quota.nullable()]),
);
const adjustments = z.array(z.tuple([z.number(), z.number()]));

/** @param owner of keys; null: the organisation */
export function sharedSubjectOf(owner: {type: string; id: string} | null): SharedSubject {
	return owner === null ? {kind: 'o', id: ''} : {kind: 'w', id: `${owner.type}/${owner.id}`};
}

/** @throws where it is not understood: nothing is decided then */
export function readShared(text: string): SharedDefinition[] {
	return (
		shared
			.parse(JSON.parse(text))
			.map(([type, id, rate_limits, own]) => ({
				subject: sharedSubjectOf(type === null || id === null ? null : {type, id}),
				rate_limits,
				quota: own,
			}))
			// One that limits nothing takes no time.
			.filter(({rate_limits, quota: own}) => rate_limits.length > 0 || own !== null)
	);
}

/** @throws as `readShared` */
export function readAdjustments(text: string): QuotaAdjustment[] {
	return adjustments.parse(JSON.parse(text)).map(([start, amount]) => ({start, amount}));
}
