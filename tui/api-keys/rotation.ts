import {leastUnusedSeconds, maxGraceSeconds, rotateKeyRequest} from '../../contract/rotation.ts';
import {duration, span} from '../text/time.ts';
import type {Reading, Typed} from '../text/typed.ts';

/* How a key is rotated, as a person types it, by the members of the request. */

/** A span of time in seconds, from `least` to a month. */
function seconds(
	label: string,
	takes: string,
	least: number,
	means: (text: string, value: number) => string,
): Typed<number> {
	const such = `takes a time from ${span(least)} to ${span(maxGraceSeconds)} such as 12h, 7d`;
	return {
		label,
		takes,
		read(text): Reading<number> {
			const ms = duration(text);
			const value = ms === undefined ? Number.NaN : ms / 1000;
			const isWithin = value >= least && value <= maxGraceSeconds;
			return isWithin ? {value, means: means(text, value)} : {problem: such};
		},
	};
}

export const rotationFields = {
	grace_seconds: seconds(
		'Old goes on',
		'a day, unless a policy says otherwise; or 12h, 7d, 30d, 0s for not at all',
		0,
		(text, value) =>
			value === 0 ? 'the old key is revoked at once' : `the old key goes on for ${text}`,
	),
	finish_when_unused_seconds: seconds(
		'Or unused',
		'nothing; or for how long the old key must be unused to end earlier, such as 6h',
		leastUnusedSeconds,
		(text) => `the old key ends earlier, once nobody used it for ${text}`,
	),
	reason: {
		label: 'Reason',
		takes: 'nothing; or why, for whoever comes across the keys later',
		read(text): Reading<string> {
			const {error} = rotateKeyRequest.shape.reason.safeParse(text);
			const problem = error?.issues[0]?.message.replace(/^reason /, '');
			return problem === undefined ? {value: text, means: 'why, in the audit trail'} : {problem};
		},
	},
} as const satisfies Readonly<Record<string, Typed<unknown>>>;
