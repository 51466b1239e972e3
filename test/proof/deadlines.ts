/*
What a key's times say of its uses, by the clock of PostgreSQL. It is read before a use is sent and
after it was answered, so that how long anything takes counts for nothing.
*/

/** By so much a server may be off the clock that all share, in milliseconds. */
const toleranceMs = 250;

/** Of a key, in milliseconds since the epoch: it is accepted from the first on, before the second. */
export type Span = {opens: number; closes: number};

export type TimedUse = {
	server: string;
	/** The clock, read before it was sent. */
	before: number;
	/** The clock, read after it was answered. */
	after: number;
	isAccepted: boolean;
};

/** Whether a use fell on one side of a time for certain; undefined: too near to tell. */
export type Phase = 'too early' | 'in time' | 'too late' | undefined;

export const phases = ['too early', 'in time', 'too late'] as const;

export function phaseOf({opens, closes}: Span, {before, after}: TimedUse): Phase {
	if (after <= opens - toleranceMs) return 'too early';
	if (before >= closes + toleranceMs) return 'too late';
	const isOpened = before >= opens + toleranceMs;
	return isOpened && after <= closes - toleranceMs ? 'in time' : undefined;
}

export type Misjudgement = {server: string; what: string};

/** The uses that were judged wrongly for certain. */
export function findMisjudged(span: Span, uses: readonly TimedUse[]): Misjudgement[] {
	return uses.flatMap((use) => {
		const phase = phaseOf(span, use);
		if (phase === undefined || (phase === 'in time') === use.isAccepted) return [];
		return [{server: use.server, what: use.isAccepted ? `accepted ${phase}` : 'refused in time'}];
	});
}
