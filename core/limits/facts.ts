import * as z from 'zod';
import {quota, rateLimit} from '../../contract/rate-limits.ts';
import type {SharedDefinition} from './definitions.ts';

/* What is read of limits with the facts of a key, from the text that PostgreSQL makes of it. */

/** What somebody added to what was used of a quota in a period that began then, in ms since the epoch. */
export type QuotaAdjustment = {readonly start: number; readonly amount: number};

const shared = z.array(
	z.tuple([z.string().nullable(), z.string().nullable(), z.array(rateLimit), quota.nullable()]),
);
const adjustments = z.array(z.tuple([z.number(), z.number()]));

/** @throws where it is not understood: nothing is decided then */
export function readShared(text: string): SharedDefinition[] {
	return shared.parse(JSON.parse(text)).map(([type, id, rate_limits, own]) => ({
		subject: type === null ? {kind: 'o', id: ''} : {kind: 'w', id: `${type}/${id}`},
		rate_limits,
		quota: own,
	}));
}

/** @throws as `readShared` */
export function readAdjustments(text: string): QuotaAdjustment[] {
	return adjustments.parse(JSON.parse(text)).map(([start, amount]) => ({start, amount}));
}
