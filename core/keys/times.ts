/** The times between which a key is accepted; null: there is none. */
type Times = {not_before?: Date | null | undefined; expires_at?: Date | null | undefined};

/** What a request has wrong. */
export type Fault = {field: string; message: string};

/**
 * What is wrong with times that a request gives: an end that has passed, a beginning that does not
 * come before the end.
 *
 * @param since what an end must come after: now, or anything where it is as it was
 */
export function faultOfTimes(
	{not_before: start, expires_at: end}: Times,
	since: number,
): Fault | undefined {
	if (!end) return undefined;
	if (end.getTime() <= since) return fault('expires_at', 'must be in the future');
	if (start && start >= end) return fault('not_before', 'must be before expires_at');
	return undefined;
}

function fault(field: string, says: string): Fault {
	return {field, message: `${field} ${says}`};
}
