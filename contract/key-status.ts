/** What an API key is, as of a moment: the first that applies, in the order in which it is checked. */
export const keyStatuses = [
	'revoked',
	/** Its successor has taken over: the grace is over. */
	'rotated',
	'suspended',
	'scheduled',
	'expired',
	/** Accepted beside its successor, for a while. */
	'rotating',
	'active',
] as const;

export type KeyStatus = (typeof keyStatuses)[number];

/** What the status of a key depends on, as answers show it. */
export type StatusFacts = {
	revoked_at: string | null;
	suspended_at: string | null;
	not_before: string | null;
	expires_at: string | null;
	grace_until: string | null;
};

/** @param now in ms */
export function statusOf(key: StatusFacts, now: number): KeyStatus {
	if (key.revoked_at !== null) return 'revoked';
	const graceUntil = key.grace_until === null ? undefined : Date.parse(key.grace_until);
	if (graceUntil !== undefined && graceUntil <= now) return 'rotated';
	if (key.suspended_at !== null) return 'suspended';
	if (key.not_before !== null && now < Date.parse(key.not_before)) return 'scheduled';
	if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return 'expired';
	return graceUntil === undefined ? 'active' : 'rotating';
}
